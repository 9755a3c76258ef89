//! Messages that a webhook took, from the bus to the execution that they start (W4, W5).

use cloud::changes::follow;
use engine::change::{Change, ExecutionChange};
use events::arrival::{Pinned, WebhookMessage};
use model::time::Timestamp;
use serde_json::{Value, json};
use store::{Webhook, WebhookDefinition};

use crate::world::{World, back, code_commit, log, messages, pipeline};

/// Before every moment of the world's own.
const CREATED: i64 = 1_789_999_000_000;

fn hook(pipeline: &str, action: &str) -> Webhook {
    Webhook {
        name: "hook".to_owned(),
        id: "0123456789abcdef0123456789abcdef".to_owned(),
        edition: 0,
        definition: WebhookDefinition {
            pipeline: pipeline.to_owned(),
            action: action.to_owned(),
            filters: vec![("$.ref".to_owned(), None)],
            authentication: "UNAUTHENTICATED".to_owned(),
            secret_token: None,
            allowed_ip_range: None,
        },
        created_at: Timestamp::from_millis(CREATED),
        triggered_at: None,
        is_registered: false,
        error: None,
    }
}

fn message(marks: &[&str], commit: Option<&str>) -> WebhookMessage {
    let pinned = |commit: &str| Pinned {
        action: "Code".into(),
        kind: "COMMIT_ID".to_owned(),
        value: commit.to_owned(),
    };
    WebhookMessage {
        webhook: "hook".to_owned(),
        pipeline: "web".into(),
        marks: marks.iter().map(|mark| mark.repeat(32)).collect(),
        revisions: commit.map(pinned).into_iter().collect(),
        at: Timestamp::from_millis(CREATED + 1_000),
    }
}

/// Returns a message as the rule puts it into the queue.
fn event(id: &str, message: &WebhookMessage) -> Value {
    json!({
        "version": "0", "id": id, "detail-type": "Towpath Webhook Delivery", "source": "towpath",
        "account": "111122223333", "time": message.at.to_string(), "region": "eu-central-1",
        "resources": [], "detail": message.detail(),
    })
}

async fn hooked(mode: &str) -> World {
    let world = World::new().await;
    for name in ["web", "api"] {
        let sources = [code_commit("Code", "web", "main"), code_commit("Docs", "docs", "main")];
        world.define(&pipeline(name, mode, &sources)).await;
    }
    assert!(world.app.store.put_webhook(&hook("web", "Code")).await.unwrap());
    world
}

/// Follows messages one after the other, each by a function that remembers nothing.
async fn take(world: &World, taken: &[WebhookMessage]) {
    for (number, message) in taken.iter().enumerate() {
        let batch = messages(&[event(&format!("e{number}"), message)]);
        let unfinished = follow(&world.newcomer(), &batch).await;
        assert_eq!(back(&unfinished), Vec::<String>::new(), "{message:?}");
    }
}

async fn known(world: &World) -> Webhook {
    world.app.store.webhook("hook").await.unwrap().unwrap()
}

#[tokio::test]
async fn a_message_starts_its_pipeline_at_the_pushed_commit_and_names_the_webhook() {
    // R8.
    for mode in ["SUPERSEDED", "QUEUED", "PARALLEL"] {
        let world = hooked(mode).await;
        take(&world, &[message(&["0a"], Some("7f0103f")), message(&["0b"], None)]).await;
        assert_eq!(
            world.starts("web").await,
            ["Webhook Code COMMIT_ID 7f0103f env=test", "Webhook env=test"]
        );
        assert_eq!(world.executions("api").await, 0);
        assert!(known(&world).await.triggered_at.is_some());
    }
    let world = hooked("SUPERSEDED").await;
    take(&world, &[message(&["0a"], Some("7f0103f"))]).await;
    let records = world.app.store.records(&log("web"), 1, 100).await.unwrap();
    let causes: Vec<_> = records
        .iter()
        .flat_map(|record| &record.changes)
        .filter_map(|change| match change {
            Change::Execution { change: ExecutionChange::Started(started), .. } => {
                Some(started.trigger.detail.as_str())
            }
            Change::Execution { .. } | Change::Pipeline(_) => None,
        })
        .collect();
    assert_eq!(causes, ["arn:aws:codepipeline:eu-central-1:111122223333:webhook:hook"]);
}

#[tokio::test]
async fn a_message_that_is_delivered_hundreds_of_times_starts_one_execution() {
    // W5, S21: the same event again, another event of the same message, and a copy under another id.
    let world = hooked("PARALLEL").await;
    let same = message(&["0a", "0b"], Some("7f0103f"));
    let copy = message(&["0c", "0b"], Some("7f0103f"));
    let events = [event("e1", &same), event("e1", &same), event("e2", &same), event("e3", &copy)];
    let batch = messages(&events);
    let (one, other) = (world.newcomer(), world.newcomer());
    for _ in 0..8 {
        let (first, second) = tokio::join!(follow(&one, &batch), follow(&other, &batch));
        assert_eq!((back(&first), back(&second)), (vec![], vec![]));
    }
    world.follow_hints().await;
    assert_eq!(back(&follow(&one, &batch).await), Vec::<String>::new());
    assert_eq!(world.starts("web").await, ["Webhook Code COMMIT_ID 7f0103f env=test"]);
}

#[tokio::test]
async fn a_webhook_that_is_gone_or_was_made_anew_meanwhile_starts_nothing() {
    let world = hooked("QUEUED").await;
    world.app.store.delete_webhook(&known(&world).await).await.unwrap();
    take(&world, &[message(&["0a"], Some("7f0103f"))]).await;
    // It has the name of the one that took the message, and nothing else of it.
    let anew =
        Webhook { created_at: Timestamp::from_millis(CREATED + 9_000), ..hook("web", "Code") };
    assert!(world.app.store.put_webhook(&anew).await.unwrap());
    take(&world, &[message(&["0a"], Some("7f0103f"))]).await;
    assert_eq!(world.executions("web").await, 0);
    assert_eq!(known(&world).await.triggered_at, None);
    // What comes later is its own.
    let later = WebhookMessage {
        at: Timestamp::from_millis(CREATED + 9_000),
        ..message(&["0a"], Some("7f0103f"))
    };
    take(&world, &[later]).await;
    assert_eq!(world.executions("web").await, 1);
}

#[tokio::test]
async fn a_webhook_that_aims_elsewhere_now_starts_neither_this_nor_that() {
    let world = hooked("QUEUED").await;
    let aims = |webhook: Webhook, pipeline: &str, action: &str| Webhook {
        definition: hook(pipeline, action).definition,
        ..webhook
    };
    for (pipeline, action) in [("api", "Code"), ("web", "Docs")] {
        let changed = aims(known(&world).await, pipeline, action);
        assert!(world.app.store.put_webhook(&changed).await.unwrap());
        take(&world, &[message(&["0a"], Some("7f0103f"))]).await;
        assert_eq!((world.executions("web").await, world.executions("api").await), (0, 0));
    }
    assert!(world.app.store.put_webhook(&aims(known(&world).await, "web", "Code")).await.unwrap());
    take(&world, &[message(&["0a"], Some("7f0103f"))]).await;
    assert_eq!(world.executions("web").await, 1, "what was passed over used no mark up");
}

#[tokio::test]
async fn a_start_that_is_refused_is_written_down_once_and_not_tried_again() {
    // R9: nobody waits for the answer.
    let world = hooked("QUEUED").await;
    let mut refused = message(&["0a"], Some("7f0103f"));
    refused.revisions[0].kind = "IMAGE_DIGEST".to_owned();
    take(&world, &[refused.clone(), refused]).await;
    let starts = world.starts("web").await;
    assert!(starts.len() == 1 && starts[0].starts_with("refused: "), "{starts:?}");
    assert_eq!(known(&world).await.triggered_at, None);
    // So is one whose pipeline is not there.
    let mut gone = known(&world).await;
    gone.definition.pipeline = "gone".to_owned();
    assert!(world.app.store.put_webhook(&gone).await.unwrap());
    take(&world, &[WebhookMessage { pipeline: "gone".into(), ..message(&["0b"], None) }]).await;
}

#[tokio::test]
async fn a_mark_that_stands_for_something_else_starts_nothing() {
    let world = hooked("QUEUED").await;
    let store = &world.app.store;
    let token = format!("webhook/{}", "0a".repeat(32));
    let (id, now) = (world.app.draw_execution_id(), world.app.world.now());
    store.claim_token(&"web".into(), &token, "a person's", id, now).await.unwrap();
    take(&world, &[message(&["0a"], Some("7f0103f"))]).await;
    assert_eq!(world.executions("web").await, 0);
}

#[tokio::test]
async fn a_message_goes_back_while_the_table_does_not_answer_and_starts_once_it_does() {
    let world = hooked("SUPERSEDED").await;
    let forged =
        json!({"detail-type": "Towpath Webhook Delivery", "source": "towpath", "id": "e0"});
    let batch = messages(&[event("e1", &message(&["0a"], Some("7f0103f"))), forged]);
    let mut all = back(&follow(&world.without_table(), &batch).await);
    all.sort();
    assert_eq!(all, ["m0", "m1"]);
    assert_eq!(world.executions("web").await, 0);
    assert_eq!(back(&follow(&world.app, &batch).await), ["m1"]);
    assert_eq!(world.executions("web").await, 1);
}
