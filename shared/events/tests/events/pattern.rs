//! EventBridge's matching of patterns, as far as rules for CodePipeline use it.

use events::rewrite_source;
use serde_json::{Value, json};

use crate::scenarios;

/// Whether an event matches a pattern: every member of the pattern must match.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let members = pattern.as_object().expect("a pattern is an object");
    members.iter().all(|(name, wanted)| match (name.as_str(), wanted) {
        ("$or", Value::Array(alternatives)) => {
            alternatives.iter().any(|alternative| matches(alternative, event))
        }
        (_, Value::Array(wanted)) => matches_any(wanted, event.get(name)),
        (_, nested) => event.get(name).is_some_and(|event| matches(nested, event)),
    })
}

/// Whether a value, or any item of a list, is one of those wanted.
fn matches_any(wanted: &[Value], value: Option<&Value>) -> bool {
    match value {
        Some(Value::Array(items)) => items.iter().any(|item| matches_any(wanted, Some(item))),
        value => wanted.iter().any(|wanted| matches_one(wanted, value)),
    }
}

fn matches_one(wanted: &Value, value: Option<&Value>) -> bool {
    let Value::Object(matcher) = wanted else {
        return value.is_some_and(|value| is_equal(wanted, value));
    };
    let text = value.and_then(Value::as_str);
    matcher.iter().all(|(kind, operand)| match (kind.as_str(), operand) {
        ("exists", Value::Bool(exists)) => value.is_some() == *exists,
        ("prefix", Value::String(start)) => text.is_some_and(|text| text.starts_with(start)),
        ("suffix", Value::String(end)) => text.is_some_and(|text| text.ends_with(end)),
        ("equals-ignore-case", Value::String(other)) => {
            text.is_some_and(|text| text.eq_ignore_ascii_case(other))
        }
        ("anything-but", Value::Array(others)) => {
            value.is_some_and(|value| !others.iter().any(|other| is_equal(other, value)))
        }
        ("anything-but", other) => value.is_some() && !matches_one(other, value),
        ("numeric", Value::Array(bounds)) => {
            value.and_then(Value::as_f64).is_some_and(|number| is_within(bounds, number))
        }
        _ => panic!("the pattern uses a matcher that is not read here: {kind}"),
    })
}

/// Numbers are equal by value, so that `1` matches `1.0` (E3).
fn is_equal(wanted: &Value, value: &Value) -> bool {
    match (wanted.as_f64(), value.as_f64()) {
        (Some(wanted), Some(value)) => (wanted - value).abs() < f64::EPSILON,
        _ => wanted == value,
    }
}

fn is_within(bounds: &[Value], number: f64) -> bool {
    bounds.chunks(2).all(|bound| {
        let limit = bound[1].as_f64().expect("a bound is a number");
        match bound[0].as_str().expect("a comparison is a text") {
            "=" => (number - limit).abs() < f64::EPSILON,
            "<" => number < limit,
            "<=" => number <= limit,
            ">" => number > limit,
            ">=" => number >= limit,
            other => panic!("{other} compares nothing"),
        }
    })
}

/// Returns the transcript lines of the events of a scenario that a rule lets through.
fn let_through(pattern: &Value) -> Vec<String> {
    let script = scenarios::failed_and_retried();
    let event = |line: &str| serde_json::from_str::<Value>(line).expect("it is JSON");
    let count = |pattern: &Value| {
        script.events.iter().filter(|e| matches(pattern, &event(&e.to_json_line()))).count()
    };
    assert_eq!(count(pattern), 0, "AWS's source is not ours");
    let rewritten = rewrite_source(&pattern.to_string()).expect("it names AWS's source");
    let rewritten: Value = serde_json::from_str(&rewritten).expect("it stays JSON");
    let transcript = script.transcript(1);
    let chosen = script.events.iter().zip(transcript.lines());
    chosen
        .filter(|(e, _)| matches(&rewritten, &event(&e.to_json_line())))
        .map(|(_, line)| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn a_rule_for_failed_pipelines_matches_after_its_source_is_changed() {
    // E1.
    let failed = let_through(&json!({
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Pipeline Execution State Change"],
        "detail": {"state": ["FAILED"], "pipeline": [{"prefix": "web-"}]},
    }));
    assert_eq!(failed, ["P FAILED", "P FAILED"]);
}

#[test]
fn a_rule_by_arn_stage_and_anything_but_a_state_matches() {
    let build = let_through(&json!({
        "source": ["aws.codepipeline"],
        "resources": ["arn:aws:codepipeline:us-east-1:123456789012:web-with-a-quite-long-name"],
        "detail-type": [{"prefix": "CodePipeline Stage"}],
        "detail": {"stage": ["Build"], "state": [{"anything-but": ["STARTED", "RESUMED"]}]},
    }));
    assert_eq!(build, ["S FAILED Build", "S FAILED Build", "S SUCCEEDED Build"]);
}

#[test]
fn rules_compare_versions_and_attempts_as_numbers() {
    // E3.
    for attempt in [json!(2), json!(2.0), json!({"numeric": [">", 1, "<=", 2]})] {
        let second = let_through(&json!({
            "source": ["aws.codepipeline"],
            "detail": {"version": [1], "pipeline-execution-attempt": [attempt]},
        }));
        assert_eq!(
            second,
            [
                "P RESUMED",
                "S RESUMED Build",
                "A STARTED Build/Compile",
                "A FAILED Build/Compile",
                "S FAILED Build",
                "P FAILED"
            ]
        );
    }
}

#[test]
fn a_rule_by_provider_and_error_code_matches() {
    let failed = let_through(&json!({
        "source": ["aws.codepipeline"],
        "detail": {
            "type": {"provider": ["CodeBuild"], "version": ["1"]},
            "execution-result": {"error-code": [{"exists": true}]},
        },
    }));
    assert_eq!(failed, ["A FAILED Build/Compile", "A FAILED Build/Compile"]);
}
