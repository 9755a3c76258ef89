//! Work of providers that may have ended.

use std::sync::atomic::Ordering;

use cloud::completions::follow;
use serde_json::{Value, json};

use crate::world::{World, back, code_commit, messages, pipeline, texts_of};

const BUILD: &str = "web:8745a7a9-c340-456a-9166-edf953571bEX";

fn ended(build: &str, status: &str) -> Value {
    json!({
        "id": "c030038d", "detail-type": "CodeBuild Build State Change", "source": "aws.codebuild",
        "account": "111122223333", "region": "eu-central-1", "time": "2017-09-01T16:14:28Z",
        "detail": {
            "build-status": status, "project-name": "web",
            "build-id": format!("arn:aws:codebuild:eu-central-1:111122223333:build/{build}"),
        },
    })
}

/// A pipeline whose build runs.
async fn building() -> World {
    let world = World::new().await;
    let declaration = pipeline("web", "SUPERSEDED", &[code_commit("Code", "web", "main")]);
    world.define(&declaration).await;
    let start = messages(&[json!({"name": "web"})]);
    assert_eq!(back(&cloud::changes::follow(&world.app, &start).await), Vec::<String>::new());
    world.provider.run_as(Some("source"));
    world.follow_hints().await;
    world.provider.run_as(None);
    let source = json!({
        "id": "1", "detail-type": "CodeBuild Build State Change", "source": "aws.codebuild",
        "detail": {"build-status": "SUCCEEDED", "build-id": "nobody:1"},
    });
    // Nobody's build moves nothing.
    assert_eq!(back(&follow(&world.app, &messages(&[source])).await), Vec::<String>::new());
    let run = world.app.store.external("CodeCommit", "source").await.unwrap().expect("it is noted");
    runtime::action::ask(&world.app, &run.0, &run.1).await.unwrap();
    world.provider.run_as(Some(BUILD));
    world.follow_hints().await;
    world
}

async fn is_running(world: &World) -> bool {
    let head = world.app.store.load(&crate::world::log("web")).await.unwrap();
    !head.state.executions.is_empty()
}

#[tokio::test]
async fn the_provider_of_work_that_ended_is_asked_and_what_it_says_is_reported() {
    let world = building().await;
    assert!(is_running(&world).await);
    world.provider.run_as(None);
    let unfinished = follow(&world.newcomer(), &messages(&[ended(BUILD, "SUCCEEDED")])).await;
    assert_eq!(back(&unfinished), Vec::<String>::new());
    assert!(!is_running(&world).await);
    // Late, and once more: nothing is asked any more.
    let polls = world.provider.polls.load(Ordering::SeqCst);
    for status in ["SUCCEEDED", "FAILED"] {
        let unfinished = follow(&world.app, &messages(&[ended(BUILD, status)])).await;
        assert_eq!(back(&unfinished), Vec::<String>::new());
    }
    assert_eq!(world.provider.polls.load(Ordering::SeqCst), polls);
}

/// D1: the event says where to look, and the provider how far the work is.
#[tokio::test]
async fn a_forged_end_changes_nothing() {
    let world = building().await;
    for status in ["FAILED", "SUCCEEDED", "whatever"] {
        let unfinished = follow(&world.app, &messages(&[ended(BUILD, status)])).await;
        assert_eq!(back(&unfinished), Vec::<String>::new());
    }
    assert!(is_running(&world).await);
    assert!(world.provider.polls.load(Ordering::SeqCst) >= 3, "it was asked each time");
}

#[tokio::test]
async fn work_that_nobody_here_started_is_asked_of_nobody() {
    let world = building().await;
    let polls = world.provider.polls.load(Ordering::SeqCst);
    let strangers = [
        ended("other:1", "SUCCEEDED"),
        ended(BUILD, "IN_PROGRESS"),
        json!({"name": "web"}),
        json!({
            "id": "2", "detail-type": "CodeDeploy Deployment State-change Notification",
            "source": "aws.codedeploy", "detail": {"state": "SUCCESS", "deploymentId": BUILD},
        }),
    ];
    let unfinished = follow(&world.app, &messages(&strangers)).await;
    assert_eq!(back(&unfinished), Vec::<String>::new());
    assert_eq!(world.provider.polls.load(Ordering::SeqCst), polls);
    assert!(is_running(&world).await);
}

#[tokio::test]
async fn a_broken_event_goes_back_alone_and_all_do_while_the_table_does_not_answer() {
    let world = building().await;
    world.provider.run_as(None);
    let mut broken = ended(BUILD, "SUCCEEDED");
    broken["detail"]["build-id"].take();
    let good = ended(BUILD, "SUCCEEDED").to_string();
    let batch = texts_of(&["[".to_owned(), broken.to_string(), good]);
    assert_eq!(back(&follow(&world.without_table(), &batch).await), ["m0", "m1", "m2"]);
    assert!(is_running(&world).await);
    assert_eq!(back(&follow(&world.app, &batch).await), ["m0", "m1"]);
    assert!(!is_running(&world).await);
}
