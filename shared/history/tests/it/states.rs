//! What people see of the stages, in the situations that they ask about (contract §3.3).

use history::board::Progress;
use history::stages::stages;
use history::{History, Look, Running};
use model::status::{ActionStatus, ExecutionStatus, RetryMode, StageStatus};

use crate::world::{ANN, World, declaration, demonstration, web};

fn status(view: &history::stages::StageView, action: &str) -> Option<ActionStatus> {
    let action = view.actions.iter().find(|it| it.action.name.as_str() == action).unwrap();
    action.latest.as_ref().map(|latest| latest.progress.status())
}

#[tokio::test]
async fn a_new_pipeline_shows_every_stage_in_order_and_nothing_that_ran() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let views = stages(&world.look().await);
    let names: Vec<_> = views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["Source", "Build", "Approve", "Deploy"]);
    for view in &views {
        assert!(view.transition.is_enabled && view.transition.by.is_none(), "{view:?}");
        assert_eq!((view.latest, view.waiting.len(), view.retries), (None, 0, 0));
        assert!(view.actions.iter().all(|action| action.latest.is_none()));
    }
}

#[tokio::test]
async fn a_superseded_waiter_is_gone_and_the_newer_one_stands_at_the_door() {
    // R18, R23.
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = world.start().await;
        for action in ["Commit", "Compile", "Test"] {
            world.report(id, action, true).await;
        }
        ids.push(id);
    }
    let approve = world.stage("Approve").await;
    assert_eq!(approve.latest, Some((ids[0], StageStatus::InProgress)));
    assert_eq!(approve.waiting, [(ids[2], ExecutionStatus::InProgress)]);
}

#[tokio::test]
async fn queued_waiters_stand_in_line_head_first() {
    // R23: several wait, and the first in line comes first.
    let world = World::with(&demonstration("QUEUED")).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        let id = world.start().await;
        for action in ["Commit", "Compile", "Test"] {
            world.report(id, action, true).await;
        }
        ids.push(id);
    }
    let waiting: Vec<_> =
        world.stage("Approve").await.waiting.into_iter().map(|(id, _)| id).collect();
    assert_eq!(waiting, ids[1..]);
    world.stop(ids[2], false, None).await;
    let waiting: Vec<_> =
        world.stage("Approve").await.waiting.into_iter().map(|(id, _)| id).collect();
    assert_eq!(waiting, [ids[1], ids[3]], "R24: a stopped waiter leaves the line");
}

#[tokio::test]
async fn a_parallel_pipeline_has_no_stages_to_show() {
    // R26.
    let world = World::with(&demonstration("PARALLEL")).await;
    world.start().await;
    world.relay().await;
    assert!(stages(&world.look().await).is_empty());
}

#[tokio::test]
async fn a_failure_shows_why_and_a_retry_is_counted() {
    // R51, R57.
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let id = world.start().await;
    world.report(id, "Commit", true).await;
    world.report(id, "Compile", false).await;
    let build = world.stage("Build").await;
    assert_eq!(build.latest, Some((id, StageStatus::Failed)));
    let Some(latest) = &build.actions[0].latest else { panic!("it ran") };
    let Progress::Failed(failure) = &latest.progress else { panic!("it failed") };
    assert_eq!((&*failure.code, &*failure.message), ("JobFailed", "Compile leaks"));
    assert_eq!((build.retries, status(&build, "Test")), (0, None));

    for attempt in 2..=3 {
        world.retry(id, "Build", RetryMode::FailedActions).await;
        let build = world.stage("Build").await;
        assert_eq!(build.latest, Some((id, StageStatus::InProgress)));
        assert_eq!(build.retries, attempt - 1);
        let run = &build.actions[0].latest.as_ref().unwrap().run;
        assert_eq!(run.attempt, attempt, "a retry is another attempt with another id");
        world.report(id, "Compile", attempt == 3).await;
    }
    world.report(id, "Test", true).await;
    assert_eq!(world.stage("Build").await.latest, Some((id, StageStatus::Succeeded)));
    assert_eq!(world.stage("Approve").await.retries, 0, "each stage counts its own");
    let next = world.start().await;
    world.report(next, "Commit", true).await;
    assert_eq!(world.stage("Build").await.retries, 0, "the next execution was not retried");
}

#[tokio::test]
async fn an_action_that_the_newest_execution_did_not_reach_shows_its_last_run() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let first = world.start().await;
    for action in ["Commit", "Compile", "Test"] {
        world.report(first, action, true).await;
    }
    let second = world.start().await;
    world.report(second, "Commit", true).await;
    world.report(second, "Compile", false).await;
    let build = world.stage("Build").await;
    assert_eq!(build.latest, Some((second, StageStatus::Failed)));
    assert_eq!(status(&build, "Compile"), Some(ActionStatus::Failed));
    let test = build.actions[1].latest.as_ref().unwrap();
    assert_eq!((test.run.execution, test.progress.status()), (first, ActionStatus::Succeeded));
}

#[tokio::test]
async fn an_action_that_was_taken_away_and_comes_back_is_a_new_one() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let id = world.start().await;
    world.finish(id).await;
    assert!(world.stage("Approve").await.actions[0].latest.is_some());
    world.define(&declaration("SUPERSEDED", &["Source", "Build", "Deploy"])).await;
    world.define(&demonstration("SUPERSEDED")).await;
    let approve = world.stage("Approve").await;
    assert_eq!((approve.latest, &approve.actions[0].latest), (None, &None));
    assert!(world.stage("Deploy").await.actions[0].latest.is_some(), "what stayed is kept (R88)");
}

#[tokio::test]
async fn a_source_shows_the_revision_that_it_brought_last() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let first = world.start().await;
    world.report(first, "Commit", true).await;
    let brought = world.stage("Source").await.actions[0].brought.clone().unwrap();
    let second = world.start().await;
    world.report(second, "Commit", false).await;
    let source = world.stage("Source").await;
    assert_eq!(source.actions[0].brought.as_ref(), Some(&brought), "a failure brings nothing");
    assert_eq!(status(&source, "Commit"), Some(ActionStatus::Failed));
    assert!(world.stage("Build").await.actions.iter().all(|action| action.brought.is_none()));
}

#[tokio::test]
async fn a_transition_says_who_changed_it_last_also_once_it_is_open_again() {
    // R38, R42.
    let world = World::with(&demonstration("SUPERSEDED")).await;
    world.disable("Deploy", "a leak").await;
    let closed = world.stage("Deploy").await.transition;
    assert_eq!((closed.is_enabled, closed.by.as_deref()), (false, Some(ANN)));
    assert_eq!(closed.reason.as_deref(), Some("a leak"));
    world.disable("Deploy", "still a leak").await;
    let again = world.stage("Deploy").await.transition;
    assert_eq!(again.reason.as_deref(), Some("still a leak"));
    assert!(again.at > closed.at, "changed again, although closed since the first time");
    world.enable("Deploy").await;
    let open = world.stage("Deploy").await.transition;
    assert_eq!((open.is_enabled, open.by.as_deref(), open.reason), (true, Some("bob"), None));
    assert!(open.at > again.at);
    world.define(&demonstration("SUPERSEDED")).await;
    assert_eq!(world.stage("Deploy").await.transition.by.as_deref(), Some("bob"), "R42");
}

#[tokio::test]
async fn an_answered_approval_says_by_whom() {
    // R80.
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let id = world.start().await;
    for action in ["Commit", "Compile", "Test"] {
        world.report(id, action, true).await;
    }
    let open = world.stage("Approve").await.actions[0].latest.clone().unwrap();
    assert_eq!((open.progress.clone(), open.by), (Progress::InProgress, None));
    world.report(id, "Release", false).await;
    let answered = world.stage("Approve").await.actions[0].latest.clone().unwrap();
    assert_eq!(answered.by.as_deref(), Some(ANN));
    assert_eq!(answered.progress.status(), ActionStatus::Failed);
    assert!(answered.changed_at > open.changed_at);
}

#[tokio::test]
async fn an_abandoned_action_and_a_stopped_stage_are_shown_as_such() {
    // R44.
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let id = world.start().await;
    world.report(id, "Commit", true).await;
    world.stop(id, true, Some("the wrong branch")).await;
    let build = world.stage("Build").await;
    assert_eq!(build.latest, Some((id, StageStatus::Stopped)));
    assert_eq!(status(&build, "Compile"), Some(ActionStatus::Abandoned));
}

#[tokio::test]
async fn a_pipeline_that_is_created_again_begins_with_nothing() {
    // R90: the name is free again, and the history is not inherited.
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let old = world.start().await;
    world.finish(old).await;
    let created_at = world.look().await.life.created_at;
    world.delete().await;
    let nothing = world.history.look(&world.app, &web()).await.unwrap();
    assert!(nothing.is_none());
    world.define(&demonstration("SUPERSEDED")).await;
    world.conclude().await;
    let look = world.look().await;
    assert!(look.life.created_at > created_at);
    assert!(stages(&look).iter().all(|view| view.latest.is_none()));
    let found = history::execution::find(&world.app, &look, old).await.unwrap();
    assert!(found.is_none(), "the old execution belongs to the old pipeline");
    let record = history::versions::record_of(&world.app, &look.head, 2).await.unwrap();
    assert!(record.is_none());
}

#[tokio::test]
async fn former_versions_are_found_also_where_nobody_noted_them() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    for _ in 2..=5 {
        world.start().await;
        world.define(&demonstration("SUPERSEDED")).await;
    }
    let look = world.look().await;
    for version in 1..=5 {
        let noted = history::versions::record_of(&world.app, &look.head, version).await.unwrap();
        let noted = noted.unwrap_or_else(|| panic!("version {version}"));
        // A note that points elsewhere is not believed.
        world.app.store.put_definition_record(&web(), version, 2).await.unwrap();
        let found = history::versions::record_of(&world.app, &look.head, version).await.unwrap();
        assert_eq!(found.unwrap().sequence, noted.sequence, "version {version}");
        assert!(noted.definition.is_some());
    }
}

#[tokio::test]
async fn the_providers_id_is_shown_while_the_work_goes_on_and_read_only_once() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    // From here on this process sees everything happen.
    world.look().await;
    let id = world.start().await;
    world.report(id, "Commit", true).await;
    let look = world.look().await;
    let asked = async |app: &runtime::App, history: &History, look: &Look| {
        let build = stages(look).remove(1);
        let latest = build.actions[0].latest.clone().unwrap();
        let (pipeline, action, board) = (web(), &build.actions[0].action, Some(&*look.board));
        let (run, asked) = (&latest.run, latest.asked);
        let running = Running { pipeline: &pipeline, action, run, asked, board };
        history.running(app, &running).await.unwrap().external_id
    };
    let requests = || world.embedded.meter().total().requests;
    let before = requests();
    assert_eq!(asked(&world.app, &world.history, &look).await, None);
    assert_eq!(requests(), before, "who saw it start need not ask");
    let (_, run, _) = world.in_progress().await.remove(0);
    world.app.store.note_external(&web(), &run, "build:7").await.unwrap();
    let before = requests();
    let told = Some("build:7".to_owned());
    assert_eq!(asked(&world.app, &world.history, &look).await, told);
    assert_eq!(requests(), before, "nor who noted it");

    let (newcomer, cold) = (world.newcomer(), History::default());
    let look = cold.look(&newcomer, &web()).await.unwrap().unwrap();
    let before = requests();
    assert_eq!(asked(&newcomer, &cold, &look).await, told);
    assert_eq!(requests(), before + 1, "after a restart it is read");
    assert_eq!(asked(&newcomer, &cold, &look).await, told);
    assert_eq!(requests(), before + 1, "and remembered");
}

#[tokio::test]
async fn a_note_from_before_a_deletion_is_not_believed() {
    // R90: versions are counted from 1 again.
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let old = world.look().await.life.created_record;
    world.delete().await;
    world.define(&demonstration("SUPERSEDED")).await;
    world.define(&demonstration("SUPERSEDED")).await;
    world.app.store.put_definition_record(&web(), 1, old).await.unwrap();
    let look = world.look().await;
    let found = history::versions::record_of(&world.app, &look.head, 1).await.unwrap().unwrap();
    assert_eq!(found.sequence, look.life.created_record);
    assert!(found.sequence > old);
}
