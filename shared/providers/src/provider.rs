//! The one seam between a pipeline and the systems that work for it.

use async_trait::async_trait;
use model::outcome::Outcome;

use crate::Job;

/// A system that does actions.
///
/// Every method may be called again with the same job at any time, also at once from two places:
/// an event says where to look, and the same place may be looked at twice.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Starts the job unless it was started before, and says how far it is.
    async fn start(&self, job: &Job) -> Result<Progress, Error>;

    /// Says how far the job is. A job that was never started is [`Progress::Unknown`].
    async fn poll(&self, job: &Job) -> Result<Progress, Error>;

    /// Asks the system to stop the job. The answer does not matter to the pipeline, which has
    /// moved on already (R33, R44).
    async fn cancel(&self, job: &Job) -> Result<(), Error>;
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The system has never heard of it.
    Unknown,
    /// It is being done.
    Running {
        /// The system's own id of the work.
        external_id: Option<String>,
        /// Where people can watch it.
        external_url: Option<String>,
    },
    /// A person has to answer; nothing to start and nothing to ask.
    AwaitsAnswer,
    /// It ended.
    Done(Outcome),
}

/// The system could not be asked. Says nothing about the job.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Trying again later may help.
    #[error("failed to reach the provider: {0}")]
    Unreachable(String),
    /// Trying again will not help.
    #[error("failed to use the provider: {0}")]
    Refused(String),
}
