//! Answers of the API to try the rendering on, as the API spells them.

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{ActionExecutionDetail, PipelineExecutionSummary, StageState};
use aws_smithy_json::codec::{JsonCodec, JsonDeserializer};
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::serde::SerdeError;
use serde_json::{Value, json};

use crate::client::situation::{Answers, Situation, situation};
use crate::client::spelling;

/// Ids whose ends differ: `00000001`, `00000002`, …
pub(crate) fn id(number: u32) -> String {
    format!("01997f3e-8d2b-7c11-9a55-0242{number:08}")
}

fn commit(number: u32) -> String {
    format!("{number:07}abcdef0123456789abcdef0123456789a")
}

type Read<T> = fn(&mut JsonDeserializer<'_>) -> Result<T, SerdeError>;

fn read<T>(value: &Value, read: Read<T>) -> T {
    let text = value.to_string();
    let codec = JsonCodec::default();
    read(&mut codec.create_deserializer(text.as_bytes())).unwrap()
}

/// A pipeline with a source, a build and a test after it, an approval and a deployment.
fn declared(mode: &str) -> Value {
    let action = |name: &str, category: &str, provider: &str, order: u32| {
        json!({ "name": name, "runOrder": order, "actionTypeId": {
            "category": category, "owner": "AWS", "provider": provider, "version": "1",
        } })
    };
    json!({
        "name": "web-app", "roleArn": "arn:aws:iam::000000000000:role/web", "version": 3,
        "executionMode": mode, "pipelineType": "V2",
        "stages": [
            { "name": "Source", "actions": [action("Commit", "Source", "CodeCommit", 1)] },
            { "name": "Build", "actions": [
                action("Compile", "Build", "CodeBuild", 1), action("Test", "Test", "CodeBuild", 2),
            ] },
            { "name": "Approve", "actions": [action("Release", "Approval", "Manual", 1)] },
            { "name": "Deploy", "actions": [action("Host", "Deploy", "CodeDeploy", 1)] },
        ],
    })
}

/// An attempt of an action of an execution, from one second to another.
pub(crate) fn attempt(
    execution: u32,
    place: &str,
    status: &str,
    (since, until): (f64, f64),
    more: &Value,
) -> ActionExecutionDetail {
    let (stage, action) = place.split_once('/').unwrap();
    let category = if action == "Release" { "Approval" } else { "Build" };
    let mut value = json!({
        "pipelineExecutionId": id(execution), "actionExecutionId": format!("{place} {execution}"),
        "pipelineVersion": 3, "stageName": stage, "actionName": action, "status": status,
        "startTime": since, "lastUpdateTime": until,
        "input": { "actionTypeId": {
            "category": category, "owner": "AWS", "provider": "Any", "version": "1",
        } },
        "output": {},
    });
    for (key, member) in more.as_object().unwrap() {
        for (name, part) in member.as_object().unwrap() {
            value[key][name] = part.clone();
        }
    }
    read(&value, |from| ActionExecutionDetail::deserialize(from))
}

fn summary(execution: u32, status: &str, (since, until): (f64, f64)) -> PipelineExecutionSummary {
    let value = json!({
        "pipelineExecutionId": id(execution), "status": status,
        "startTime": since, "lastUpdateTime": until,
        "sourceRevisions": [{
            "actionName": "Commit", "revisionId": commit(execution),
            "revisionSummary": format!("Change number {execution}\n\nAt length."),
        }],
        "trigger": { "triggerType": "StartPipelineExecution",
            "triggerDetail": "arn:aws:iam::000000000000:user/local" },
    });
    read(&value, |from| PipelineExecutionSummary::deserialize(from))
}

/// A stage's state: who is inside, who waits, and its actions as (name, status, execution).
fn state(
    name: &str,
    inside: Option<(u32, &str)>,
    waiting: &[u32],
    runs: &[(&str, &str, u32)],
    more: &Value,
) -> StageState {
    let runs = runs.iter().map(|(action, status, execution)| {
        json!({ "actionName": action, "latestExecution": {
            "actionExecutionId": format!("{name}/{action} {execution}"), "status": status,
            "token": (*action == "Release" && *status == "InProgress").then_some("a-token"),
        } })
    });
    let waiting = waiting.iter().map(|number| {
        json!({ "pipelineExecutionId": id(*number), "status": "InProgress", "type": "STANDARD" })
    });
    let mut value = json!({
        "stageName": name, "inboundTransitionState": { "enabled": true },
        "inboundExecutions": waiting.collect::<Vec<_>>(), "actionStates": runs.collect::<Vec<_>>(),
    });
    if let Some((execution, status)) = inside {
        value["latestExecution"] =
            json!({ "pipelineExecutionId": id(execution), "status": status, "type": "STANDARD" });
    }
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    read(&value, |from| StageState::deserialize(from))
}

fn answers(
    mode: &str,
    stages: Vec<StageState>,
    executions: Vec<PipelineExecutionSummary>,
    attempts: Vec<ActionExecutionDetail>,
) -> Answers {
    let state = GetPipelineStateOutput::builder().pipeline_name("web-app");
    Answers {
        declaration: spelling::declaration(&declared(mode).to_string()).unwrap(),
        state: state.set_stage_states(Some(stages)).build(),
        executions,
        attempts,
    }
}

/// The text of the approval.
fn asks(execution: u32) -> Value {
    json!({ "input": { "resolvedConfiguration": {
        "CustomData": format!("Release {execution}?"), "ExternalEntityLink": "http://127.0.0.1/diff",
    } } })
}

/// 1 holds the approval, 2 waits behind it, 3 builds.
pub(crate) fn meeting_answers() -> Answers {
    let none = json!({});
    let stages = vec![
        state("Source", Some((3, "Succeeded")), &[], &[("Commit", "Succeeded", 3)], &none),
        state(
            "Build",
            Some((3, "InProgress")),
            &[],
            &[("Compile", "InProgress", 3), ("Test", "Succeeded", 2)],
            &none,
        ),
        state("Approve", Some((1, "InProgress")), &[2], &[("Release", "InProgress", 1)], &none),
        state("Deploy", None, &[], &[], &none),
    ];
    let executions = vec![
        summary(3, "InProgress", (30.0, 34.0)),
        summary(2, "InProgress", (20.0, 25.0)),
        summary(1, "InProgress", (0.0, 12.0)),
    ];
    let attempts = vec![
        attempt(3, "Build/Compile", "InProgress", (34.0, 34.0), &none),
        attempt(3, "Source/Commit", "Succeeded", (30.0, 31.5), &none),
        attempt(2, "Build/Test", "Succeeded", (24.0, 25.0), &none),
        attempt(1, "Approve/Release", "InProgress", (12.0, 12.0), &asks(1)),
    ];
    answers("SUPERSEDED", stages, executions, attempts)
}

pub(crate) fn meeting() -> Situation {
    situation(&meeting_answers())
}

/// The build failed; the approval is paused, and 1 waits before it.
pub(crate) fn closed() -> Situation {
    let none = json!({});
    let paused = json!({ "inboundTransitionState": {
        "enabled": false, "lastChangedBy": "arn:aws:iam::000000000000:user/ana",
        "lastChangedAt": 40.0, "disabledReason": "the release is frozen",
    } });
    let failed = json!({ "output": { "executionResult": { "errorDetails": {
        "code": "JobFailed", "message": "exit status 1 of: sh build.sh",
    } } } });
    let stages = vec![
        state("Source", Some((2, "Succeeded")), &[], &[("Commit", "Succeeded", 2)], &none),
        state("Build", Some((2, "Failed")), &[], &[("Compile", "Failed", 2)], &none),
        state("Approve", None, &[1], &[], &paused),
        state("Deploy", None, &[], &[], &paused),
    ];
    let executions =
        vec![summary(2, "Failed", (20.0, 33.0)), summary(1, "InProgress", (0.0, 12.0))];
    let attempts = vec![
        attempt(2, "Build/Compile", "Failed", (22.0, 33.0), &failed),
        attempt(2, "Source/Commit", "Succeeded", (20.0, 21.0), &none),
        attempt(1, "Build/Test", "Succeeded", (10.0, 12.0), &none),
    ];
    situation(&answers("QUEUED", stages, executions, attempts))
}

/// 1 has ended, 2 asks, 3 builds.
pub(crate) fn parallel() -> Situation {
    let none = json!({});
    let token = json!({
        "input": asks(2)["input"], "output": { "executionResult": { "externalExecutionId": "t" } },
    });
    let executions = vec![
        summary(3, "InProgress", (30.0, 34.0)),
        summary(2, "InProgress", (20.0, 25.0)),
        summary(1, "Succeeded", (0.0, 12.0)),
    ];
    let attempts = vec![
        attempt(3, "Build/Compile", "InProgress", (34.0, 34.0), &none),
        attempt(3, "Source/Commit", "Succeeded", (30.0, 31.5), &none),
        attempt(2, "Approve/Release", "InProgress", (25.0, 25.0), &token),
        attempt(2, "Build/Test", "Succeeded", (23.0, 25.0), &none),
        attempt(2, "Build/Compile", "Succeeded", (22.0, 23.0), &none),
        attempt(2, "Source/Commit", "Succeeded", (20.0, 21.0), &none),
        attempt(1, "Deploy/Host", "Succeeded", (9.0, 12.0), &none),
        attempt(1, "Approve/Release", "Succeeded", (5.0, 9.0), &none),
        attempt(1, "Build/Test", "Succeeded", (3.0, 5.0), &none),
        attempt(1, "Build/Compile", "Succeeded", (2.0, 3.0), &none),
        attempt(1, "Source/Commit", "Succeeded", (0.0, 1.0), &none),
    ];
    situation(&answers("PARALLEL", Vec::new(), executions, attempts))
}
