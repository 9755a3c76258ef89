//! What no source file contains.

use regex::Regex;

use crate::findings::Findings;
use crate::project::rust_files;
use crate::source::code_of;

/// A pattern in code (comments and strings do not count), and what to do instead.
const CONSTRUCTS: &[(&str, &str)] = &[
    (
        r"#!?\[\s*allow\s*\(",
        "say `#[expect(…, reason = \"…\")]`, which complains when it is needless",
    ),
    (r"#\[\s*ignore\b", "a test runs or goes: nobody looks at ignored ones"),
    (r"#\[\s*should_panic\b", "assert on the value that says what went wrong"),
    (r"\b(todo|unimplemented)!", "build it, or leave it out and say so in an issue"),
    (r"\bdbg!", "log it as a sentence, or take it out"),
    (r"\bunsafe\b", "there is a safe way, in `rustix` or `cap-std`"),
    (r"\bfn\s+test_\w", "a test's name is a sentence about behaviour, without `test_`"),
    (r"\bfn\s+\w+_works\b", "say what happens, not that it works"),
];

#[test]
fn no_source_contains_what_is_never_right() {
    let mut findings = Findings::default();
    for file in rust_files() {
        let code = code_of(file.text());
        for (pattern, instead) in CONSTRUCTS {
            for line in lines_with(&code, pattern) {
                findings.add(format!("{}:{line}", file.path), instead);
            }
        }
    }
    findings.conclude();
}

/// An unfinished thought belongs to an issue that can be found from here.
#[test]
fn every_reminder_in_a_comment_names_an_issue() {
    let reminder = Regex::new(r"\b(TODO|FIXME|XXX|HACK)\b").expect("a pattern");
    let issue = Regex::new(r"#\d+").expect("a pattern");
    let mut findings = Findings::default();
    for file in rust_files().iter().filter(|file| !file.path.ends_with("tidy/constructs.rs")) {
        for (line, text) in (1..).zip(file.text().lines()) {
            let is_loose = reminder.is_match(text) && !issue.is_match(text);
            findings.add_if(
                is_loose,
                format!("{}:{line}", file.path),
                "do it now, or name the issue",
            );
        }
    }
    findings.conclude();
}

/// The numbers, from 1, of the lines on which a match of `pattern` begins.
pub(crate) fn lines_with(code: &str, pattern: &str) -> Vec<usize> {
    let pattern = Regex::new(pattern).expect("a pattern");
    let line_of = |at: usize| 1 + code[..at].matches('\n').count();
    pattern.find_iter(code).map(|found| line_of(found.start())).collect()
}

#[test]
fn every_construct_is_found_where_it_stands_and_nowhere_else() {
    let bad = "\n#[allow(dead_code)]\n#[ignore]\n#[should_panic]\nfn test_it() { todo!() }\n\
        fn it_works() { dbg!(unsafe { 1 }) }\n";
    let code = code_of(bad);
    let found = CONSTRUCTS.iter().map(|(pattern, _)| lines_with(&code, pattern));
    let expected = [vec![2], vec![3], vec![4], vec![5], vec![6], vec![6], vec![5], vec![6]];
    assert!(found.eq(expected));
    let good = code_of("// todo!() #[allow(x)]\nlet a = \"unsafe dbg!\";\n");
    assert!(CONSTRUCTS.iter().all(|(pattern, _)| lines_with(&good, pattern).is_empty()));
}
