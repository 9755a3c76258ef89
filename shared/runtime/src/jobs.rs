//! Work that job workers do: custom actions, and partners' (contract §6).
//!
//! [`JobWorkers`] is the provider: starting an action puts a job into the queue of its type. A worker
//! polls ([`dispatch()`]), acknowledges ([`acknowledge()`]) and reports ([`report()`]). Each step
//! replaces the one row of the attempt as it was seen, so of two workers one goes on; no clock decides
//! who. What a worker reports is written down first and told to the log then: if the teller dies in
//! between, the sweep asks the provider, which reads the same row.
//!
//! The queues are hints: an entry is written before the job that it stands for is there, and whoever
//! finds one that is left over takes it away. So no crash leaves a job that nobody can find.
//!
//! Secret settings lie in the row as long as the work goes on, and are masked there when it ends. They
//! are handed to the access key that the job was dispatched to, and to no other.
//!
//! A function that is invoked for an action has such a row as well, without a queue: [`Invocations`]
//! invokes it, and it reports as workers do.
//!
//! [`action_types`] keeps what is declared; [`registration`] reads what partners hand over.

mod acknowledge;
pub mod action_types;
mod content;
mod dispatch;
mod find;
mod invocations;
pub mod registration;
mod report;
mod workers;

use store::JobId;

pub use acknowledge::{Status, acknowledge};
pub use action_types::{known_types, register};
pub use content::{Content, MASK};
pub use dispatch::{BATCH_MAX, dispatch};
pub use find::{Caller, Details, details, find, reportable};
pub use invocations::Invocations;
pub use registration::Registration;
pub use report::{Report, report};
pub use workers::{JobWorkers, Otherwise};

/// How long somebody who was told of a job may take to acknowledge it, before others are told of it
/// (J7). Nothing but that depends on the clock: who acknowledges late still wins while nobody else was
/// told.
const LEASE_MINUTES: i64 = 2;

/// How often a step is taken again while others change the same job.
const TRIES_MAX: usize = 16;

/// A worker was not served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for cannot be had.
    #[error("{0}")]
    Refused(Refused),
    /// The store could not be used.
    #[error("failed to use the rows of jobs")]
    Store(#[from] store::Error),
    /// A row is there, and its content is not what we write.
    #[error("failed to read the content of job {job}")]
    Unreadable {
        /// Which job.
        job: JobId,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// Others were faster every time.
    #[error("failed to change job {0}: others were faster {TRIES_MAX} times")]
    Contended(JobId),
}

/// Why a worker does not get what it asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such job of this kind.
    #[error("there is no job {0}; poll for jobs and use an id that was returned")]
    NotFound(JobId),
    /// The partner's token is not the customer's.
    #[error("the clientToken is not the one that was registered for this action type")]
    InvalidClientToken,
    /// The nonce is not that of the job's newest dispatch.
    #[error("the nonce is not the newest one of job {0}; poll again")]
    InvalidNonce(JobId),
    /// The job is not at the point at which this can be done.
    #[error("job {job} {reason}")]
    InvalidState {
        /// Which job.
        job: JobId,
        /// Why not, as the rest of the sentence.
        reason: &'static str,
    },
}

impl Refused {
    fn state(job: JobId, reason: &'static str) -> Error {
        Error::Refused(Self::InvalidState { job, reason })
    }
}
