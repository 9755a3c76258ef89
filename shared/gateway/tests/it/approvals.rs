//! Approvals by link, and everything that must not work (security §5.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::Reply;
use model::ids::{ExecutionId, PipelineName};
use runtime::approval_link::{LinkToken, Target};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::LogKey;

use crate::world::{World, event, fault};

/// An address for each sender, so that a test which sends much is not taken for a flood.
fn post(path: &str, body: &Value, sender: usize) -> Value {
    let headers = [
        ("content-type", "application/json"),
        ("origin", "https://abc.lambda-url.eu-west-1.on.aws"),
        ("sec-fetch-site", "same-origin"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut event = event("POST", path, headers, &body.to_string());
    event["requestContext"]["http"]["sourceIp"] = format!("198.51.100.{sender}").into();
    event
}

fn declared(name: &str, mode: &str) -> Value {
    let approval = |name: &str| {
        json!({
            "name": name,
            "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
            "configuration": {"CustomData": "Is <b>#{variables.what}</b> right?"},
        })
    };
    json!({
        "name": name, "executionMode": mode, "pipelineType": "V2",
        "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "variables": [{"name": "what", "defaultValue": "this"}],
        "stages": [
            {"name": "Source", "actions": [{
                "name": "Bring",
                "actionTypeId": {"category": "Source", "owner": "Custom", "provider": "Carrier", "version": "1"},
            }]},
            {"name": "Approve", "actions": [approval("Release"), approval("Second")]},
        ],
    })
}

/// A deployment with a pipeline whose first execution waits for two approvals.
pub(crate) async fn waiting(mode: &str) -> World {
    let world = World::new().await;
    let none = json!({"minimumCount": 0, "maximumCount": 1});
    let carrier = json!({
        "category": "Source", "provider": "Carrier", "version": "1",
        "inputArtifactDetails": none, "outputArtifactDetails": none,
    });
    world.ok("CreateCustomActionType", carrier).await;
    world.ok("CreatePipeline", json!({"pipeline": declared("web", mode)})).await;
    bring(&world).await;
    world
}

/// Brings the source of whatever waits for it.
pub(crate) async fn bring(world: &World) {
    let kind =
        json!({"category": "Source", "owner": "Custom", "provider": "Carrier", "version": "1"});
    let asked = json!({"actionTypeId": kind, "maxBatchSize": 1});
    let job = world
        .until(async |world: &World| {
            let polled = world.ok("PollForJobs", asked.clone()).await;
            polled["jobs"].as_array()?.first().cloned()
        })
        .await;
    let acknowledged = json!({"jobId": job["id"], "nonce": job["nonce"]});
    world.ok("AcknowledgeJob", acknowledged).await;
    let brought = json!({
        "jobId": job["id"],
        "currentRevision": {
            "revision": "r1", "changeIdentifier": "c1", "revisionSummary": "<script>alert(1)</script>",
        },
    });
    world.ok("PutJobSuccessResult", brought).await;
}

/// Returns the links of everything that waits for an answer: path and token, newest execution first.
pub(crate) async fn links(world: &World, pipeline: &str, action: &str) -> Vec<(String, String)> {
    world
        .until(async |world: &World| {
            let pipeline = PipelineName::from(pipeline);
            let (stage, action) = ("Approve".into(), action.into());
            let app = &world.api.app;
            let open = runtime::address::open_approvals(app, &pipeline, &stage, &action).await;
            let open = open.unwrap();
            let link = |open: &runtime::address::OpenApproval| {
                let target = Target { pipeline: pipeline.clone(), run: open.run.clone() };
                (format!("/{}", target.path()), open.link_token.reveal().to_owned())
            };
            let links: Vec<_> = open.iter().rev().map(link).collect();
            (!links.is_empty()).then_some(links)
        })
        .await
}

async fn link(world: &World) -> (String, String) {
    links(world, "web", "Release").await.remove(0)
}

fn approved(token: &str, number: &str) -> Value {
    json!({"token": token, "answer": {"status": "Approved", "number": number, "summary": "seen"}})
}

/// Returns the status of an action, and what was said.
async fn status(world: &World, action: &str) -> (String, String) {
    let state = world.ok("GetPipelineState", json!({"name": "web"})).await;
    let actions = state["stageStates"][1]["actionStates"].as_array().unwrap().clone();
    let found = actions.iter().find(|it| it["actionName"] == action).unwrap();
    let text = |name: &str| found["latestExecution"][name].as_str().unwrap_or_default().to_owned();
    (text("status"), text("summary"))
}

async fn sequence(world: &World) -> u64 {
    let log = LogKey::Pipeline("web".into());
    world.api.app.store.load(&log).await.unwrap().state.sequence
}

fn told(reply: &Reply) -> (u16, String) {
    (reply.status_code, fault(reply).0)
}

#[tokio::test]
async fn whoever_has_the_link_is_shown_what_it_is_about_and_answers_once() {
    let world = waiting("SUPERSEDED").await;
    let (path, token) = link(&world).await;
    let shown = world.knock(post(&path, &json!({"token": token}), 1)).await;
    assert_eq!(shown.status_code, 200, "{}", shown.body);
    let shown: Value = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(shown["number"], 1);
    assert_eq!(shown["startedBy"]["kind"], "CreatePipeline");
    assert_eq!(shown["said"], "Is <b>this</b> right?", "as text, its variables in their place");
    assert_eq!(shown["since"]["number"], Value::Null);
    assert_eq!(shown["since"]["changes"][0]["id"], "r1");
    assert_eq!(shown["since"]["isWhole"], true);
    let until = shown["expiresAt"].as_str().unwrap();
    assert!(until.starts_with("2026-12-03T10:00"), "seven days: {until}");

    let done = world.knock(post(&path, &approved(&token, "#1"), 1)).await;
    assert_eq!(done.status_code, 200, "{}", done.body);
    assert_eq!(status(&world, "Release").await, ("Succeeded".into(), "seen".into()));
    let before = sequence(&world).await;
    for _ in 0..2 {
        let again = world.knock(post(&path, &approved(&token, "1"), 1)).await;
        assert_eq!(told(&again), (409, "ApprovalAlreadyCompletedException".into()));
        let shown = world.knock(post(&path, &json!({"token": token}), 1)).await;
        assert_eq!(told(&shown), (409, "ApprovalAlreadyCompletedException".into()));
    }
    assert_eq!(sequence(&world).await, before);
}

#[tokio::test]
async fn an_answer_is_written_down_as_one_by_link_without_its_token() {
    let world = waiting("SUPERSEDED").await;
    let (path, token) = link(&world).await;
    let records = world.records();
    world.knock(post(&path, &approved(&token, "2"), 1)).await;
    world.knock(post(&path, &approved(&token, "1"), 1)).await;
    assert_eq!(world.records(), records + 2, "the one that was refused as well");
    let record = world.newest_record();
    assert_eq!(record["eventName"], "AnswerApprovalByLink");
    assert_eq!(record["requestParameters"]["by"], "link");
    assert_eq!(record["requestParameters"]["result"]["status"], "Approved");
    assert_eq!(record["sourceIPAddress"], "198.51.100.1");
    assert!(!record.to_string().contains(&token[..16]));
}

#[tokio::test]
async fn loading_the_page_a_thousand_times_changes_nothing_and_tells_nothing() {
    let world = waiting("SUPERSEDED").await;
    let (path, token) = link(&world).await;
    let (before, records) = (sequence(&world).await, world.records());
    let mut pages = std::collections::BTreeSet::new();
    for number in 0..1_000 {
        let method = if number % 3 == 0 { "HEAD" } else { "GET" };
        let purpose = [("sec-purpose", "prefetch"), ("user-agent", "scanner"), ("x", "y")];
        let (name, value) = purpose[number % 3];
        let mut load = event(method, &path, [(name.to_owned(), value.to_owned())], "");
        // Some scanners send what stands behind the hash after all, as a query.
        load["rawQueryString"] = token.clone().into();
        let page = world.knock(load).await;
        assert_eq!(page.status_code, 200);
        assert_eq!(page.body.is_empty(), method == "HEAD");
        assert!(!page.body.contains(&token));
        pages.extend((!page.body.is_empty()).then_some(page.body));
    }
    assert_eq!(pages.len(), 1, "the page is the same for everybody");
    assert_eq!((sequence(&world).await, world.records()), (before, records));
    assert_eq!(status(&world, "Release").await.0, "InProgress");
    let stranger = path.replace("/1", "/7").replace("web", "nothing");
    let page = world.knock(event("GET", &stranger, [], "")).await;
    assert_eq!(page.status_code, 200, "a page says of nothing whether it exists");
}

#[tokio::test]
async fn the_page_can_do_nothing_but_speak_to_where_it_came_from() {
    let world = World::new().await;
    let id = ExecutionId::new(uuid::Uuid::from_u128(7));
    let page = world.knock(event("GET", &format!("/a/web/{id}/Approve/Release/1"), [], "")).await;
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    let policy = &page.headers["content-security-policy"];
    for part in [
        "default-src 'none'",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    // The one script and the one style are those that the policy names.
    for (tag, directive) in [("script", "script-src"), ("style", "style-src")] {
        let (_, rest) = page.body.split_once(&format!("<{tag}>")).unwrap();
        let (text, rest) = rest.split_once(&format!("</{tag}>")).unwrap();
        let digest = STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("{directive} 'sha256-{digest}'")), "{tag}");
        assert!(!rest.contains(&format!("<{tag}")), "there is one {tag}");
    }
    for foreign in ["http://", "https://", "src=", "innerHTML", "onclick", "javascript:", "eval("] {
        let page = page.body.replace("/^https?:\\/\\//i", "");
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.body.contains(&format!("towpath approve web Approve/Release --execution {id}")));
    assert!(page.body.contains("<noscript>"));
}

#[tokio::test]
async fn names_that_are_none_are_no_page() {
    let world = World::new().await;
    let id = ExecutionId::new(uuid::Uuid::from_u128(7));
    for name in ["%3Cscript%3E", "a%22b", "a'b", "a$(b)", "a;b", &"x".repeat(101)] {
        for path in [
            format!("/a/{name}/{id}/Approve/Release/1"),
            format!("/a/web/{id}/{name}/Release/1"),
            format!("/a/web/{id}/Approve/{name}/1"),
        ] {
            assert_eq!(world.knock(event("GET", &path, [], "")).await.status_code, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn only_the_approvals_own_token_opens_it() {
    let world = waiting("SUPERSEDED").await;
    let (path, token) = link(&world).await;
    let (other_path, other_token) = links(&world, "web", "Second").await.remove(0);
    let none = "0".repeat(64);
    let long = "0".repeat(5_000);
    let upper = token.to_uppercase();
    let attempts = [
        (&path, other_token.as_str()),
        (&other_path, token.as_str()),
        (&path, ""),
        (&path, &token[..63]),
        (&path, none.as_str()),
        (&path, long.as_str()),
        (&path, upper.as_str()),
    ];
    for (path, token) in attempts {
        for body in [json!({"token": token}), approved(token, "1")] {
            let reply = world.knock(post(path, &body, 1)).await;
            assert_eq!(told(&reply), (404, "InvalidApprovalTokenException".into()), "{token}");
        }
    }
    let unknown = ["/web/", "/web2/"];
    let elsewhere = path.replace(unknown[0], unknown[1]);
    let reply = world.knock(post(&elsewhere, &approved(&token, "1"), 2)).await;
    assert_eq!(told(&reply), (404, "InvalidApprovalTokenException".into()));
    let later = format!("{}/2", path.rsplit_once('/').unwrap().0);
    let reply = world.knock(post(&later, &approved(&token, "1"), 2)).await;
    assert_eq!(told(&reply), (404, "InvalidApprovalTokenException".into()));
    // The token of the API is another one, and none of a link's.
    let state = world.ok("GetPipelineState", json!({"name": "web"})).await;
    let of_api = state["stageStates"][1]["actionStates"][0]["latestExecution"]["token"].clone();
    let reply = world.knock(post(&path, &approved(of_api.as_str().unwrap(), "1"), 2)).await;
    assert_eq!(told(&reply), (404, "InvalidApprovalTokenException".into()));
    assert_eq!(status(&world, "Release").await.0, "InProgress");
}

#[tokio::test]
async fn an_answer_needs_the_number_that_is_shown_and_says_what_it_means() {
    let world = waiting("SUPERSEDED").await;
    let (path, token) = link(&world).await;
    let answers = [
        json!({"status": "Approved", "number": ""}),
        json!({"status": "Approved", "number": "2"}),
        json!({"status": "Approved", "number": "01"}),
        json!({"status": "Approved", "number": "one"}),
        json!({"status": "approved", "number": "1"}),
        json!({"status": "", "number": "1"}),
        json!({"status": "Approved", "number": "1", "summary": "x".repeat(513)}),
        json!({"status": "Approved", "number": 1}),
        json!({"status": "Approved"}),
        json!({"number": "1"}),
        json!({"status": "Approved", "number": "1", "force": true}),
    ];
    for answer in answers {
        let body = json!({"token": token, "answer": answer});
        let reply = world.knock(post(&path, &body, 1)).await;
        assert_eq!(told(&reply), (400, "ValidationException".into()), "{answer}");
    }
    assert_eq!(status(&world, "Release").await.0, "InProgress");
    let body = json!({"token": token, "answer": {"status": "Rejected", "number": "1"}});
    assert_eq!(world.knock(post(&path, &body, 1)).await.status_code, 200);
    assert_eq!(status(&world, "Release").await.0, "Failed");
}

#[tokio::test]
async fn nobody_answers_from_another_site_or_with_a_form() {
    let world = waiting("SUPERSEDED").await;
    let (path, token) = link(&world).await;
    let good = post(&path, &approved(&token, "1"), 1);
    let changes: [(u16, fn(&mut Value)); 8] = [
        (403, |event| event["headers"]["origin"] = "https://evil.example".into()),
        (403, |event| event["headers"]["origin"] = "null".into()),
        (403, |event| event["headers"]["sec-fetch-site"] = "cross-site".into()),
        (403, |event| event["headers"]["sec-fetch-site"] = "same-site".into()),
        (415, |event| event["headers"]["content-type"] = "text/plain".into()),
        (415, |event| {
            event["headers"]["content-type"] = "application/x-www-form-urlencoded".into();
        }),
        (405, |event| event["requestContext"]["http"]["method"] = "PUT".into()),
        (413, |event| event["body"] = format!("{}{{}}", " ".repeat(8 * 1024)).into()),
    ];
    for (status, change) in changes {
        let mut event = good.clone();
        change(&mut event);
        assert_eq!(world.knock(event).await.status_code, status);
    }
    assert_eq!(status(&world, "Release").await.0, "InProgress");
    assert_eq!(world.knock(good).await.status_code, 200);
}

#[tokio::test]
async fn one_address_tries_tokens_only_so_often() {
    let world = waiting("SUPERSEDED").await;
    let (path, _) = link(&world).await;
    let mut refused = 0;
    for _ in 0..50 {
        let reply = world.knock(post(&path, &approved(&"0".repeat(64), "1"), 1)).await;
        refused += usize::from(reply.status_code == 429);
    }
    assert_eq!(refused, 20);
}

/// Starts one more execution, and brings its source.
async fn start(world: &World) -> ExecutionId {
    let started = world.ok("StartPipelineExecution", json!({"name": "web"})).await;
    bring(world).await;
    started["pipelineExecutionId"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_link_is_dead_once_its_execution_was_superseded_or_stopped() {
    let world = waiting("SUPERSEDED").await;
    let (path, token) = link(&world).await;
    let second = start(&world).await;
    // The second waits before the stage: whoever knew its token beforehand could not use it, neither
    // while it waits nor once the third took its place.
    let run = engine::state::RunKey {
        execution: second,
        stage: "Approve".into(),
        action: "Release".into(),
        attempt: 1,
    };
    let log = LogKey::Pipeline("web".into());
    let secret = world.api.app.store.load(&log).await.unwrap().state.secret;
    let early = LinkToken::derive(secret, run.id());
    let target = Target { pipeline: "web".into(), run };
    let early_path = format!("/{}", target.path());
    let reply = world.knock(post(&early_path, &approved(early.reveal(), "2"), 1)).await;
    assert_eq!(reply.status_code, 409, "{}", reply.body);
    start(&world).await;
    world
        .until(async |world: &World| {
            let asked = json!({"pipelineName": "web", "pipelineExecutionId": second.to_string()});
            let found = world.ok("GetPipelineExecution", asked).await;
            (found["pipelineExecution"]["status"] == "Superseded").then_some(())
        })
        .await;
    let reply = world.knock(post(&early_path, &approved(early.reveal(), "2"), 1)).await;
    assert_eq!(told(&reply), (409, "ApprovalAlreadyCompletedException".into()));
    assert!(fault(&reply).1.contains("newer execution"), "{}", reply.body);

    let first = path.split('/').nth(3).unwrap();
    let stop = json!({"pipelineName": "web", "pipelineExecutionId": first, "abandon": true});
    world.ok("StopPipelineExecution", stop).await;
    let reply = world.knock(post(&path, &approved(&token, "1"), 1)).await;
    assert_eq!(told(&reply), (409, "ApprovalAlreadyCompletedException".into()));
    assert!(fault(&reply).1.contains("stopped"), "{}", reply.body);
}

#[tokio::test]
async fn a_link_is_dead_once_the_approval_is_asked_for_again() {
    let world = waiting("SUPERSEDED").await;
    let (path, token) = link(&world).await;
    let body = json!({"token": token, "answer": {"status": "Rejected", "number": "1"}});
    world.knock(post(&path, &body, 1)).await;
    let (second, other) = links(&world, "web", "Second").await.remove(0);
    world.knock(post(&second, &approved(&other, "1"), 1)).await;
    let execution = path.split('/').nth(3).unwrap();
    let retry = json!({
        "pipelineName": "web", "stageName": "Approve", "pipelineExecutionId": execution,
        "retryMode": "FAILED_ACTIONS",
    });
    world.ok("RetryStageExecution", retry).await;
    let (newer, new_token) = link(&world).await;
    assert!(newer.ends_with("/2"), "{newer}");
    let reply = world.knock(post(&path, &approved(&token, "1"), 1)).await;
    assert_eq!(told(&reply), (409, "ApprovalAlreadyCompletedException".into()));
    let reply = world.knock(post(&newer, &approved(&token, "1"), 1)).await;
    assert_eq!(told(&reply), (404, "InvalidApprovalTokenException".into()));
    assert_eq!(world.knock(post(&newer, &approved(&new_token, "1"), 1)).await.status_code, 200);
}

#[tokio::test]
async fn what_was_carried_along_since_the_last_execution_that_went_through_is_shown() {
    let world = waiting("SUPERSEDED").await;
    for action in ["Release", "Second"] {
        let (path, token) = links(&world, "web", action).await.remove(0);
        world.knock(post(&path, &approved(&token, "1"), 1)).await;
    }
    start(&world).await;
    start(&world).await;
    start(&world).await;
    // The second is inside; the fourth takes the third's place behind it.
    let (path, token) = link(&world).await;
    let stop = json!({
        "pipelineName": "web", "pipelineExecutionId": path.split('/').nth(3).unwrap(), "abandon": true,
    });
    world.ok("StopPipelineExecution", stop).await;
    let dead = world.knock(post(&path, &json!({"token": token}), 1)).await;
    assert_eq!(dead.status_code, 409);
    let (path, token) = link(&world).await;
    let shown = world.knock(post(&path, &json!({"token": token}), 1)).await;
    let shown: Value = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(shown["number"], 4);
    assert_eq!(shown["startedBy"]["kind"], "StartPipelineExecution");
    assert!(shown["startedBy"]["detail"].as_str().unwrap().ends_with("assumed-role/Release/ann"));
    assert_eq!(shown["since"]["number"], 1);
    let changes = shown["since"]["changes"].as_array().unwrap();
    let numbers: Vec<_> = changes.iter().map(|change| change["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [4, 3, 2]);
}
