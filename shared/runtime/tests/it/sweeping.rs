//! A sweep by a function that talks to no provider: it passes on what is to be asked.

use runtime::Hint;
use runtime::hint::follow;
use runtime::sweep::sweep_watched;

use crate::world::{World, web};

#[tokio::test]
async fn what_was_asked_for_and_never_started_is_passed_on_and_starts() {
    let world = World::new().await;
    let id = world.start().await;
    world.until_deployment().await;
    assert_eq!(world.hints.take(), None, "the hint is lost");

    world.clock.pass_minutes(1);
    sweep_watched(&world.sweeper()).await.unwrap();
    let (hint, seconds) = world.hints.take().expect("it is found again");
    assert!(matches!(&hint, Hint::AskProvider(_, run) if run.execution == id));
    assert_eq!(seconds, 0);
    assert_eq!(world.outside.known().started.len(), 1, "only the source was started so far");
    follow(&world.newcomer(), &hint).await.unwrap();
    assert_eq!(world.outside.known().started.len(), 2);
}

#[tokio::test]
async fn a_long_run_is_asked_after_each_minute_at_first_and_then_every_five() {
    let world = World::new().await;
    world.start().await;
    let hint = world.until_deployment().await;
    follow(&world.newcomer(), &hint).await.unwrap();
    while world.hints.take().is_some() {}
    let mut asked_at = Vec::new();
    for minute in 1..=30 {
        world.clock.pass_minutes(1);
        sweep_watched(&world.sweeper()).await.unwrap();
        while let Some((hint, _)) = world.hints.take() {
            assert!(matches!(hint, Hint::AskProvider(..)), "{hint}");
            asked_at.push(minute);
        }
    }
    assert_eq!(asked_at, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30]);
}

#[tokio::test]
async fn an_end_that_nobody_wrote_down_is_passed_on_and_concluded_once() {
    let world = World::new().await;
    let id = world.start().await;
    let hint = world.until_deployment().await;
    world.outside.known().is_done = true;
    follow(&world.newcomer(), &hint).await.unwrap();
    while world.hints.take().is_some() {}

    world.clock.pass_minutes(1);
    sweep_watched(&world.sweeper()).await.unwrap();
    let (hint, _) = world.hints.take().expect("the end is passed on");
    assert_eq!(hint, Hint::Conclude(web(), id));
    follow(&world.newcomer(), &hint).await.unwrap();
    assert!(world.app.store.summary(web().pipeline(), id).await.unwrap().is_some());
    sweep_watched(&world.sweeper()).await.unwrap();
    assert_eq!(world.hints.take(), None);
}
