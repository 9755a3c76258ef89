//! What every provider stands on.

use aws_sdk_sts::config::IdentityCache;
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
        let credentials = self.roles.of(job, (self.now)()).await?;
        let region = aws_types::region::Region::new(region.to_owned());
        let mut settings = self.own.to_builder().region(region);
        // Invariant: what one role may is never done with the credentials of another. The sessions are
        // remembered by `Roles`, under all that they were made of, and by nobody else.
        settings.set_identity_cache(Some(IdentityCache::no_cache()));
        settings.set_credentials_provider(Some(credentials));
        Ok(settings.build())
    }

    /// Returns the client of S3 for a job.
    pub async fn s3(&self, job: &Job) -> Result<aws_sdk_s3::Client, Error> {
        let settings = self.of(job).await?;
        // A bucket in the path is what every endpoint understands that is not AWS's.
        let is_elsewhere = settings.endpoint_url().is_some();
        let settings = aws_sdk_s3::config::Builder::from(&settings).force_path_style(is_elsewhere);
        Ok(aws_sdk_s3::Client::from_conf(settings.build()))
    }
}
