//! What arrives from the buses of others, and what it is read into.

use std::collections::BTreeMap;

use events::arrival::{Arrival, NewRevision, Nothing, read, read_value};
use events::{Event, SourceKey};
use model::pipeline::ActionTypeId;
use model::status::{ActionCategory, ActionOwner};
use serde_json::{Value, json};

use crate::corpus::{corpus, files, read_json};
use crate::scenarios;

pub(crate) fn event(source: &str, detail_type: &str, detail: Value) -> Value {
    let mut event = json!({
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": "2021-11-12T00:00:00Z",
        "region": "ca-central-1",
        "resources": ["arn:aws:codecommit:ca-central-1:111122223333:web"],
    });
    event["detail"] = detail;
    event
}

fn push(detail: Value) -> Value {
    event("aws.codecommit", "CodeCommit Repository State Change", detail)
}

fn image(detail: Value) -> Value {
    event("aws.ecr", "ECR Image Action", detail)
}

fn object(object: Value) -> Value {
    let mut detail = json!({"bucket": {"name": "code"}});
    detail["object"] = object;
    event("aws.s3", "Object Created", detail)
}

fn call(detail: Value) -> Value {
    event("aws.s3", "AWS API Call via CloudTrail", detail)
}

/// Returns the key and the revision of a change, in one line.
fn change(event: &Value) -> String {
    match read_value(event) {
        Ok(Arrival::Change(change)) => match change.revision {
            Some(NewRevision { kind, value, is_once }) => {
                format!("{} {kind} {value}{}", change.key, if is_once { " once" } else { "" })
            }
            None => format!("{} -", change.key),
        },
        other => panic!("{event} is read as {other:?}"),
    }
}

fn passed(event: &Value) -> String {
    match read_value(event) {
        Err(Nothing::Passed(reason)) => reason,
        other => panic!("{event} is read as {other:?}"),
    }
}

fn malformed(event: &Value) -> String {
    match read_value(event) {
        Err(Nothing::Malformed(reason)) => reason,
        other => panic!("{event} is read as {other:?}"),
    }
}

#[test]
fn a_change_names_its_source_and_the_revision_to_start_at() {
    // R8, contract §5.1.
    let pushed = json!({
        "event": "referenceUpdated", "repositoryName": "web", "referenceType": "branch",
        "referenceName": "feature/basket", "commitId": "7f0103f", "oldCommitId": "3e5983d",
    });
    assert_eq!(change(&push(pushed.clone())), "codecommit/web/feature/basket COMMIT_ID 7f0103f");
    let mut nameless = pushed;
    nameless["repositoryName"].take();
    assert_eq!(change(&push(nameless)), "codecommit/web/feature/basket COMMIT_ID 7f0103f");

    let pushed = json!({
        "result": "SUCCESS", "repository-name": "team/web", "image-digest": "sha256:7f5b",
        "action-type": "PUSH", "image-tag": "latest",
    });
    assert_eq!(change(&image(pushed)), "ecr/team%2Fweb/latest IMAGE_DIGEST sha256:7f5b");

    let written = object(json!({"key": "a b/ä.zip", "version-id": "IYV3p45B", "etag": "b1"}));
    assert_eq!(change(&written), "s3/code/a b/ä.zip S3_OBJECT_VERSION_ID IYV3p45B once");

    for name in ["PutObject", "CopyObject", "CompleteMultipartUpload"] {
        let written = call(json!({
            "eventName": name,
            "requestParameters": {"bucketName": "code", "key": "site.zip"},
            "responseElements": {"x-amz-version-id": "IYV3p45B"},
        }));
        assert_eq!(change(&written), "s3/code/site.zip S3_OBJECT_VERSION_ID IYV3p45B once");
    }
}

#[test]
fn an_object_without_a_version_is_a_change_without_a_revision() {
    for version in [json!(null), json!(""), json!("null")] {
        let written = object(json!({"key": "site.zip", "version-id": version}));
        assert_eq!(change(&written), "s3/code/site.zip -");
    }
    assert_eq!(change(&object(json!({"key": "site.zip"}))), "s3/code/site.zip -");
    let written = call(json!({
        "eventName": "PutObject",
        "requestParameters": {"bucketName": "code", "key": "site.zip"},
        "responseElements": null,
    }));
    assert_eq!(change(&written), "s3/code/site.zip -");
}

#[test]
fn what_is_no_change_is_passed_with_the_reason() {
    for (event, reason) in [
        (push(json!({"event": "referenceDeleted"})), "referenceDeleted brings no commit"),
        (
            push(json!({"event": "referenceCreated", "referenceType": "tag"})),
            "a tag is followed by nobody",
        ),
        (
            image(json!({"action-type": "DELETE", "result": "SUCCESS"})),
            "DELETE with SUCCESS brings no image",
        ),
        (
            image(json!({"action-type": "PUSH", "result": "FAILURE"})),
            "PUSH with FAILURE brings no image",
        ),
        (
            image(json!({"action-type": "PUSH", "result": "SUCCESS", "repository-name": "web"})),
            "without a tag",
        ),
        (call(json!({"eventName": "GetObject"})), "GetObject writes no object"),
        (
            call(json!({"eventName": "PutObject", "errorCode": "AccessDenied"})),
            "failed with AccessDenied",
        ),
        (object(json!({"key": "k".repeat(5_000)})), "longer than any that can exist"),
        (event("aws.s3", "Object Deleted", json!({})), "\"Object Deleted\" of aws.s3"),
        // Who is not the service itself cannot speak for it.
        (
            event("towpath.test", "Object Created", json!({"bucket": {"name": "code"}})),
            "\"Object Created\" of towpath.test",
        ),
    ] {
        assert!(passed(&event).contains(reason), "{event}: {}", passed(&event));
    }
}

#[test]
fn what_is_not_what_it_says_is_malformed_with_the_reason() {
    for (event, reason) in [
        (json!(null), "neither an event"),
        (json!([1]), "neither an event"),
        (json!({"detail-type": 7, "id": "1", "source": "aws.s3"}), "detail-type is missing"),
        (json!({"detail-type": "Object Created", "source": "aws.s3"}), "id is missing"),
        (object(json!({"size": 5})), "object.key is missing"),
        (push(json!({})), "event is missing"),
        (image(json!("PUSH")), "action-type is missing"),
        (event("aws.codebuild", "CodeBuild Build State Change", json!(null)), "build-status"),
    ] {
        assert!(malformed(&event).contains(reason), "{event}: {}", malformed(&event));
    }
    let Err(Nothing::Malformed(reason)) = read(b"{\"detail-type\":") else {
        panic!("half an event is not JSON")
    };
    assert!(reason.contains("no JSON"), "{reason}");
    assert!(matches!(read("[".repeat(100_000).as_bytes()), Err(Nothing::Malformed(_))));
}

#[test]
fn an_action_is_found_by_the_key_of_its_events() {
    let key = |provider: &str, settings: &[(&str, &str)]| {
        let type_id = ActionTypeId {
            category: ActionCategory::Source,
            owner: ActionOwner::Aws,
            provider: provider.to_owned(),
            version: "1".to_owned(),
        };
        let settings: BTreeMap<_, _> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        SourceKey::of_action(&type_id, &settings)
    };
    let web = ("RepositoryName", "team/web");
    for (provider, settings, expected) in [
        ("CodeCommit", &[web, ("BranchName", "main")][..], Some("codecommit/team%2Fweb/main")),
        ("CodeCommit", &[web], None),
        ("ECR", &[web], Some("ecr/team%2Fweb/latest")),
        ("ECR", &[web, ("ImageTag", "v1")], Some("ecr/team%2Fweb/v1")),
        (
            "S3",
            &[("S3Bucket", "code"), ("S3ObjectKey", "a/b"), ("PollForSourceChanges", "false")],
            Some("s3/code/a/b"),
        ),
        ("GitHub", &[("Owner", "o"), ("Repo", "r"), ("Branch", "main")], None),
        ("CodeStarSourceConnection", &[("FullRepositoryId", "o/r"), ("BranchName", "main")], None),
    ] {
        let found = key(provider, settings);
        assert_eq!(found.as_ref().map(SourceKey::as_str), expected, "{provider} {settings:?}");
    }
    let custom = ActionTypeId {
        category: ActionCategory::Source,
        owner: ActionOwner::Custom,
        provider: "S3".to_owned(),
        version: "1".to_owned(),
    };
    let settings = [("S3Bucket", "code"), ("S3ObjectKey", "a")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(SourceKey::of_action(&custom, &settings), None, "somebody's own type of that name");
}

#[test]
fn an_ended_work_is_a_hint_at_the_ids_it_may_be_known_by() {
    let arn = "arn:aws:codebuild:us-west-2:123456789012:build/web:8745a7a9";
    let status = |status: &str| json!({"status": status});
    for (source, detail_type, detail, expected) in [
        (
            "aws.codebuild",
            "CodeBuild Build State Change",
            json!({"build-status": "FAILED", "build-id": arn}),
            vec!["CodeBuild", "web:8745a7a9", arn],
        ),
        (
            "aws.codedeploy",
            "CodeDeploy Deployment State-change Notification",
            json!({"state": "SUCCESS", "deploymentId": "d-3DIR0PWC2"}),
            vec!["CodeDeploy", "d-3DIR0PWC2"],
        ),
        (
            "aws.cloudformation",
            "CloudFormation Stack Status Change",
            json!({
                "stack-id": "arn:stack", "client-request-token": "token",
                "status-details": status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
            }),
            vec!["CloudFormation", "arn:stack", "token"],
        ),
        (
            "aws.cloudformation",
            "CloudFormation StackSet Operation Status Change",
            json!({"stack-set-operation-id": "op", "status-details": status("STOPPED")}),
            vec!["CloudFormationStackSet", "op"],
        ),
        (
            "aws.states",
            "Step Functions Execution Status Change",
            json!({"executionArn": "arn:execution", "status": "TIMED_OUT"}),
            vec!["StepFunctions", "arn:execution"],
        ),
        (
            "aws.ecs",
            "ECS Deployment State Change",
            json!({"eventName": "SERVICE_DEPLOYMENT_FAILED", "deploymentId": "ecs-svc/123"}),
            vec!["ECS", "ecs-svc/123"],
        ),
        (
            "aws.elasticbeanstalk",
            "Elastic Beanstalk resource status change",
            json!({"Status": "Environment update failed", "EnvironmentName": "web-prod"}),
            vec!["ElasticBeanstalk", "web-prod"],
        ),
        (
            "aws.ssm",
            "EC2 Command Invocation Status-change Notification",
            json!({"command-id": "e8d3c0e4", "instance-id": "i-1", "status": "Success"}),
            vec!["EC2", "e8d3c0e4"],
        ),
        (
            "aws.cloudwatch",
            "CloudWatch Alarm State Change",
            json!({"alarmName": "errors", "state": {"value": "ALARM"}}),
            vec!["CloudWatchAlarm", "errors", "arn:aws:codecommit:ca-central-1:111122223333:web"],
        ),
    ] {
        let event = event(source, detail_type, detail);
        let Ok(Arrival::Completion(hint)) = read_value(&event) else {
            panic!("{event} is read as {:?}", read_value(&event))
        };
        let found: Vec<_> =
            [hint.provider].into_iter().chain(hint.ids.iter().map(String::as_str)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn work_that_still_goes_on_is_not_asked_after() {
    for (source, detail_type, detail) in [
        ("aws.codebuild", "CodeBuild Build State Change", json!({"build-status": "IN_PROGRESS"})),
        (
            "aws.codedeploy",
            "CodeDeploy Deployment State-change Notification",
            json!({"state": "START"}),
        ),
        (
            "aws.cloudformation",
            "CloudFormation Stack Status Change",
            json!({"status-details": {"status": "UPDATE_ROLLBACK_IN_PROGRESS"}}),
        ),
        ("aws.states", "Step Functions Execution Status Change", json!({"status": "RUNNING"})),
        (
            "aws.ecs",
            "ECS Deployment State Change",
            json!({"eventName": "SERVICE_DEPLOYMENT_IN_PROGRESS"}),
        ),
        (
            "aws.elasticbeanstalk",
            "Elastic Beanstalk resource status change",
            json!({"Status": "Environment update is starting"}),
        ),
        ("aws.ssm", "EC2 Command Status-change Notification", json!({"status": "InProgress"})),
    ] {
        let event = event(source, detail_type, detail);
        assert!(passed(&event).contains("ends nothing"), "{event}");
    }
}

#[test]
fn a_start_is_read_as_an_input_transformer_words_it() {
    let start = json!({
        "name": "web",
        "sourceRevisions": [
            {"actionName": "Code", "revisionType": "COMMIT_ID", "revisionValue": "7f0103f"},
        ],
        "variables": [{"name": "env", "value": ""}],
        "clientRequestToken": "release-7",
        "id": "17793124",
    });
    let Ok(Arrival::Start(read)) = read_value(&start) else { panic!("it is a start") };
    assert_eq!(read.pipeline.as_str(), "web");
    assert_eq!(read.revisions[0].action.as_str(), "Code");
    assert_eq!(
        (read.revisions[0].kind.as_str(), &*read.revisions[0].value),
        ("COMMIT_ID", "7f0103f")
    );
    assert_eq!(read.variables, BTreeMap::from([("env".to_owned(), String::new())]));
    assert_eq!(
        (read.token.as_deref(), read.event_id.as_deref()),
        (Some("release-7"), Some("17793124"))
    );

    let Ok(Arrival::Start(bare)) = read_value(&json!({"pipelineName": "web"})) else {
        panic!("it is a start")
    };
    assert!(bare.revisions.is_empty() && bare.variables.is_empty() && bare.token.is_none());

    for (member, value, reason) in [
        ("name", json!(7), "pipelineName is missing"),
        ("name", json!("team/web"), "team/web cannot be the name of a pipeline"),
        ("sourceRevision", json!([]), "a start has no member sourceRevision; it has name,"),
        ("sourceRevisions", json!({}), "sourceRevisions is no list"),
        ("sourceRevisions", json!([{"actionName": "Code"}]), "revisionType is missing"),
        ("variables", json!([{"name": "env", "value": 7}]), "env is no text"),
        (
            "variables",
            json!([{"name": "env", "value": "a"}, {"name": "env", "value": "b"}]),
            "env is given twice",
        ),
        ("clientRequestToken", json!("a/b"), "clientRequestToken must be"),
        ("clientRequestToken", json!(""), "clientRequestToken must be"),
        ("clientRequestToken", json!("x".repeat(129)), "clientRequestToken must be"),
    ] {
        let mut start = start.clone();
        start[member] = value;
        let found = malformed(&start);
        assert!(found.contains(reason), "{start}: {found}");
    }
}

/// Every event of the corpus is read. Which ones say something, and why the others do not, is printed.
#[test]
fn events_as_services_document_them_are_read() {
    let Some(directory) = corpus("events") else { return };
    let mut lines = Vec::new();
    for path in files(&directory) {
        let Some(event) = read_json(&path) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let line = match read_value(&event) {
            Ok(Arrival::Change(_)) => format!("change {}", change(&event)),
            Ok(Arrival::Completion(hint)) => format!("ended {} {:?}", hint.provider, hint.ids),
            Ok(Arrival::Start(start)) => format!("start {}", start.pipeline),
            Ok(Arrival::Webhook(asked)) => format!("webhook {}", asked.webhook),
            Err(nothing) => format!("nothing: {nothing}"),
        };
        println!("{name}: {line}");
        if event["detail-type"].is_string() {
            // Half of a sample is a sample of nothing; the whole ones are never malformed.
            assert!(!matches!(read_value(&event), Err(Nothing::Malformed(_))), "{name}: {line}");
        }
        lines.push(line);
    }
    for expected in [
        "change codecommit/MyDemoRepo/myBranch COMMIT_ID 7f0103fMERGE",
        "change s3/eb-s3-test-sourcebucket-123456789012/small-test-file.txt -",
        "change s3/username-sfn-tutorial/test.png -",
        "ended ECS [\"ecs-svc/123\"]",
        "nothing: nobody here waits for events \"Object Deleted\" of aws.s3",
        "nothing: CreateBucket writes no object",
        "nothing: RUNNING ends nothing",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected}");
    }
    let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert!(count("change ecr/") > 0 && count("ended CodeBuild") > 0 && count("ended Step") > 0);
    assert_eq!(count("start "), 0, "no event of a service is a start");
}

/// Whatever is taken out of an event or put into it, it is read into something or nothing.
#[test]
fn no_message_makes_the_reader_fail() {
    let whole = [
        push(json!({
            "event": "referenceUpdated", "repositoryName": "web", "referenceType": "branch",
            "referenceName": "main", "commitId": "7f0103f",
        })),
        object(json!({"key": "site.zip", "version-id": "v"})),
        json!({"name": "web", "sourceRevisions": [{}], "variables": [[]], "clientRequestToken": 1}),
    ];
    for event in whole {
        for path in paths(&event) {
            let other = [
                json!(null),
                json!(-1.5),
                json!("\u{0}\u{202e}"),
                json!([[]]),
                json!({"name": {}}),
            ];
            for value in other {
                let mut event = event.clone();
                if let Some(member) = event.pointer_mut(&path) {
                    *member = value;
                }
                let _ = read_value(&event);
            }
        }
        let text = event.to_string();
        for end in 0..text.len() {
            let _ = read(&text.as_bytes()[..end]);
            let mut bytes = text.clone().into_bytes();
            bytes[end] ^= 0x55;
            let _ = read(&bytes);
        }
    }
}

fn paths(value: &Value) -> Vec<String> {
    let mut paths = vec![String::new()];
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![],
    };
    for (name, value) in members {
        paths.extend(self::paths(value).into_iter().map(|path| format!("/{name}{path}")));
    }
    paths
}

/// E5: with the marks off a detail is AWS's; with them on it has one member more, and still reads as AWS's.
#[test]
fn marks_are_one_member_that_readers_of_awss_events_pass_over() {
    for event in scenarios::every_event() {
        let plain: Value = serde_json::from_str(&event.detail_json()).expect("it is JSON");
        let mut marked: Value =
            serde_json::from_str(&event.marked_detail_json()).expect("it is JSON");
        let marks = marked.as_object_mut().and_then(|members| members.remove("x-oss"));
        assert_eq!(marked, plain);
        let Event { sequence, number, .. } = event;
        let id = event.id().to_string();
        assert_eq!(marks, Some(json!({"sequence": sequence, "number": number, "id": id})));
        assert!(
            event.marked_detail_json().len() < event.to_json_line().len(),
            "it still fits (E6)"
        );
    }
}
