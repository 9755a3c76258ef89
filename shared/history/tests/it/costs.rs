//! What reading costs, in requests, however long the history is.

use history::actions::{Filter, Sought, seek};
use history::execution::find;
use history::stages::stages;
use history::{History, actions, executions};
use model::ids::{ActionRunId, ExecutionId};
use model::status::{ActionStatus, RetryMode};

use crate::world::{World, declaration, demonstration, web};

/// What each kind of question costs, in requests.
#[derive(Debug, PartialEq, Eq)]
struct Costs {
    warm_state: u64,
    warm_state_after_a_change: u64,
    warm_executions: u64,
    cold_state: u64,
    cold_executions: u64,
    cold_attempts: u64,
}

/// Goal: nothing grows with the history. Method: 10 and 1 000 executions that really ran.
#[tokio::test]
async fn questions_cost_the_same_after_10_and_after_1_000_executions() {
    let mut costs = Vec::new();
    for size in [10, 1_000] {
        let world = World::with(&declaration("SUPERSEDED", &["Source", "Deploy"])).await;
        for _ in 0..size {
            let id = world.start().await;
            world.finish(id).await;
            world.conclude().await;
        }
        costs.push(measure(&world).await);
    }
    assert_eq!(costs[0], costs[1], "10 and 1 000");
    let expected = Costs {
        // What this process wrote itself is not read.
        warm_state: 0,
        warm_state_after_a_change: 0,
        // One page of summaries.
        warm_executions: 1,
        // The head, the record that created the pipeline, and one page of records.
        cold_state: 3,
        cold_executions: 1,
        cold_attempts: 1,
    };
    assert_eq!(costs[0], expected);
}

async fn measure(world: &World) -> Costs {
    let requests = |world: &World| world.embedded.meter().total().requests;
    let look = world.look().await;
    let before = requests(world);
    assert_eq!(stages(&world.look().await).len(), look.plan.stages.len());
    let warm_state = requests(world) - before;

    let id = world.start().await;
    let before = requests(world);
    let look = world.look().await;
    assert_eq!(stages(&look)[0].latest.map(|(latest, _)| latest), Some(id));
    let warm_state_after_a_change = requests(world) - before;

    let before = requests(world);
    let page = executions::list(&world.app, &look, 5, None, None).await.unwrap();
    assert_eq!((page.executions.len(), page.executions[0].execution), (5, id));
    let warm_executions = requests(world) - before;

    let before = requests(world);
    let (newcomer, cold) = (world.newcomer(), History::default());
    let look = cold.look(&newcomer, &web()).await.unwrap().unwrap();
    let cold_state = requests(world) - before;

    let before = requests(world);
    executions::list(&newcomer, &look, 5, None, None).await.unwrap();
    let cold_executions = requests(world) - before;

    let before = requests(world);
    actions::list(&cold, &newcomer, &look, Filter::All, None, 5).await.unwrap();
    let cold_attempts = requests(world) - before;
    world.finish(id).await;
    Costs {
        warm_state,
        warm_state_after_a_change,
        warm_executions,
        cold_state,
        cold_executions,
        cold_attempts,
    }
}

/// Goal: a stage whose newest execution is far behind is still shown as it was, at a bounded cost.
/// Method: an approval that waits while more executions than the bound pass by before it.
#[tokio::test]
async fn what_is_far_behind_is_found_without_reading_all_that_came_after() {
    let world = World::with(&demonstration("SUPERSEDED")).await;
    let first = world.start().await;
    for action in ["Commit", "Compile", "Test"] {
        world.report(first, action, true).await;
    }
    world.report(first, "Release", true).await;
    world.report(first, "Host", false).await;
    let held = world.start().await;
    for action in ["Commit", "Compile", "Test"] {
        world.report(held, action, true).await;
    }
    for _ in 0..400 {
        // One watches all along.
        world.look().await;
        let id = world.start().await;
        for action in ["Commit", "Compile", "Test"] {
            world.report(id, action, true).await;
        }
    }
    let sequence = world.look().await.head.state.sequence;
    assert!(sequence > history::COLD_RECORDS_MAX as u64 + 300, "{sequence}");
    let before = world.embedded.meter().total().requests;
    let look = History::default().look(&world.newcomer(), &web()).await.unwrap().unwrap();
    let requests = world.embedded.meter().total().requests - before;
    let (warm, cold) = (stages(&world.look().await), stages(&look));
    let host = warm[3].actions[0].latest.as_ref().unwrap();
    assert_eq!((host.run.execution, host.progress.status()), (first, ActionStatus::Failed));
    assert_eq!(warm, cold);
    assert!(requests <= 60, "{requests}");
    far_attempts(&world, held).await;
    // What failed there can still be seen, and retried.
    world.retry(first, "Deploy", RetryMode::FailedActions).await;
    let look = History::default().look(&world.newcomer(), &web()).await.unwrap().unwrap();
    assert_eq!(stages(&look), stages(&world.look().await));
}

/// Goal: no request reads without end. Method: the attempts of an execution that waits for long are
/// asked for in pages; a page may be empty and still have a next one (P3).
async fn far_attempts(world: &World, held: ExecutionId) {
    let look = world.look().await;
    let found = find(&world.app, &look, held).await.unwrap().unwrap();
    let (mut names, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let filter = Filter::Of(&found);
        let page = actions::list(&world.history, &world.app, &look, filter, after, 10).await;
        let page = page.unwrap();
        names.extend(page.details.iter().map(|it| it.attempt.run.action.to_string()));
        (after, pages) = (page.next, pages + 1);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names, ["Release", "Test", "Compile", "Commit"]);
    assert!(pages > 1, "the log is longer than one request reads");
    let stranger = ActionRunId::new(uuid::Uuid::from_u128(7));
    let sought = seek(&world.app, &look, stranger, None).await.unwrap();
    let Sought::Further(position) = sought else { panic!("{sought:?}") };
    let sought = seek(&world.app, &look, stranger, Some(position)).await.unwrap();
    assert_eq!(sought, Sought::Absent);
}
