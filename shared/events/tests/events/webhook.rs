//! Messages of webhooks, as they are written onto our own bus and read from it.

use events::arrival::{Arrival, Nothing, Pinned, WEBHOOK_DETAIL_TYPE, WebhookMessage, read_value};
use model::time::Timestamp;
use serde_json::{Value, json};

const COMMIT: &str = "7f0103f7f0103f7f0103f7f0103f7f0103f7f010";

fn message() -> WebhookMessage {
    WebhookMessage {
        webhook: "hook".to_owned(),
        pipeline: "web".into(),
        marks: vec!["0a".repeat(32), "9f".repeat(32)],
        revisions: vec![Pinned {
            action: "Source".into(),
            kind: "COMMIT_ID".to_owned(),
            value: COMMIT.to_owned(),
        }],
        at: Timestamp::from_millis(1_795_687_200_000),
    }
}

fn event(detail: Value) -> Value {
    let mut event = json!({
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": WEBHOOK_DETAIL_TYPE, "source": "towpath", "account": "111122223333",
        "time": "2026-11-26T10:00:00Z", "region": "eu-west-1", "resources": [],
    });
    event["detail"] = detail;
    event
}

fn malformed(event: &Value) -> String {
    match read_value(event) {
        Err(Nothing::Malformed(reason)) => reason,
        other => panic!("{event} is read as {other:?}"),
    }
}

#[test]
fn what_is_written_is_read_again() {
    let detail = message().detail();
    assert_eq!(
        detail,
        json!({
            "webhook": "hook", "pipeline": "web", "marks": ["0a".repeat(32), "9f".repeat(32)],
            "revisions": [
                {"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": COMMIT},
            ],
        })
    );
    assert_eq!(read_value(&event(detail)), Ok(Arrival::Webhook(message())));
    let newest = WebhookMessage { revisions: vec![], ..message() };
    assert_eq!(read_value(&event(newest.detail())), Ok(Arrival::Webhook(newest)));
}

#[test]
fn only_our_own_source_speaks_for_a_webhook() {
    for source in ["aws.codepipeline", "towpath.", "Towpath", "my.app"] {
        let mut event = event(message().detail());
        event["source"] = json!(source);
        assert!(matches!(read_value(&event), Err(Nothing::Passed(_))), "{source}");
    }
    let mut other = event(message().detail());
    other["detail-type"] = json!("CodePipeline Pipeline Execution State Change");
    assert!(matches!(read_value(&other), Err(Nothing::Passed(_))));
}

/// Marks are kept for a day, and an archive is replayed after weeks.
#[test]
fn what_is_replayed_from_an_archive_starts_nothing() {
    let mut replayed = event(message().detail());
    replayed["replay-name"] = json!("for-a-new-subscriber");
    let Err(Nothing::Passed(reason)) = read_value(&replayed) else { panic!("it is passed over") };
    assert!(reason.contains("replayed"), "{reason}");
}

#[test]
fn a_message_that_is_not_what_it_should_be_is_malformed_with_the_reason() {
    let with = |member: &str, value: Value| {
        let mut detail = message().detail();
        detail[member] = value;
        event(detail)
    };
    let pinned = |member: &str, value: Value| {
        let mut detail = message().detail();
        detail["revisions"][0][member] = value;
        event(detail)
    };
    let mut timeless = event(message().detail());
    timeless["time"] = json!("yesterday");
    let mark = || json!("0a".repeat(32));
    for (event, reason) in [
        (event(json!(null)), "webhook is missing"),
        (event(json!([1])), "webhook is missing"),
        (event(json!("hook")), "webhook is missing"),
        (timeless, "time is missing"),
        (with("webhook", json!("")), "webhook is missing"),
        (with("webhook", json!("../hook")), "cannot be the name of a webhook"),
        (with("webhook", json!("h".repeat(101))), "cannot be the name of a webhook"),
        (with("pipeline", json!(7)), "pipeline is missing"),
        (with("pipeline", json!("web#LOG")), "cannot be the name of a pipeline"),
        (with("variables", json!([])), "no member variables"),
        (with("marks", json!(null)), "marks is missing"),
        (with("marks", json!([])), "without a mark"),
        (with("marks", json!("0a".repeat(32))), "marks is missing or no list"),
        (with("marks", json!(vec![mark(); 9])), "more than 8"),
        (with("marks", json!([mark(), "0A".repeat(32)])), "64 hexadecimal digits"),
        (with("marks", json!([mark(), "0a".repeat(31)])), "64 hexadecimal digits"),
        (with("marks", json!([mark(), "ä".repeat(32)])), "64 hexadecimal digits"),
        (with("marks", json!([mark(), null])), "64 hexadecimal digits"),
        (with("revisions", json!({})), "revisions is missing or no list"),
        (with("revisions", json!([7])), "actionName is missing"),
        (with("revisions", json!(vec![json!({}); 51])), "more than 50"),
        (pinned("actionName", json!("So urce")), "cannot be the name of an action"),
        (pinned("actionName", json!("s".repeat(101))), "longer than 100"),
        (pinned("revisionType", json!(null)), "revisionType is missing"),
        (pinned("revisionType", json!("C".repeat(101))), "longer than 100"),
        (pinned("revisionValue", json!("")), "revisionValue is missing"),
        (pinned("revisionValue", json!("f".repeat(1_501))), "longer than 1500"),
        (pinned("revision", json!("7f")), "no member revision"),
    ] {
        let told = malformed(&event);
        assert!(told.contains(reason), "{event}: {told}");
        assert!(told.len() < 500, "a reason is short: {told}");
    }
}
