//! Deliveries through the public function URL, onto the deployment's own bus.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use crate::elsewhere::{Elsewhere, answered};
use crate::world::{BUS, PRINCIPALS, World, event, fault};

const SECRET: &str = "a-secret-of-enough-letters";
const COMMIT: &str = "0123456789012345678901234567890123456789";
const JSON: (&str, &str) = ("content-type", "application/x-amz-json-1.1");

#[tokio::test]
async fn what_nobody_knows_is_answered_like_what_nobody_proved() {
    let world = World::new().await;
    let deliver = |path: &str| event("POST", path, [], "{}");
    let unknown = world.knock(deliver(&format!("/webhooks/{}", "ab".repeat(16)))).await;
    assert_eq!(unknown.status_code, 404);
    assert_eq!(unknown.headers["cache-control"], "no-store");
    for path in ["/", "/webhooks", "/token", "/a", "/a/web", "/service/x", "/hooks/ab"] {
        let reply = world.knock(deliver(path)).await;
        assert_eq!(
            (reply.status_code, fault(&reply).0.as_str()),
            (404, "NotFoundException"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_signed_call_opens_nothing_at_the_public_door() {
    let world = World::new().await;
    let call = world.call(&world.admin(), "ListPipelines", &json!({}));
    assert_eq!(world.knock(call).await.status_code, 404);
}

/// A deployment whose bus takes everything, under ids that count.
async fn with_bus() -> World {
    let taken = AtomicU64::new(0);
    let answer = move |_: &_| {
        let id = format!("bus-{}", taken.fetch_add(1, Ordering::SeqCst) + 1);
        let body = json!({"FailedEntryCount": 0, "Entries": [{"EventId": id}]});
        answered(200, &[JSON], body.to_string())
    };
    World::with(Elsewhere::new(answer), PRINCIPALS).await
}

/// Makes a pipeline with a webhook, and returns the path of its URL.
async fn hooked(world: &World, authentication: Value) -> String {
    let declared = json!({
        "name": "web", "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [
            {"name": "Source", "actions": [{
                "name": "Source",
                "actionTypeId": {"category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1"},
                "configuration": {"Owner": "o", "Repo": "r", "Branch": "main", "OAuthToken": "t", "PollForSourceChanges": "false"},
                "outputArtifacts": [{"name": "code"}],
            }]},
            {"name": "Approve", "actions": [{
                "name": "Release",
                "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
            }]},
        ],
    });
    world.ok("CreatePipeline", json!({"pipeline": declared})).await;
    let mut put = json!({
        "name": "hook", "targetPipeline": "web", "targetAction": "Source",
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
        "authentication": "GITHUB_HMAC", "authenticationConfiguration": {"SecretToken": SECRET},
    });
    if let Value::Object(other) = authentication {
        put.as_object_mut().unwrap().extend(other);
    }
    let put = world.ok("PutWebhook", json!({"webhook": put})).await;
    let url = put["webhook"]["url"].as_str().unwrap().to_owned();
    url.strip_prefix("https://hooks.example").unwrap().to_owned()
}

fn push(reference: &str) -> String {
    json!({"ref": reference, "after": COMMIT, "repository": {"full_name": "o/r"}}).to_string()
}

/// A push as GitHub delivers it.
fn delivery(path: &str, id: &str, body: &str) -> Value {
    let mut digest = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    digest.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(digest.finalize().into_bytes()));
    let headers = [
        ("x-hub-signature-256", signature.as_str()),
        ("x-github-event", "push"),
        ("x-github-delivery", id),
        ("content-type", "application/json"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    event("POST", path, headers, body)
}

/// Returns what the bus was given: each entry, its detail read.
fn entries(world: &World) -> Vec<(Value, Value)> {
    let entry = |body: &str| {
        let mut request: Value = serde_json::from_str(body).unwrap();
        assert_eq!(request["Entries"].as_array().map(Vec::len), Some(1), "{request}");
        let mut entry = request["Entries"][0].take();
        let detail = entry.as_object_mut().unwrap().remove("Detail").unwrap();
        (entry, serde_json::from_str(detail.as_str().unwrap()).unwrap())
    };
    world.elsewhere.asked().iter().map(|asked| entry(&asked.body)).collect()
}

/// Hands what the bus was given to whoever starts pipelines, as the rule does; each event twice.
async fn follow(world: &World) {
    let given = entries(world).into_iter().enumerate();
    let records: Vec<_> = given
        .flat_map(|(number, (entry, detail))| {
            let event = json!({
                "id": format!("bus-{number}"), "source": entry["Source"], "detail": detail,
                "detail-type": entry["DetailType"], "time": "2026-11-26T10:00:00Z",
            });
            let record =
                |copy| json!({"messageId": format!("m{number}-{copy}"), "body": event.to_string()});
            [record(1), record(2)]
        })
        .collect();
    let messages = serde_json::from_value(json!({"Records": records})).unwrap();
    let unfinished = cloud::changes::follow(&world.api.app, &messages).await;
    assert!(unfinished.batch_item_failures.is_empty(), "{unfinished:?}");
}

/// Returns what caused the executions that webhooks started.
async fn causes(world: &World) -> Vec<String> {
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let triggers = listed["pipelineExecutionSummaries"].as_array().unwrap().iter();
    let triggers = triggers.map(|one| &one["trigger"]);
    let of_webhooks = triggers.filter(|trigger| trigger["triggerType"] == "Webhook");
    of_webhooks.map(|trigger| trigger["triggerDetail"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_delivery_that_is_proved_goes_onto_the_bus_and_starts_nothing_itself() {
    let world = with_bus().await;
    let path = hooked(&world, json!({})).await;
    let reply = world.knock(delivery(&path, "d-1", &push("refs/heads/main"))).await;
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((reply.status_code, body), (202, json!({"accepted": true, "eventId": "bus-1"})));
    let asked = world.elsewhere.asked();
    assert_eq!(asked[0].header("x-amz-target"), "AWSEvents.PutEvents");
    assert!(asked[0].header("authorization").contains("ASIAFUNCTION"));
    let (entry, mut detail) = entries(&world).remove(0);
    assert_eq!(
        entry,
        json!({
            "Time": 1_795_687_200, "Source": "towpath", "DetailType": "Towpath Webhook Delivery",
            "EventBusName": BUS,
        })
    );
    let marks = detail.as_object_mut().unwrap().remove("marks").unwrap();
    // Its sender's id, and what was signed.
    assert_eq!(marks.as_array().map(Vec::len), Some(2), "{marks}");
    assert_eq!(
        detail,
        json!({
            "webhook": "hook", "pipeline": "web",
            "revisions": [
                {"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": COMMIT},
            ],
        })
    );
    // The URL's id is what proves some senders, and the bus has other readers.
    let id = path.strip_prefix("/webhooks/").unwrap();
    assert!(!asked[0].body.contains(id) && !asked[0].body.contains(SECRET));
    assert_eq!(causes(&world).await, Vec::<String>::new());
}

/// W5, from the door to the execution.
#[tokio::test]
async fn a_message_starts_one_execution_however_often_it_is_delivered_and_however_it_is_wrapped() {
    let world = with_bus().await;
    let path = hooked(&world, json!({})).await;
    let body = push("refs/heads/main");
    let first = delivery(&path, "d-1", &body);
    let mut wrapped = first.clone();
    wrapped["body"] = STANDARD.encode(&body).into();
    wrapped["isBase64Encoded"] = true.into();
    for delivery in [first.clone(), first, wrapped, delivery(&path, "forged", &body)] {
        assert_eq!(world.knock(delivery).await.status_code, 202);
    }
    let details: Vec<_> = entries(&world).into_iter().map(|(_, detail)| detail).collect();
    assert!(details[..3].iter().all(|detail| *detail == details[0]), "{details:?}");
    assert_ne!(details[3]["marks"][0], details[0]["marks"][0]);
    assert_eq!(details[3]["marks"][1], details[0]["marks"][1]);
    follow(&world).await;
    assert_eq!(causes(&world).await, ["arn:aws:codepipeline:eu-west-1:111122223333:webhook:hook"]);
}

/// A message that nothing names is another one each time; on its way it must not become two.
#[tokio::test]
async fn a_message_without_an_id_gets_a_mark_for_its_way() {
    let world = with_bus().await;
    let open = json!({
        "authentication": "UNAUTHENTICATED", "authenticationConfiguration": {},
        "filters": [{"jsonPath": "$.go"}],
    });
    let path = hooked(&world, open).await;
    for _ in 0..2 {
        let json = ("content-type".to_owned(), "application/json".to_owned());
        let reply = world.knock(event("POST", &path, [json], "{\"go\": \"now\"}")).await;
        assert_eq!(reply.status_code, 202, "{}", reply.body);
    }
    let details: Vec<_> = entries(&world).into_iter().map(|(_, detail)| detail).collect();
    assert_eq!(details[0]["revisions"], json!([]));
    assert_ne!(details[0]["marks"], details[1]["marks"]);
    follow(&world).await;
    assert_eq!(causes(&world).await.len(), 2);
}

#[tokio::test]
async fn what_is_not_proved_and_what_is_not_meant_never_reaches_the_bus() {
    let world = with_bus().await;
    let path = hooked(&world, json!({})).await;
    let mut forged = delivery(&path, "d-1", &push("refs/heads/main"));
    forged["headers"]["x-hub-signature-256"] = format!("sha256={}", "0".repeat(64)).into();
    assert_eq!(world.knock(forged).await.status_code, 403);
    let unknown = format!("/webhooks/{}", "ab".repeat(16));
    let unknown = delivery(&unknown, "d-1", &push("refs/heads/main"));
    assert_eq!(world.knock(unknown).await.status_code, 404);
    let mut asked = delivery(&path, "d-1", &push("refs/heads/main"));
    asked["requestContext"]["http"]["method"] = "GET".into();
    assert_eq!(world.knock(asked).await.status_code, 405);
    for (body, status) in [(&*push("refs/heads/next"), 200), ("not JSON", 400)] {
        let reply = world.knock(delivery(&path, "d-2", body)).await;
        assert_eq!(reply.status_code, status, "{}", reply.body);
        let told: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(told["started"], false, "{told}");
    }
    world.ok("DeleteWebhook", json!({"name": "hook"})).await;
    let late = delivery(&path, "d-3", &push("refs/heads/main"));
    assert_eq!(world.knock(late).await.status_code, 404);
    assert_eq!(world.elsewhere.asked(), []);
}

/// Hosts show such a delivery as failed, and people have it delivered again.
#[tokio::test]
async fn a_bus_that_takes_nothing_is_a_failure_that_tells_nobody_why() {
    let denied = json!({"__type": "AccessDeniedException", "message": "not authorized: secret"});
    let away = json!({
        "FailedEntryCount": 1,
        "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "secret"}],
    });
    let two = json!({"FailedEntryCount": 1, "Entries": [{"EventId": "bus-1"}]});
    let none = json!({"FailedEntryCount": 0, "Entries": []});
    for (status, body) in [(400, denied), (200, away), (200, two), (200, none)] {
        let said = body.to_string();
        let elsewhere = Elsewhere::new(move |_| answered(status, &[JSON], &said));
        let world = World::with(elsewhere, PRINCIPALS).await;
        let path = hooked(&world, json!({})).await;
        let reply = world.knock(delivery(&path, "d-1", &push("refs/heads/main"))).await;
        assert_eq!(reply.status_code, 503, "{body}: {}", reply.body);
        let told: Value = serde_json::from_str(&reply.body).unwrap();
        let reason = "the message could not be handed on; deliver it again";
        assert_eq!(told, json!({"started": false, "reason": reason}));
        assert_eq!(world.elsewhere.asked().len(), 1);
        assert_eq!(causes(&world).await, Vec::<String>::new());
    }
}
