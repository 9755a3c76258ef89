//! The seam to a function that is invoked for a job and reports by itself.
//!
//! Who keeps the job's row, `runtime::jobs`, must not know how a function is invoked; who invokes it must
//! not know the row. So the one is handed the other.

use async_trait::async_trait;
use model::outcome::{Failure, Success};

use crate::{Error, Job};

/// Somebody who can invoke functions.
#[async_trait]
pub trait Invoke: Send + Sync {
    /// Invokes the function of a job. The same invocation may be made again, when nobody knows whether it
    /// was made before: its id is the same then, and the function can tell by it.
    async fn invoke(&self, job: &Job, invocation: &Invocation) -> Result<Invoked, Error>;
}

/// One invocation of a job's function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The id that the function reports about.
    pub id: String,
    /// The account of the pipeline.
    pub account: String,
    /// What the invocation before left for this one.
    pub continuation_token: Option<String>,
}

/// What an invocation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invoked {
    /// It was handed over; the function reports by the API.
    HandedOver,
    /// The function returned, and its work is done.
    Succeeded(Success),
    /// The function returned, and wants to be invoked again with this token.
    Continues(String),
    /// The function failed, or there is none to invoke.
    Failed(Failure),
}
