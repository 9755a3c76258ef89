//! What a job's row holds for its worker.

use model::catalog::custom::Links;
use providers::Job;
use serde::{Deserialize, Serialize};
use store::WorkerJob;

use super::Error;

/// What stands in the place of a secret.
pub const MASK: &str = "****";

/// What a worker needs to know. At rest it changes only by adding optional members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What to do.
    pub job: Job,
    /// Where people can watch it.
    #[serde(default)]
    pub links: Links,
}

impl Content {
    /// Reads the content of a job's row.
    pub fn of(job: &WorkerJob) -> Result<Self, Error> {
        serde_json::from_str(&job.data)
            .map_err(|source| Error::Unreadable { job: job.id(), source })
    }

    /// Takes the secrets out.
    #[must_use]
    pub fn masked(mut self, secrets: &[String]) -> Self {
        for (key, value) in &mut self.job.configuration {
            if secrets.contains(key) {
                MASK.clone_into(value);
            }
        }
        self
    }

    /// Returns the URL under which people can watch the work.
    pub fn execution_url(&self, external_id: Option<&str>) -> Option<String> {
        self.links.execution_url(&self.job.configuration, external_id)
    }

    pub(super) fn render(&self) -> String {
        serde_json::to_string(self).expect("texts are always JSON")
    }
}

/// Takes out of a job's row what only its worker may know: its work has ended.
pub(super) fn forget_secrets(job: &mut WorkerJob) -> Result<(), Error> {
    if !job.secrets.is_empty() {
        job.data = Content::of(job)?.masked(&job.secrets).render();
    }
    job.continuation_token = None;
    Ok(())
}
