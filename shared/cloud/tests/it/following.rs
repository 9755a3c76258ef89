//! The rows that say who follows which source, and the declarations that they come from.

use cloud::changes::follow;
use serde_json::{Value, json};
use store::Follower;

use crate::world::{World, back, code_commit, define, messages, pipeline, source};

const MAIN: &str = "codecommit/web/main";
const NEXT: &str = "codecommit/web/next";

fn follower(pipeline: &str) -> Follower {
    Follower { pipeline: pipeline.into(), action: "Code".into() }
}

fn following(branch: &str) -> Value {
    pipeline("web", "SUPERSEDED", &[code_commit("Code", "web", branch)])
}

fn connection() -> Value {
    let settings = json!({
        "ConnectionArn": "arn:aws:codestar-connections:eu-central-1:111122223333:connection/abc",
        "FullRepositoryId": "org/web", "BranchName": "main",
    });
    pipeline("web", "SUPERSEDED", &[source("Code", "CodeStarSourceConnection", &settings)])
}

async fn followers(world: &World, source: &str) -> Vec<Follower> {
    world.app.store.followers(source).await.unwrap()
}

async fn push(world: &World, branch: &str) {
    let event = json!({
        "id": branch, "detail-type": "CodeCommit Repository State Change", "source": "aws.codecommit",
        "detail": {
            "event": "referenceUpdated", "repositoryName": "web", "referenceType": "branch",
            "referenceName": branch, "commitId": "7f0103f",
        },
    });
    assert_eq!(back(&follow(&world.newcomer(), &messages(&[event])).await), Vec::<String>::new());
}

#[tokio::test]
async fn a_declaration_that_follows_another_source_is_found_there_and_not_where_it_was() {
    let world = World::new().await;
    world.define(&following("main")).await;
    assert_eq!(followers(&world, MAIN).await, [follower("web")]);
    world.define(&following("next")).await;
    assert_eq!(followers(&world, MAIN).await, []);
    assert_eq!(followers(&world, NEXT).await, [follower("web")]);
    push(&world, "main").await;
    assert_eq!(world.executions("web").await, 0);
    push(&world, "next").await;
    assert_eq!(world.executions("web").await, 1);
    // Back and forth, again and again: the last word counts.
    for branch in ["main", "next", "main"] {
        world.define(&following(branch)).await;
    }
    assert_eq!(followers(&world, MAIN).await, [follower("web")]);
    assert_eq!(followers(&world, NEXT).await, []);
}

#[tokio::test]
async fn a_deleted_pipeline_follows_nothing() {
    let world = World::new().await;
    world.define(&following("main")).await;
    runtime::define::delete(&world.app, &"web".into(), "ann").await.unwrap();
    assert_eq!(followers(&world, MAIN).await, []);
    // Created again, it counts its versions from 1 and is found again.
    world.define(&following("main")).await;
    assert_eq!(followers(&world, MAIN).await, [follower("web")]);
}

/// A crash leaves a row too many; it starts nothing.
#[tokio::test]
async fn a_row_without_a_pipeline_or_for_another_source_starts_nothing() {
    let world = World::new().await;
    world.app.store.put_follower(MAIN, &follower("nobody"), 0).await.unwrap();
    world.define(&following("next")).await;
    world.app.store.put_follower(MAIN, &follower("web"), 99).await.unwrap();
    push(&world, "main").await;
    assert_eq!((world.executions("web").await, world.executions("nobody").await), (0, 0));
    runtime::define::delete(&world.app, &"web".into(), "ann").await.unwrap();
    push(&world, "main").await;
    assert_eq!(world.executions("web").await, 0);
}

/// Many people declare at once. Whatever is in force in the end has its row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_wins_a_race_of_declarations_is_found_by_the_source_that_it_follows() {
    for _ in 0..10 {
        let world = std::sync::Arc::new(World::new().await);
        let racers: Vec<_> = (0..8)
            .map(|racer| {
                let world = world.clone();
                let branch = if racer % 2 == 0 { "main" } else { "next" };
                tokio::spawn(async move { define(&world.newcomer(), &following(branch)).await })
            })
            .collect();
        for racer in racers {
            racer.await.unwrap();
        }
        let head = world.app.store.load(&crate::world::log("web")).await.unwrap();
        let record = head.state.definition.unwrap().record;
        let plan = world.app.store.plan(&"web".into(), record).await.unwrap();
        let branch = plan.stages[0].actions[0].configuration["BranchName"].clone();
        let key = format!("codecommit/web/{branch}");
        assert_eq!(followers(&world, &key).await, [follower("web")], "{branch} is in force");
    }
}

#[tokio::test]
async fn a_pipeline_whose_sources_send_no_events_costs_nothing_more() {
    let world = World::new().await;
    let first = world.count(world.define(&connection())).await;
    assert_eq!(first.of("DeleteItem").requests, 0);
    let again = world.count(world.define(&connection())).await;
    let mut other = connection();
    other["executionMode"] = json!("QUEUED");
    let changed = world.count(world.define(&other)).await;

    let watched = World::new().await;
    let watched_first = watched.count(watched.define(&following("main"))).await;
    // One look at the log and one row more.
    assert_eq!(watched_first.total().requests, first.total().requests + 2);
    assert_eq!(watched_first.of("PutItem").requests, first.of("PutItem").requests + 1);
    let mut other = following("main");
    other["executionMode"] = json!("QUEUED");
    let watched_changed = watched.count(watched.define(&other)).await;
    assert_eq!(watched_changed.total().requests, changed.total().requests + 2);
    assert_eq!(watched_changed.of("DeleteItem").requests, 0);
    println!("{first:?}\n{again:?}\n{changed:?}");
}
