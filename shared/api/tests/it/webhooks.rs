//! Making, changing, listing and deleting webhooks.

use serde_json::{Value, json};
use store::{Webhook, WebhookDefinition};

use crate::hooks::{
    SECRET, connection, hook, id_of, push, send, source, sourced, started, with_hook,
};
use crate::world::World;

async fn list(world: &World) -> Vec<Value> {
    let listed = world.ok("ListWebhooks", json!({})).await;
    listed["webhooks"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_webhook_is_shown_with_its_url_and_without_its_secret() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let listed = list(&world).await;
    assert_eq!(
        listed,
        [json!({
            "definition": {
                "name": "hook", "targetPipeline": "web", "targetAction": "Source",
                "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
                "authentication": "GITHUB_HMAC",
                "authenticationConfiguration": {"SecretToken": "****"},
            },
            "url": format!("http://127.0.0.1:7477/webhooks/{id}"),
            "arn": "arn:aws:codepipeline:us-east-1:000000000000:webhook:hook",
        })]
    );
    let audit = std::fs::read_dir(world.audit()).unwrap();
    for file in audit {
        let text =
            String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned();
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn the_url_stays_while_the_webhook_does_and_a_new_one_has_a_new_url() {
    let world = World::new().await;
    let first = with_hook(&world).await;
    let changed = hook("hook", "web", &[("$.ref", "refs/heads/other")]);
    let answer = world.ok("PutWebhook", json!({"webhook": changed})).await;
    assert_eq!(id_of(&answer["webhook"]), first, "W1");
    world.ok("DeleteWebhook", json!({"name": "hook"})).await;
    world.ok("DeleteWebhook", json!({"name": "hook"})).await;
    assert_eq!(list(&world).await, Vec::<Value>::new());
    let answer = world.ok("PutWebhook", json!({"webhook": changed})).await;
    assert_ne!(id_of(&answer["webhook"]), first, "W1");
    let (status, _) = send(&world, &first, "d1", &push('1', '2')).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_update_with_the_mask_keeps_the_secret() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let mut masked = hook("hook", "web", &[("$.after", &"2".repeat(40))]);
    masked["authenticationConfiguration"]["SecretToken"] = json!("****");
    world.ok("PutWebhook", json!({"webhook": masked})).await;
    let (_, answer) = send(&world, &id, "d1", &push('1', '2')).await;
    assert_eq!(answer["started"], true, "{answer}");

    masked["name"] = json!("another");
    let (code, message) = world.fault("PutWebhook", json!({"webhook": masked})).await;
    assert_eq!(code, "InvalidWebhookAuthenticationParametersException");
    assert!(message.contains("no secret is stored"), "{message}");
}

#[tokio::test]
async fn what_is_wrong_with_a_definition_is_named() {
    let world = World::new().await;
    with_hook(&world).await;
    let with = |change: fn(&mut Value)| {
        let mut webhook = hook("other", "web", &[("$.ref", "refs/heads/{Branch}")]);
        change(&mut webhook);
        json!({"webhook": webhook})
    };
    let parameters = "InvalidWebhookAuthenticationParametersException";
    let pattern = "InvalidWebhookFilterPatternException";
    let cases: [(Value, &str, &str); 10] = [
        (with(|hook| hook["authenticationConfiguration"] = json!({})), parameters, "SecretToken"),
        (
            with(|hook| hook["authenticationConfiguration"]["AllowedIPRange"] = json!("::/0")),
            parameters,
            "exactly SecretToken",
        ),
        (with(|hook| hook["authentication"] = json!("IP")), parameters, "exactly AllowedIPRange"),
        (
            with(|hook| {
                hook["authentication"] = json!("IP");
                hook["authenticationConfiguration"] = json!({"AllowedIPRange": "anywhere"});
            }),
            parameters,
            "192.0.2.0/24",
        ),
        (
            with(|hook| hook["authentication"] = json!("UNAUTHENTICATED")),
            parameters,
            "holds nothing",
        ),
        (
            with(|hook| hook["targetPipeline"] = json!("nowhere")),
            "PipelineNotFoundException",
            "nowhere",
        ),
        (
            with(|hook| hook["targetAction"] = json!("Release")),
            "ValidationException",
            "it has Source",
        ),
        (
            with(|hook| hook["filters"][0]["jsonPath"] = json!("$.a[")),
            pattern,
            "webhook.filters[0].jsonPath",
        ),
        (
            with(|hook| hook["filters"][0]["matchEquals"] = json!("{BranchName}")),
            pattern,
            "has no BranchName",
        ),
        (
            with(|hook| hook["filters"][0]["matchEquals"] = json!("{OAuthToken}")),
            pattern,
            "is a secret",
        ),
    ];
    for (request, code, says) in cases {
        let (found, message) = world.fault("PutWebhook", request.clone()).await;
        assert_eq!(found, code, "{request}");
        assert!(message.contains(says), "{message}");
        assert!(!message.contains("canary"), "{message}");
    }
    let six: Vec<Value> = (0..6).map(|_| json!({"jsonPath": "$.ref"})).collect();
    let mut webhook = hook("other", "web", &[]);
    webhook["filters"] = json!(six);
    let (code, _) = world.fault("PutWebhook", json!({"webhook": webhook})).await;
    assert_eq!(code, "ValidationException", "W3");
    assert_eq!(list(&world).await.len(), 1, "nothing that was refused is kept");
}

/// A secret is one whoever declared the type: a filter that may name it would answer guesses at it.
#[tokio::test]
async fn a_filter_does_not_name_the_secret_of_a_partners_type() {
    let world = World::new().await;
    let one = |minimum: u32| json!({"minimumCount": minimum, "maximumCount": 1});
    let partner = json!({
        "clientId": "7d0e1a3c-5a1f-4d0b-9a57-2f6c7b1e9d10", "clientToken": "token-of-the-customer",
        "id": {"category": "Source", "owner": "ThirdParty", "provider": "Barge", "version": "1"},
        "executor": {"type": "JobWorker", "configuration": {"jobWorkerExecutorConfiguration": {}}},
        "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 0},
        "outputArtifactDetails": one(1),
        "properties": [
            {"name": "Dock", "optional": false, "key": true, "noEcho": false},
            {"name": "Key", "optional": false, "key": false, "noEcho": true},
        ],
    });
    let registration = runtime::jobs::Registration::parse(&partner.to_string()).unwrap();
    runtime::jobs::register(&world.api.app, &registration).await.unwrap();
    let action = source("ThirdParty", "Barge", &json!({"Dock": "main", "Key": "canary-of-barge"}));
    world.ok("CreatePipeline", json!({"pipeline": sourced("web", &action)})).await;
    let named = |key: &str| json!({"webhook": hook("hook", "web", &[("$.ref", key)])});
    let (code, message) = world.fault("PutWebhook", named("refs/heads/{Key}")).await;
    assert_eq!(code, "InvalidWebhookFilterPatternException");
    assert!(message.contains("is a secret") && !message.contains("canary"), "{message}");
    world.ok("PutWebhook", named("refs/heads/{Dock}")).await;
}

#[tokio::test]
async fn three_hundred_webhooks_are_taken_and_one_more_is_not() {
    let world = World::new().await;
    with_hook(&world).await;
    let definition = WebhookDefinition {
        pipeline: "web".to_owned(),
        action: "Source".to_owned(),
        filters: Vec::new(),
        authentication: "GITHUB_HMAC".to_owned(),
        secret_token: Some(SECRET.to_owned()),
        allowed_ip_range: None,
    };
    for number in 0..298 {
        let webhook = Webhook {
            name: format!("many-{number:03}"),
            id: format!("{number:032x}"),
            edition: 0,
            definition: definition.clone(),
            created_at: model::time::Timestamp::from_millis(0),
            triggered_at: None,
            is_registered: false,
            error: None,
        };
        assert!(world.api.app.store.put_webhook(&webhook).await.unwrap());
    }
    world.ok("PutWebhook", json!({"webhook": hook("last", "web", &[])})).await;
    let (code, message) =
        world.fault("PutWebhook", json!({"webhook": hook("more", "web", &[])})).await;
    assert_eq!(code, "LimitExceededException", "W8");
    assert!(message.contains("300"), "{message}");
    world.ok("PutWebhook", json!({"webhook": hook("last", "web", &[])})).await;

    let mut names = Vec::new();
    let mut asked = json!({"MaxResults": 70});
    loop {
        let page = world.ok("ListWebhooks", asked.clone()).await;
        let webhooks = page["webhooks"].as_array().unwrap();
        names.extend(webhooks.iter().map(|hook| hook["definition"]["name"].to_string()));
        let Some(token) = page["NextToken"].as_str() else { break };
        assert_eq!(webhooks.len(), 70);
        asked = json!({"MaxResults": 70, "NextToken": token});
    }
    assert_eq!(names.len(), 300, "T4");
    assert!(names.is_sorted());
    let (code, _) = world.fault("ListWebhooks", json!({"NextToken": "forged"})).await;
    assert_eq!(code, "InvalidNextTokenException");
}

#[tokio::test]
async fn a_webhook_has_tags_until_it_is_deleted() {
    let world = World::new().await;
    with_hook(&world).await;
    let tags = json!([{"key": "team", "value": "canal"}]);
    let request = json!({"webhook": hook("hook", "web", &[]), "tags": tags});
    let answer = world.ok("PutWebhook", request).await;
    assert_eq!(answer["webhook"]["tags"], tags);
    let arn = answer["webhook"]["arn"].clone();
    assert_eq!(world.ok("ListTagsForResource", json!({"resourceArn": arn})).await["tags"], tags);
    let other = json!([{"key": "aws:team", "value": "canal"}]);
    let request = json!({"webhook": hook("hook", "web", &[]), "tags": other});
    let (code, _) = world.fault("PutWebhook", request).await;
    assert_eq!(code, "InvalidTagsException");
    world.ok("DeleteWebhook", json!({"name": "hook"})).await;
    let (code, _) = world.fault("ListTagsForResource", json!({"resourceArn": arn})).await;
    assert_eq!(code, "ResourceNotFoundException");
    let again = world.ok("PutWebhook", json!({"webhook": hook("hook", "web", &[])})).await;
    assert_eq!(again["webhook"].get("tags"), None);
}

#[tokio::test]
async fn that_github_cannot_be_told_is_on_the_list() {
    let world = World::new().await;
    with_hook(&world).await;
    let name = json!({"webhookName": "hook"});
    world.ok("RegisterWebhookWithThirdParty", name.clone()).await;
    let listed = list(&world).await.remove(0);
    assert_eq!(listed["errorCode"], "NotConnected", "W6");
    assert_eq!(listed["errorMessage"], "GitHub cannot be reached from here");
    world.ok("DeregisterWebhookWithThirdParty", name).await;
    let listed = list(&world).await.remove(0);
    assert_eq!(listed.get("errorCode"), None, "what GitHub was never told, it need not forget");

    let connected = sourced("connected", &connection("octo/app", "main"));
    world.ok("CreatePipeline", json!({"pipeline": connected})).await;
    world.ok("PutWebhook", json!({"webhook": hook("other", "connected", &[])})).await;
    for operation in ["RegisterWebhookWithThirdParty", "DeregisterWebhookWithThirdParty"] {
        let (code, message) = world.fault(operation, json!({"webhookName": "other"})).await;
        assert_eq!(code, "ValidationException");
        assert!(message.contains("CodeStarSourceConnection"), "{message}");
        for request in [json!({"webhookName": "nowhere"}), json!({})] {
            let (code, _) = world.fault(operation, request).await;
            assert_eq!(code, "WebhookNotFoundException");
        }
    }
}

#[tokio::test]
async fn a_deleted_pipelines_webhooks_are_deleted() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let other = sourced("other", &connection("octo/app", "main"));
    world.ok("CreatePipeline", json!({"pipeline": other})).await;
    world.ok("PutWebhook", json!({"webhook": hook("kept", "other", &[])})).await;
    world.ok("DeletePipeline", json!({"name": "web"})).await;
    let names: Vec<_> =
        list(&world).await.iter().map(|hook| hook["definition"]["name"].clone()).collect();
    assert_eq!(names, [json!("kept")], "W8");
    let (status, _) = send(&world, &id, "d1", &push('1', '2')).await;
    assert_eq!(status, 404);
    assert_eq!(started(&world, "web").await, []);
}

#[tokio::test]
async fn who_only_looks_makes_no_webhook() {
    let world = World::new().await;
    with_hook(&world).await;
    let viewer = world.key("vera", "Viewer");
    let request = json!({"webhook": hook("other", "web", &[])});
    let (code, message) = world.ask_as(&viewer, "PutWebhook", request).await.unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("PutWebhook"), "{message}");
    world.ask_as(&viewer, "ListWebhooks", json!({})).await.unwrap();
}
