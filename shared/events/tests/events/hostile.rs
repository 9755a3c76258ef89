//! What providers and people may put into an event, and what becomes of it.

use model::outcome::{Failure, Outcome};
use serde_json::Value;

use crate::script::{Script, execution};

const REQUEST_BYTES_MAX: usize = 262_144;

fn last(script: &Script, state: &str) -> (String, Value) {
    let event = script.events.iter().rev().find(|event| event.detail.state() == state);
    let line = event.expect("there is one").to_json_line();
    let value = serde_json::from_str(&line).expect("it is JSON");
    (line, value)
}

fn failed_with(failure: Failure) -> (String, Value) {
    let mut script = Script::new();
    script.start(1);
    script.report(1, "Source/Fetch", Outcome::Failed(failure));
    // The pipeline fails last; before it the stage, before that the action.
    let event = script.events.iter().find(|event| event.detail_json().contains("error-code"));
    let line = event.expect("the action failed").to_json_line();
    let value = serde_json::from_str(&line).expect("it is JSON");
    (line, value)
}

#[test]
fn a_failure_of_ten_megabytes_fits_the_bus_and_keeps_what_matters() {
    // E6.
    for message in ["x".repeat(10 << 20), "\u{1}".repeat(10 << 20), "ü\n".repeat(5 << 20)] {
        let (line, value) = failed_with(Failure {
            code: "JobFailed".to_owned(),
            message,
            external_id: Some("job-1".to_owned()),
            external_url: Some("https://example.com/job-1".to_owned()),
        });
        assert!(line.len() <= REQUEST_BYTES_MAX, "{}", line.len());
        assert!(line.len() > REQUEST_BYTES_MAX - 16, "no more is cut than must be");
        let result = &value["detail"]["execution-result"];
        assert!(result["external-execution-summary"].as_str().is_some_and(|s| s.ends_with('…')));
        assert_eq!(result["external-execution-id"], "job-1");
        assert_eq!(result["error-code"], "JobFailed");
    }
}

#[test]
fn an_event_fits_even_if_everything_in_it_is_too_long() {
    // E6.
    let long = "y".repeat(1 << 20);
    let (line, value) = failed_with(Failure {
        code: long.clone(),
        message: long.clone(),
        external_id: Some(long.clone()),
        external_url: Some(long),
    });
    assert!(line.len() <= REQUEST_BYTES_MAX, "{}", line.len());
    let result = &value["detail"]["execution-result"];
    assert_eq!(result["external-execution-summary"], "", "the summary goes first");
    assert!(result["error-code"].as_str().is_some_and(|code| code.starts_with('y')));
}

#[test]
fn a_commit_message_of_ten_megabytes_is_shortened_before_anything_else() {
    // E6.
    let mut script = Script::new();
    let commit = events::GitTrigger {
        commit_message: Some("z".repeat(10 << 20)),
        commit_id: Some("8cf40f2".to_owned()),
        ..events::GitTrigger::default()
    };
    script.commits.insert(execution(1), commit);
    script.run_to_approval(1);
    script.approve(1, false);
    let (line, value) = last(&script, "FAILED");
    assert!(line.len() <= REQUEST_BYTES_MAX, "{}", line.len());
    let trigger = &value["detail"]["execution-trigger"];
    assert_eq!(trigger["commit-id"], "8cf40f2");
    assert!(trigger["commit-message"].as_str().is_some_and(|text| text.ends_with("zz…")));
}

#[test]
fn control_characters_of_a_provider_do_not_reach_the_line() {
    let message = "line\r\nnext \u{1b}[31mred\u{1b}[0m \u{7f}\u{85}\u{9b}\u{2028}end".to_owned();
    let (line, value) = failed_with(Failure { message: message.clone(), ..Failure::default() });
    assert!(!line.contains(|c: char| c.is_control() || c == '\u{2028}'), "{line}");
    let summary = &value["detail"]["execution-result"]["external-execution-summary"];
    assert_eq!(*summary, message, "nothing is lost");
}

#[test]
fn a_stop_without_a_reason_has_no_comments() {
    for reason in [None, Some("")] {
        let mut script = Script::new();
        script.start(1);
        script.stop(1, false, reason);
        let (line, _) = last(&script, "STOPPING");
        assert!(!line.contains("stop-execution-comments"), "{line}");
    }
}

#[test]
fn a_region_without_a_store_leaves_the_place_out() {
    let mut script = Script::new();
    script.origin.region = "ap-south-1".to_owned();
    script.start(1);
    script.succeed(1, &["Source/Fetch"]);
    let (_, value) = last(&script, "STARTED");
    assert_eq!(value["region"], "ap-south-1");
    let inputs = value["detail"]["input-artifacts"].to_string();
    assert_eq!(inputs, r#"[{"name":"SourceArtifact"}]"#);
}
