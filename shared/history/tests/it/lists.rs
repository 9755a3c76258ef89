//! Lists of executions and attempts: complete at once, stable while more comes in.

use std::collections::BTreeSet;

use history::actions::{self, Filter, Page, Sought, seek};
use history::board::Progress;
use history::execution::{details, find};
use history::executions::{self, list};
use model::ids::{ActionRunId, ExecutionId};
use model::status::{ExecutionMode, ExecutionStatus, RetryMode};
use store::Summary;

use crate::world::{World, declaration, demonstration};

async fn listed(world: &World) -> Vec<Summary> {
    let look = world.look().await;
    list(&world.app, &look, 100, None, None).await.unwrap().executions
}

#[tokio::test]
async fn what_ended_is_listed_before_anybody_wrote_it_down() {
    // P10: also what was written down as failed, and went on and succeeded since.
    for mode in ["SUPERSEDED", "PARALLEL"] {
        let world = World::with(&declaration(mode, &["Source", "Deploy"])).await;
        let id = world.start().await;
        world.relay().await;
        assert_eq!(listed(&world).await[0].status, ExecutionStatus::InProgress, "{mode}");
        world.report(id, "Commit", true).await;
        assert_eq!(listed(&world).await[0].sources.len(), 1, "{mode}: as sources finish");
        world.report(id, "Host", false).await;
        world.relay().await;
        assert_eq!(listed(&world).await[0].status, ExecutionStatus::Failed, "{mode}");
        world.conclude().await;
        let failed = listed(&world).await.remove(0);
        assert_eq!(failed.status, ExecutionStatus::Failed, "{mode}");
        assert!(failed.particulars.explanation.unwrap().contains("Host leaks"));
        world.retry(id, "Deploy", RetryMode::FailedActions).await;
        world.relay().await;
        assert_eq!(listed(&world).await[0].status, ExecutionStatus::InProgress, "{mode}");
        world.report(id, "Host", true).await;
        world.relay().await;
        assert_eq!(listed(&world).await[0].status, ExecutionStatus::Succeeded, "{mode}");
        world.conclude().await;
        let ended = listed(&world).await;
        assert_eq!((ended.len(), ended[0].status), (1, ExecutionStatus::Succeeded), "{mode}");
        let expected = ExecutionMode::parse(mode);
        assert_eq!(ended[0].particulars.mode, expected);
        assert_eq!(ended[0].particulars.stages_done, 2);
    }
}

#[tokio::test]
async fn pages_of_executions_are_stable_while_new_ones_start() {
    // P3.
    let world = World::with(&declaration("SUPERSEDED", &["Source", "Deploy"])).await;
    let mut started = Vec::new();
    for _ in 0..20 {
        let id = world.start().await;
        world.finish(id).await;
        started.push(id);
        world.conclude().await;
    }
    let (mut seen, mut after): (Vec<ExecutionId>, _) = (Vec::new(), None);
    loop {
        let look = world.look().await;
        let page = list(&world.app, &look, 3, after, None).await.unwrap();
        seen.extend(page.executions.iter().map(|summary| summary.execution));
        // Meanwhile another one starts, and an earlier one is written down.
        let id = world.start().await;
        world.finish(id).await;
        if seen.len() % 2 == 0 {
            world.conclude().await;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    started.reverse();
    assert_eq!(seen, started, "each once, newest first, and none that started meanwhile");
}

#[tokio::test]
async fn the_last_page_has_no_next_one() {
    let world = World::with(&declaration("SUPERSEDED", &["Source", "Deploy"])).await;
    for _ in 0..6 {
        let id = world.start().await;
        world.finish(id).await;
        world.conclude().await;
    }
    let look = world.look().await;
    let first = list(&world.app, &look, 3, None, None).await.unwrap();
    let second = list(&world.app, &look, 3, first.next, None).await.unwrap();
    assert_eq!((first.executions.len(), second.executions.len(), second.next), (3, 3, None));
}

#[tokio::test]
async fn those_that_succeeded_in_a_stage_are_of_the_declaration_in_force() {
    // R78.
    let two = declaration("SUPERSEDED", &["Source", "Deploy"]);
    let world = World::with(&two).await;
    let old = world.start().await;
    world.finish(old).await;
    world.define(&two).await;
    let good = world.start().await;
    world.finish(good).await;
    let bad = world.start().await;
    world.report(bad, "Commit", true).await;
    world.report(bad, "Host", false).await;
    let running = world.start().await;
    world.report(running, "Commit", true).await;
    world.conclude().await;
    let look = world.look().await;
    let passed = async |stage: &str| {
        let page = list(&world.app, &look, 10, None, Some(&stage.into())).await.unwrap();
        page.executions.iter().map(|summary| summary.execution).collect::<Vec<_>>()
    };
    assert_eq!(passed("Source").await, [running, bad, good]);
    assert_eq!(passed("Deploy").await, [good]);
    let page = list(&world.app, &look, 1, None, Some(&"Source".into())).await.unwrap();
    assert_eq!(page.next, Some(running), "and they come in pages");
}

#[tokio::test]
async fn a_stop_says_why_while_it_lasts_and_once_it_ended() {
    // R50.
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let id = world.start().await;
    world.report(id, "Commit", true).await;
    world.stop(id, false, Some("the wrong branch")).await;
    let other = world.start().await;
    world.report(other, "Commit", true).await;
    let reason = async || {
        let all = listed(&world).await;
        let own = all.into_iter().find(|summary| summary.execution == id).unwrap();
        (own.status, own.particulars.stop_reason)
    };
    let told = Some("the wrong branch".to_owned());
    assert_eq!(reason().await, (ExecutionStatus::Stopping, told.clone()));
    world.report(id, "Compile", true).await;
    assert_eq!(reason().await, (ExecutionStatus::Stopped, told.clone()));
    world.conclude().await;
    assert_eq!(reason().await, (ExecutionStatus::Stopped, told));
}

#[tokio::test]
async fn what_was_superseded_or_cancelled_says_why() {
    let world = World::with(&declaration("SUPERSEDED", &["Source", "Deploy"])).await;
    for _ in 0..3 {
        world.start().await;
    }
    world.define(&declaration("SUPERSEDED", &["Source", "Deploy"])).await;
    world.conclude().await;
    let all = listed(&world).await;
    let told = |place: usize| all[place].particulars.explanation.clone().unwrap_or_default();
    assert_eq!(all[0].status, ExecutionStatus::Cancelled);
    assert!(told(0).contains("updated"), "{}", told(0));
    assert_eq!(all[1].status, ExecutionStatus::Superseded);
    assert!(told(1).contains("#3"), "{}", told(1));
}

#[tokio::test]
async fn an_execution_is_found_with_its_variables_and_what_its_sources_brought() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let id = world.start().await;
    let look = world.look().await;
    let found = find(&world.app, &look, id).await.unwrap().unwrap();
    assert!(details(&world.app, &look, &found).await.unwrap().artifacts.is_empty());
    world.finish(id).await;
    for is_concluded in [false, true] {
        if is_concluded {
            world.conclude().await;
        }
        let look = world.look().await;
        let found = find(&world.app, &look, id).await.unwrap().unwrap();
        let details = details(&world.app, &look, &found).await.unwrap();
        let artifact = &details.artifacts[0];
        assert_eq!(artifact.artifact.as_str(), "Code");
        assert!(artifact.brought_at > Some(found.summary.started_at));
        assert_eq!(artifact.revision, found.summary.sources[0].1);
    }
    let stranger = ExecutionId::new(uuid::Uuid::from_u128(7));
    assert!(find(&world.app, &world.look().await, stranger).await.unwrap().is_none());
}

#[tokio::test]
async fn an_end_that_was_forgotten_is_found_by_its_watch() {
    let world = World::with(&declaration("SUPERSEDED", &["Source", "Deploy"])).await;
    let id = world.start().await;
    world.finish(id).await;
    for _ in 0..60 {
        let other = world.start().await;
        world.finish(other).await;
    }
    let (newcomer, cold) = (world.newcomer(), history::History::default());
    let look = cold.look(&newcomer, &crate::world::web()).await.unwrap().unwrap();
    assert!(!look.board.ended.contains_key(&id), "it is behind the page that a cold start reads");
    let found = find(&newcomer, &look, id).await.unwrap().unwrap();
    assert_eq!(found.summary.status, ExecutionStatus::Succeeded);
}

async fn attempts(world: &World, filter: Filter<'_>) -> Page {
    let look = world.look().await;
    actions::list(&world.history, &world.app, &look, filter, None, 100).await.unwrap()
}

#[tokio::test]
async fn an_attempt_shows_what_it_was_given_with_references_as_they_were() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let id = world.start().await;
    world.report(id, "Commit", true).await;
    world.report(id, "Compile", false).await;
    world.retry(id, "Build", RetryMode::FailedActions).await;
    world.finish(id).await;
    let page = attempts(&world, Filter::All).await;
    let names: Vec<_> = page
        .details
        .iter()
        .map(|it| (it.attempt.run.action.as_str(), it.attempt.run.attempt))
        .collect();
    let expected =
        [("Host", 1), ("Release", 1), ("Test", 2), ("Compile", 2), ("Compile", 1), ("Commit", 1)];
    // The attempt's number is the execution's, so what runs after a retry is of the second.
    let expected: Vec<_> = expected
        .map(|(name, attempt)| (name, if name == "Commit" || attempt == 2 { attempt } else { 1 }))
        .into();
    assert_eq!(names.len(), expected.len(), "{names:?}");
    let of = |action: &str| {
        page.details.iter().find(|it| it.attempt.run.action.as_str() == action).unwrap()
    };
    let value = |action: &str| {
        let Progress::Succeeded(success) = &of(action).attempt.progress else { panic!("{action}") };
        success.variables["VALUE"].clone()
    };
    let setting =
        |action: &str, key: &str| of(action).job.as_ref().unwrap().configuration[key].clone();
    assert_eq!(setting("Compile", "ProjectName"), format!("web-{}", value("Commit")));
    assert_eq!(setting("Test", "ProjectName"), format!("test-{}", value("Compile")));
    assert_eq!(setting("Release", "CustomData"), format!("release {id}?"));
    assert_eq!(of("Test").job.as_ref().unwrap().inputs[0].name, "Code");
    assert_eq!(of("Compile").action.configuration["ProjectName"], "web-#{Source.VALUE}");
}

#[tokio::test]
async fn the_newest_of_each_action_leaves_former_attempts_out() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let id = world.start().await;
    world.report(id, "Commit", true).await;
    world.report(id, "Compile", false).await;
    world.retry(id, "Build", RetryMode::AllActions).await;
    world.report(id, "Compile", false).await;
    let find = async || find(&world.app, &world.look().await, id).await.unwrap().unwrap();
    let count = async |page: Page| {
        let runs = page.details.iter().map(|it| &it.attempt.run);
        runs.map(|run| (run.action.to_string(), run.attempt)).collect::<BTreeSet<_>>()
    };
    let found = find().await;
    let all = count(attempts(&world, Filter::Of(&found)).await).await;
    assert_eq!(all.len(), 3);
    let newest = count(attempts(&world, Filter::NewestOf(&found)).await).await;
    assert_eq!(newest, [("Commit".to_owned(), 1), ("Compile".to_owned(), 2)].into());
    // In pages as well, where nobody remembers what was on the page before.
    let look = world.look().await;
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let filter = Filter::NewestOf(&found);
        let page = actions::list(&world.history, &world.app, &look, filter, after, 1).await;
        let page = page.unwrap();
        paged.extend(page.details.iter().map(|it| it.attempt.run.attempt));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, [2, 1]);
}

#[tokio::test]
async fn an_open_approval_of_a_parallel_execution_has_its_token() {
    // R29.
    let world = World::with(&demonstration("PARALLEL")).await;
    let id = world.start().await;
    world.relay().await;
    for action in ["Commit", "Compile", "Test"] {
        world.report(id, action, true).await;
    }
    let page = attempts(&world, Filter::All).await;
    let open = &page.details[0];
    assert_eq!(open.attempt.run.action.as_str(), "Release");
    let head = world.head_of(id).await;
    let token = model::ids::ApprovalToken::derive(head.state.secret, open.attempt.run.id());
    assert_eq!(open.token, Some(token));
    world.report(id, "Release", true).await;
    let page = attempts(&world, Filter::All).await;
    assert!(page.details.iter().all(|detail| detail.token.is_none()), "answered");
}

#[tokio::test]
async fn pages_of_attempts_are_stable_while_more_is_asked_for() {
    // P3.
    for mode in ["SUPERSEDED", "PARALLEL"] {
        let world = World::with(&demonstration(mode)).await;
        for _ in 0..5 {
            let id = world.start().await;
            world.relay().await;
            world.finish(id).await;
        }
        let expected: Vec<ActionRunId> = attempts(&world, Filter::All)
            .await
            .details
            .iter()
            .map(|detail| detail.attempt.run.id())
            .collect();
        assert_eq!(expected.len(), 25);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let look = world.look().await;
            let filter = Filter::All;
            let page = actions::list(&world.history, &world.app, &look, filter, after, 4).await;
            let page = page.unwrap();
            seen.extend(page.details.iter().map(|detail| detail.attempt.run.id()));
            let id = world.start().await;
            world.relay().await;
            world.finish(id).await;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{mode}");
    }
}

#[tokio::test]
async fn an_attempt_is_found_by_its_id_and_a_strange_id_is_not() {
    for mode in ["SUPERSEDED", "PARALLEL"] {
        let world = World::with(&demonstration(mode)).await;
        let id = world.start().await;
        world.relay().await;
        world.report(id, "Commit", true).await;
        let look = world.look().await;
        let run = attempts(&world, Filter::All).await.details[0].attempt.run.id();
        assert_eq!(seek(&world.app, &look, run, None).await.unwrap(), Sought::Found);
        let stranger = ActionRunId::new(uuid::Uuid::from_u128(7));
        assert_eq!(seek(&world.app, &look, stranger, None).await.unwrap(), Sought::Absent);
    }
}

#[tokio::test]
async fn an_execution_of_another_pipeline_is_not_found() {
    let world = World::with(&demonstration("PARALLEL")).await;
    let id = world.start().await;
    world.relay().await;
    let other = demonstration("PARALLEL").replace("\"name\":\"web\"", "\"name\":\"shop\"");
    world.define(&other).await;
    let look = world.history.look(&world.app, &"shop".into()).await.unwrap().unwrap();
    assert!(find(&world.app, &look, id).await.unwrap().is_none());
    let page = executions::list(&world.app, &look, 10, None, None).await.unwrap();
    assert!(page.executions.is_empty());
}
