//! Providers hear of what is about to be asked of them, where it will be asked in the same process.

use providers::Job;
use runtime::hint::follow;
use runtime::{App, Errands};

use crate::world::World;

/// All that tells for whom a role is assumed.
fn whose(job: &Job) -> [Option<&str>; 9] {
    [
        Some(&job.run_id),
        Some(&job.pipeline),
        Some(&job.execution_id),
        Some(&job.stage),
        Some(&job.action),
        Some(&job.category),
        Some(&job.region),
        job.pipeline_role_arn.as_deref(),
        job.role_arn.as_deref(),
    ]
}

/// Follows the hint of the source, whose end asks for a deployment.
async fn follow_source(world: &World, app: &App) {
    world.start().await;
    let (hint, _) = world.hints.take().expect("the source is asked for");
    follow(app, &hint).await.unwrap();
}

#[tokio::test]
async fn what_will_be_started_here_is_foreseen_as_whom_it_will_be_started() {
    let world = World::new().await;
    let app = world.newcomer();
    let errands = Errands::new(&app);
    follow_source(&world, errands.app()).await;
    assert_eq!(world.outside.known().asked.len(), 1, "only the source was asked for as yet");
    errands.run().await;
    let known = world.outside.known();
    let [foreseen] = known.expected.as_slice() else { panic!("{:?}", known.expected) };
    let started = &known.asked[1];
    assert_eq!(started.action, "Ship");
    assert_eq!(whose(foreseen), whose(started));
    assert_eq!(
        foreseen.pipeline_role_arn.as_deref(),
        Some("arn:aws:iam::000000000000:role/towpath")
    );
}

#[tokio::test]
async fn what_the_queue_will_hand_to_somebody_else_is_not_foreseen() {
    let world = World::new().await;
    follow_source(&world, &world.newcomer()).await;
    assert!(world.hints.take().is_some(), "the deployment waits in the queue");
    assert!(world.outside.known().expected.is_empty());
}
