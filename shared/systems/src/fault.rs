//! What the SDK's errors mean for a job.
//!
//! A provider's own functions return `Result<_, Fault>`, and its `start` and `poll` end with [`settle`]:
//! what may pass is asked again later, what is forbidden names the permission, and everything else is how
//! the job ends.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use model::outcome::{Failure, Outcome};
use model::status::FailureType;
use providers::{Error, Job, Progress};

mod codes;

/// How long a message may be, in characters.
const MESSAGE_CHARACTERS_MAX: usize = 5000;

/// What an error means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Trying again later may help: no answer, a throttle, the service's own failure.
    Later(String),
    /// The role may not do it. Names the permission that is missing.
    Forbidden(String),
    /// The system refuses this job for good: the code, and a sentence that names the setting.
    Refused {
        /// The system's own code, for example `ProjectNotFound`, or one of ours.
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
        Self::sort(error, permission, subject, "the role of the action")
    }

    /// Sorts an error as [`Fault::of`] does, and names the role that the job ran under.
    pub fn for_job<E: ProvideErrorMetadata + std::error::Error + 'static>(
        job: &Job,
        error: &SdkError<E, HttpResponse>,
        permission: &str,
        subject: &str,
    ) -> Self {
        let role = job.role_arn.as_deref().or(job.pipeline_role_arn.as_deref());
        Self::sort(error, permission, subject, role.unwrap_or("the role of the action"))
    }

    fn sort<E: ProvideErrorMetadata + std::error::Error + 'static>(
        error: &SdkError<E, HttpResponse>,
        permission: &str,
        subject: &str,
        role: &str,
    ) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code();
        let said = error.message().unwrap_or_default();
        // What cannot even be sent is wrong in itself, and will be wrong again.
        if matches!(error, SdkError::ConstructionFailure(_)) {
            return Self::configuration(format!(
                "{permission} cannot be asked of {subject}: {}",
                chain(error)
            ));
        }
        // No answer, half an answer, or one that is not the service's.
        if error.as_service_error().is_none() {
            return Self::later(permission, subject, &chain(error));
        }
        if codes::passes(code, status) {
            let code = code.unwrap_or("no code");
            return Self::later(permission, subject, &format!("{code}: {said}"));
        }
        let is_refused_by_kms = codes::forbids(code, status) && codes::speaks_of_a_key(said);
        if let Some(code) = code.filter(|code| codes::is_of_a_key(code) || is_refused_by_kms) {
            return Self::Forbidden(cut(&format!(
                "{permission} on {subject} needs a key of KMS that {role} cannot use ({code}: {said}): \
                 allow kms:Decrypt and kms:GenerateDataKey on that key in the role's policy and in the \
                 key's own, and see that the key is enabled"
            )));
        }
        if code.is_some_and(codes::is_of_an_identity) {
            return Self::Forbidden(cut(&format!(
                "AWS does not take the credentials of {role} for {permission} on {subject} ({}: {said}): \
                 see that the role was not deleted, and that its account has the Region enabled",
                code.unwrap_or_default()
            )));
        }
        if codes::forbids(code, status) {
            let said = if said.is_empty() { "access denied" } else { said };
            return Self::Forbidden(cut(&format!(
                "{role} may not do {permission} on {subject}: allow {permission} on it in the role's \
                 policy and, if it is another account's, in its own; and look for a policy of the \
                 resource, a boundary or an organization that denies it (AWS says: {said})"
            )));
        }
        let code = code.map_or_else(|| FailureType::JobFailed.as_str().to_owned(), str::to_owned);
        let said = if said.is_empty() { chain(error) } else { said.to_owned() };
        Self::Refused { message: cut(&format!("{permission} on {subject}: {said}")), code }
    }

    fn later(permission: &str, subject: &str, reason: &str) -> Self {
        Self::Later(cut(&format!("{permission} on {subject}: {reason}")))
    }

    /// The settings, or what they name, are wrong: whoever wrote them can mend it.
    pub fn configuration(message: impl AsRef<str>) -> Self {
        Self::ours(FailureType::ConfigurationError, message)
    }

    /// The work itself failed.
    pub fn job_failed(message: impl AsRef<str>) -> Self {
        Self::ours(FailureType::JobFailed, message)
    }

    /// Something that was asked for is not there.
    pub fn unavailable(message: impl AsRef<str>) -> Self {
        Self::ours(FailureType::RevisionUnavailable, message)
    }

    fn ours(code: FailureType, message: impl AsRef<str>) -> Self {
        Self::Refused { code: code.as_str().to_owned(), message: cut(message.as_ref()) }
    }

    /// Says whether the system refused with this code.
    pub fn is(&self, code: &str) -> bool {
        match self {
            Self::Refused { code: refused, .. } => refused == code,
            Self::Later(_) | Self::Forbidden(_) => false,
        }
    }

    /// Returns the fault as an error of the provider, or the failure that the job ends with.
    pub fn into_failure(self) -> Result<Failure, Error> {
        match self {
            Self::Later(reason) => Err(Error::Unreachable(reason)),
            Self::Forbidden(reason) => Err(Error::Refused(reason)),
            Self::Refused { code, message } => Ok(Failure { code, message, ..Failure::default() }),
        }
    }

    /// Returns the fault as [`Fault::into_failure`] does, as the end of the attempt.
    pub fn into_outcome(self) -> Result<Outcome, Error> {
        self.into_failure().map(Outcome::Failed)
    }

    /// Returns the fault as [`Fault::into_failure`] does, as what a provider answers.
    pub fn into_progress(self) -> Result<Progress, Error> {
        self.into_outcome().map(Progress::Done)
    }
}

/// Ends a `start` or a `poll`: a fault that is the job's own is how the job ended.
pub fn settle(worked: Result<Progress, Fault>) -> Result<Progress, Error> {
    worked.or_else(Fault::into_progress)
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Unreachable(reason) => Self::Later(reason),
            Error::Refused(reason) => Self::Forbidden(reason),
        }
    }
}

impl From<Fault> for Error {
    /// For callers that have no job to end: the code is lost, the sentence stays.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Later(reason) => Self::Unreachable(reason),
            Fault::Forbidden(reason) => Self::Refused(reason),
            Fault::Refused { code, message } => Self::Refused(format!("{code}: {message}")),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Refused { code: failure.code, message: cut(&failure.message) }
    }
}

/// Returns an error's message followed by those of its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    message
}

/// Cuts a message to what a failure may hold.
fn cut(message: &str) -> String {
    first_characters(message, MESSAGE_CHARACTERS_MAX)
}

/// Returns the first characters of a text; a text that is cut ends with `…`.
pub(crate) fn first_characters(text: &str, characters_max: usize) -> String {
    if text.chars().nth(characters_max).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(characters_max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
