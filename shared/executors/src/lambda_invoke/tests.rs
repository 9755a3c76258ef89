//! A function that goes on, with a delay that a test can wait for.

use std::fs;

use buildspec::ProcessGroup;

use super::*;
use crate::Workplace;

fn job() -> Job {
    let text = serde_json::json!({
        "run_id": "0190c6a5-0000-7000-8000-000000000001", "pipeline": "web", "pipeline_version": 1,
        "execution_id": "0190c6a5-0000-7000-8000-000000000002", "execution_number": 1,
        "stage": "Test", "action": "Ask", "attempt": 1, "category": "Invoke", "owner": "AWS",
        "provider": "Lambda", "region": "eu-west-1",
        "configuration": { "FunctionName": "fn", "UserParameters": "some-input" },
    });
    serde_json::from_value(text).unwrap()
}

/// Invokes `command` until it is done; returns the result and the log.
fn invoke(command: &str, heartbeat: Duration) -> (Result<Success, Failure>, String) {
    let scratch = tempfile::tempdir().unwrap();
    let site = Site {
        artifacts: scratch.path().join("artifacts"),
        functions: [("fn".to_owned(), command.to_owned())].into(),
        ..Site::default()
    };
    let workplace =
        Workplace { directory: scratch.path().join("work"), log: scratch.path().join("log") };
    fs::create_dir(&workplace.directory).unwrap();
    let job = job();
    let task = Task { job: &job, site: &site, workplace: &workplace, group: ProcessGroup::Own };
    let result = invoke_until_done(&task, Duration::ZERO, heartbeat);
    (result, fs::read_to_string(&workplace.log).unwrap())
}

#[test]
fn a_function_that_leaves_a_token_is_invoked_again_with_it() {
    let command = r#"cat >> events; echo >> events
        case "$TOWPATH_CONTINUATION_TOKEN" in
        "") echo '{"continuationToken":"one"}' ;;
        one) echo '{"continuationToken":"two"}' ;;
        two) grep -c 'CodePipeline.job' events; cat events; echo
             echo '{"outputVariables":{"Answer":"42"}}' ;;
        esac"#;
    let (result, log) = invoke(command, HEARTBEAT);
    let success = result.unwrap();
    assert_eq!(success.variables["Answer"], "42");
    let events: Vec<serde_json::Value> = log
        .lines()
        .filter(|line| line.starts_with("{\"CodePipeline.job\""))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 3);
    let of = |index: usize, pointer: &str| {
        events[index].pointer(&format!("/CodePipeline.job{pointer}")).cloned()
    };
    assert_eq!(of(0, "/data/continuationToken"), None);
    assert_eq!(of(1, "/data/continuationToken").unwrap(), "one");
    assert_eq!(of(2, "/data/continuationToken").unwrap(), "two");
    assert_ne!(of(0, "/id"), of(1, "/id"));
    let settings = of(0, "/data/actionConfiguration/configuration/UserParameters");
    assert_eq!(settings.unwrap(), "some-input");
    assert_eq!(success.external_id.unwrap(), of(2, "/id").unwrap().as_str().unwrap());
}

#[test]
fn a_function_that_does_not_answer_in_time_is_killed() {
    let (result, _) = invoke("sleep 600", Duration::from_millis(100));
    assert!(result.unwrap_err().message.contains("gave no answer"));
}

#[test]
fn what_a_function_leaves_running_is_killed() {
    let command = "(sleep 600; echo late) & echo '{}'";
    let (result, log) = invoke(command, HEARTBEAT);
    result.unwrap();
    assert!(!log.contains("late"));
}
