//! What every provider stands on.

use aws_types::SdkConfig;
use model::time::Timestamp;
use providers::{Error, Job};

use crate::Roles;

/// What every provider stands on. Cloning it is cheap, and clones share what they remember.
#[derive(Clone)]
pub struct Ground {
    /// The function's own identity and Region: for what belongs to the deployment itself.
    pub own: SdkConfig,
    /// Becomes the role of a job.
    pub roles: Roles,
    /// Reads the clock.
    pub now: fn() -> Timestamp,
}

impl Ground {
    /// Returns the SDK's settings for a job: its Region, and the credentials of its role (PR1).
    pub async fn of(&self, job: &Job) -> Result<SdkConfig, Error> {
        self.of_region(job, &job.region).await
    }

    /// Returns the SDK's settings for a job's role in another Region than the action's.
    pub async fn of_region(&self, job: &Job, region: &str) -> Result<SdkConfig, Error> {
        let credentials = self.roles.of(job).await?;
        let region = aws_types::region::Region::new(region.to_owned());
        let mut settings = self.own.to_builder().region(region);
        settings.set_credentials_provider(credentials.or_else(|| self.own.credentials_provider()));
        Ok(settings.build())
    }
}
