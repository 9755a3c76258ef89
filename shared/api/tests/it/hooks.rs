//! Pipelines with webhooks, and what their deliveries bring.

use std::net::IpAddr;

use bytes::Bytes;
use engine::change::{Change, ExecutionChange, PipelineChange, Started};
use http::{Request, StatusCode};
use model::ids::PipelineName;
use model::time::Timestamp;
use serde_json::{Value, json};
use store::LogKey;

use crate::world::World;

/// A secret that must appear nowhere.
pub(crate) const SECRET: &str = "canary-webhook-4711";

/// A pipeline with one source action; the other stage is an approval, so it waits.
pub(crate) fn sourced(name: &str, action: &Value) -> Value {
    json!({
        "name": name,
        "roleArn": "arn:aws:iam::000000000000:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [
            {"name": "Source", "actions": [action]},
            {"name": "Approve", "actions": [{
                "name": "Release",
                "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
            }]},
        ],
    })
}

pub(crate) fn source(owner: &str, provider: &str, configuration: &Value) -> Value {
    json!({
        "name": "Source",
        "actionTypeId": {"category": "Source", "owner": owner, "provider": provider, "version": "1"},
        "configuration": configuration,
        "outputArtifacts": [{"name": "code"}],
    })
}

/// A source action of GitHub's first version.
pub(crate) fn github(repository: &str, branch: &str) -> Value {
    let (owner, name) = repository.split_once('/').unwrap();
    let configuration = json!({
        "Owner": owner, "Repo": name, "Branch": branch, "OAuthToken": "canary-token-4712",
    });
    source("ThirdParty", "GitHub", &configuration)
}

/// A source action of a connection.
pub(crate) fn connection(repository: &str, branch: &str) -> Value {
    let arn = "arn:aws:codestar-connections:us-east-1:000000000000:connection/c";
    let configuration = json!({
        "ConnectionArn": arn, "FullRepositoryId": repository, "BranchName": branch,
    });
    source("AWS", "CodeStarSourceConnection", &configuration)
}

/// A webhook's definition with a secret.
pub(crate) fn hook(name: &str, pipeline: &str, filters: &[(&str, &str)]) -> Value {
    let filter = |(path, equals): &(&str, &str)| json!({"jsonPath": path, "matchEquals": equals});
    json!({
        "name": name, "targetPipeline": pipeline, "targetAction": "Source",
        "filters": filters.iter().map(filter).collect::<Vec<_>>(),
        "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": SECRET},
    })
}

/// Makes a pipeline of `octo/app` with a webhook for its branch, and returns the webhook's id.
pub(crate) async fn with_hook(world: &World) -> String {
    let pipeline = sourced("web", &github("octo/app", "main"));
    world.ok("CreatePipeline", json!({"pipeline": pipeline})).await;
    let webhook = hook("hook", "web", &[("$.ref", "refs/heads/{Branch}")]);
    id_of(&world.ok("PutWebhook", json!({"webhook": webhook})).await["webhook"])
}

/// Returns the id in a webhook's URL.
pub(crate) fn id_of(webhook: &Value) -> String {
    webhook["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// A push to `main` of `octo/app`.
pub(crate) fn push(before: char, after: char) -> Value {
    let commit = |digit: char| digit.to_string().repeat(40);
    json!({
        "ref": "refs/heads/main", "before": commit(before), "after": commit(after),
        "head_commit": {"id": commit(after)}, "repository": {"full_name": "octo/app"},
    })
}

/// Signs a body as GitHub does.
pub(crate) fn signature(body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    let digits = hex::encode(mac.finalize().into_bytes());
    format!("sha256={digits}")
}

/// Sends something to a webhook's URL, from an address.
pub(crate) async fn send_from(
    world: &World,
    peer: &str,
    method: &str,
    id: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (StatusCode, Value) {
    let mut request = Request::builder().method(method).uri(format!("/webhooks/{id}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let peer: IpAddr = peer.parse().unwrap();
    let body = Bytes::copy_from_slice(body);
    let response = api::deliver(&world.api, id, &parts, &body, peer).await;
    let answer = serde_json::from_slice(response.body()).unwrap();
    (response.status(), answer)
}

/// Sends a signed message with a delivery's id.
pub(crate) async fn send(
    world: &World,
    id: &str,
    delivery: &str,
    message: &Value,
) -> (StatusCode, Value) {
    let body = message.to_string();
    let signed = signature(body.as_bytes());
    let headers = [("x-hub-signature-256", &*signed), ("x-github-delivery", delivery)];
    send_from(world, "203.0.113.9", "POST", id, &headers, body.as_bytes()).await
}

/// An execution that a webhook started: its id, its trigger's detail, and the commit it is pinned to.
pub(crate) type Pushed = (String, String, Option<String>);

/// Returns what webhooks started of a pipeline, oldest first.
pub(crate) async fn started(world: &World, pipeline: &str) -> Vec<Pushed> {
    let log = LogKey::Pipeline(PipelineName::from(pipeline));
    let mut records = world.api.app.store.records_back(&log, Timestamp::from_millis(0));
    let mut found = Vec::new();
    while let Some(record) = records.next().await.unwrap() {
        for change in record.changes.iter().rev() {
            let (id, started): (_, &Started) = match change {
                Change::Execution { id, change: ExecutionChange::Started(started), .. } => {
                    (id, started)
                }
                Change::Pipeline(PipelineChange::Admitted { execution, started, .. }) => {
                    (execution, started)
                }
                Change::Execution { .. } | Change::Pipeline(_) => continue,
            };
            if started.trigger.kind.as_str() != "Webhook" {
                continue;
            }
            let commit = started.revisions.first().map(|revision| {
                assert_eq!((revision.action.as_str(), &*revision.kind), ("Source", "COMMIT_ID"));
                revision.value.clone()
            });
            found.push((id.to_string(), started.trigger.detail.clone(), commit));
        }
    }
    found.reverse();
    found
}
