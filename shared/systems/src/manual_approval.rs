//! People who are asked.

use async_trait::async_trait;
use providers::{Error, Job, Memory, Progress, Provider};

use crate::Ground;

/// People who are asked.
pub(crate) struct ManualApproval {
    ground: Ground,
}

impl ManualApproval {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }
}

#[async_trait]
impl Provider for ManualApproval {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        self.ground.of(job).await?;
        Err(Error::Refused("not built yet".to_owned()))
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        self.start(job).await
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        self.ground.of(job).await.map(|_| ())
    }

    fn memory(&self) -> Memory {
        Memory::Noted
    }
}
