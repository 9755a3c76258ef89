//! How long files are, what they are called, and how a crate's essay opens.

use crate::constructs::lines_with;
use crate::findings::Findings;
use crate::manifest::members;
use crate::project::{File, rust_files};
use crate::source::code_of;

/// No file is longer than this. Functions are clippy's to measure (`too-many-lines-threshold`).
const FILE_LINES_MAX: usize = 500;

/// A longer file is named, so that it is split before it must be.
const FILE_LINES_RED: usize = 400;

/// The program of a function, and of any program of ours, is wiring.
const MAIN_LINES_MAX: usize = 60;

/// An essay says what lives here, what is deliberately absent, and where to start.
const ESSAY_LINES_MIN: usize = 8;

/// Names that say where something was put and not what it is.
const BANNED_NAMES: &[&str] = &[
    "util",
    "utils",
    "utilities",
    "helper",
    "helpers",
    "common",
    "misc",
    "types",
    "manager",
    "managers",
    "shared",
    "stuff",
    "mod",
];

#[test]
fn no_file_outgrows_its_budget() {
    let mut findings = Findings::default();
    for file in rust_files() {
        let lines = file.text().lines().count();
        let sentence =
            format!("{lines} lines, {FILE_LINES_MAX} at most: move a part to a file of its own");
        findings.add_if(lines > FILE_LINES_MAX, &file.path, sentence);
        let is_main = file.path.ends_with("src/main.rs");
        let sentence = format!("{lines} lines, {MAIN_LINES_MAX} at most: a `main.rs` only wires");
        findings.add_if(is_main && lines > MAIN_LINES_MAX, &file.path, sentence);
        if (FILE_LINES_RED + 1..=FILE_LINES_MAX).contains(&lines) {
            println!("in the red zone: {} has {lines} lines", file.path);
        }
    }
    findings.conclude();
}

#[test]
fn files_are_named_after_what_they_hold() {
    let mut findings = Findings::default();
    for file in rust_files() {
        check_name(&mut findings, &file.path);
    }
    findings.conclude();
}

fn check_name(findings: &mut Findings, path: &str) {
    let trunk = path.strip_suffix(".rs").unwrap_or(path);
    // The folder of our libraries is called `shared`, and nothing below it is.
    for part in trunk.split('/').skip(1) {
        let sentence = match part {
            "mod" => "a module is `name.rs` beside its directory `name/`".to_owned(),
            _ => format!("`{part}` says nothing: name it after what it holds"),
        };
        findings.add_if(BANNED_NAMES.contains(&part), path, sentence);
    }
}

#[test]
fn every_library_opens_with_an_essay_and_holds_no_logic() {
    let mut findings = Findings::default();
    let files = rust_files();
    for member in members() {
        let path = format!("{}/src/lib.rs", member.directory);
        if let Some(file) = files.iter().find(|file| file.path == path) {
            check_essay(&mut findings, file);
        }
    }
    findings.conclude();
}

fn check_essay(findings: &mut Findings, file: &File) {
    let mut lines =
        file.text().lines().skip_while(|line| line.is_empty() || line.starts_with("#!["));
    let essay = lines.by_ref().take_while(|line| line.starts_with("//!")).count();
    let sentence = format!(
        "opens with {essay} lines of `//!`, {ESSAY_LINES_MIN} at least: say what lives here, what is \
         deliberately absent, and where to start"
    );
    findings.add_if(essay < ESSAY_LINES_MIN, &file.path, sentence);
    for line in lines_with(&code_of(file.text()), r"\bfn\s+\w|\bimpl\b") {
        let sentence = "a `lib.rs` holds modules and no logic: move it to a file with a name";
        findings.add(format!("{}:{line}", file.path), sentence);
    }
}

#[test]
fn a_bad_name_and_a_bad_essay_are_found() {
    let mut findings = Findings::default();
    check_name(&mut findings, "shared/store/src/utils.rs");
    check_name(&mut findings, "shared/store/src/rows/mod.rs");
    check_name(&mut findings, "shared/store/src/rows.rs");
    assert_eq!(findings.count(), 2);
    let text = "#![no_std]\n//! One.\n//! Two.\n\nfn three() {}\n";
    let file = File { path: "shared/x/src/lib.rs".to_owned(), bytes: text.into() };
    check_essay(&mut findings, &file);
    assert!(findings.has("opens with 2 lines"));
    assert!(findings.has("shared/x/src/lib.rs:5"));
}
