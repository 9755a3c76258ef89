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

/// The same event, with what CodeBuild repeats of the build's environment.
fn ended_naming(build: &str, attempt: &str) -> Value {
    let mut event = ended(build, "SUCCEEDED");
    event["detail"]["additional-information"] = json!({"environment": {"environment-variables": [
        {"name": "TOWPATH_ATTEMPT", "value": attempt, "type": "PLAINTEXT"},
    ]}});
    event
}

/// A pipeline whose build runs, and the name of the build's attempt.
async fn building_named() -> (World, String) {
    let world = World::new().await;
    world.provider.names_attempts.store(true, Ordering::SeqCst);
    let declaration = pipeline("web", "SUPERSEDED", &[code_commit("Code", "web", "main")]);
    world.define(&declaration).await;
    let start = messages(&[json!({"name": "web"})]);
    assert_eq!(back(&cloud::changes::follow(&world.app, &start).await), Vec::<String>::new());
    let head = world.app.store.load(&crate::world::log("web")).await.unwrap();
    let execution = *head.state.executions.keys().next().expect("one runs");
    // The source is done at once; the build runs.
    world.follow_one_hint().await;
    world.provider.run_as(Some(BUILD));
    world.follow_hints().await;
    let head = world.app.store.load(&crate::world::log("web")).await.unwrap();
    let declared = world.app.store.plans(&head).await.unwrap();
    let stage = declared.stage_of(&head.state.executions[&execution]);
    let name = format!("web/{execution}/{}/{}/1", stage.name, stage.actions[0].name);
    (world, name)
}

/// Nothing leads from the id to the attempt; its name does, and the id that was noted is what is asked by.
#[tokio::test]
async fn an_event_that_names_the_attempt_needs_nothing_noted_to_find_it() {
    let (world, name) = building_named().await;
    assert_eq!(world.app.store.external("CodeCommit", BUILD).await.unwrap(), None);
    assert_eq!(world.app.store.external("CodeBuild", BUILD).await.unwrap(), None);
    world.provider.run_as(None);
    let event = ended_naming(BUILD, &name);
    let unfinished = follow(&world.newcomer(), &messages(&[event])).await;
    assert_eq!(back(&unfinished), Vec::<String>::new());
    assert!(!is_running(&world).await);
    assert_eq!(world.provider.asked_by.lock().unwrap().last(), Some(&Some(BUILD.to_owned())));
}

/// Whoever may put events, or start builds of their own with our variable in it, has us ask after the build
/// that we started, and after no other.
#[tokio::test]
async fn a_stranger_that_names_our_attempt_has_our_own_build_asked() {
    let (world, name) = building_named().await;
    for app in [world.app.clone(), world.newcomer()] {
        let event = ended_naming("evil:1", &name);
        assert_eq!(back(&follow(&app, &messages(&[event])).await), Vec::<String>::new());
    }
    assert!(is_running(&world).await);
    let asked_by = world.provider.asked_by.lock().unwrap().clone();
    assert_eq!(asked_by[asked_by.len() - 2..], [Some(BUILD.to_owned()), Some(BUILD.to_owned())]);
    let polls = world.provider.polls.load(Ordering::SeqCst);
    let other = name.replace("web/", "other/");
    for name in [&other, &name.replace("/1", "/2"), &format!("{name}/own"), "web", ""] {
        let unfinished = follow(&world.app, &messages(&[ended_naming("evil:1", name)])).await;
        assert_eq!(back(&unfinished), Vec::<String>::new(), "{name}");
    }
    assert_eq!(world.provider.polls.load(Ordering::SeqCst), polls, "nobody else's is asked");
}

/// A process that saw the log before the attempt was asked for looks again before it says that there is none.
#[tokio::test]
async fn who_saw_the_log_before_the_attempt_was_asked_for_looks_again() {
    let (world, name) = building_named().await;
    let stale = world.newcomer();
    world.provider.run_as(None);
    // It sees the log as it is now, with one execution.
    let log = crate::world::log("web");
    stale.store.load(&log).await.unwrap();
    let event = ended_naming(BUILD, &name);
    assert_eq!(back(&follow(&world.app, &messages(&[event])).await), Vec::<String>::new());
    assert!(!is_running(&world).await);
    world.provider.run_as(Some("web:2"));
    let start = messages(&[json!({"name": "web", "clientRequestToken": "second"})]);
    assert_eq!(back(&cloud::changes::follow(&world.app, &start).await), Vec::<String>::new());
    world.follow_hints().await;
    let head = world.app.store.load(&log).await.unwrap();
    let execution = *head.state.executions.keys().next().expect("the second one runs");
    let first = name.split('/').nth(1).unwrap();
    let plans = world.app.store.plans(&head).await.unwrap();
    let stage = plans.stage_of(&head.state.executions[&execution]);
    let second = format!("web/{execution}/{}/{}/1", stage.name, stage.actions[0].name);
    assert!(!second.contains(first));
    let polls = world.provider.polls.load(Ordering::SeqCst);
    let event = ended_naming("web:2", &second);
    assert_eq!(back(&follow(&stale, &messages(&[event])).await), Vec::<String>::new());
    assert_eq!(world.provider.polls.load(Ordering::SeqCst), polls + 1, "it was found and asked");
}

/// A process that saw the attempt in progress, and not its end, is told once more: where the system knows nothing of
/// the work any more, nothing is started on what was seen.
#[tokio::test]
async fn nothing_is_started_again_by_a_process_that_did_not_see_the_end() {
    let (world, name) = building_named().await;
    let (stale, log) = (world.newcomer(), crate::world::log("web"));
    stale.store.load(&log).await.unwrap();
    world.provider.run_as(None);
    let event = ended_naming(BUILD, &name);
    assert_eq!(
        back(&follow(&world.app, &messages(std::slice::from_ref(&event))).await),
        Vec::<String>::new()
    );
    assert!(!is_running(&world).await);
    world.provider.knows_nothing.store(true, Ordering::SeqCst);
    let starts = world.provider.starts.load(Ordering::SeqCst);
    let polls = world.provider.polls.load(Ordering::SeqCst);
    assert_eq!(back(&follow(&stale, &messages(&[event])).await), Vec::<String>::new());
    assert_eq!(world.provider.polls.load(Ordering::SeqCst), polls + 1, "it was still asked after");
    assert_eq!(world.provider.starts.load(Ordering::SeqCst), starts, "and not started");
}

/// An attempt that the system does not know though the log waits for it is started, as the sweep would.
#[tokio::test]
async fn what_is_waited_for_and_not_known_is_started() {
    let (world, name) = building_named().await;
    world.provider.knows_nothing.store(true, Ordering::SeqCst);
    let starts = world.provider.starts.load(Ordering::SeqCst);
    let event = ended_naming(BUILD, &name);
    assert_eq!(back(&follow(&world.newcomer(), &messages(&[event])).await), Vec::<String>::new());
    assert_eq!(world.provider.starts.load(Ordering::SeqCst), starts + 1);
    assert!(is_running(&world).await);
}
