//! README and docs: the paths they name exist, and the commands in them run.

use std::collections::BTreeMap;
use std::process::Command;

use regex::Regex;

use crate::findings::Findings;
use crate::project::{files, pages, root};
use crate::spans::spans;

/// The two commands that a newcomer needs.
const COMMANDS: &[&str] = &["cargo run --release -p towpath -- demo", "tests/run"];

/// The first part of a path of ours. What begins otherwise is somebody's own file.
const TOPS: &[&str] =
    &["shared", "cli", "tests", "docs", "examples", "functions", "infra", ".ci", "src"];

/// How files of ours end, when a path is written from inside of its crate.
const ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".sh"];

/// The binary's own words, which every verb has.
const BUILT_IN: &[&str] = &["--help", "--version", "help"];

#[test]
fn the_readme_holds_the_two_commands_that_a_newcomer_needs() {
    let pages = pages();
    let Some(readme) = pages.iter().find(|page| page.path == "README.md") else {
        println!("skipped: there is no README.md yet");
        return;
    };
    let spans = spans(readme.text());
    let mut findings = Findings::default();
    for command in COMMANDS {
        let is_there = spans.iter().any(|span| span.text.trim() == *command);
        findings.add_if(!is_there, "README.md", format!("must show `{command}`, as it is typed"));
    }
    findings.conclude();
}

#[test]
fn every_path_that_a_page_names_exists() {
    let files = files();
    let link = Regex::new(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)").expect("a pattern");
    let mut findings = Findings::default();
    for page in pages() {
        let directory = page.path.rsplit_once('/').map_or("", |(directory, _)| directory);
        for span in spans(page.text()).iter().filter(|span| !span.is_fenced && is_ours(span.text)) {
            let path = span.text.trim_end_matches('/');
            let is_below = |from: &&str| root().join(from).join(path).exists();
            // Under a heading about a crate, a path may begin inside of that crate.
            let tail = format!("/{path}");
            let is_there = ["", "shared", directory].iter().any(is_below)
                || files.iter().any(|file| file.path.ends_with(&tail));
            let sentence = format!("`{}` does not exist: name what does", span.text);
            findings.add_if(!is_there, format!("{}:{}", page.path, span.line), sentence);
        }
        for (line, text) in (1..).zip(page.text().lines()) {
            for target in link.captures_iter(text).filter_map(|found| found.get(1)) {
                let is_there = root().join(directory).join(target.as_str()).exists();
                let sentence = format!("links to {}, which does not exist", target.as_str());
                findings.add_if(!is_there, format!("{}:{line}", page.path), sentence);
            }
        }
    }
    findings.conclude();
}

/// Says whether code in a page reads like a path of ours, without a placeholder in it.
fn is_ours(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    let Some((top, rest)) = text.split_once('/') else { return false };
    let is_path = text.chars().all(is_plain) && !top.is_empty();
    is_path
        && (TOPS.contains(&top) && !rest.is_empty()
            || ENDINGS.iter().any(|end| text.ends_with(end)))
}

/// `towpath VERB --flag` in a page is held against what `towpath VERB --help` says.
#[test]
fn every_command_that_a_page_shows_is_one_that_towpath_knows() {
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut findings = Findings::default();
    for page in pages() {
        for span in spans(page.text()) {
            let Some(Invocation { verb, next, flags }) = invocation(span.text) else { continue };
            let place = format!("{}:{}", page.path, span.line);
            let overview = helps.entry(String::new()).or_insert_with(|| help(&[])).clone();
            if !is_word_of(&overview, &verb) {
                findings.add(place, format!("towpath has no verb `{verb}`"));
                continue;
            }
            let mut of_verb = helps.entry(verb.clone()).or_insert_with(|| help(&[&verb])).clone();
            // Some verbs have verbs of their own, each with its flags.
            if let Some(next) = next.filter(|next| has_verb(&of_verb, next)) {
                let both = format!("{verb} {next}");
                of_verb = helps.entry(both).or_insert_with(|| help(&[&verb, &next])).clone();
            }
            for flag in flags.iter().filter(|flag| !BUILT_IN.contains(&flag.as_str())) {
                let sentence = format!("`towpath {verb}` has no `{flag}`");
                findings.add_if(!is_word_of(&of_verb, flag), &place, sentence);
            }
        }
    }
    findings.conclude();
}

/// What is typed after `towpath`.
#[derive(Debug, PartialEq, Eq)]
struct Invocation {
    verb: String,
    /// The word after the verb, where there is one.
    next: Option<String>,
    flags: Vec<String>,
}

/// Whether the help of a verb lists this one below it.
fn has_verb(help: &str, next: &str) -> bool {
    let listed = help.split_once("Commands:").map_or("", |(_, rest)| rest);
    listed.lines().any(|line| line.split_whitespace().next() == Some(next))
}

/// Reads a command line that runs towpath, if it is one.
fn invocation(text: &str) -> Option<Invocation> {
    let line = text.trim().trim_start_matches("$ ");
    let through_cargo = line.strip_prefix("cargo run --release -p towpath -- ");
    let arguments = through_cargo.or_else(|| line.strip_prefix("towpath "))?;
    // A comment, a pipe or a second command ends it.
    let arguments = arguments.split(" #").next()?.split(['|', '&', ';', '>']).next()?;
    let mut words = arguments.split_whitespace().map(|word| word.trim_matches(['[', ']', ',']));
    let verb =
        words.next().filter(|verb| verb.chars().all(|letter| letter.is_ascii_lowercase()))?;
    let flag = |word: &&str| word.split('=').next().unwrap_or_default().to_owned();
    let words: Vec<_> = words.collect();
    let next = words.first().filter(|word| !word.starts_with('-'));
    let flags = words.iter().filter(|word| word.starts_with("--") && word.len() > 2).map(flag);
    Some(Invocation {
        verb: verb.to_owned(),
        next: next.map(|next| (*next).to_owned()),
        flags: flags.collect(),
    })
}

fn is_word_of(help: &str, word: &str) -> bool {
    let separators = |letter: char| letter.is_whitespace() || "[]<>=,.|`".contains(letter);
    help.split(separators).any(|part| part == word)
}

/// Asks the command itself: the one that lies where this test was built to, or else one that is built now.
fn help(verb: &[&str]) -> String {
    let here = std::env::current_exe().expect("a test is a program");
    let built = here.ancestors().nth(2).map(|profile| profile.join("towpath"));
    let mut command = match built.filter(|built| built.exists()) {
        Some(built) => Command::new(built),
        None => by_cargo(),
    };
    let output = command.args(verb).arg("--help").output().expect("it can be run");
    let complaint = String::from_utf8_lossy(&output.stderr);
    let command = ["towpath", &verb.join(" "), "--help"].join(" ");
    assert!(output.status.success(), "`{command}` failed: {complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn by_cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--locked", "-p", "towpath"]).current_dir(root());
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo.arg("--");
    cargo
}

#[test]
fn paths_and_commands_are_told_from_other_code() {
    for ours in ["shared/store/src/append.rs", "engine/src/lib.rs", "docs/adr/", ".ci/run"] {
        assert!(is_ours(ours), "{ours}");
    }
    for other in ["runs/<run id>/lock", "pipeline.yaml", "/var/www", "and/or", "shared/*", "#{a.b}"]
    {
        assert!(!is_ours(other), "{other}");
    }
    let typed = invocation("$ towpath run p.yaml [--host G=D] --yes # go --no").expect("a command");
    let flags = vec!["--host".to_owned(), "--yes".to_owned()];
    let next = Some("p.yaml".to_owned());
    assert_eq!(typed, Invocation { verb: "run".to_owned(), next, flags });
    assert!(has_verb("Usage: key\n\nCommands:\n  add  Make a key\n", "add"));
    assert!(!has_verb("Commands:\n  add  Make a key\n", "Make"));
    assert_eq!(invocation("towpath: a controller"), None);
    assert_eq!(invocation("git push"), None);
}
