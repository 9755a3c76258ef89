//! The file of events after a crash.

use std::fs;

use local::publisher::EventFile;

fn line(execution: &str, sequence: u32) -> String {
    format!(
        "{{\"detail\":{{\"execution-id\":\"{execution}\"}},\"towpath\":{{\"sequence\":{sequence}}}}}\n"
    )
}

#[test]
fn a_line_that_a_crash_cut_short_is_taken_out() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("events.jsonl");
    let whole = line("a", 1) + &line("a", 2);
    fs::write(&path, whole.clone() + "{\"detail\":{\"execution-id\":\"a\"},\"tow").unwrap();
    EventFile::open(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
}

#[test]
fn a_file_that_is_not_ours_is_kept_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("events.jsonl");
    let text = "not json\n\n{\"detail\":1}\n";
    fs::write(&path, text).unwrap();
    EventFile::open(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_directory_is_no_file_of_events() {
    let directory = tempfile::tempdir().unwrap();
    assert!(EventFile::open(directory.path()).is_err());
}
