//! The project's text is its own: nothing is copied, and nothing belongs to one machine.

use std::collections::BTreeMap;
use std::fs;

use crate::findings::Findings;
use crate::project::{files, files_below, root};

/// Where cargo looks for packages is everybody's own business.
#[test]
fn no_file_sends_cargo_elsewhere() {
    let mut findings = Findings::default();
    for file in files() {
        let is_settings = file.path.starts_with(".cargo/") || file.path.contains("/.cargo/");
        findings.add_if(is_settings, &file.path, "must go: settings of one machine stay on it");
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
