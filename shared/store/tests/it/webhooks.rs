//! Webhooks, by name and by the id in their URL.

use model::time::Timestamp;
use store::{Webhook, WebhookDefinition};

use crate::world::World;

fn webhook(name: &str, id: &str) -> Webhook {
    Webhook {
        name: name.to_owned(),
        id: id.to_owned(),
        edition: 0,
        definition: WebhookDefinition {
            pipeline: "web".to_owned(),
            action: "Source".to_owned(),
            filters: vec![("$.ref".to_owned(), Some("refs/heads/{Branch}".to_owned()))],
            authentication: "GITHUB_HMAC".to_owned(),
            secret_token: Some("canary-4711".to_owned()),
            allowed_ip_range: None,
        },
        created_at: Timestamp::from_millis(1_790_000_000_000),
        triggered_at: None,
        is_registered: false,
        error: None,
    }
}

/// What is read after the given webhook was written.
fn written(webhook: &Webhook) -> Webhook {
    Webhook { edition: webhook.edition + 1, ..webhook.clone() }
}

#[tokio::test]
async fn a_webhook_is_found_by_name_and_by_its_url() {
    let world = World::new().await;
    let store = &world.store;
    let hook = webhook("hook", "id1");
    assert!(store.put_webhook(&hook).await.unwrap());
    assert_eq!(store.webhook("hook").await.unwrap(), Some(written(&hook)));
    assert_eq!(store.webhook_of_id("id1").await.unwrap(), Some(written(&hook)));
    assert_eq!(store.webhook_of_id("id2").await.unwrap(), None);
    assert_eq!(store.list_catalog().await.unwrap(), [], "a webhook is no pipeline");
}

#[tokio::test]
async fn of_two_who_write_at_once_one_is_told() {
    let world = World::new().await;
    let store = &world.store;
    assert!(store.put_webhook(&webhook("hook", "id1")).await.unwrap());
    assert!(!store.put_webhook(&webhook("hook", "id2")).await.unwrap());
    assert_eq!(store.webhook_of_id("id2").await.unwrap(), None);
    let read = store.webhook("hook").await.unwrap().unwrap();
    assert!(store.put_webhook(&read).await.unwrap());
    assert!(!store.put_webhook(&read).await.unwrap());
}

#[tokio::test]
async fn a_deleted_webhooks_url_leads_nowhere_even_after_it_is_created_again() {
    let world = World::new().await;
    let store = &world.store;
    store.put_webhook(&webhook("hook", "id1")).await.unwrap();
    store.delete_webhook(&webhook("hook", "id1")).await.unwrap();
    store.delete_webhook(&webhook("hook", "id1")).await.unwrap();
    assert_eq!(store.webhook("hook").await.unwrap(), None);
    store.put_webhook(&webhook("hook", "id2")).await.unwrap();
    assert_eq!(store.webhook_of_id("id1").await.unwrap(), None);
    assert!(store.webhook_of_id("id2").await.unwrap().is_some());
}

#[tokio::test]
async fn notes_are_kept_by_updates_and_bring_nothing_back() {
    let world = World::new().await;
    let store = &world.store;
    let hook = webhook("hook", "id1");
    store.put_webhook(&hook).await.unwrap();
    let now = Timestamp::from_millis(1_790_000_001_234);
    let error = ("Unreachable".to_owned(), "GitHub cannot be reached".to_owned());
    store.note_triggered(&hook, now).await.unwrap();
    store.note_registration(&hook, false, Some(&error)).await.unwrap();
    let read = store.webhook("hook").await.unwrap().unwrap();
    assert_eq!((read.triggered_at, read.error.as_ref()), (Some(now), Some(&error)));
    store.put_webhook(&read).await.unwrap();
    let again = store.webhook("hook").await.unwrap().unwrap();
    assert_eq!((again.triggered_at, again.error.as_ref()), (Some(now), Some(&error)));
    store.note_registration(&hook, true, None).await.unwrap();
    let registered = store.webhook("hook").await.unwrap().unwrap();
    assert_eq!((registered.is_registered, registered.error), (true, None));

    store.delete_webhook(&hook).await.unwrap();
    store.note_triggered(&hook, now).await.unwrap();
    assert_eq!(store.webhook("hook").await.unwrap(), None);
    store.put_webhook(&webhook("hook", "id2")).await.unwrap();
    store.note_triggered(&hook, now).await.unwrap();
    assert_eq!(store.webhook("hook").await.unwrap().unwrap().triggered_at, None);
}

#[tokio::test]
async fn pages_go_by_name() {
    let world = World::new().await;
    let store = &world.store;
    for number in [3, 1, 2] {
        let hook = webhook(&format!("hook-{number}"), &format!("id{number}"));
        store.put_webhook(&hook).await.unwrap();
    }
    let names = |page: &store::WebhookPage| {
        page.webhooks.iter().map(|hook| hook.name.clone()).collect::<Vec<_>>()
    };
    let first = store.webhook_page(2, None).await.unwrap();
    assert_eq!((names(&first), first.has_more), (vec!["hook-1".into(), "hook-2".into()], true));
    let second = store.webhook_page(2, Some("hook-2")).await.unwrap();
    assert_eq!((names(&second), second.has_more), (vec!["hook-3".into()], false));
    let all = store.webhook_page(3, None).await.unwrap();
    assert!(!all.has_more, "an exact page has no empty one behind it");
}

#[test]
fn a_secret_is_never_printed() {
    let text = format!("{:?}", webhook("hook", "id1"));
    assert!(!text.contains("canary"), "{text}");
}
