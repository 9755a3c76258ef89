//! Every state of every level, as it is written.

use std::collections::BTreeMap;

use events::{Event, metrics};
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::scenarios;
use crate::script::Script;

/// Compares the details of the events that a filter chooses, one a line.
fn check(script: &Script, is_chosen: impl Fn(&Event) -> bool, expected: &Expect) {
    let chosen = script.events.iter().filter(|event| is_chosen(event));
    let lines: Vec<String> = chosen.map(Event::detail_json).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn is(event: &Event, detail_type: &str) -> bool {
    event.detail_type() == format!("CodePipeline {detail_type} Execution State Change")
}

#[test]
fn a_line_is_the_envelope_of_aws_with_our_numbers_behind_it() {
    // E1, E2, E4.
    let script = scenarios::happy_path();
    let deploy = script.events.iter().find(|event| event.detail_json().contains("CodeDeploy"));
    let deploy = deploy.expect("something is deployed");
    expect![[r#"{"version":"0","id":"9e2c4392-867f-5597-8b66-e51cb479e293","detail-type":"CodePipeline Action Execution State Change","source":"towpath","account":"123456789012","time":"2026-01-24T09:06:00Z","region":"us-east-1","resources":["arn:aws:codepipeline:us-east-1:123456789012:web-with-a-quite-long-name"],"detail":{"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:06:00.208Z","stage":"Deploy","action-execution-id":"56b5a8dd-5a06-56d5-86f2-ad59323fc651","action":"Ship","input-artifacts":[{"name":"Built","s3location":{"bucket":"store-west","key":"web-with-a-quite-lon/Built/d335c5ea4e8451fb2455dfd9a1500248"}}],"state":"STARTED","region":"us-west-2","type":{"owner":"AWS","provider":"CodeDeploy","category":"Deploy","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0},"towpath":{"sequence":17,"number":1}}"#]].assert_eq(&deploy.to_json_line());
}

#[test]
fn a_pipeline_tells_who_started_it() {
    check(
        &scenarios::happy_path(),
        |event| is(event, "Pipeline"),
        &expect![[r#"
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","execution-trigger":{"trigger-type":"StartPipelineExecution","trigger-detail":"arn:aws:sts::123456789012:assumed-role/Admin/ann"},"state":"STARTED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"SUCCEEDED","version":1.0,"pipeline-execution-attempt":1.0}"#]],
    );
}

#[test]
fn the_end_of_a_pushed_commit_tells_the_commit_unless_the_source_failed() {
    let is_end = |event: &Event| {
        is(event, "Pipeline") && matches!(event.detail.state(), "SUCCEEDED" | "FAILED")
    };
    check(
        &scenarios::pushed("TagName"),
        is_end,
        &expect![[r#"
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","execution-trigger":{"author-display-name":"its AuthorDisplayName","full-repository-name":"its FullRepositoryName","provider-type":"its ProviderType","author-email":"its AuthorEmail","commit-message":"its CommitMessage","author-date":"its AuthorDate","tag-name":"its TagName","commit-id":"its CommitId","connection-arn":"its ConnectionArn","author-id":"its AuthorId"},"state":"SUCCEEDED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000002","start-time":"2026-01-24T09:08:00.208Z","execution-trigger":{"author-display-name":"its AuthorDisplayName","full-repository-name":"its FullRepositoryName","provider-type":"its ProviderType","author-email":"its AuthorEmail","commit-message":"its CommitMessage","author-date":"its AuthorDate","tag-name":"its TagName","commit-id":"its CommitId","connection-arn":"its ConnectionArn","author-id":"its AuthorId"},"state":"FAILED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000003","start-time":"2026-01-24T09:13:00.208Z","state":"FAILED","version":1.0,"pipeline-execution-attempt":1.0}"#]],
    );
}

#[test]
fn a_retry_is_told_by_every_later_event_of_its_stage_and_of_no_other() {
    let is_chosen = |event: &Event| !is(event, "Action") && (6..28).contains(&event.sequence);
    check(
        &scenarios::failed_and_retried(),
        is_chosen,
        &expect![[r#"
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Build","state":"STARTED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Build","state":"FAILED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"FAILED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"RESUMED","version":1.0,"pipeline-execution-attempt":2.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage-last-retry-attempt-time":"2026-01-24T09:06:00.208Z","stage":"Build","state":"RESUMED","version":1.0,"pipeline-execution-attempt":2.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage-last-retry-attempt-time":"2026-01-24T09:06:00.208Z","stage":"Build","state":"FAILED","version":1.0,"pipeline-execution-attempt":2.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"FAILED","version":1.0,"pipeline-execution-attempt":2.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"RESUMED","version":1.0,"pipeline-execution-attempt":3.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage-last-retry-attempt-time":"2026-01-24T09:08:00.208Z","stage":"Build","state":"RESUMED","version":1.0,"pipeline-execution-attempt":3.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage-last-retry-attempt-time":"2026-01-24T09:08:00.208Z","stage":"Build","state":"SUCCEEDED","version":1.0,"pipeline-execution-attempt":3.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Approve","state":"STARTED","version":1.0,"pipeline-execution-attempt":3.0}"#]],
    );
}

#[test]
fn a_stop_tells_the_reason_once() {
    check(
        &scenarios::stopped(true),
        |event| event.sequence > 8,
        &expect![[r#"
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"STOPPING","version":1.0,"pipeline-execution-attempt":1.0,"stop-execution-comments":"an update"}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Build","state":"STOPPING","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:03:00.208Z","stage":"Build","action-execution-id":"ad0d8039-35fa-56ca-8629-82a8b5fc8c07","action":"Compile","state":"ABANDONED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeBuild","category":"Build","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:03:00.208Z","stage":"Build","action-execution-id":"969009fe-ff52-500b-9559-0d7f0ae1c46e","action":"Check","state":"ABANDONED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeBuild","category":"Test","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Build","state":"STOPPED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"STOPPED","version":1.0,"pipeline-execution-attempt":1.0}"#]],
    );
}

#[test]
fn other_ends_of_executions_and_stages() {
    let is_chosen = |event: &Event| matches!(event.detail.state(), "SUPERSEDED" | "CANCELED");
    check(
        &scenarios::updated(),
        is_chosen,
        &expect![[r#"
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000002","start-time":"2026-01-24T09:06:00.208Z","state":"SUPERSEDED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000003","start-time":"2026-01-24T09:10:00.208Z","state":"CANCELED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Approve","state":"CANCELED","version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"CANCELED","version":1.0,"pipeline-execution-attempt":1.0}"#]],
    );
    check(
        &scenarios::stopped(false),
        |event| event.detail.state() == "STOPPED",
        &expect![[r#"
            {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Build","state":"STOPPED","version":1.0,"pipeline-execution-attempt":1.0}
            {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","state":"STOPPED","version":1.0,"pipeline-execution-attempt":1.0}"#]],
    );
}

#[test]
fn actions_tell_what_they_read_and_made_and_what_the_provider_said() {
    check(
        &scenarios::happy_path(),
        |event| is(event, "Action"),
        &expect![[r#"
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Source","action-execution-id":"5311fd9d-60a2-5c28-91e9-b33fa0990650","action":"Fetch","state":"STARTED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeCommit","category":"Source","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:02:00.208Z","stage":"Source","execution-result":{"external-execution-url":"https://example.com/8cf40f2","external-execution-summary":"Add a licence","external-execution-id":"8cf40f2"},"output-artifacts":[{"name":"SourceArtifact","s3location":{"bucket":"store-east","key":"web-with-a-quite-lon/SourceArti/7d4a7a7a53bfbace2745a8eddbcf9308"}}],"action-execution-id":"5311fd9d-60a2-5c28-91e9-b33fa0990650","action":"Fetch","state":"SUCCEEDED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeCommit","category":"Source","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:03:00.208Z","stage":"Build","action-execution-id":"ad0d8039-35fa-56ca-8629-82a8b5fc8c07","action":"Compile","input-artifacts":[{"name":"SourceArtifact","s3location":{"bucket":"store-east","key":"web-with-a-quite-lon/SourceArti/7d4a7a7a53bfbace2745a8eddbcf9308"}}],"state":"STARTED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeBuild","category":"Build","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:03:00.208Z","stage":"Build","action-execution-id":"969009fe-ff52-500b-9559-0d7f0ae1c46e","action":"Check","input-artifacts":[{"name":"SourceArtifact","s3location":{"bucket":"store-east","key":"web-with-a-quite-lon/SourceArti/7d4a7a7a53bfbace2745a8eddbcf9308"}}],"state":"STARTED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeBuild","category":"Test","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:03:00.208Z","stage":"Build","execution-result":{"external-execution-id":"Compile-1"},"output-artifacts":[{"name":"Built","s3location":{"bucket":"store-east","key":"web-with-a-quite-lon/Built/d335c5ea4e8451fb2455dfd9a1500248"}}],"action-execution-id":"ad0d8039-35fa-56ca-8629-82a8b5fc8c07","action":"Compile","input-artifacts":[{"name":"SourceArtifact","s3location":{"bucket":"store-east","key":"web-with-a-quite-lon/SourceArti/7d4a7a7a53bfbace2745a8eddbcf9308"}}],"state":"SUCCEEDED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeBuild","category":"Build","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:03:00.208Z","stage":"Build","execution-result":{"external-execution-id":"Check-1"},"action-execution-id":"969009fe-ff52-500b-9559-0d7f0ae1c46e","action":"Check","input-artifacts":[{"name":"SourceArtifact","s3location":{"bucket":"store-east","key":"web-with-a-quite-lon/SourceArti/7d4a7a7a53bfbace2745a8eddbcf9308"}}],"state":"SUCCEEDED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeBuild","category":"Test","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:05:00.208Z","stage":"Approve","action-execution-id":"4dee15a1-aae5-5fb7-87e3-8fffb353be8c","action":"Ask","state":"STARTED","region":"us-east-1","type":{"owner":"AWS","provider":"Manual","category":"Approval","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:05:00.208Z","stage":"Approve","execution-result":{"external-execution-summary":"looks fine"},"action-execution-id":"4dee15a1-aae5-5fb7-87e3-8fffb353be8c","action":"Ask","state":"SUCCEEDED","region":"us-east-1","type":{"owner":"AWS","provider":"Manual","category":"Approval","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:06:00.208Z","stage":"Deploy","action-execution-id":"56b5a8dd-5a06-56d5-86f2-ad59323fc651","action":"Ship","input-artifacts":[{"name":"Built","s3location":{"bucket":"store-west","key":"web-with-a-quite-lon/Built/d335c5ea4e8451fb2455dfd9a1500248"}}],"state":"STARTED","region":"us-west-2","type":{"owner":"AWS","provider":"CodeDeploy","category":"Deploy","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}
        {"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:06:00.208Z","stage":"Deploy","execution-result":{"external-execution-id":"Ship-1"},"action-execution-id":"56b5a8dd-5a06-56d5-86f2-ad59323fc651","action":"Ship","input-artifacts":[{"name":"Built","s3location":{"bucket":"store-west","key":"web-with-a-quite-lon/Built/d335c5ea4e8451fb2455dfd9a1500248"}}],"state":"SUCCEEDED","region":"us-west-2","type":{"owner":"AWS","provider":"CodeDeploy","category":"Deploy","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}"#]],
    );
}

#[test]
fn a_failed_action_tells_why() {
    let is_chosen = |event: &Event| is(event, "Action") && event.detail.state() == "FAILED";
    check(
        &scenarios::stopped(false),
        is_chosen,
        &expect![[
            r#"{"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:03:00.208Z","stage":"Build","execution-result":{"external-execution-url":"https://example.com/job-1","external-execution-summary":"it broke","external-execution-id":"job-1","error-code":"JobFailed"},"action-execution-id":"969009fe-ff52-500b-9559-0d7f0ae1c46e","action":"Check","input-artifacts":[{"name":"SourceArtifact","s3location":{"bucket":"store-east","key":"web-with-a-quite-lon/SourceArti/7d4a7a7a53bfbace2745a8eddbcf9308"}}],"state":"FAILED","region":"us-east-1","type":{"owner":"AWS","provider":"CodeBuild","category":"Test","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}"#
        ]],
    );
    check(
        &scenarios::rejected(),
        is_chosen,
        &expect![[
            r#"{"pipeline":"web-with-a-quite-long-name","execution-id":"00000000-0000-0000-0000-000000000001","start-time":"2026-01-24T09:05:00.208Z","stage":"Approve","execution-result":{"external-execution-summary":"rejected by ann: looks fine","error-code":"JobFailed"},"action-execution-id":"4dee15a1-aae5-5fb7-87e3-8fffb353be8c","action":"Ask","state":"FAILED","region":"us-east-1","type":{"owner":"AWS","provider":"Manual","category":"Approval","version":"1"},"version":1.0,"pipeline-execution-attempt":1.0}"#
        ]],
    );
}

#[test]
fn an_event_has_the_same_id_wherever_it_is_announced_and_no_other_has_it() {
    // E5.
    let mut lines = BTreeMap::new();
    for event in scenarios::updated().events {
        assert_eq!(lines.insert(event.id(), event.to_json_line()), None);
    }
    for event in scenarios::updated().events {
        assert_eq!(lines[&event.id()], event.to_json_line());
    }
}

#[test]
fn a_later_action_reads_what_the_newest_successful_attempt_made() {
    // Contract §1.6: a retry writes new objects.
    let script = scenarios::failed_and_retried();
    let keys = |member: &str, action: &str| -> Vec<String> {
        let of_action = script.events.iter().map(|event| {
            serde_json::from_str::<serde_json::Value>(&event.detail_json()).expect("it is JSON")
        });
        let of_action = of_action.filter(|detail| detail["action"] == action);
        of_action
            .filter_map(|detail| Some(detail[member][0]["s3location"]["key"].as_str()?.to_owned()))
            .collect()
    };
    let made = keys("output-artifacts", "Compile");
    assert_eq!(made.len(), 1, "one attempt of three succeeded");
    assert_eq!(keys("input-artifacts", "Ship"), [made[0].clone(), made[0].clone()]);
    let sources = keys("output-artifacts", "Fetch");
    assert!(keys("input-artifacts", "Compile").iter().all(|key| *key == sources[0]));
}

#[test]
fn metrics_count_durations_of_what_ended_and_every_failure() {
    // R94.
    let script = scenarios::failed_and_retried();
    expect![[r#"
        {"FailedPipelineExecutions":1,"PipelineDuration":180.0,"PipelineName":"web-with-a-quite-long-name","_aws":{"CloudWatchMetrics":[{"Dimensions":[["PipelineName"]],"Metrics":[{"Name":"PipelineDuration","Unit":"Seconds"}],"Namespace":"Towpath"},{"Dimensions":[["PipelineName"],[]],"Metrics":[{"Name":"FailedPipelineExecutions","Unit":"Count"}],"Namespace":"Towpath"}],"Timestamp":1769245500208}}
        {"FailedPipelineExecutions":1,"PipelineDuration":300.0,"PipelineName":"web-with-a-quite-long-name","_aws":{"CloudWatchMetrics":[{"Dimensions":[["PipelineName"]],"Metrics":[{"Name":"PipelineDuration","Unit":"Seconds"}],"Namespace":"Towpath"},{"Dimensions":[["PipelineName"],[]],"Metrics":[{"Name":"FailedPipelineExecutions","Unit":"Count"}],"Namespace":"Towpath"}],"Timestamp":1769245620208}}
        {"PipelineDuration":600.0,"PipelineName":"web-with-a-quite-long-name","_aws":{"CloudWatchMetrics":[{"Dimensions":[["PipelineName"]],"Metrics":[{"Name":"PipelineDuration","Unit":"Seconds"}],"Namespace":"Towpath"}],"Timestamp":1769245920208}}"#]].assert_eq(&in_order_lines(&metrics(&script.events)));
    assert!(metrics(&scenarios::stopped(true).events).is_empty(), "a stop is no failure");
}

/// Returns lines of JSON with their members by name.
fn in_order_lines(lines: &[String]) -> String {
    let value = |line: &String| serde_json::from_str(line).expect("a metric is JSON");
    let lines: Vec<_> = lines.iter().map(value).map(|line| in_order(line).to_string()).collect();
    lines.join("\n")
}

/// Puts the members of every object in the order of their names: whether JSON keeps the order in which
/// they were written is up to whoever else is built with us.
fn in_order(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, member)| (name, in_order(member)));
            Value::Object(members.collect::<BTreeMap<_, _>>().into_iter().collect())
        }
        Value::Array(elements) => elements.into_iter().map(in_order).collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}
