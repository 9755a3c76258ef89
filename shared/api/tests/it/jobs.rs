//! Job workers of custom actions (contract §6.1).

mod chain;
mod outcomes;
mod race;
mod secrets;
mod state;

use serde_json::{Value, json};

use crate::world::World;

/// What no answer, row or log may show but to the worker.
pub(crate) const CANARY: &str = "canary-7d0e1a3c";

/// A key pair.
pub(crate) type Key = (String, String);

pub(crate) fn type_id(category: &str, provider: &str) -> Value {
    json!({"category": category, "owner": "Custom", "provider": provider, "version": "1"})
}

/// Declares a source `Feed` and a Jenkins-like build.
pub(crate) async fn with_types(world: &World) {
    let up_to = |count: u32| json!({"minimumCount": 0, "maximumCount": count});
    world
        .ok(
            "CreateCustomActionType",
            json!({
                "category": "Source", "provider": "Feed", "version": "1",
                "inputArtifactDetails": up_to(0), "outputArtifactDetails": up_to(1),
            }),
        )
        .await;
    world.ok("CreateCustomActionType", jenkins("1")).await;
}

/// A Jenkins-like type: its project is what workers ask by.
pub(crate) fn jenkins(version: &str) -> Value {
    let up_to = |count: u32| json!({"minimumCount": 0, "maximumCount": count});
    json!({
        "category": "Build", "provider": "Jenkins", "version": version,
        "settings": {
            "entityUrlTemplate": "https://ci.example/job/{Config:Project}",
            "executionUrlTemplate": "https://ci.example/job/{Config:Project}/{ExternalExecutionId}",
        },
        "configurationProperties": [
            {"name": "Project", "required": true, "key": true, "secret": false, "queryable": true},
            {"name": "Password", "required": false, "key": false, "secret": true},
            {"name": "Note", "required": false, "key": false, "secret": false, "type": "String"},
        ],
        "inputArtifactDetails": up_to(5), "outputArtifactDetails": up_to(5),
    })
}

/// A build action that a worker does.
pub(crate) fn build(name: &str, more: &[(&str, Value)]) -> Value {
    let mut action = json!({
        "name": name,
        "actionTypeId": type_id("Build", "Jenkins"),
        "configuration": {"Project": "web", "Password": CANARY},
    });
    for (member, value) in more {
        action[*member] = value.clone();
    }
    action
}

/// A pipeline whose source is `Feed`, with one stage for each list of actions.
pub(crate) fn pipeline(name: &str, stages: &[Vec<Value>]) -> Value {
    let feed = json!({"name": "Feed", "actionTypeId": type_id("Source", "Feed")});
    let mut all = vec![json!({"name": "Source", "actions": [feed]})];
    for (index, actions) in stages.iter().enumerate() {
        all.push(json!({"name": format!("Stage{index}"), "actions": actions}));
    }
    json!({
        "name": name,
        "roleArn": "arn:aws:iam::000000000000:role/pipeline",
        "artifactStore": {
            "type": "S3", "location": "artifacts",
            "encryptionKey": {"id": "alias/ours", "type": "KMS"},
        },
        "stages": all,
    })
}

/// A world with a pipeline whose source was brought, so that its first build waits for a worker.
pub(crate) async fn building(stages: &[Vec<Value>]) -> World {
    let world = World::new().await;
    with_types(&world).await;
    world.ok("CreatePipeline", json!({"pipeline": pipeline("web", stages)})).await;
    feed(&world).await;
    world
}

/// Brings a source.
pub(crate) async fn feed(world: &World) {
    let asked = json!({"actionTypeId": type_id("Source", "Feed")});
    let job = world
        .until(async |world: &World| {
            let polled = world.ok("PollForJobs", asked.clone()).await;
            polled["jobs"].as_array()?.first().cloned()
        })
        .await;
    world.ok("AcknowledgeJob", json!({"jobId": job["id"], "nonce": job["nonce"]})).await;
    let revision = json!({
        "revision": "r7", "changeIdentifier": "c7", "revisionSummary": "seven", "created": 1.5,
    });
    let success = json!({"jobId": job["id"], "currentRevision": revision});
    world.ok("PutJobSuccessResult", success).await;
}

/// Asks once for builds of the project `web`, as the administrator.
pub(crate) async fn poll(world: &World, batch: u32) -> Vec<Value> {
    let polled = world.ok("PollForJobs", question(batch)).await;
    polled["jobs"].as_array().cloned().unwrap_or_default()
}

pub(crate) fn question(batch: u32) -> Value {
    json!({
        "actionTypeId": type_id("Build", "Jenkins"), "maxBatchSize": batch,
        "queryParam": {"Project": "web"},
    })
}

/// Waits for the next build, and takes it.
pub(crate) async fn taken(world: &World) -> Value {
    world.until(async |world: &World| poll(world, 1).await.into_iter().next()).await
}

/// Waits for the next build, takes it and acknowledges it.
pub(crate) async fn acknowledged(world: &World) -> Value {
    let job = taken(world).await;
    let answer = acknowledge(world, &job).await;
    assert_eq!(answer["status"], "InProgress");
    job
}

pub(crate) async fn acknowledge(world: &World, job: &Value) -> Value {
    world.ok("AcknowledgeJob", json!({"jobId": job["id"], "nonce": job["nonce"]})).await
}

/// Returns what `GetPipelineState` says of an action.
pub(crate) async fn action(world: &World, stage: &str, action: &str) -> Value {
    let state = world.ok("GetPipelineState", json!({"name": "web"})).await;
    let find = |list: &Value, name: &str, wanted: &str| {
        let list = list.as_array().unwrap();
        list.iter().find(|element| element[name] == wanted).cloned().unwrap()
    };
    let stage = find(&state["stageStates"], "stageName", stage);
    find(&stage["actionStates"], "actionName", action)
}

/// Returns the row of a job's work.
pub(crate) async fn row(world: &World, job: &Value) -> store::WorkerJob {
    let id = job["id"].as_str().unwrap().parse().unwrap();
    world.api.app.store.worker_job(id).await.unwrap().unwrap()
}
