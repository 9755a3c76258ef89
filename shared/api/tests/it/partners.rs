//! Partners' action types and their workers (contract §6.2).

use runtime::jobs::{Registration, register};
use serde_json::{Value, json};

use crate::jobs::{feed, pipeline, with_types};
use crate::world::World;

const CLIENT: &str = "7d0e1a3c-5a1f-4d0b-9a57-2f6c7b1e9d10";
const TOKEN: &str = "token-of-the-customer";

fn id() -> Value {
    json!({"category": "Test", "owner": "ThirdParty", "provider": "LoadLab", "version": "1"})
}

fn form() -> Value {
    let up_to = |count: u32| json!({"minimumCount": 0, "maximumCount": count});
    json!({
        "id": id(),
        "executor": {"type": "JobWorker", "configuration": {"jobWorkerExecutorConfiguration": {}}},
        "inputArtifactDetails": up_to(1), "outputArtifactDetails": up_to(1),
        "properties": [
            {"name": "Plan", "optional": false, "key": true, "noEcho": false, "queryable": true},
            {"name": "Key", "optional": true, "key": false, "noEcho": true},
        ],
        "urls": {"executionUrlTemplate": "https://lab.example/{Config:Plan}/{ExternalExecutionId}"},
    })
}

fn file() -> Value {
    let mut file = form();
    file["clientId"] = json!(CLIENT);
    file["clientToken"] = json!(TOKEN);
    file
}

/// A world in which a job of the partner waits.
async fn testing() -> (World, Value) {
    let world = World::new().await;
    with_types(&world).await;
    let registration = Registration::parse(&file().to_string()).unwrap();
    register(&world.api.app, &registration).await.unwrap();
    let action = json!({
        "name": "Load", "actionTypeId": id(),
        "configuration": {"Plan": "rush hour", "Key": "canary-of-the-lab"},
    });
    let pipeline = pipeline("web", &[vec![action]]);
    world.ok("CreatePipeline", json!({"pipeline": pipeline})).await;
    feed(&world).await;
    let polled = world
        .until(async |world: &World| {
            let asked = json!({"actionTypeId": id(), "maxBatchSize": 5});
            let polled = world.ok("PollForThirdPartyJobs", asked).await;
            polled["jobs"].as_array()?.first().cloned()
        })
        .await;
    (world, polled)
}

#[tokio::test]
async fn a_partners_worker_finds_its_job_by_the_customers_id_and_token() {
    // J20, J21.
    let (world, polled) = testing().await;
    assert_eq!(polled["clientId"], CLIENT);
    assert_eq!(polled.as_object().unwrap().len(), 2, "an id and a client, nothing else: {polled}");
    let with = |more: Value| {
        let mut request = json!({"jobId": polled["jobId"], "clientToken": TOKEN});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let details = world.ok("GetThirdPartyJobDetails", with(json!({}))).await["jobDetails"].clone();
    let data = &details["data"];
    assert_eq!(data["actionConfiguration"]["configuration"]["Key"], "canary-of-the-lab");
    assert!(data["pipelineContext"].get("pipelineArn").is_none());
    assert!(data["pipelineContext"].get("pipelineExecutionId").is_none());

    // The token is asked for before the nonce.
    let nonce = &details["nonce"];
    for (token, nonce, code) in [
        ("wrong", json!("wrong"), "InvalidClientTokenException"),
        ("wrong", nonce.clone(), "InvalidClientTokenException"),
        (TOKEN, json!("wrong"), "InvalidNonceException"),
    ] {
        let request = json!({"jobId": polled["jobId"], "clientToken": token, "nonce": nonce});
        assert_eq!(world.fault("AcknowledgeThirdPartyJob", request).await.0, code);
    }
    let status = world.ok("AcknowledgeThirdPartyJob", with(json!({"nonce": nonce}))).await;
    assert_eq!(status["status"], "InProgress");

    let go_on = json!({"continuationToken": "t1", "executionDetails": {"percentComplete": 50}});
    world.ok("PutThirdPartyJobSuccessResult", with(go_on)).await;
    let over = world.fault("GetThirdPartyJobDetails", with(json!({}))).await;
    assert_eq!(over.0, "InvalidJobException");
}

#[tokio::test]
async fn a_partners_job_ends_and_tells_no_more() {
    let (world, polled) = testing().await;
    let id = &polled["jobId"];
    let details = world
        .ok("GetThirdPartyJobDetails", json!({"jobId": id, "clientToken": TOKEN}))
        .await["jobDetails"]
        .clone();
    let acknowledge = json!({"jobId": id, "clientToken": TOKEN, "nonce": details["nonce"]});
    world.ok("AcknowledgeThirdPartyJob", acknowledge).await;
    for token in ["", "wrong", &format!("{TOKEN} ")] {
        let failure = json!({"type": "JobFailed", "message": "m"});
        for (operation, request) in [
            ("GetThirdPartyJobDetails", json!({"jobId": id, "clientToken": token})),
            ("PutThirdPartyJobSuccessResult", json!({"jobId": id, "clientToken": token})),
            (
                "PutThirdPartyJobFailureResult",
                json!({"jobId": id, "clientToken": token, "failureDetails": failure}),
            ),
        ] {
            let (code, _) = world.fault(operation, request).await;
            let expected = if token.is_empty() {
                "ValidationException"
            } else {
                "InvalidClientTokenException"
            };
            assert_eq!(code, expected, "{operation}");
        }
    }
    // A partner's job is none of a custom worker's, and the other way round.
    let (code, _) = world.fault("PutJobSuccessResult", json!({"jobId": id})).await;
    assert_eq!(code, "JobNotFoundException");
    let success = json!({
        "jobId": id, "clientToken": TOKEN,
        "executionDetails": {"externalExecutionId": "9"},
    });
    world.ok("PutThirdPartyJobSuccessResult", success.clone()).await;
    let again = world.fault("PutThirdPartyJobSuccessResult", success).await;
    assert_eq!(again.0, "InvalidJobStateException");
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    assert_eq!(listed["pipelineExecutionSummaries"][0]["status"], "Succeeded");
    let nonsense = json!({"jobId": "no id", "clientToken": TOKEN});
    assert_eq!(world.fault("GetThirdPartyJobDetails", nonsense).await.0, "JobNotFoundException");
}

#[tokio::test]
async fn a_registered_type_is_shown_listed_and_changed_and_others_are_not_changed() {
    let (world, _) = testing().await;
    let shown = world.ok("GetActionType", id()).await;
    assert_eq!(shown["actionType"]["properties"].as_array().unwrap().len(), 2);
    assert!(!shown.to_string().contains(TOKEN) && !shown.to_string().contains(CLIENT));
    let listed = world.ok("ListActionTypes", json!({"actionOwnerFilter": "ThirdParty"})).await;
    assert!(listed["actionTypes"].as_array().unwrap().iter().any(|listed| listed["id"] == id()));

    let mut changed = form();
    changed["description"] = json!("Load tests");
    world.ok("UpdateActionType", json!({"actionType": changed})).await;
    world.ok("UpdateActionType", json!({"actionType": changed})).await;
    let shown = world.ok("GetActionType", id()).await;
    assert_eq!(shown["actionType"]["description"], "Load tests");

    changed["properties"][1]["optional"] = json!(false);
    let (code, message) =
        world.fault("UpdateActionType", json!({"actionType": changed.clone()})).await;
    assert_eq!(code, "RequestFailedException");
    assert!(message.contains("Key"), "{message}");
    changed["id"]["version"] = json!("2");
    let (code, _) = world.fault("UpdateActionType", json!({"actionType": changed.clone()})).await;
    assert_eq!(code, "ActionTypeNotFoundException");
    changed["id"] =
        json!({"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"});
    let (code, _) = world.fault("UpdateActionType", json!({"actionType": changed})).await;
    assert_eq!(code, "RequestFailedException");
}

#[test]
fn a_file_that_registers_nothing_says_which_member_is_wrong() {
    for (pointer, value, wanted) in [
        ("/clientId", json!("7D0E1A3C-5A1F-4D0B-9A57-2F6C7B1E9D10"), "clientId"),
        ("/clientId", json!(7), "clientId must be a text"),
        ("/clientToken", json!(""), "clientToken must have 1 to 256"),
        ("/id/owner", json!("AWS"), "id.owner"),
        (
            "/id",
            json!({"category": "Invoke", "owner": "ThirdParty", "provider": "Snyk", "version": "1"}),
            "ThirdParty/Invoke/Snyk/1",
        ),
        ("/id/category", json!("Testing"), "id.category"),
        ("/id/provider", json!("Load Lab"), "id.provider"),
        ("/id/version", json!("1234567890"), "id.version"),
        ("/executor/type", json!("Lambda"), "executor.type"),
        ("/executor/type", json!(null), "executor.type"),
        ("/inputArtifactDetails/maximumCount", json!(11), "inputArtifactDetails.maximumCount"),
        ("/inputArtifactDetails/minimumCount", json!(2), "inputArtifactDetails"),
        ("/properties/0/name", json!(""), "properties"),
        ("/properties/0/optional", json!(true), "queryable"),
        ("/urls/executionUrlTemplate", json!("{Config:Key}"), "executionUrlTemplate"),
    ] {
        let mut file = file();
        *file.pointer_mut(pointer).unwrap() = value;
        let refused = Registration::parse(&file.to_string()).unwrap_err();
        assert!(refused.contains(wanted), "{pointer}: {refused}");
        assert!(!refused.contains(TOKEN), "{refused}");
    }
    for missing in ["clientId", "clientToken", "executor", "id", "inputArtifactDetails"] {
        let mut file = file();
        file.as_object_mut().unwrap().remove(missing);
        let refused = Registration::parse(&file.to_string()).unwrap_err();
        assert!(refused.contains(missing), "{missing}: {refused}");
    }
    assert!(Registration::parse("{").unwrap_err().contains("not JSON"));
    assert!(Registration::parse("[]").unwrap_err().contains("object"));
    let whole = Registration::parse(&file().to_string()).unwrap();
    assert!(!format!("{whole:?}").contains(TOKEN));
}
