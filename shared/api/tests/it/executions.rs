//! Starting, stopping, retrying, approving, and the ways between stages.

use serde_json::{Value, json};

use crate::world::{World, pipeline};

/// Brings the source of whatever waits for it, as the worker of the type `Carrier` does.
pub(crate) async fn bring(world: &World) {
    work(world, "Source", "Carrier", true).await;
}

/// Does the next job of a type.
pub(crate) async fn work(world: &World, category: &str, provider: &str, is_success: bool) {
    let asked = json!({
        "actionTypeId": {
            "category": category, "owner": "Custom", "provider": provider, "version": "1",
        },
        "maxBatchSize": 1,
    });
    let job = world
        .until(async |world: &World| {
            let polled = world.ok("PollForJobs", asked.clone()).await;
            polled["jobs"].as_array()?.first().cloned()
        })
        .await;
    let id = job["id"].clone();
    let nonce = job["nonce"].clone();
    world.ok("AcknowledgeJob", json!({"jobId": id, "nonce": nonce})).await;
    if is_success {
        world
            .ok(
                "PutJobSuccessResult",
                json!({
                    "jobId": id,
                    "currentRevision": {"revision": "r1", "changeIdentifier": "c1"},
                }),
            )
            .await;
    } else {
        let details = json!({"type": "JobFailed", "message": "the boat is leaking"});
        world.ok("PutJobFailureResult", json!({"jobId": id, "failureDetails": details})).await;
    }
}

async fn state(world: &World) -> Value {
    world.ok("GetPipelineState", json!({"name": "web"})).await
}

fn stage<'a>(state: &'a Value, name: &str) -> &'a Value {
    let stages = state["stageStates"].as_array().unwrap();
    stages.iter().find(|stage| stage["stageName"] == name).unwrap()
}

/// Waits until the approval is open, and returns its token.
async fn token(world: &World) -> String {
    world
        .until(async |world: &World| {
            let state = state(world).await;
            let action = &stage(&state, "Approve")["actionStates"][0];
            action["latestExecution"]["token"].as_str().map(str::to_owned)
        })
        .await
}

fn answer(token: &str, status: &str) -> Value {
    json!({
        "pipelineName": "web", "stageName": "Approve", "actionName": "Release",
        "result": {"summary": "seen", "status": status}, "token": token,
    })
}

/// The source declares an output artifact, which a worker has to store (J12); these tests have no
/// bytes to store, so their source makes none.
fn without_artifacts(name: &str) -> Value {
    let mut pipeline = pipeline(name);
    for stage in pipeline["stages"].as_array_mut().unwrap() {
        for action in stage["actions"].as_array_mut().unwrap() {
            action.as_object_mut().unwrap().retain(|name, _| !name.ends_with("Artifacts"));
        }
    }
    pipeline
}

async fn running() -> World {
    let world = World::new().await;
    for (category, provider) in [("Source", "Carrier"), ("Build", "Maker")] {
        let none = json!({"minimumCount": 0, "maximumCount": 1});
        world
            .ok(
                "CreateCustomActionType",
                json!({
                    "category": category, "provider": provider, "version": "1",
                    "inputArtifactDetails": none, "outputArtifactDetails": none,
                }),
            )
            .await;
    }
    world.ok("CreatePipeline", json!({"pipeline": without_artifacts("web")})).await;
    world
}

#[tokio::test]
async fn an_execution_travels_from_source_to_build_and_is_seen_on_its_way() {
    let world = running().await;
    bring(&world).await;
    let open = token(&world).await;
    world.ok("PutApprovalResult", answer(&open, "Approved")).await;
    work(&world, "Build", "Maker", true).await;
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    assert_eq!(listed["pipelineExecutionSummaries"][0]["status"], "Succeeded");
    let state = state(&world).await;
    for name in ["Source", "Approve", "Build"] {
        assert_eq!(stage(&state, name)["latestExecution"]["status"], "Succeeded", "{name}");
    }
}

#[tokio::test]
async fn a_token_starts_one_execution_however_often_it_is_used() {
    let world = running().await;
    let asked = json!({"name": "web", "clientRequestToken": "once"});
    let one = world.ok("StartPipelineExecution", asked.clone()).await;
    let again = world.ok("StartPipelineExecution", asked).await;
    assert_eq!(one, again);
    let (code, _) = world
        .fault("StartPipelineExecution", json!({
            "name": "web", "clientRequestToken": "once",
            "sourceRevisions": [{"actionName": "Bring", "revisionType": "COMMIT_ID", "revisionValue": "x"}],
        }))
        .await;
    assert_eq!(code, "ConflictException");
}

#[tokio::test]
async fn a_start_of_an_unknown_pipeline_or_with_an_unknown_variable_says_so() {
    let world = running().await;
    let (code, _) = world.fault("StartPipelineExecution", json!({"name": "api"})).await;
    assert_eq!(code, "PipelineNotFoundException");
    let variables = json!([{"name": "depth", "value": "2"}]);
    let (code, message) =
        world.fault("StartPipelineExecution", json!({"name": "web", "variables": variables})).await;
    assert_eq!(code, "ValidationException");
    assert!(message.contains("depth"), "{message}");
}

#[tokio::test]
async fn an_approval_takes_its_own_token_once() {
    let world = running().await;
    bring(&world).await;
    let open = token(&world).await;
    let stranger = "00000000-0000-0000-0000-000000000000";
    let (code, _) = world.fault("PutApprovalResult", answer(stranger, "Approved")).await;
    assert_eq!(code, "InvalidApprovalTokenException");
    let answered = world.ok("PutApprovalResult", answer(&open, "Rejected")).await;
    assert!(answered["approvedAt"].as_f64().unwrap() > 1_700_000_000.0);
    let (code, _) = world.fault("PutApprovalResult", answer(&open, "Approved")).await;
    assert_eq!(code, "ApprovalAlreadyCompletedException");
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    assert_eq!(listed["pipelineExecutionSummaries"][0]["status"], "Failed");
}

#[tokio::test]
async fn a_disabled_transition_holds_and_an_enabled_one_lets_in() {
    let world = running().await;
    let way = |kind: &str, stage: &str| json!({"pipelineName": "web", "stageName": stage, "transitionType": kind, "reason": "ice"});
    world.ok("DisableStageTransition", way("Outbound", "Source")).await;
    bring(&world).await;
    let waiting = world
        .until(async |world: &World| {
            let state = state(world).await;
            let inbound = &stage(&state, "Approve")["inboundExecution"];
            inbound["pipelineExecutionId"].is_string().then_some(state)
        })
        .await;
    let transition = &stage(&waiting, "Approve")["inboundTransitionState"];
    assert_eq!(transition["enabled"], false);
    assert_eq!(transition["disabledReason"], "ice");
    world.ok("EnableStageTransition", way("Inbound", "Approve")).await;
    token(&world).await;
    let (code, _) = world.fault("DisableStageTransition", way("Outbound", "Build")).await;
    assert_eq!(code, "ValidationException");
    let (code, _) = world.fault("DisableStageTransition", way("Inbound", "Beta")).await;
    assert_eq!(code, "StageNotFoundException");
}

#[tokio::test]
async fn a_failed_stage_is_retried_and_a_running_one_is_not() {
    let world = running().await;
    bring(&world).await;
    let open = token(&world).await;
    world.ok("PutApprovalResult", answer(&open, "Approved")).await;
    work(&world, "Build", "Maker", false).await;
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let summary = &listed["pipelineExecutionSummaries"][0];
    assert_eq!(summary["status"], "Failed");
    let retry = json!({
        "pipelineName": "web", "stageName": "Build", "retryMode": "FAILED_ACTIONS",
        "pipelineExecutionId": summary["pipelineExecutionId"],
    });
    let retried = world.ok("RetryStageExecution", retry.clone()).await;
    assert_eq!(retried["pipelineExecutionId"], summary["pipelineExecutionId"]);
    let (code, _) = world.fault("RetryStageExecution", retry).await;
    assert_eq!(code, "ConflictException");
    work(&world, "Build", "Maker", true).await;
}

#[tokio::test]
async fn a_stop_is_asked_for_once_and_only_of_what_runs() {
    let world = running().await;
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let id = listed["pipelineExecutionSummaries"][0]["pipelineExecutionId"].clone();
    let stop = |abandon: bool| {
        json!({
            "pipelineName": "web", "pipelineExecutionId": id, "abandon": abandon, "reason": "fog",
        })
    };
    world.ok("StopPipelineExecution", stop(false)).await;
    let (code, _) = world.fault("StopPipelineExecution", stop(false)).await;
    assert_eq!(code, "DuplicatedStopRequestException");
    world.ok("StopPipelineExecution", stop(true)).await;
    let (code, _) = world.fault("StopPipelineExecution", stop(true)).await;
    assert_eq!(code, "PipelineExecutionNotStoppableException");
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let summary = &listed["pipelineExecutionSummaries"][0];
    assert_eq!(summary["status"], "Stopped");
    assert_eq!(summary["stopTrigger"]["reason"], "fog");
}

#[tokio::test]
async fn a_revision_that_was_put_twice_starts_one_execution() {
    let world = running().await;
    let put = json!({
        "pipelineName": "web", "stageName": "Source", "actionName": "Bring",
        "actionRevision": {"revisionId": "r7", "revisionChangeId": "c7", "created": 1_750_000_000.5},
    });
    let one = world.ok("PutActionRevision", put.clone()).await;
    let again = world.ok("PutActionRevision", put.clone()).await;
    assert_eq!((&one["newRevision"], &again["newRevision"]), (&json!(true), &json!(false)));
    assert_eq!(one["pipelineExecutionId"], again["pipelineExecutionId"]);
    let mut elsewhere = put;
    elsewhere["stageName"] = json!("Build");
    elsewhere["actionName"] = json!("Make");
    let (code, _) = world.fault("PutActionRevision", elsewhere).await;
    assert_eq!(code, "ActionNotFoundException");
}

/// In PARALLEL mode every execution has a log of its own, and the token stands in the list (R29).
#[tokio::test]
async fn parallel_executions_are_approved_stopped_and_retried_by_their_ids() {
    let world = running().await;
    let mut declared = without_artifacts("par");
    declared["pipelineType"] = json!("V2");
    declared["executionMode"] = json!("PARALLEL");
    world.ok("CreatePipeline", json!({"pipeline": declared})).await;
    bring(&world).await;
    bring(&world).await;
    let id = world.ok("ListPipelineExecutions", json!({"pipelineName": "par"})).await
        ["pipelineExecutionSummaries"][0]["pipelineExecutionId"]
        .clone();
    let filter = json!({"pipelineExecutionId": id});
    let listing = json!({"pipelineName": "par", "filter": filter});
    let token = world
        .until(async |world: &World| {
            let listed = world.ok("ListActionExecutions", listing.clone()).await;
            let actions = listed["actionExecutionDetails"].as_array()?.clone();
            let open = actions.iter().find(|action| action["actionName"] == "Release")?;
            let token = &open["output"]["executionResult"]["externalExecutionId"];
            token.as_str().map(str::to_owned)
        })
        .await;
    let mut approval = answer(&token, "Approved");
    approval["pipelineName"] = json!("par");
    world.ok("PutApprovalResult", approval).await;
    work(&world, "Build", "Maker", false).await;
    let retry = json!({
        "pipelineName": "par", "stageName": "Build", "retryMode": "ALL_ACTIONS",
        "pipelineExecutionId": id,
    });
    world.ok("RetryStageExecution", retry).await;
    let stop = json!({"pipelineName": "par", "pipelineExecutionId": id, "abandon": true});
    world.ok("StopPipelineExecution", stop).await;
    let state = world.ok("GetPipelineState", json!({"name": "par"})).await;
    assert!(state["stageStates"].as_array().is_none_or(Vec::is_empty), "R26: {state}");
}

/// `security.md` §2: whoever started an execution is not the one who lets it through.
#[tokio::test]
async fn an_approver_does_not_approve_what_they_started() {
    let world = running().await;
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let first = listed["pipelineExecutionSummaries"][0]["pipelineExecutionId"].clone();
    let stop = json!({"pipelineName": "web", "pipelineExecutionId": first, "abandon": true});
    world.ok("StopPipelineExecution", stop).await;
    let ann = world.key_of("ann", &["Operator", "Approver"]);
    let bob = world.key("bob", "Approver");
    world.ask_as(&ann, "StartPipelineExecution", json!({"name": "web"})).await.unwrap();
    bring(&world).await;
    let open = token(&world).await;
    let refused = world.ask_as(&ann, "PutApprovalResult", answer(&open, "Approved")).await;
    let (code, message) = refused.unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("approve") && message.contains("web/Approve/Release"), "{message}");
    world.ask_as(&bob, "PutApprovalResult", answer(&open, "Approved")).await.unwrap();
}
