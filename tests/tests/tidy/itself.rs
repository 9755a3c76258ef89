//! The project's text is its own, and speaks of itself alone.

use std::collections::BTreeMap;
use std::fs;

use regex::Regex;

use crate::findings::Findings;
use crate::project::{File, files, files_below, root};

/// Text that is about how, where or for whom a line was written, instead of about what it says. Case
/// counts, and a word that the domain also uses is named with what makes it the other meaning.
const FOREIGN: &[(&str, &str)] = &[
    (r"(?:^|[^\w>.\-/])/work/\w", "names a directory of one machine"),
    (r"/root/\.|/Users/\w|/home/(?:runner|user|ubuntu)/", "names somebody's home directory"),
    (r"/tmp/bash_jobs|/tmp/claude|/tmp/preamble", "names somebody's scratch directory"),
    (r"\bA\.?I\.?[ -](?:model|assistant|agent|generated|written)", "is about its writer"),
    (
        r"(?i)\b(?:language model|chat ?bot|system prompt|prompt engineering)\b",
        "is about its writer",
    ),
    (r"(?i)\bas an? (?:AI|assistant)\b|\bcoding (?:agent|assistant)\b", "is about its writer"),
    (r"(?i)\b(?:Anthropic|OpenAI|ChatGPT|Claude|Copilot)\b", "is about its writer's tools"),
    (r"(?i)\b(?:sub-?agents?|helper sessions?|other sessions?)\b", "is about its writer"),
    (r"(?i)\b(?:this|previous|last|next|earlier) session\b", "is about when it was written"),
    (
        r"(?i)\b(?:time ?box|the brief says|as you (?:asked|requested)|as requested by|per the (?:brief|issue))\b",
        "answers somebody",
    ),
    (r"(?i)\bthe lead (?:said|says|wants|commits)|\b(?:my|a) colleague\b", "answers somebody"),
    (
        r"(?i)\bI (?:will|have|think|assumed?|decided)\b|\b(?:let me|I'll|I've)\b",
        "speaks as one person",
    ),
    (
        r"(?i)\b(?:left for later|placeholder implementation|stub implementation|in a real implementation)\b",
        "is unfinished: do it, or name the issue",
    ),
    (r"^(?:<{7}|>{7}|={7})(?: |$)", "is a merge that was not finished"),
];

/// Where one of those expressions is right: the file, a part of the line, and why.
const MEANT: &[(&str, &str, &str)] = &[];

#[test]
fn no_file_speaks_of_who_wrote_it_or_where() {
    let mut findings = Findings::default();
    for file in files().iter().filter(|file| !file.path.ends_with("tidy/itself.rs")) {
        check_words(&mut findings, file);
    }
    findings.conclude();
}

fn check_words(findings: &mut Findings, file: &File) {
    for (pattern, meaning) in FOREIGN {
        let pattern = Regex::new(pattern).expect("a pattern");
        for (line, text) in (1..).zip(file.text().lines()) {
            let Some(found) = pattern.find(text) else { continue };
            let is_meant =
                MEANT.iter().any(|(path, part, _)| *path == file.path && text.contains(part));
            let sentence = format!("`{}` {meaning}", found.as_str().trim());
            findings.add_if(!is_meant, format!("{}:{line}", file.path), sentence);
        }
    }
}

/// The registry that everybody uses is the only address from which anything is built.
#[test]
fn no_file_sends_cargo_elsewhere() {
    let mut findings = Findings::default();
    for file in files() {
        let is_settings = file.path.starts_with(".cargo/") || file.path.contains("/.cargo/");
        findings.add_if(is_settings, &file.path, "must go: settings of one machine stay on it");
    }
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the lock file is read");
    let of_everybody = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    for (line, text) in (1..).zip(lock.lines()) {
        let is_elsewhere = text.starts_with("source = ") && text != of_everybody;
        findings.add_if(is_elsewhere, format!("Cargo.lock:{line}"), "comes from elsewhere");
    }
    findings.conclude();
}

/// The corpus belongs to others: tests read it where it is.
#[test]
fn no_file_is_a_copy_of_one_of_the_corpus() {
    let corpus = root().join("../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: there is no corpus at {}", corpus.display());
        return;
    }
    let mut theirs = BTreeMap::new();
    for path in files_below(&corpus) {
        let text = fs::read(&path).expect("a file of the corpus is read");
        theirs.insert(essence(&text), path);
    }
    let mut findings = Findings::default();
    for file in files() {
        let essence = essence(&file.bytes);
        // A file of a line or two may be the same by necessity.
        if let Some(path) = theirs.get(&essence).filter(|_| essence.len() > 80) {
            findings
                .add(&file.path, format!("is a copy of {}: write one of our own", path.display()));
        }
    }
    findings.conclude();
}

/// A file's text without what an editor changes: spaces and line ends.
fn essence(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}

#[test]
fn words_of_the_domain_are_left_alone_and_the_others_found() {
    let file = |text: &str| File { path: "docs/x.md".to_owned(), bytes: text.into() };
    let domain = "AWS session tags and a session token; the CodeDeploy agent; an AssumeRole session;\n\
        a prompt on a terminal; runs/<run id>/work/src; git-credential-helper; ECS agents; AIX;\n\
        the session of a run ends; target/work/main; a helper used by one function\n";
    let mut findings = Findings::default();
    check_words(&mut findings, &file(domain));
    assert_eq!(findings.count(), 0);
    let foreign =
        "see /work/main/x\nas an AI model\nin the previous session\nas you asked\nLet me see\n";
    check_words(&mut findings, &file(foreign));
    assert!((1..=5).all(|line| findings.has(&format!("docs/x.md:{line}:"))));
}
