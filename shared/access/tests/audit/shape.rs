//! What a record looks like, whatever is in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use access::audit::Call;
use expect_test::expect;
use serde_json::{Value, json};

use crate::log::{Example, Log, MORNING, lines};

#[test]
fn a_record_has_the_shape_of_cloudtrails_and_its_place_in_the_chain() {
    let log = Log::of(2, 1);
    let record: Value = serde_json::from_str(&lines(&log.only_day())[1]).expect("JSON");
    let mut text = serde_json::to_string_pretty(&record).expect("JSON");
    text.push('\n');
    expect![[r#"
        {
          "eventVersion": "1.11",
          "userIdentity": {
            "type": "IAMUser",
            "principalId": "arn:aws:iam::000000000000:user/ann",
            "arn": "arn:aws:iam::000000000000:user/ann",
            "accountId": "000000000000",
            "accessKeyId": "TOWPAAAAAAAAAAAAAAAA",
            "userName": "ann"
          },
          "eventTime": "2026-11-26T10:00:00Z",
          "eventSource": "codepipeline.amazonaws.com",
          "eventName": "StartPipelineExecution",
          "awsRegion": "us-east-1",
          "sourceIPAddress": "127.0.0.1",
          "userAgent": "aws-cli/2.31.1",
          "requestParameters": {
            "name": "my-app",
            "clientRequestToken": "5bb6ee9c"
          },
          "responseElements": null,
          "errorCode": "PipelineNotFoundException",
          "errorMessage": "there is no pipeline my-app",
          "requestID": "e1a5cc5b-6d9d-4f3e-9a1f-7a9f9d2b1c11",
          "readOnly": false,
          "eventType": "AwsApiCall",
          "recipientAccountId": "000000000000",
          "decision": {
            "policyIds": [
              "Operator"
            ]
          },
          "eventID": "5285b8ff-7c73-505b-9de6-4967d984fad0",
          "sequence": 2,
          "prevHash": "7c9d28f2ab6aaf63d39b145f5c2df48a8ecd71979feea70ba81f215c07ca2100",
          "hash": "353dc6ecc97159744bbea167b84c9b304fc0fcc1d36bfadb9f499e32fd7a32c7"
        }
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_denied_call_and_an_unsigned_one_are_there() {
    let log = Log::empty();
    let example = Example::default();
    let audit = log.open();
    let denied = Call {
        error: Some(("AccessDeniedException", "User: arn is not authorized")),
        policies: &[],
        ..example.call(MORNING)
    };
    audit.append(&denied).expect("a record");
    let unsigned = Call { who: None, access_key: None, operation: "", ..denied };
    audit.append(&unsigned).expect("a record");
    let records: Vec<Value> = lines(&log.only_day())
        .iter()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(records[0]["errorCode"], "AccessDeniedException");
    assert_eq!(records[0]["userIdentity"]["userName"], "ann");
    assert_eq!(records[1]["userIdentity"], json!({ "type": "Unknown", "accessKeyId": null }));
    log.assert_good(2);
}

#[test]
fn whatever_a_client_says_stays_in_one_plain_line() {
    let texts = [
        "\n{\"eventName\":\"GetPipeline\"}\n",
        "\r\n\r\n",
        "\u{1b}[2J\u{1b}]0;title\u{7}",
        "\u{85}\u{2028}\u{2029}\u{b}\u{c}",
        "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}",
        "\u{9b}31m\u{7f}\u{0}\u{8}",
        "\",\"hash\":\"0000\"}",
        "\\u000a \\n",
        "ሴ 🚀 e\u{301}",
    ];
    let log = Log::empty();
    let audit = log.open();
    for text in texts {
        let mut example = Example { request: json!({ text: [text] }), ..Example::default() };
        example.who.name = text.to_owned();
        example.policies = vec![text.to_owned()];
        let call = Call {
            user_agent: text,
            operation: text,
            source_ip: text,
            error: Some((text, text)),
            request_id: text,
            ..example.call(MORNING)
        };
        audit.append(&call).expect("a record");
    }
    let lines = lines(&log.only_day());
    assert_eq!(lines.len(), texts.len());
    for (line, text) in lines.iter().zip(texts) {
        let is_plain =
            |letter: char| !letter.is_control() && !"\u{202e}\u{2066}\u{2028}".contains(letter);
        assert!(line.trim_end_matches('\n').chars().all(is_plain), "{line}");
        let record: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(record["userAgent"], text);
        assert_eq!(record["requestParameters"][text][0], text);
        assert_eq!(record["decision"]["policyIds"][0], text);
    }
    log.assert_good(texts.len() as u64);
}

#[test]
fn what_is_too_long_is_cut_and_says_so() {
    let log = Log::empty();
    let audit = log.open();
    for filler in ["x", "ሴ", "\"", "\u{0}", "\u{202e}", "🚀"] {
        let long = filler.repeat(200_000);
        let mut example = Example { request: json!({ "name": long }), ..Example::default() };
        example.who.name.clone_from(&long);
        example.who.arn.clone_from(&long);
        example.who.account.clone_from(&long);
        example.policies = vec![long.clone(); 200];
        let call = Call {
            access_key: Some(&long),
            operation: &long,
            region: &long,
            account: &long,
            source_ip: &long,
            user_agent: &long,
            response: &example.request,
            error: Some((&long, &long)),
            request_id: &long,
            ..example.call(MORNING)
        };
        audit.append(&call).expect("a record");
    }
    let lines = lines(&log.only_day());
    for line in &lines {
        assert!(line.len() < 512 * 1024, "{} bytes", line.len());
        let record: Value = serde_json::from_str(line).expect("JSON");
        assert!(record["userAgent"].as_str().expect("a text").ends_with('…'));
        assert!(record["requestParameters"]["cut"].as_str().expect("a text").ends_with('…'));
    }
    log.assert_good(lines.len() as u64);
}

#[test]
fn the_log_is_for_its_user_only() {
    let log = Log::of(3, 2);
    let mode =
        |path: &std::path::Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&log.path()), 0o700);
    assert_eq!(mode(&log.head()), 0o600);
    log.days().iter().for_each(|day| assert_eq!(mode(day), 0o600));
    fs::set_permissions(log.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
    drop(log.open());
    assert_eq!(mode(&log.path()), 0o700, "an open directory is closed");
}

/// Printed, not asserted: a busy machine is not a defect.
#[test]
fn appending_is_timed() {
    let log = Log::empty();
    let audit = log.open();
    let example = Example::default();
    let started = Instant::now();
    for _ in 0..5_000 {
        audit.append(&example.call(MORNING)).expect("a record");
    }
    println!("{:?} for each record", started.elapsed() / 5_000);
    log.assert_good(5_000);
}
