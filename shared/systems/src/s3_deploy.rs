//! S3 as a target: puts the input artifact, or the files in it, into a bucket (contract §5.3).
//!
//! An object is put under the same key however often it is put, so doing it again is harmless. A site of
//! many files takes longer than one call may: what is done in a call is bounded, and the next goes on
//! where this one stopped. Each object says which attempt put it there; files are put block by block, so
//! that the first file of a block tells that all blocks before it are there.

mod files;
mod plan;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use model::outcome::{Outcome, Success};
use providers::clone_reference;
use providers::{Error, Job, Progress, Provider};

use crate::Ground;
use crate::artifact::{self, ObjectVersion};
use crate::fault::{self, Fault};
use plan::{Plan, What};

/// After how many seconds a deployment goes on that was not finished in one call.
const GO_ON_SECONDS: u32 = 1;

/// S3 as a target.
pub(crate) struct S3Deploy {
    ground: Ground,
}

impl S3Deploy {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }

    async fn put(&self, job: &Job) -> Result<Progress, Fault> {
        let plan = Plan::read(job)?;
        let input = job.only_input()?;
        if artifact::clone_reference(&self.ground, job, input).await?.is_some() {
            return Err(Fault::configuration(clone_reference::refusal(&input.name)));
        }
        let is_done = match &plan.what {
            What::Whole { key } => {
                let input = artifact::local(&self.ground, job, input).await?;
                let from = ObjectVersion {
                    bucket: input.bucket,
                    key: input.key,
                    version: None,
                    etag: None,
                    size_bytes: input.size_bytes,
                };
                let client = self.ground.s3(job).await?;
                artifact::copy(&client, job, &from, &plan.destination(job, key))
                    .await
                    .map_err(|fault| plan.explain(job, fault))?;
                true
            }
            What::Files { prefix } => {
                Box::pin(files::put(&self.ground, job, input, &plan, prefix)).await?
            }
        };
        if !is_done {
            return Ok(Progress::Running {
                external_id: None,
                external_url: None,
                ask_again_seconds: Some(GO_ON_SECONDS),
            });
        }
        Ok(Progress::Done(Outcome::Succeeded(Success::default())))
    }
}

#[async_trait]
impl Provider for S3Deploy {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        fault::settle(Box::pin(self.put(job)).await)
    }

    /// Goes on with a deployment: to ask how far it is means to do what is left.
    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        self.start(job).await
    }

    /// What is there stays there; nothing goes on once nobody asks.
    async fn cancel(&self, _job: &Job) -> Result<(), Error> {
        Ok(())
    }
}
