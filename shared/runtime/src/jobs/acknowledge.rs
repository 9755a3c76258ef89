//! A worker says that it does a job.

use model::outcome::Outcome;
use model::time::Timestamp;
use store::{JobId, JobState, QueueEntry, WorkerJob};

use super::find::{Caller, find};
use super::{Error, Refused, TRIES_MAX};
use crate::App;

/// How far a job is, in the API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The caller does it.
    InProgress,
    /// It ended well, or was continued.
    Succeeded,
    /// It failed.
    Failed,
    /// Nobody waits for it any more.
    TimedOut,
}

impl Status {
    /// Returns the API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::TimedOut => "TimedOut",
        }
    }
}

/// Acknowledges a job with the nonce of its newest dispatch. Of all who present one, the first wins;
/// the same key may say it again.
pub async fn acknowledge(
    app: &App,
    id: JobId,
    nonce: &str,
    caller: Caller<'_>,
) -> Result<Status, Error> {
    for _ in 0..TRIES_MAX {
        let job = find(app, id, caller).await?;
        if let Some(status) = over(&job, id) {
            return Ok(status);
        }
        match &job.state {
            JobState::Dispatched { nonce: newest, .. } if newest == nonce => {
                if begin(app, &job, nonce, caller.worker).await? {
                    return Ok(Status::InProgress);
                }
            }
            JobState::InProgress { nonce: accepted, worker }
                if accepted == nonce && worker == caller.worker =>
            {
                return Ok(Status::InProgress);
            }
            JobState::Queued
            | JobState::Dispatched { .. }
            | JobState::InProgress { .. }
            | JobState::Done(_)
            | JobState::Closed => return Err(Error::Refused(Refused::InvalidNonce(id))),
        }
    }
    Err(Error::Contended(id))
}

/// Returns how a job ended, if it did.
fn over(job: &WorkerJob, id: JobId) -> Option<Status> {
    if id.number() < job.number {
        return Some(Status::Succeeded);
    }
    match &job.state {
        JobState::Done(Outcome::Succeeded(_)) => Some(Status::Succeeded),
        JobState::Done(Outcome::Failed(_)) => Some(Status::Failed),
        JobState::Closed => Some(Status::TimedOut),
        JobState::Queued | JobState::Dispatched { .. } | JobState::InProgress { .. } => None,
    }
}

async fn begin(app: &App, job: &WorkerJob, nonce: &str, worker: &str) -> Result<bool, Error> {
    let mut begun = job.clone();
    begun.state = JobState::InProgress { nonce: nonce.to_owned(), worker: worker.to_owned() };
    begun.updated_at = app.world.now();
    if !app.store.swap_worker_job(&begun).await? {
        return Ok(false);
    }
    // It never goes back, so whenever its entry was written, it is left over now.
    let entry = QueueEntry::of(job, Timestamp::from_millis(i64::MAX));
    if let Err(error) = app.store.delete_queue_entry(&job.queue, &entry).await {
        tracing::info!(job = %job.id(), %error, "a poll takes the entry away later");
    }
    Ok(true)
}
