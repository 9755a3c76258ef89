//! Tells a worker of jobs that are there to do.

use model::time::Timestamp;
use store::{JobState, Queue, QueueEntry, WorkerJob};

use super::find::{close, waiting_log};
use super::{Error, LEASE_MINUTES};
use crate::App;

/// How many jobs one poll returns at most.
pub const BATCH_MAX: usize = 10;

/// How many entries of a queue are read at once.
const PAGE_ENTRIES: u32 = 25;

/// How many entries one poll looks at. Those before belong to workers that are about to acknowledge.
const ENTRIES_LOOKED_MAX: u32 = 250;

/// How long an entry may be there before its job: whoever wrote it may be about to write that.
const AHEAD_MINUTES_MAX: i64 = 15;

/// Hands up to `limit` jobs of a queue to a worker, those of older executions first. Each gets a nonce
/// that makes all former ones worthless (J7).
pub async fn dispatch(
    app: &App,
    queue: &Queue,
    limit: usize,
    worker: &str,
) -> Result<Vec<WorkerJob>, Error> {
    let limit = limit.clamp(1, BATCH_MAX);
    let mut taken = Vec::new();
    let mut after = None;
    let mut looked = 0;
    loop {
        let page = app.store.queue_page(queue, PAGE_ENTRIES, after).await?;
        for entry in &page.entries {
            taken.extend(take(app, queue, entry, worker).await?);
            if taken.len() == limit {
                return Ok(taken);
            }
        }
        looked += PAGE_ENTRIES;
        after = page.next;
        if after.is_none() || looked >= ENTRIES_LOOKED_MAX {
            return Ok(taken);
        }
    }
}

/// Takes the job of an entry for a worker, if it is there to be taken.
async fn take(
    app: &App,
    queue: &Queue,
    entry: &QueueEntry,
    worker: &str,
) -> Result<Option<WorkerJob>, Error> {
    let now = app.world.now();
    let job = app.store.worker_job(entry.job).await?;
    let Some(job) = job.filter(|job| entry.job.number() <= job.number) else {
        // The entry was written ahead. Whoever wrote it is about to write the job, or died.
        if now.millis_since(entry.at) > AHEAD_MINUTES_MAX * 60_000 {
            app.store.delete_queue_entry(queue, entry).await?;
        }
        return Ok(None);
    };
    let is_left_over = entry.job.number() < job.number
        || match job.state {
            JobState::Queued | JobState::Dispatched { .. } => false,
            JobState::InProgress { .. } | JobState::Done(_) | JobState::Closed => true,
        };
    if is_left_over {
        app.store.delete_queue_entry(queue, entry).await?;
        return Ok(None);
    }
    if !is_free(&job, now) {
        return Ok(None);
    }
    // Who was told to stop was told by a hint, and hints get lost.
    if waiting_log(app, &job).await?.is_none() {
        if close(app, job).await? {
            app.store.delete_queue_entry(queue, entry).await?;
        }
        return Ok(None);
    }
    lease(app, job, worker, now).await
}

/// Whether the job may be handed to somebody, again if need be.
fn is_free(job: &WorkerJob, now: Timestamp) -> bool {
    match job.state {
        JobState::Queued => true,
        JobState::Dispatched { until, .. } => until <= now,
        JobState::InProgress { .. } | JobState::Done(_) | JobState::Closed => false,
    }
}

async fn lease(
    app: &App,
    mut job: WorkerJob,
    worker: &str,
    now: Timestamp,
) -> Result<Option<WorkerJob>, Error> {
    job.state = JobState::Dispatched {
        nonce: format!("{:032x}", app.world.draw()),
        worker: worker.to_owned(),
        until: now.plus_minutes(LEASE_MINUTES),
    };
    job.updated_at = now;
    // Whoever was faster has it.
    Ok(app.store.swap_worker_job(&job).await?.then_some(job))
}
