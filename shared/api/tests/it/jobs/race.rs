//! Workers that race, and what a job costs.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};

use super::{Key, build, building, feed, pipeline, question, with_types};
use crate::world::World;

/// How many pipelines there are, and how many actions each runs side by side.
const PIPELINES: usize = 10;
const ACTIONS: usize = 20;

/// How often a worker asks at most.
const POLLS_MAX: usize = 5_000;

/// Takes jobs, acknowledges them and reports, until as many reports were taken as there are jobs.
/// Returns how often this worker did each job.
async fn worker(world: &World, key: &Key, left: &Cell<usize>) -> BTreeMap<String, usize> {
    let mut done = BTreeMap::new();
    for _ in 0..POLLS_MAX {
        if left.get() == 0 {
            break;
        }
        let polled = world.ask_as(key, "PollForJobs", question(7)).await.unwrap();
        for job in polled["jobs"].as_array().unwrap() {
            let nonce = json!({"jobId": job["id"], "nonce": job["nonce"]});
            world.ask_as(key, "AcknowledgeJob", nonce).await.unwrap();
            let success = json!({"jobId": job["id"]});
            world.ask_as(key, "PutJobSuccessResult", success).await.unwrap();
            let context = &job["data"]["pipelineContext"];
            let place = format!("{}/{}", context["pipelineName"], context["action"]["name"]);
            *done.entry(place).or_default() += 1;
            left.set(left.get().saturating_sub(1));
        }
        tokio::task::yield_now().await;
    }
    done
}

fn actions() -> Vec<Value> {
    (0..ACTIONS).map(|number| build(&format!("Make{number}"), &[])).collect()
}

#[tokio::test]
async fn two_workers_race_for_200_jobs_and_each_is_done_once() {
    let world = World::new().await;
    with_types(&world).await;
    for number in 0..PIPELINES {
        let name = format!("web{number}");
        let pipeline = pipeline(&name, &[actions()]);
        world.ok("CreatePipeline", json!({"pipeline": pipeline})).await;
    }
    for _ in 0..PIPELINES {
        feed(&world).await;
    }
    let (ann, bob) = (world.key("ann", "Admin"), world.key("bob", "Admin"));
    let left = Cell::new(PIPELINES * ACTIONS);
    let (by_ann, by_bob) = tokio::join!(worker(&world, &ann, &left), worker(&world, &bob, &left));
    let mut all = by_ann.clone();
    for (place, count) in &by_bob {
        *all.entry(place.clone()).or_default() += count;
    }
    assert_eq!(all.len(), PIPELINES * ACTIONS);
    assert!(all.values().all(|count| *count == 1), "{all:?}");
    assert!(!by_ann.is_empty() && !by_bob.is_empty(), "both had something to do");
    for number in 0..PIPELINES {
        let asked = json!({"pipelineName": format!("web{number}")});
        let listed = world.ok("ListPipelineExecutions", asked).await;
        assert_eq!(listed["pipelineExecutionSummaries"][0]["status"], "Succeeded");
    }
}

#[tokio::test]
async fn a_job_costs_a_few_requests_however_many_wait() {
    let world = building(&[actions()]).await;
    // All of them wait, and nothing else is going on.
    let queue = store::Queue {
        action_type: "Custom/Build/Jenkins/1".to_owned(),
        value: Some("web".to_owned()),
    };
    world
        .until(async |world: &World| {
            let store = &world.api.app.store;
            let page = store.queue_page(&queue, 100, None).await.unwrap();
            let mut count = 0;
            for entry in &page.entries {
                // An entry is there before its job.
                count += usize::from(store.worker_job(entry.job).await.unwrap().is_some());
            }
            (count == ACTIONS).then_some(())
        })
        .await;
    let requests = |world: &World| world.meter().total().requests;
    let before = requests(&world);
    let job = super::taken(&world).await;
    let polled = requests(&world);
    super::acknowledge(&world, &job).await;
    let acknowledged = requests(&world);
    world.ok("PutJobSuccessResult", json!({"jobId": job["id"]})).await;
    let reported = requests(&world);
    // The type, the queue, the job, and its dispatch.
    assert_eq!(polled - before, 4);
    // The job, its replacement, and its entry.
    assert_eq!(acknowledged - polled, 3);
    // The job, its replacement, the provider's look, and the record.
    assert_eq!(reported - acknowledged, 4);
    assert_eq!((world.meter().scans(), world.meter().transactions()), (0, 0));
}

#[tokio::test]
async fn of_ten_who_acknowledge_at_once_one_wins() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = super::taken(&world).await;
    let keys: Vec<_> = (0..10).map(|number| world.key(&format!("w{number}"), "Admin")).collect();
    let nonce = json!({"jobId": job["id"], "nonce": job["nonce"]});
    let mut asked: Vec<_> = keys
        .iter()
        .map(|key| Box::pin(world.ask_as(key, "AcknowledgeJob", nonce.clone())))
        .collect();
    // Each goes one step at a time, so that all of them are under way together.
    let mut answers = Vec::new();
    while !asked.is_empty() {
        let mut context = Context::from_waker(Waker::noop());
        asked.retain_mut(|call| match call.as_mut().poll(&mut context) {
            Poll::Ready(answer) => {
                answers.push(answer);
                false
            }
            Poll::Pending => true,
        });
        tokio::task::yield_now().await;
    }
    let won = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(won, 1);
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert!(refused.iter().all(|(code, _)| code == "InvalidNonceException"), "{refused:?}");
}
