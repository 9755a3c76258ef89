//! What comes of a hint is done where the hint was followed.

use engine::state::RunKey;
use runtime::errands::{BEGUN_SECONDS_MAX, SIDE_BY_SIDE_MAX};
use runtime::hint::follow;
use runtime::start::{Request, start};
use runtime::{App, Errands, Hint};

use crate::world::{World, request, web};

/// Follows a hint and does what comes of it, as a function does that talks to providers.
async fn follow_through(app: &App, hint: &Hint) {
    let errands = Errands::new(app);
    follow(errands.app(), hint).await.unwrap();
    errands.run().await;
}

async fn first_hint(world: &World) -> Hint {
    world.start().await;
    let (hint, _) = world.hints.take().expect("the source is asked for");
    assert_eq!(world.hints.take(), None);
    hint
}

#[tokio::test]
async fn an_execution_goes_to_its_end_in_one_invocation_where_nothing_has_to_be_waited_for() {
    let world = World::new().await;
    world.outside.known().is_done = true;
    let hint = first_hint(&world).await;
    follow_through(&world.newcomer(), &hint).await;
    assert_eq!(world.hints.take(), None, "nothing travels");
    let started = world.outside.known().started.clone();
    assert_eq!(started.len(), 2);
    assert!(started.values().all(|times| *times == 1), "{started:?}");
    let Hint::StartAction(_, RunKey { execution, .. }) = hint else { panic!("{hint}") };
    let summary = world.app.store.summary(web().pipeline(), execution).await.unwrap();
    assert!(summary.is_some_and(|summary| summary.ended_at.is_some()), "the end is written down");
    assert!(world.app.store.live(web().pipeline(), execution, 1).await.unwrap().is_none());
}

#[tokio::test]
async fn what_has_to_be_waited_for_is_asked_after_later_through_the_queue() {
    let world = World::new().await;
    let hint = first_hint(&world).await;
    follow_through(&world.newcomer(), &hint).await;
    let (hint, seconds) = world.hints.take().expect("it is asked again");
    assert!(matches!(hint, Hint::AskProvider(..)) && seconds == 15, "{hint} in {seconds} s");
    assert_eq!(world.hints.take(), None);
}

#[tokio::test]
async fn what_fails_goes_into_the_queue_and_is_not_lost() {
    let world = World::new().await;
    let hint = first_hint(&world).await;
    let app = world.newcomer();
    let errands = Errands::new(&app);
    follow(errands.app(), &hint).await.unwrap();
    world.outside.known().loses_answer = true;
    errands.run().await;
    let (again, seconds) = world.hints.take().expect("the queue has it");
    assert!(
        matches!(&again, Hint::StartAction(_, run) if run.action.as_str() == "Ship"),
        "{again}"
    );
    assert_eq!(seconds, 0);
}

#[tokio::test]
async fn what_comes_late_in_an_invocation_is_left_to_the_next() {
    let world = World::new().await;
    let hint = first_hint(&world).await;
    let app = world.newcomer();
    let errands = Errands::new(&app);
    follow(errands.app(), &hint).await.unwrap();
    const { assert!(BEGUN_SECONDS_MAX < 60) };
    world.clock.pass_minutes(1);
    errands.run().await;
    assert_eq!(world.outside.known().started.len(), 1, "only the source was started");
    assert!(matches!(world.hints.take(), Some((Hint::StartAction(..), 0))));
}

#[tokio::test]
async fn no_more_is_done_side_by_side_than_an_invocation_has_room_for() {
    let world = World::new().await;
    let app = world.newcomer();
    let errands = Errands::new(&app);
    for _ in 0..SIDE_BY_SIDE_MAX + 2 {
        errands.app().hints.send(Hint::Sweep(web())).await.unwrap();
    }
    errands.run().await;
    assert_eq!(world.hints.take(), Some((Hint::Sweep(web()), 0)));
    assert_eq!(world.hints.take(), Some((Hint::Sweep(web()), 0)));
    assert_eq!(world.hints.take(), None);
}

/// A start that is asked for again finds the execution on its way, and repeats what it asks for.
#[tokio::test]
async fn what_is_asked_for_once_more_is_asked_after_and_not_begun() {
    let world = World::new().await;
    let hint = first_hint(&world).await;
    follow_through(&world.newcomer(), &hint).await;
    let Hint::StartAction(_, RunKey { execution, .. }) = hint else { panic!("{hint}") };
    world.clock.pass_minutes(10);
    let app = world.newcomer();
    let errands = Errands::new(&app);
    let again = Request { execution: Some(execution), ..request() };
    start(errands.app(), web().pipeline(), &again).await.unwrap();
    errands.run().await;
    let known = world.outside.known();
    assert!(known.started.values().all(|times| *times == 1), "{:?}", known.started);
    let last = known.asked.last().expect("it was asked after");
    assert!(last.category == "Deploy" && last.external_id.is_some(), "{last:?}");
}
