//! Whatever is done to the log is found, and it is said to which record.

use std::collections::BTreeSet;
use std::fs;

use access::audit::Finding;
use sha2::{Digest, Sha256};

use crate::log::{Log, lines, write};

fn sequences(findings: &[Finding]) -> BTreeSet<u64> {
    findings.iter().filter_map(|finding| finding.sequence).collect()
}

/// What each member says, and what it is changed into.
const CHANGES: &[(&str, &str)] = &[
    (r#""eventVersion":"1.11""#, r#""eventVersion":"1.12""#),
    (r#""type":"IAMUser""#, r#""type":"AWSUser""#),
    (
        r#""arn":"arn:aws:iam::000000000000:user/ann""#,
        r#""arn":"arn:aws:iam::000000000000:user/bob""#,
    ),
    (r#""accountId":"000000000000""#, r#""accountId":"111111111111""#),
    (r#""accessKeyId":"TOWPA"#, r#""accessKeyId":"TOWPB"#),
    (r#""userName":"ann""#, r#""userName":"bob""#),
    (r#""eventTime":"2026-11-26T10:00:00Z""#, r#""eventTime":"2026-11-26T10:00:01Z""#),
    (r#""eventSource":"codepipeline"#, r#""eventSource":"codebuild"#),
    (r#""eventName":"Start"#, r#""eventName":"Stop"#),
    (r#""awsRegion":"us-east-1""#, r#""awsRegion":"us-east-2""#),
    (r#""sourceIPAddress":"127.0.0.1""#, r#""sourceIPAddress":"127.0.0.2""#),
    (r#""userAgent":"aws-cli"#, r#""userAgent":"boto3"#),
    (r#""name":"my-app""#, r#""name":"my-apq""#),
    (r#""responseElements":null"#, r#""responseElements":{}"#),
    (r#""errorCode":"PipelineNotFoundException","#, ""),
    (r#""errorMessage":"there"#, r#""errorMessage":"There"#),
    (r#""requestID":"e1"#, r#""requestID":"e2"#),
    (r#""readOnly":false"#, r#""readOnly":true"#),
    (r#""eventType":"AwsApiCall""#, r#""eventType":"AwsServiceEvent""#),
    (r#""recipientAccountId":"000000000000""#, r#""recipientAccountId":"0""#),
    (r#""policyIds":["Operator"]"#, r#""policyIds":["Admin"]"#),
    (r#""eventID":""#, r#""eventID":"0"#),
    (r#""sequence":"#, r#""sequence":9"#),
    (r#""prevHash":""#, r#""prevHash":"0"#),
    (r#""hash":""#, r#""hash":"0"#),
];

/// Goal: of 10 000 records, each with one member changed, all are found. Method: 25 logs of 400 records;
/// in each log every record has another member changed than its neighbours.
#[test]
fn a_changed_member_of_any_of_ten_thousand_records_is_found() {
    let mut found_in_all = 0;
    for shift in 0..CHANGES.len() {
        let log = Log::of(400, 1);
        let day = log.only_day();
        let mut changed = lines(&day);
        for (line, (from, to)) in changed.iter_mut().zip(CHANGES.iter().cycle().skip(shift)) {
            let tampered = line.replacen(from, to, 1);
            assert_ne!(*line, tampered, "{from} is in every record");
            *line = tampered;
        }
        write(&day, &changed);
        let found: BTreeSet<u64> = log.findings().iter().filter_map(|found| found.line).collect();
        assert!(found.into_iter().eq(1..=400), "log {shift}");
        found_in_all += 400;
    }
    assert_eq!(found_in_all, 10_000);
}

#[test]
fn the_neighbours_of_a_changed_record_are_not_accused() {
    let log = Log::of(3, 1);
    let day = log.only_day();
    let good = lines(&day);
    for (from, to) in CHANGES {
        let mut changed = good.clone();
        changed[1] = changed[1].replacen(from, to, 1);
        write(&day, &changed);
        let places: Vec<_> =
            log.findings().iter().map(|found| (found.line, found.sequence)).collect();
        // The next record's chain hangs on this record's digest, and on nothing else of it.
        let next = from.starts_with("\"hash\"").then_some((Some(3), Some(3)));
        let expected: Vec<_> = [(Some(2), Some(2))].into_iter().chain(next).collect();
        assert_eq!(places, expected, "{from}");
    }
}

#[test]
fn any_removed_record_is_found() {
    let log = Log::of(200, 1);
    let day = log.only_day();
    let good = lines(&day);
    for place in 0..good.len() {
        let mut fewer = good.clone();
        fewer.remove(place);
        write(&day, &fewer);
        let findings = log.findings();
        assert_eq!(findings.len(), 1, "{findings:?}");
        let sentence = &findings[0].sentence;
        assert!(sentence.contains("missing") && sentence.contains(&(place + 1).to_string()));
    }
}

#[test]
fn any_two_records_that_changed_places_are_found() {
    let log = Log::of(30, 1);
    let day = log.only_day();
    let good = lines(&day);
    for one in 0..good.len() {
        for other in one + 1..good.len() {
            let mut swapped = good.clone();
            swapped.swap(one, other);
            write(&day, &swapped);
            let found = sequences(&log.findings());
            assert!(found.contains(&(other as u64 + 1)), "{one} and {other}: {found:?}");
        }
    }
}

#[test]
fn an_end_that_was_cut_off_is_found_wherever_it_was_cut() {
    let log = Log::of(20, 1);
    let day = log.only_day();
    let good = fs::read(&day).expect("a file");
    let line = good.len() / 20;
    let last_bytes = good.len() - 3 * line..good.len();
    for length in (0..good.len()).step_by(line / 2).chain(last_bytes) {
        fs::write(&day, &good[..length]).expect("a file");
        let findings = log.findings();
        let is_found = findings.iter().any(|finding| finding.sentence.contains("newest records"));
        assert!(is_found, "{length} of {} bytes: {findings:?}", good.len());
    }
    fs::remove_file(&day).expect("a file");
    assert_eq!(log.findings()[0].sentence, "the newest records are missing: 1 to 20");
}

#[test]
fn a_missing_day_and_a_renamed_one_are_found() {
    let log = Log::of(100, 5);
    let days = log.days();
    assert_eq!(days.len(), 5);
    for day in &days {
        let away = day.with_extension("away");
        fs::rename(day, &away).expect("a file");
        assert!(log.findings()[0].sentence.contains("missing"));
        fs::rename(&away, day).expect("a file");
    }
    let earlier = days[0].with_file_name("2026-11-25.jsonl");
    fs::rename(&days[0], &earlier).expect("a file");
    assert!(log.findings()[0].sentence.contains("another day"));
    fs::rename(&earlier, &days[0]).expect("a file");
    log.assert_good(100);
}

#[test]
fn added_lines_are_found() {
    let log = Log::of(20, 1);
    let day = log.only_day();
    let good = lines(&day);
    for place in 0..=good.len() {
        for added in [good[7].clone(), "{}\n".into(), "\n".into(), "\u{0}\n".into()] {
            let mut more = good.clone();
            more.insert(place, added.clone());
            write(&day, &more);
            assert!(!log.findings().is_empty(), "{added:?} at {place}");
        }
    }
}

/// Computes digests again from a record on, as somebody would who knows how it is done.
fn forge(lines: &mut [String], from: usize, to: usize) {
    for place in from..to {
        if let Some(before) = place.checked_sub(1) {
            let hash = stated(&lines[before]);
            let own = lines[place].clone();
            let start = own.find("\"prevHash\":\"").expect("a member") + 12;
            lines[place].replace_range(start..start + 64, &hash);
        }
        let end = lines[place].find(",\"hash\":\"").expect("a member");
        let hash = hex::encode(Sha256::digest(&lines[place][..end]));
        lines[place].replace_range(end + 9..end + 73, &hash);
    }
}

fn stated(line: &str) -> String {
    let start = line.find(",\"hash\":\"").expect("a member") + 9;
    line[start..start + 64].to_owned()
}

#[test]
fn a_change_is_found_even_if_its_digest_was_computed_again() {
    let log = Log::of(50, 1);
    let day = log.only_day();
    let good = lines(&day);
    for place in 0..good.len() {
        let mut forged = good.clone();
        forged[place] = forged[place].replacen("my-app", "theirs", 1);
        // The digest of the one record: the next one, or the head, still has the old digest.
        forge(&mut forged, place, place + 1);
        write(&day, &forged);
        let found = sequences(&log.findings());
        assert!(found.contains(&(place as u64 + 2).min(50)), "{place}: {found:?}");
        // The digests of all that come after it: the head still has the old one.
        forge(&mut forged, place, good.len());
        write(&day, &forged);
        assert_eq!(sequences(&log.findings()), BTreeSet::from([50]));
    }
}

#[test]
fn a_head_that_is_gone_or_changed_is_found_and_stays_found() {
    let log = Log::of(10, 1);
    let good = fs::read(log.head()).expect("the head");
    for text in ["", "{}", "{\"sequence\":\"00000000000000000010\",\"hash\":\"\"}\n"] {
        fs::write(log.head(), text).expect("the head");
        assert!(!log.findings().is_empty(), "{text}");
    }
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 1;
        fs::write(log.head(), bad).expect("the head");
        assert!(!log.findings().is_empty(), "byte {place}");
    }
    // The newest records go, and the head with them, and then work goes on: the gap remains.
    let day = log.only_day();
    let fewer = lines(&day)[..7].to_vec();
    write(&day, &fewer);
    fs::remove_file(log.head()).expect("the head");
    log.append(3);
    assert!(log.findings()[0].sentence.contains("missing"), "{:?}", log.findings());
}

#[test]
fn records_that_went_missing_before_a_start_stay_missing_after_it() {
    let log = Log::of(10, 1);
    let day = log.only_day();
    let fewer = lines(&day)[..7].to_vec();
    write(&day, &fewer);
    log.append(3);
    let findings = log.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].sentence, "records 8 to 10 are missing");
    assert_eq!(findings[0].to_string(), "2026-11-26.jsonl:8: records 8 to 10 are missing");
}
