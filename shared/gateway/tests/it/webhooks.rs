//! Deliveries through the public function URL.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;

use crate::world::{World, event, fault};

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

#[tokio::test]
async fn a_delivery_that_is_proved_starts_the_pipeline_once_however_it_is_wrapped() {
    let world = World::new().await;
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
    let secret = "a-secret-of-enough-letters";
    let put = json!({"webhook": {
        "name": "hook", "targetPipeline": "web", "targetAction": "Source",
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
        "authentication": "GITHUB_HMAC", "authenticationConfiguration": {"SecretToken": secret},
    }});
    let put = world.ok("PutWebhook", put).await;
    let url = put["webhook"]["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("https://hooks.example").unwrap();
    let body = json!({
        "ref": "refs/heads/main", "after": "0123456789012345678901234567890123456789",
        "repository": {"full_name": "o/r"},
    });
    let body = body.to_string();
    let mut digest = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    digest.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(digest.finalize().into_bytes()));
    let headers = [
        ("x-hub-signature-256", signature.as_str()),
        ("x-github-event", "push"),
        ("x-github-delivery", "d-1"),
        ("content-type", "application/json"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut delivery = event("POST", path, headers, &body);
    let first = world.knock(delivery.clone()).await;
    assert_eq!(first.status_code, 200, "{}", first.body);
    assert!(first.body.contains("\"started\":true"), "{}", first.body);
    delivery["body"] = STANDARD.encode(&body).into();
    delivery["isBase64Encoded"] = true.into();
    let again = world.knock(delivery.clone()).await;
    assert!(again.body.contains("\"repeated\":true"), "{}", again.body);
    delivery["headers"]["x-hub-signature-256"] = format!("sha256={}", "0".repeat(64)).into();
    assert_eq!(world.knock(delivery).await.status_code, 403);
}
