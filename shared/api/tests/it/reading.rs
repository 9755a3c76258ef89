//! What people read: pipelines, their stages, executions and actions, as clients see them.

mod refusals;

use protocol::{Operation, check_answer};
use serde_json::{Value, json};

use crate::executions::work;
use crate::world::{World, pipeline};

/// A secret that must appear in no answer.
const CANARY: &str = "canary-7";

/// The pipeline of the world without artifacts, with a secret, a reference and a namespace in it.
fn declared(name: &str, mode: &str) -> Value {
    let mut declared = pipeline(name);
    declared["pipelineType"] = json!("V2");
    declared["executionMode"] = json!(mode);
    for stage in declared["stages"].as_array_mut().unwrap() {
        for action in stage["actions"].as_array_mut().unwrap() {
            action.as_object_mut().unwrap().retain(|name, _| !name.ends_with("Artifacts"));
        }
    }
    declared["stages"][2]["actions"][0]["configuration"] =
        json!({"Project": "#{codepipeline.PipelineExecutionId}", "Password": CANARY});
    declared["stages"][2]["actions"][0]["namespace"] = json!("Made");
    declared
}

async fn world_with(name: &str, mode: &str) -> World {
    let world = World::new().await;
    for (category, provider, properties) in [
        ("Source", "Carrier", json!([])),
        (
            "Build",
            "Maker",
            json!([
                {"name": "Project", "required": true, "key": true, "secret": false},
                {"name": "Password", "required": false, "key": false, "secret": true},
            ]),
        ),
    ] {
        let counts = json!({"minimumCount": 0, "maximumCount": 1});
        let links = json!({
            "entityUrlTemplate": "https://ci.example.com/things",
            "executionUrlTemplate": "https://ci.example.com/{ExternalExecutionId}",
        });
        world
            .ok(
                "CreateCustomActionType",
                json!({
                    "category": category, "provider": provider, "version": "1", "settings": links,
                    "configurationProperties": properties,
                    "inputArtifactDetails": counts, "outputArtifactDetails": counts,
                }),
            )
            .await;
    }
    world.ok("CreatePipeline", json!({"pipeline": declared(name, mode)})).await;
    world
}

/// Asks, and holds the answer against the operation's shape and against the secret.
async fn read(world: &World, operation: &'static str, request: Value) -> Value {
    let answer = world.ok(operation, request).await;
    check_answer(Operation::parse(operation).unwrap(), &answer).unwrap();
    assert!(!answer.to_string().contains(CANARY), "{operation} shows a secret: {answer}");
    answer
}

async fn state(world: &World, name: &str) -> Value {
    read(world, "GetPipelineState", json!({"name": name})).await
}

fn stage<'a>(state: &'a Value, name: &str) -> &'a Value {
    let stages = state["stageStates"].as_array().unwrap();
    stages.iter().find(|stage| stage["stageName"] == name).unwrap()
}

/// Waits until the approval of a pipeline in SUPERSEDED mode is open, and returns its token.
async fn open_token(world: &World, name: &str) -> String {
    world
        .until(async |world: &World| {
            let state = state(world, name).await;
            let action = &stage(&state, "Approve")["actionStates"][0];
            action["latestExecution"]["token"].as_str().map(str::to_owned)
        })
        .await
}

async fn answered(world: &World, name: &str, status: &str) {
    let token = open_token(world, name).await;
    world
        .ok(
            "PutApprovalResult",
            json!({
                "pipelineName": name, "stageName": "Approve", "actionName": "Release",
                "result": {"summary": "looked at it", "status": status}, "token": token,
            }),
        )
        .await;
}

#[tokio::test]
async fn the_state_tells_of_every_stage_and_of_the_open_approval_and_who_answered_it() {
    // §3.3, R79, R80.
    let world = world_with("web", "SUPERSEDED").await;
    let new = state(&world, "web").await;
    let names: Vec<_> =
        new["stageStates"].as_array().unwrap().iter().map(|it| it["stageName"].clone()).collect();
    assert_eq!(names, ["Source", "Approve", "Build"]);
    assert_eq!(new["pipelineVersion"], 1);
    for stage in new["stageStates"].as_array().unwrap() {
        assert_eq!(stage["inboundTransitionState"], json!({"enabled": true}));
    }
    assert!(stage(&new, "Build").get("latestExecution").is_none());
    work(&world, "Source", "Carrier", true).await;
    answered(&world, "web", "Rejected").await;
    let after = state(&world, "web").await;
    let source = &stage(&after, "Source")["actionStates"][0];
    assert_eq!(source["currentRevision"]["revisionId"], "r1");
    assert_eq!(source["entityUrl"], "https://ci.example.com/things");
    let approve = stage(&after, "Approve");
    assert_eq!(approve["latestExecution"]["status"], "Failed");
    let latest = &approve["actionStates"][0]["latestExecution"];
    assert_eq!(latest["summary"], "looked at it");
    assert!(latest["lastUpdatedBy"].as_str().unwrap().starts_with("arn:aws:"));
    assert!(latest.get("token").is_none(), "an answered approval has no token");
}

#[tokio::test]
async fn a_transition_is_shown_with_its_reason_and_with_who_opened_it_again() {
    let world = world_with("web", "SUPERSEDED").await;
    let way = json!({"pipelineName": "web", "stageName": "Build", "transitionType": "Inbound"});
    let mut closing = way.clone();
    closing["reason"] = json!("a leak");
    world.ok("DisableStageTransition", closing).await;
    let closed = state(&world, "web").await;
    let transition = &stage(&closed, "Build")["inboundTransitionState"];
    assert_eq!(
        (&transition["enabled"], &transition["disabledReason"]),
        (&json!(false), &json!("a leak"))
    );
    assert!(transition["lastChangedBy"].is_string() && transition["lastChangedAt"].is_f64());
    world.ok("EnableStageTransition", way).await;
    let open = state(&world, "web").await;
    let transition = &stage(&open, "Build")["inboundTransitionState"];
    assert_eq!(transition["enabled"], true);
    assert!(transition["lastChangedBy"].is_string() && transition.get("disabledReason").is_none());
}

#[tokio::test]
async fn an_execution_and_its_actions_are_told_with_secrets_masked_and_references_resolved() {
    // VAR8.
    let world = world_with("web", "SUPERSEDED").await;
    work(&world, "Source", "Carrier", true).await;
    answered(&world, "web", "Approved").await;
    work(&world, "Build", "Maker", true).await;
    let listed = read(&world, "ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let summary = &listed["pipelineExecutionSummaries"][0];
    let id = summary["pipelineExecutionId"].clone();
    assert_eq!(
        (&summary["status"], &summary["executionType"]),
        (&json!("Succeeded"), &json!("STANDARD"))
    );
    assert_eq!(summary["executionMode"], "SUPERSEDED");
    assert_eq!(summary["trigger"]["triggerType"], "CreatePipeline");
    assert_eq!(summary["sourceRevisions"][0]["actionName"], "Bring");
    assert_eq!(summary["sourceRevisions"][0]["revisionId"], "r1");
    assert!(listed.get("nextToken").is_none());

    let one = json!({"pipelineName": "web", "pipelineExecutionId": id});
    let told = read(&world, "GetPipelineExecution", one).await;
    let told = &told["pipelineExecution"];
    assert_eq!((&told["status"], &told["pipelineVersion"]), (&json!("Succeeded"), &json!(1)));
    assert_eq!(told["variables"], json!([]));

    let asked = json!({"pipelineName": "web", "filter": {"pipelineExecutionId": id}});
    let actions = read(&world, "ListActionExecutions", asked).await;
    let actions = actions["actionExecutionDetails"].as_array().unwrap();
    let names: Vec<_> = actions.iter().map(|action| action["actionName"].clone()).collect();
    assert_eq!(names, ["Make", "Release", "Bring"], "newest first");
    let make = &actions[0];
    assert_eq!(make["status"], "Succeeded");
    let input = &make["input"];
    assert_eq!(input["configuration"]["Project"], "#{codepipeline.PipelineExecutionId}");
    assert_eq!(input["resolvedConfiguration"]["Project"], id);
    assert_eq!(input["configuration"]["Password"], "****");
    assert_eq!(input["resolvedConfiguration"]["Password"], "****");
    assert_eq!((&input["namespace"], &input["region"]), (&json!("Made"), &json!("us-east-1")));
    assert_eq!(input["actionTypeId"]["owner"], "Custom");
    assert!(actions[1]["updatedBy"].is_string(), "who answered");
    assert_eq!(actions[1]["output"]["executionResult"]["externalExecutionSummary"], "looked at it");
}

#[tokio::test]
async fn a_failed_action_says_why_and_each_attempt_of_a_retry_is_told() {
    let world = world_with("web", "SUPERSEDED").await;
    work(&world, "Source", "Carrier", false).await;
    let listed = read(&world, "ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let summary = &listed["pipelineExecutionSummaries"][0];
    let id = summary["pipelineExecutionId"].clone();
    assert!(summary["statusSummary"].as_str().unwrap().contains("the boat is leaking"));
    world
        .ok(
            "RetryStageExecution",
            json!({
                "pipelineName": "web", "stageName": "Source", "pipelineExecutionId": id,
                "retryMode": "FAILED_ACTIONS",
            }),
        )
        .await;
    work(&world, "Source", "Carrier", true).await;
    let shown = state(&world, "web").await;
    let metadata = &stage(&shown, "Source")["retryStageMetadata"];
    let expected = json!({"manualStageRetryAttempt": 1, "latestRetryTrigger": "ManualStageRetry"});
    assert_eq!(*metadata, expected);
    let count = async |filter: Value| {
        let asked = json!({"pipelineName": "web", "filter": filter});
        let listed = read(&world, "ListActionExecutions", asked).await;
        let details = listed["actionExecutionDetails"].as_array().unwrap().clone();
        let of_source = details.into_iter().filter(|it| it["actionName"] == "Bring");
        of_source.map(|it| it["status"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(count(json!({"pipelineExecutionId": id})).await, ["Succeeded", "Failed"]);
    let latest = |range: &str| json!({"latestInPipelineExecution": {"pipelineExecutionId": id, "startTimeRange": range}});
    assert_eq!(count(latest("Latest")).await, ["Succeeded"]);
    assert_eq!(count(latest("All")).await, ["Succeeded", "Failed"]);
    let failed = read(&world, "ListActionExecutions", json!({"pipelineName": "web"})).await;
    let details = failed["actionExecutionDetails"].as_array().unwrap();
    let failed = details.iter().find(|it| it["status"] == "Failed").unwrap();
    let why = &failed["output"]["executionResult"]["errorDetails"];
    assert_eq!(*why, json!({"code": "JobFailed", "message": "the boat is leaking"}));
}

#[tokio::test]
async fn former_versions_of_a_declaration_can_be_read_and_missing_ones_are_named() {
    let world = world_with("web", "SUPERSEDED").await;
    let mut second = declared("web", "QUEUED");
    second["stages"][1]["name"] = json!("Ask");
    world.ok("UpdatePipeline", json!({"pipeline": second})).await;
    let newest = read(&world, "GetPipeline", json!({"name": "web"})).await;
    assert_eq!(newest["pipeline"]["version"], 2);
    assert_eq!(newest["pipeline"]["executionMode"], "QUEUED");
    assert_eq!(newest["pipeline"]["stages"][2]["actions"][0]["configuration"]["Password"], "****");
    let first = read(&world, "GetPipeline", json!({"name": "web", "version": 1})).await;
    assert_eq!(first["pipeline"]["version"], 1);
    assert_eq!(first["pipeline"]["stages"][1]["name"], "Approve");
    assert_eq!(first["metadata"]["pipelineArn"], "arn:aws:codepipeline:us-east-1:000000000000:web");
    assert!(newest["metadata"]["updated"].as_f64() > first["metadata"]["updated"].as_f64());
    assert_eq!(newest["metadata"]["created"], first["metadata"]["created"]);
    let (code, message) = world.fault("GetPipeline", json!({"name": "web", "version": 3})).await;
    assert_eq!(code, "PipelineVersionNotFoundException");
    assert!(message.contains('3') && message.contains('2'), "{message}");
    assert_eq!(
        world.fault("GetPipeline", json!({"name": "shop"})).await.0,
        "PipelineNotFoundException"
    );
    // A pipeline of the same name that is created later has its own versions (R90).
    world.ok("DeletePipeline", json!({"name": "web"})).await;
    world.ok("CreatePipeline", json!({"pipeline": declared("web", "SUPERSEDED")})).await;
    let (code, _) = world.fault("GetPipeline", json!({"name": "web", "version": 2})).await;
    assert_eq!(code, "PipelineVersionNotFoundException");
    let listed = read(&world, "ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    assert_eq!(listed["pipelineExecutionSummaries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pipelines_are_listed_by_name_and_in_pages() {
    let world = world_with("b", "SUPERSEDED").await;
    for name in ["d", "a", "c", "B"] {
        world.ok("CreatePipeline", json!({"pipeline": declared(name, "QUEUED")})).await;
    }
    let all = read(&world, "ListPipelines", json!({})).await;
    let names = |page: &Value| -> Vec<String> {
        let pipelines = page["pipelines"].as_array().unwrap();
        pipelines.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&all), ["B", "a", "b", "c", "d"]);
    let first = &all["pipelines"][0];
    assert_eq!((&first["version"], &first["executionMode"]), (&json!(1), &json!("QUEUED")));
    assert!(first["created"].is_number() && first["updated"].is_number());
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let page =
            read(&world, "ListPipelines", json!({"maxResults": 2, "nextToken": token})).await;
        seen.extend(names(&page));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, names(&all));
}

#[tokio::test]
async fn a_parallel_pipeline_shows_no_stages_and_its_tokens_in_the_list_of_actions() {
    // R26, R29.
    let world = world_with("web", "PARALLEL").await;
    work(&world, "Source", "Carrier", true).await;
    let shown = state(&world, "web").await;
    assert_eq!(shown["stageStates"], json!([]));
    let token = world
        .until(async |world: &World| {
            let asked = json!({"pipelineName": "web"});
            let listed = read(world, "ListActionExecutions", asked).await;
            let details = listed["actionExecutionDetails"].as_array().unwrap().clone();
            let open = details.into_iter().find(|it| it["actionName"] == "Release")?;
            let token = &open["output"]["executionResult"]["externalExecutionId"];
            token.as_str().map(str::to_owned)
        })
        .await;
    let answer = json!({
        "pipelineName": "web", "stageName": "Approve", "actionName": "Release",
        "result": {"summary": "yes", "status": "Approved"}, "token": token,
    });
    world.ok("PutApprovalResult", answer).await;
    work(&world, "Build", "Maker", true).await;
    let listed = read(&world, "ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let summary = &listed["pipelineExecutionSummaries"][0];
    assert_eq!(
        (&summary["status"], &summary["executionMode"]),
        (&json!("Succeeded"), &json!("PARALLEL"))
    );
}
