//! Why a step of a provider goes no further, so that `?` can say it.

use model::outcome::{Failure, Outcome};
use model::status::FailureType;
use providers::{Error, Progress};

use crate::fault::Fault;

/// How long a message may be, in characters.
const MESSAGE_CHARACTERS_MAX: usize = 5000;

/// Why a step goes no further.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The job failed: whoever reads the failure can mend it.
    Failed(Box<Failure>),
    /// Nothing was learned of the job.
    Error(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        match fault.into_failure() {
            Ok(failure) => Self::Failed(Box::new(failure)),
            Err(error) => Self::Error(error),
        }
    }
}

/// The settings, or what they name, are wrong.
pub(crate) fn configuration(message: impl AsRef<str>) -> Halt {
    failed(FailureType::ConfigurationError, message)
}

/// The work itself failed.
pub(crate) fn job(message: impl AsRef<str>) -> Halt {
    failed(FailureType::JobFailed, message)
}

/// Nobody can be asked at the moment.
pub(crate) fn later(message: impl Into<String>) -> Halt {
    Halt::Error(Error::Unreachable(message.into()))
}

/// Returns what a step came to as a provider says it.
pub(crate) fn settle(step: Result<Progress, Halt>) -> Result<Progress, Error> {
    match step {
        Ok(progress) => Ok(progress),
        Err(Halt::Failed(failure)) => Ok(Progress::Done(Outcome::Failed(*failure))),
        Err(Halt::Error(error)) => Err(error),
    }
}

/// Returns what an attempt to stop the work came to. The pipeline has moved on, so this is for whoever
/// reads our log.
pub(crate) fn stopped(step: Result<(), Halt>) -> Result<(), Error> {
    step.map_err(|halt| match halt {
        Halt::Failed(failure) => Error::Refused(failure.message),
        Halt::Error(error) => error,
    })
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

fn failed(code: FailureType, message: impl AsRef<str>) -> Halt {
    let message = first_characters(message.as_ref(), MESSAGE_CHARACTERS_MAX);
    Halt::Failed(Box::new(Failure::new(code, message)))
}
