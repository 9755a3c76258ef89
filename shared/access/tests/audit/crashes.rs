//! A killed writer is not called a thief, and what it leaves is put right.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use access::audit::{Audit, verify};
use model::time::Timestamp;

use crate::log::{Example, Log, MORNING, lines};

#[test]
fn a_writer_killed_between_record_and_head_leaves_a_good_log() {
    let log = Log::of(10, 1);
    let head = fs::read(log.head()).expect("the head");
    log.append(1);
    fs::write(log.head(), &head).expect("the head");
    let report = verify(&log.path()).expect("one record may be newer than the head");
    assert!(report.is_head_behind);
    assert_eq!(report.records, 11);
    log.append(1);
    log.assert_good(12);
    // Two are not left by any kill.
    fs::write(log.head(), &head).expect("the head");
    assert!(log.findings()[0].sentence.contains("stopped at record 10"));
}

#[test]
fn a_line_that_was_never_finished_is_cut_off_at_the_next_start() {
    let log = Log::of(10, 1);
    let day = log.only_day();
    let whole = fs::read(&day).expect("a file");
    let next = lines(&day)[9].clone().into_bytes();
    for length in [1, next.len() / 2, next.len() - 1] {
        let mut file = OpenOptions::new().append(true).open(&day).expect("a file");
        file.write_all(&next[..length]).expect("a piece");
        let report = verify(&log.path()).expect("a torn end is no tampering");
        assert!(report.is_end_torn);
        drop(log.open());
        assert_eq!(fs::read(&day).expect("a file"), whole);
    }
    log.append(5);
    log.assert_good(15);
}

#[test]
fn a_day_that_was_opened_and_never_written_to_is_no_finding() {
    let log = Log::of(10, 1);
    fs::write(log.path().join("2026-11-27.jsonl"), "").expect("a file");
    log.assert_good(10);
    log.append(1);
    let audit = log.open();
    audit.append(&Example::default().call(MORNING.plus_minutes(3 * 24 * 60))).expect("a record");
    drop(audit);
    // The record of the 26th went into the file of the 27th, which is where the writer stood.
    let findings = log.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].sentence.contains("another day"));
}

#[test]
fn each_start_goes_on_where_the_last_one_stopped() {
    let log = Log::empty();
    drop(log.open());
    log.assert_good(0);
    for start in 1..=20 {
        log.append(3);
        log.assert_good(start * 3);
    }
}

#[test]
fn a_clock_that_steps_back_over_midnight_does_not_go_back_a_day() {
    let log = Log::of(10, 2);
    let audit = log.open();
    let example = Example::default();
    for millis in [MORNING.millis(), 0, i64::MIN, -1] {
        audit.append(&example.call(Timestamp::from_millis(millis))).expect("a record");
    }
    assert_eq!(log.days().len(), 2, "no earlier file");
    audit.append(&example.call(Timestamp::from_millis(i64::MAX))).expect("a record");
    log.assert_good(15);
}

#[test]
fn one_process_writes_at_a_time() {
    let log = Log::of(1, 1);
    let first = log.open();
    let sentence = Audit::open(&log.path()).map(drop).expect_err("a second writer").to_string();
    assert!(sentence.contains("another process"), "{sentence}");
    drop(first);
    log.open();
}

/// Readers need no lock, and do not take a record that is just being written for one that is missing.
#[test]
fn a_log_is_verified_while_it_is_written() {
    let log = Log::of(1, 1);
    let audit = log.open();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let example = Example::default();
                for _ in 0..500 {
                    audit.append(&example.call(MORNING)).expect("a record");
                }
                is_done.store(true, Ordering::Release);
            });
        }
        while !is_done.load(Ordering::Acquire) {
            assert_eq!(log.findings(), []);
        }
    });
    audit.sync().expect("the disk");
    assert_eq!(audit.head().sequence, 1001);
    log.assert_good(1001);
}
