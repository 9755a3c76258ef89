//! What a webhook's URL answers, and what it starts (W4, W5).

use std::fs;
use std::path::Path;

use http::StatusCode;
use serde_json::{Value, json};

use crate::declaring::with_types;
use crate::hooks::{
    SECRET, connection, github, hook, id_of, push, send, send_from, signature, sourced, started,
    with_hook,
};
use crate::world::World;

const HOOK: &str = "arn:aws:codepipeline:us-east-1:000000000000:webhook:hook";
const PEER: &str = "203.0.113.9";
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn a_push_starts_the_pipeline_at_the_pushed_commit() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let (status, answer) = send(&world, &id, "d1", &push('1', '2')).await;
    assert_eq!((status, &answer["started"]), (StatusCode::OK, &json!(true)), "{answer}");
    let execution = answer["pipelineExecutionId"].as_str().unwrap().to_owned();
    let wanted = (execution, HOOK.to_owned(), Some("2".repeat(40)));
    assert_eq!(started(&world, "web").await, [wanted]);
    let listed = world.ok("ListWebhooks", json!({})).await;
    assert!(listed["webhooks"][0]["lastTriggered"].is_number(), "{listed}");
}

#[tokio::test]
async fn a_delivery_of_a_thousand_times_starts_one_execution_and_each_answer_names_it() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let (_, first) = send(&world, &id, "d1", &push('1', '2')).await;
    for _ in 1..1_000 {
        let (status, again) = send(&world, &id, "d1", &push('1', '2')).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(again["pipelineExecutionId"], first["pipelineExecutionId"]);
        assert_eq!(again["repeated"], true);
    }
    assert_eq!(started(&world, "web").await.len(), 1, "W5");
}

#[tokio::test]
async fn deliveries_at_the_same_time_start_one_execution() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let message = push('1', '2');
    let sends = (0..20).map(|_| send(&world, &id, "d1", &message));
    let answers = all(sends.collect()).await;
    let ids: std::collections::BTreeSet<String> =
        answers.iter().map(|(_, answer)| answer["pipelineExecutionId"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{answers:?}");
    assert_eq!(started(&world, "web").await.len(), 1);
}

/// Waits for all, each moving whenever it can.
async fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(done) = future.as_mut().poll(context)
            {
                *output = Some(done);
            }
        }
        let is_done = outputs.iter().all(Option::is_some);
        if is_done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_recorded_message_under_another_id_starts_nothing_for_a_day() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let (_, first) = send(&world, &id, "d1", &push('1', '2')).await;
    let (_, replayed) = send(&world, &id, "forged", &push('1', '2')).await;
    assert_eq!(replayed["pipelineExecutionId"], first["pipelineExecutionId"]);
    world.clock.pass(DAY_MILLIS);
    let (_, later) = send(&world, &id, "d1", &push('1', '2')).await;
    assert_ne!(later["pipelineExecutionId"], first["pipelineExecutionId"]);
    assert_eq!(started(&world, "web").await.len(), 2);
}

#[tokio::test]
async fn an_older_push_that_comes_later_is_pinned_to_its_own_commit() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    send(&world, &id, "d2", &push('2', '3')).await;
    send(&world, &id, "d1", &push('1', '2')).await;
    // A branch that goes back and forth is news each time.
    send(&world, &id, "d3", &push('3', '2')).await;
    let commits: Vec<_> =
        started(&world, "web").await.into_iter().map(|(_, _, commit)| commit.unwrap()).collect();
    assert_eq!(commits, ["3".repeat(40), "2".repeat(40), "2".repeat(40)]);
}

#[tokio::test]
async fn whoever_cannot_prove_it_learns_nothing_and_starts_nothing() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let body = push('1', '2').to_string();
    let good = signature(body.as_bytes());
    let bad = signature(b"another body");
    let forged: [&[(&str, &str)]; 7] = [
        &[],
        &[("x-hub-signature-256", &bad)],
        &[("x-hub-signature-256", "")],
        &[("x-hub-signature-256", &good), ("x-hub-signature-256", &good)],
        &[("x-hub-signature-256", &good), ("x-hub-signature", &bad)],
        &[("x-gitlab-token", "guess")],
        &[("x-forwarded-for", "127.0.0.1"), ("authorization", SECRET)],
    ];
    for headers in forged {
        let (status, answer) = send_from(&world, PEER, "POST", &id, headers, body.as_bytes()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{headers:?}");
        let wanted = json!({"started": false, "reason": "the sender did not prove who it is"});
        assert_eq!(answer, wanted);
    }
    let good = [("x-hub-signature-256", &*good)];
    let unknown = "0".repeat(32);
    for id in [&*unknown, "", "..", "hook", &id[..31], &format!("{id}0")] {
        let (status, answer) = send_from(&world, PEER, "POST", id, &good, body.as_bytes()).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{id:?}");
        assert_eq!(answer["started"], false);
    }
    assert_eq!(started(&world, "web").await, []);
}

#[tokio::test]
async fn the_secret_of_a_webhook_that_does_not_exist_opens_none() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let token = [("x-gitlab-token", "a webhook that does not exist")];
    for (id, wanted) in [(&*id, StatusCode::FORBIDDEN), (&"0".repeat(32), StatusCode::NOT_FOUND)] {
        let (status, _) = send_from(&world, PEER, "POST", id, &token, b"{}").await;
        assert_eq!(status, wanted);
    }
}

#[tokio::test]
async fn what_starts_nothing_is_answered_with_the_reason() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let mut other = push('1', '2');
    other["ref"] = json!("refs/heads/dev");
    let mut gone = push('1', '0');
    gone["deleted"] = json!(true);
    let mut stranger = push('1', '2');
    stranger["repository"]["full_name"] = json!("octo/fork");
    let cases = [
        (json!({"zen": "Keep it simple.", "hook_id": 1}), "this is a ping; the webhook is there"),
        (other, "filter 1 ($.ref) does not match"),
        (gone, "a branch or a tag was deleted, which starts nothing"),
        (stranger, "the message is about another repository than the source action reads"),
    ];
    for (message, reason) in cases {
        let (status, answer) = send(&world, &id, "d1", &message).await;
        assert_eq!((status, answer), (StatusCode::OK, json!({"started": false, "reason": reason})));
    }
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] {
        let (status, answer) = send_from(&world, PEER, method, &id, &[], b"").await;
        assert_eq!((status, &answer["started"]), (StatusCode::METHOD_NOT_ALLOWED, &json!(false)));
    }
    let signed = signature(b"no json");
    let (status, _) =
        send_from(&world, PEER, "POST", &id, &[("x-hub-signature-256", &signed)], b"no json").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(started(&world, "web").await, []);
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_taken_and_one_byte_more_is_not() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let mut body = push('1', '2').to_string();
    body.push_str(&" ".repeat((1 << 20) - body.len()));
    for (bytes, wanted) in
        [(1 << 20, StatusCode::OK), ((1 << 20) + 1, StatusCode::PAYLOAD_TOO_LARGE)]
    {
        body.push_str(&" ".repeat(bytes - body.len()));
        let signed = signature(body.as_bytes());
        let headers = [("x-hub-signature-256", &*signed)];
        let (status, _) = send_from(&world, PEER, "POST", &id, &headers, body.as_bytes()).await;
        assert_eq!(status, wanted);
    }
}

#[tokio::test]
async fn a_form_and_gitlabs_token_and_an_address_work_as_well() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let form = "payload=%7B%22ref%22%3A%22refs%2Fheads%2Fmain%22%2C%22after%22%3A%22\
                4444444444444444444444444444444444444444%22%7D";
    let signed = signature(form.as_bytes());
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("x-hub-signature-256", &*signed)];
    let (_, answer) = send_from(&world, PEER, "POST", &id, &headers, form.as_bytes()).await;
    assert_eq!(answer["started"], true, "{answer}");
    let message = push('4', '5').to_string();
    let token = [("x-gitlab-token", SECRET), ("idempotency-key", "g1")];
    let (_, answer) = send_from(&world, PEER, "POST", &id, &token, message.as_bytes()).await;
    assert_eq!(answer["started"], true, "{answer}");

    let mut ranged = hook("ranged", "web", &[]);
    ranged["authentication"] = json!("IP");
    ranged["authenticationConfiguration"] = json!({"AllowedIPRange": "203.0.113.0/24"});
    let id = id_of(&world.ok("PutWebhook", json!({"webhook": ranged})).await["webhook"]);
    let message = push('5', '6').to_string();
    let claims = [("x-forwarded-for", "203.0.113.9")];
    let (status, _) =
        send_from(&world, "198.51.100.1", "POST", &id, &claims, message.as_bytes()).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "the peer's address counts, and no header's");
    let (_, answer) = send_from(&world, PEER, "POST", &id, &[], message.as_bytes()).await;
    assert_eq!(answer["started"], true, "{answer}");
    let commits: Vec<_> =
        started(&world, "web").await.into_iter().map(|(_, _, commit)| commit.unwrap()).collect();
    assert_eq!(commits, ["4".repeat(40), "5".repeat(40), "6".repeat(40)]);
}

#[tokio::test]
async fn a_flood_on_one_webhook_leaves_another_ones_bucket_full() {
    let world = World::throttled(10).await;
    let id = with_hook(&world).await;
    world.clock.pass(10_000);
    let quiet =
        id_of(&world.ok("PutWebhook", json!({"webhook": hook("q", "web", &[])})).await["webhook"]);
    let mut statuses = Vec::new();
    for _ in 0..30 {
        statuses.push(send(&world, &id, "d1", &push('1', '2')).await.0);
    }
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert!(count(StatusCode::TOO_MANY_REQUESTS) >= 10, "{statuses:?}");
    assert!(count(StatusCode::OK) >= 10, "{statuses:?}");
    for _ in 0..100 {
        // Strangers use nothing up.
        let (status, _) = send_from(&world, PEER, "POST", &quiet, &[], b"{}").await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    let (status, _) = send(&world, &quiet, "d2", &push('2', '3')).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn what_a_webhook_aims_at_may_be_gone() {
    let world = World::new().await;
    let id = with_hook(&world).await;
    let mut renamed = github("octo/app", "main");
    renamed["name"] = json!("Fetch");
    let pipeline = sourced("web", &renamed);
    world.ok("UpdatePipeline", json!({"pipeline": pipeline})).await;
    let (status, answer) = send(&world, &id, "d1", &push('1', '2')).await;
    let reason = "what the webhook starts is not there any more";
    assert_eq!((status, answer), (StatusCode::OK, json!({"started": false, "reason": reason})));

    let mirrored = json!({
        "name": "Source",
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
        "configuration": {"RepositoryName": "mirror", "BranchName": "main"},
        "outputArtifacts": [{"name": "code"}],
    });
    world.ok("UpdatePipeline", json!({"pipeline": sourced("web", &mirrored)})).await;
    let (status, answer) = send(&world, &id, "d1", &push('1', '2')).await;
    let reason = "a filter of the webhook fits its action no longer";
    assert_eq!((status, answer), (StatusCode::OK, json!({"started": false, "reason": reason})));
}

#[tokio::test]
async fn a_pipeline_that_is_full_says_so_and_the_answer_names_no_execution() {
    let world = World::new().await;
    with_types(&world).await;
    // Nobody brings this source, so every execution waits.
    let mut pipeline = sourced("web", &carried());
    pipeline["pipelineType"] = json!("V2");
    pipeline["executionMode"] = json!("QUEUED");
    world.ok("CreatePipeline", json!({"pipeline": pipeline})).await;
    let webhook = hook("hook", "web", &[]);
    let id = id_of(&world.ok("PutWebhook", json!({"webhook": webhook})).await["webhook"]);
    let (mut last, mut last_message) = (Value::Null, Value::Null);
    for number in 0..60 {
        let mut message = push('1', '2');
        message["number"] = json!(number);
        let (status, answer) = send(&world, &id, &format!("d{number}"), &message).await;
        assert_eq!(status, StatusCode::OK);
        (last, last_message) = (answer, message);
    }
    assert_eq!(last["started"], false, "R9: {last}");
    let reason = last["reason"].as_str().unwrap();
    assert!(reason.starts_with("the pipeline does not take it now: "), "{reason}");
    let (_, again) = send(&world, &id, "d59", &last_message).await;
    assert_eq!(again, last, "a repetition is answered alike");
    // The execution of the creation is one of the fifty.
    assert_eq!(started(&world, "web").await.len(), 49);
}

/// A source action that a job worker does.
fn carried() -> Value {
    json!({
        "name": "Source",
        "actionTypeId": {"category": "Source", "owner": "Custom", "provider": "Carrier", "version": "1"},
        "outputArtifacts": [{"name": "code"}],
    })
}

/// Goal: whatever comes through this door is answered, and nothing breaks. Method: a webhook that asks for
/// no proof, so that every body is read.
#[tokio::test]
async fn no_body_and_no_id_breaks_anything() {
    let world = World::new().await;
    with_hook(&world).await;
    let mut open = hook("open", "web", &[("$..ref", "never")]);
    open["authentication"] = json!("UNAUTHENTICATED");
    open["authenticationConfiguration"] = json!({});
    let id = id_of(&world.ok("PutWebhook", json!({"webhook": open})).await["webhook"]);
    let deep = "[".repeat(100_000);
    let wide = format!("[{}0]", "0,".repeat(400_000));
    let bodies: [&[u8]; 16] = [
        b"",
        b"\0",
        b"null",
        b"\"\\ud800\"",
        b"{\"ref\":\"\\u0000\"}",
        b"{\"ref\":{\"ref\":{\"ref\":[]}}}",
        b"{\"ref\":\"refs/heads/main\",\"after\":\"$(reboot)\"}",
        b"{\"ref\":\"refs/heads/main\",\"after\":1e999}",
        b"1e999999",
        b"\xef\xbb\xbf{}",
        b"\xff\xff\xff",
        b"{\"push\":{\"changes\":[[],{},{\"new\":{}},null]}}",
        b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]><x>&y;</x>",
        b"payload=%00&payload=",
        deep.as_bytes(),
        wide.as_bytes(),
    ];
    for body in bodies {
        for kind in ["application/json", "application/x-www-form-urlencoded", "text/plain", "é"] {
            let headers = [("content-type", kind)];
            let (status, answer) = send_from(&world, PEER, "POST", &id, &headers, body).await;
            assert!(status.as_u16() < 500, "{status} {answer}");
            assert_eq!(answer["started"], false, "{:?}", String::from_utf8_lossy(body));
        }
    }
    let ids = ["hook", "../hook", "%2e%2e", "' OR 1=1", "é".repeat(16).as_str(), "HOOK#x"]
        .map(str::to_owned);
    for id in ids {
        let (parts, ()) = http::Request::post("/").body(()).unwrap().into_parts();
        let peer = PEER.parse().unwrap();
        let response = api::deliver(&world.api, &id, &parts, &bytes::Bytes::new(), peer).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{id:?}");
    }
    assert_eq!(started(&world, "web").await, []);
}

/// Paths, and what they must find.
type Paths = Vec<(&'static str, &'static str)>;

/// The pipelines of the corpus test: name, source action, filters of the webhook.
fn pipelines() -> Vec<(&'static str, Value, Paths)> {
    let of_ref = vec![("$.ref", "refs/heads/{Branch}")];
    let of_ref_name = vec![("$.ref", "refs/heads/{BranchName}")];
    let of_tag = vec![("$.ref", "refs/tags/simple-tag")];
    let of_change = vec![("$.push.changes[0].new.name", "{BranchName}")];
    vec![
        ("tagged", github("Codertocat/Hello-World", "master"), of_tag.clone()),
        ("branched", github("Codertocat/Hello-World", "master"), of_ref.clone()),
        ("elsewhere", github("octo/other", "master"), of_tag),
        ("bitbucket", connection("team_name/repo_name", "name-of-branch"), of_change.clone()),
        ("bitbucket-other", connection("team_name/repo_name", "main"), of_change),
        ("gitlab", connection("mike/diaspora", "master"), of_ref_name.clone()),
        ("gitlab-other", connection("mike/diaspora", "main"), of_ref_name.clone()),
        ("gitlab-tag", connection("jsmith/example", "master"), vec![("$.ref", "refs/tags/v1.0.0")]),
        ("gitlab-branch", connection("jsmith/example", "master"), of_ref_name),
        ("nobody", github("example/nobody", "master"), of_ref),
    ]
}

/// Goal: whatever hosts send, the right pipelines start at the pushed commit, and no others. Method:
/// every recorded message is delivered to every webhook, and the logs are read.
#[tokio::test]
async fn recorded_messages_start_the_right_pipelines_and_no_others() {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/events");
    let Ok(index) = fs::read_to_string(events.join("index.csv")) else {
        println!("skipped: there is no corpus at {}", events.display());
        return;
    };
    let world = World::new().await;
    let mut ids = Vec::new();
    for (name, action, filters) in pipelines() {
        world.ok("CreatePipeline", json!({"pipeline": sourced(name, &action)})).await;
        let webhook = hook(name, name, &filters);
        ids.push(id_of(&world.ok("PutWebhook", json!({"webhook": webhook})).await["webhook"]));
    }
    let lines = index.lines().filter(|line| line.contains(",webhook-"));
    for (number, line) in lines.enumerate() {
        let body = fs::read(events.join(line.split(',').next().unwrap())).unwrap();
        let signed = signature(&body);
        let delivery = format!("delivery-{number}");
        let headers = [("x-hub-signature-256", &*signed), ("x-github-delivery", &*delivery)];
        for id in &ids {
            let (status, _) = send_from(&world, PEER, "POST", id, &headers, &body).await;
            assert_eq!(status, StatusCode::OK, "{line}");
        }
    }
    let mut found = Vec::new();
    for (name, ..) in pipelines() {
        for (_, _, commit) in started(&world, name).await {
            found.push((name, commit.unwrap()));
        }
    }
    let wanted = [
        ("tagged", "6113728f27ae82c7b1a177c8d03f9e96e0adf246"),
        ("bitbucket", "709d658dc5b6d6afcd46049c2f332ee3f515a67d"),
        ("gitlab", "da1560886d4f094c3e6c9ef40349f7d38b5d27d7"),
        ("gitlab-tag", "82b3d5ae55f7080f1e6022629cdb57bfae7cccc7"),
    ];
    assert_eq!(found, wanted.map(|(name, commit)| (name, commit.to_owned())));
}
