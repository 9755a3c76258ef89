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

    /// Says what has to be remembered for this provider between two calls.
    fn memory(&self) -> Memory {
        Memory::Own
    }
}

/// Who remembers that a job was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// The provider finds its work by the run's id. Nothing is written down for it.
    Own,
    /// The system's id of the work is written down after the start, and handed in with
    /// [`Job::external_id`] from then on. A start that comes twice must be the same start, by a token
    /// that the system honours.
    Noted,
    /// As [`Memory::Noted`]; and the events of the system name the attempt by themselves
    /// ([`Job::attempt_name`]), so nothing has to lead from the id back to it.
    Named,
    /// As [`Memory::Noted`]; and that a start begins is written down before it does. The system
    /// honours no token, so a start that finds [`Job::begun_at_millis`] set looks for the work before
    /// it asks for it again (PR2).
    NotedBefore,
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
        /// After how many seconds it should be asked again, for a system that sends no event when it is
        /// done. None leaves it to its event, and to the sweep for one that is lost.
        ask_again_seconds: Option<u32>,
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
