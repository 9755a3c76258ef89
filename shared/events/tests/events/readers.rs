//! The published Rust types of AWS's events read ours.

use aws_lambda_events::event::codepipeline_cloudwatch::CodePipelineCloudWatchEvent;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use serde_json::{Value, json};

use crate::scenarios;

#[test]
fn every_event_is_read_as_an_event_of_eventbridge() {
    let events = scenarios::every_event();
    assert!(events.len() > 100, "the scenarios make every kind of event");
    for event in events {
        let read: EventBridgeEvent = serde_json::from_str(&event.to_json_line()).expect("it fits");
        assert_eq!(read.version.as_deref(), Some("0"));
        assert_eq!(read.id, Some(event.id().to_string()));
        assert_eq!(read.detail_type, event.detail_type());
        assert_eq!(read.source, "towpath");
        assert_eq!(read.account.as_deref(), Some("123456789012"));
        assert_eq!(read.region.as_deref(), Some("us-east-1"));
        assert_eq!(read.resources, Some(event.resources.clone()));
        let time = read.time.map(|time| time.timestamp());
        assert_eq!(time, Some(event.at.millis() / 1000), "to the second");
        assert_eq!(read.detail.to_string(), canonical(&event.detail_json()));
    }
}

/// The crate's own type for these events holds both versions as integers. That is narrower than what
/// AWS sends (`3.0`, and for the action's type the text `"1"`, contract E3 and §4.4), so each is given
/// to it as the integer that it means; everything else is read as it was written.
#[test]
fn every_event_is_read_as_an_event_of_codepipeline() {
    for event in scenarios::every_event() {
        let mut value: Value = serde_json::from_str(&event.to_json_line()).expect("it is JSON");
        let detail = &mut value["detail"];
        assert!(detail["version"].is_f64(), "AWS prints it with a decimal");
        integral_versions(detail);
        let read: CodePipelineCloudWatchEvent = serde_json::from_value(value).expect("it fits");
        assert_eq!(read.detail_type.as_deref(), Some(event.detail_type()));
        assert_eq!(read.detail.state, event.detail.state());
        assert_eq!(read.detail.execution_id, Some(event.execution.to_string()));
        assert!(read.detail.version >= 1);
        assert_eq!(read.detail.action.is_some(), read.detail.type_.is_some());
    }
}

#[test]
fn the_type_of_the_crate_refuses_the_spelling_of_aws_too() {
    let mut sample = json!({
        "time": "2026-01-24T22:03:44Z", "resources": [],
        "detail": {"state": "STARTED", "version": 1, "type": {"version": "1"}},
    });
    let read = serde_json::from_value::<CodePipelineCloudWatchEvent>(sample.clone());
    assert!(read.is_err(), "a crate that reads it makes `integral_versions` needless: remove it");
    integral_versions(&mut sample["detail"]);
    assert!(serde_json::from_value::<CodePipelineCloudWatchEvent>(sample).is_ok());
}

fn integral_versions(detail: &mut Value) {
    if let Some(version) = detail["version"].as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "versions are small whole numbers")]
        let version = version as i64;
        detail["version"] = json!(version);
    }
    let of_type = detail["type"]["version"].as_str().and_then(|text| text.parse::<i64>().ok());
    if let Some(version) = of_type {
        detail["type"]["version"] = json!(version);
    }
}

fn canonical(json: &str) -> String {
    serde_json::from_str::<Value>(json).expect("it is JSON").to_string()
}
