//! Work that goes on from job to job (J9), and entries that are left over.

use serde_json::{Value, json};
use store::{JobId, QueueEntry};

use super::{acknowledge, acknowledged, action, build, building, poll, row, taken};
use crate::world::World;

async fn go_on(world: &World, job: &Value, token: &str, percent: u32) {
    world
        .ok(
            "PutJobSuccessResult",
            json!({
                "jobId": job["id"], "continuationToken": token,
                "executionDetails": {
                    "summary": format!("at {percent}"), "externalExecutionId": "77",
                    "percentComplete": percent,
                },
            }),
        )
        .await;
}

#[tokio::test]
async fn a_chain_of_jobs_carries_its_token_and_shows_its_progress() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let mut job = acknowledged(&world).await;
    let mut ids = vec![job["id"].clone()];
    for (token, percent) in [("t1", 10), ("t2", 60), ("t3", 90)] {
        go_on(&world, &job, token, percent).await;
        let former = job;
        let latest = action(&world, "Stage0", "Make").await["latestExecution"].clone();
        assert_eq!(latest["status"], "InProgress");
        assert_eq!(latest["percentComplete"], percent);
        assert_eq!(latest["externalExecutionId"], "77");
        assert_eq!(latest["externalExecutionUrl"], "https://ci.example/job/web/77");
        assert_eq!(latest["summary"], format!("at {percent}"));

        // The former job ended well; nothing more can be said of it.
        assert_eq!(acknowledge(&world, &former).await["status"], "Succeeded");
        let late = world.fault("PutJobSuccessResult", json!({"jobId": former["id"]})).await;
        assert_eq!(late.0, "InvalidJobStateException");

        job = acknowledged(&world).await;
        assert_eq!(job["data"]["continuationToken"], token);
        assert!(!ids.contains(&job["id"]), "each job of the chain has an id of its own");
        ids.push(job["id"].clone());
        assert_eq!(job["data"]["pipelineContext"], former["data"]["pipelineContext"]);
    }
    world.ok("PutJobSuccessResult", json!({"jobId": job["id"]})).await;
    let latest = action(&world, "Stage0", "Make").await["latestExecution"].clone();
    assert_eq!(latest["status"], "Succeeded");
    // What was said last still stands.
    assert_eq!(latest["externalExecutionId"], "77");
    assert_eq!(latest["summary"], "at 90");
}

#[tokio::test]
async fn a_worker_that_dies_while_it_goes_on_leaves_a_job_that_can_be_gone_on_with() {
    // The entry of the next job is written ahead of the job; the worker's call dies in between.
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = acknowledged(&world).await;
    let row = row(&world, &job).await;
    let store = &world.api.app.store;
    let ahead = QueueEntry {
        job: JobId::of(row.run.id(), 1),
        execution: row.run.execution,
        at: row.updated_at,
    };
    store.put_queue_entry(&row.queue, &ahead).await.unwrap();
    assert_eq!(poll(&world, 10).await.len(), 0);
    go_on(&world, &job, "t1", 5).await;
    let next = taken(&world).await;
    assert_eq!(next["id"], ahead.job.to_string());
}

#[tokio::test]
async fn entries_that_are_left_over_are_taken_away_by_whoever_finds_them() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = acknowledged(&world).await;
    let row = row(&world, &job).await;
    let store = &world.api.app.store;
    let entries = async || store.queue_page(&row.queue, 100, None).await.unwrap().entries.len();
    assert_eq!(entries().await, 0, "who acknowledges takes the entry away");
    let run = row.run.id();
    // One of the job that is in progress, and one ahead of it.
    for number in [0, 1] {
        let job = JobId::of(run, number);
        let entry = QueueEntry { job, execution: row.run.execution, at: row.updated_at };
        store.put_queue_entry(&row.queue, &entry).await.unwrap();
    }
    assert_eq!(poll(&world, 10).await.len(), 0);
    assert_eq!(entries().await, 1, "whoever wrote ahead may be about to write the job");
    world.clock.pass(16 * 60_000);
    assert_eq!(poll(&world, 10).await.len(), 0);
    assert_eq!(entries().await, 0);
}
