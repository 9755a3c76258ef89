//! The work that one attempt of an action asks of a job worker (contract §6), and the queues in which
//! workers look for it.
//!
//! One row for each attempt, for as long as the chain of its jobs goes on: a continuation replaces the
//! job in the row by the next one. Every step replaces the row as it was seen, so of two workers one
//! goes on. The queues say where to look: an entry without a job, or of a job that is done, is a
//! leftover that whoever finds it takes away.

mod detail;
mod id;
mod queue;

use engine::state::RunKey;
use model::ids::PipelineName;
use model::outcome::Outcome;
use model::time::Timestamp;

pub use id::JobId;
pub use queue::{Queue, QueueEntry, QueuePage};

use crate::error::Error;
use crate::keys::ALONE;
use crate::store::Store;

/// What an attempt of an action asks of a job worker, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerJob {
    /// Of which pipeline.
    pub pipeline: PipelineName,
    /// Which attempt.
    pub run: RunKey,
    /// Where workers look for it.
    pub queue: Queue,
    /// 0 for the attempt's first job, and one more for each continuation (J9).
    pub number: u32,
    /// How far this job is.
    pub state: JobState,
    /// What the job before left for this one.
    pub continuation_token: Option<String>,
    /// What the worker said so far about the work.
    pub progress: Progress,
    /// What the worker needs to know, as text that the store does not understand. It holds secrets
    /// until the work has ended.
    pub data: String,
    /// Which settings in `data` are secret.
    pub secrets: Vec<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// How often the row was written; 0 before it is.
    pub revision: u64,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Nobody was told of it.
    Queued,
    /// Somebody was told of it, and has not acknowledged it yet (J7).
    Dispatched {
        /// What the acknowledgement must present.
        nonce: String,
        /// The access key that asked.
        worker: String,
        /// From when on somebody else may be told of it.
        until: Timestamp,
    },
    /// Somebody does it.
    InProgress {
        /// What the acknowledgement presented.
        nonce: String,
        /// The access key that acknowledged, which is the one that may report.
        worker: String,
    },
    /// It ended, and the log may or may not know of it yet.
    Done(Outcome),
    /// Its attempt does not count any more (J15).
    Closed,
}

/// What a worker said about work that goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The outside system's id of the work.
    pub external_id: Option<String>,
    /// Where people can watch it.
    pub external_url: Option<String>,
    /// One line about it.
    pub summary: Option<String>,
    /// How much of it is done.
    pub percent: Option<u8>,
}

impl WorkerJob {
    /// Returns the id under which workers know the job that is current.
    pub fn id(&self) -> JobId {
        JobId::of(self.run.id(), self.number)
    }

    /// Whether nothing more happens to it.
    pub fn is_over(&self) -> bool {
        match self.state {
            JobState::Done(_) | JobState::Closed => true,
            JobState::Queued | JobState::Dispatched { .. } | JobState::InProgress { .. } => false,
        }
    }
}

impl Store {
    /// Returns the work to which a job belongs. The job itself may be over: then another one of the
    /// chain is current.
    pub async fn worker_job(&self, id: JobId) -> Result<Option<WorkerJob>, Error> {
        let doing = "read the work of the job";
        let found = self.row_at(doing, id.partition(), ALONE.to_owned()).await?;
        found.as_ref().map(detail::parse).transpose()
    }

    /// Writes work that was seen as `job.revision`, and says whether nobody was faster.
    pub async fn swap_worker_job(&self, job: &WorkerJob) -> Result<bool, Error> {
        let id = job.id().to_string();
        self.swap_row("write the work of the job", &id, detail::render(job), job.revision).await
    }
}
