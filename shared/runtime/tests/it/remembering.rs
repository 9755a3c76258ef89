//! What is remembered for a system that honours no token of ours (PR2, PR3).

use engine::Input;
use runtime::hint::follow;
use runtime::{Hint, turn};

use crate::world::{World, web};

#[tokio::test]
async fn the_first_start_is_the_first_and_one_after_a_lost_answer_knows_that_it_is_not() {
    let world = World::new().await;
    world.start().await;
    let hint = world.until_deployment().await;
    world.outside.known().loses_answer = true;
    follow(&world.newcomer(), &hint).await.expect_err("the answer was lost");
    world.clock.pass_minutes(1);
    follow(&world.newcomer(), &hint).await.unwrap();

    let known = world.outside.known();
    let starts: Vec<_> = known.asked.iter().filter(|job| job.category == "Deploy").collect();
    assert_eq!(starts[0].begun_at_millis, None);
    let begun_at = starts[1].begun_at_millis.expect("an earlier start was begun");
    assert!(begun_at < starts[1].requested_at_millis + 60_000);
    assert!(starts[1].deadline_millis.unwrap() > starts[1].requested_at_millis);
    let role = starts[1].pipeline_role_arn.as_deref();
    assert_eq!(role, Some("arn:aws:iam::000000000000:role/towpath"));
}

#[tokio::test]
async fn a_start_that_somebody_may_still_be_at_is_awaited_and_then_taken_over_by_one() {
    let world = World::new().await;
    world.start().await;
    let hint = world.until_deployment().await;
    let Hint::StartAction(log, run) = &hint else { panic!("it was a start") };
    // Whoever began it has not come to the call yet, or was killed before.
    let now = world.app.world.now();
    world.app.store.begin_start(web().pipeline(), run, now).await.unwrap();
    follow(&world.newcomer(), &hint).await.unwrap();
    assert_eq!(world.outside.known().started.len(), 1, "only the source was started");
    let again = world.hints.take();
    assert_eq!(again, Some((Hint::AskProvider(log.clone(), run.clone()), 60)));

    world.clock.pass_minutes(1);
    let (one, other) = (world.newcomer(), world.newcomer());
    let (first, second) = tokio::join!(follow(&one, &hint), follow(&other, &hint));
    first.and(second).unwrap();
    let known = world.outside.known();
    assert_eq!(known.started.get(&run.id().to_string()), Some(&1), "{:?}", known.started);
    let start = known.asked.iter().rfind(|job| job.begun_at_millis.is_some());
    assert_eq!(start.and_then(|job| job.begun_at_millis), Some(now.millis()));
}

#[tokio::test]
async fn a_start_that_is_delivered_twice_is_made_once() {
    let world = World::new().await;
    world.start().await;
    let hint = world.until_deployment().await;
    for _ in 0..3 {
        follow(&world.newcomer(), &hint).await.unwrap();
    }
    let known = world.outside.known();
    let deployments: Vec<_> = known
        .asked
        .iter()
        .filter(|job| job.category == "Deploy")
        .map(|job| job.external_id.clone())
        .collect();
    let id = deployments[1].clone().expect("the id was noted");
    assert_eq!(deployments, [None, Some(id.clone()), Some(id)]);
    assert!(known.started.values().all(|times| *times == 1), "{:?}", known.started);
}

#[tokio::test]
async fn the_systems_id_leads_from_its_event_to_the_attempt_and_asks_again_soon() {
    let world = World::new().await;
    world.start().await;
    let hint = world.until_deployment().await;
    follow(&world.newcomer(), &hint).await.unwrap();
    let Hint::StartAction(log, run) = hint else { panic!("it was a start") };

    let later = world.hints.take();
    assert_eq!(later, Some((Hint::AskProvider(log.clone(), run.clone()), 15)), "PR5");
    let id = format!("d-{}", &run.id().to_string()[..8]);
    let found = world.app.store.external("CodeDeploy", &id).await.unwrap();
    assert_eq!(found, Some((log, run)), "PR3");
}

#[tokio::test]
async fn what_an_execution_gave_up_is_stopped_by_its_id_though_the_hint_was_lost() {
    let world = World::new().await;
    let id = world.start().await;
    let hint = world.until_deployment().await;
    follow(&world.newcomer(), &hint).await.unwrap();
    while world.hints.take().is_some() {}
    let stop =
        Input::Stop { execution: id, abandon: true, reason: None, by: "somebody".to_owned() };
    turn(&world.newcomer(), &web(), &stop, None).await.unwrap();

    let mut has_concluded = false;
    while let Some((hint, _)) = world.hints.take() {
        if matches!(hint, Hint::Conclude(..)) {
            follow(&world.newcomer(), &hint).await.unwrap();
            has_concluded = true;
        }
    }
    assert!(has_concluded);
    let stopped = world.outside.known().stopped.clone();
    assert_eq!(stopped.len(), 1);
    assert!(stopped[0].as_deref().is_some_and(|id| id.starts_with("d-")), "{stopped:?}");
    let left = world.app.store.live_of(web().pipeline(), id).await.unwrap();
    assert_eq!(left, [], "nothing is watched any more");
}
