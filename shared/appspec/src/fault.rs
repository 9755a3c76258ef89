//! Why an event failed.

use std::{fmt, io};

/// The kind of failure, under the name that `CodeDeploy`'s diagnostics give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The script is not in the revision.
    ScriptMissing,
    /// The script cannot be made executable, or not be run as the user that it wants.
    ScriptNotExecutable,
    /// The script did not end in time.
    ScriptTimedOut,
    /// The script ended with a status other than 0.
    ScriptFailed,
    /// Anything else: the files, the appspec, the host.
    UnknownError,
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ScriptMissing => "ScriptMissing",
            Self::ScriptNotExecutable => "ScriptNotExecutable",
            Self::ScriptTimedOut => "ScriptTimedOut",
            Self::ScriptFailed => "ScriptFailed",
            Self::UnknownError => "UnknownError",
        })
    }
}

/// A failure on its way to the event that it happened in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) cause: Cause,
    pub(crate) script: Option<String>,
    pub(crate) exit_status: Option<i32>,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { cause: Cause::UnknownError, script: None, exit_status: None, message }
    }

    pub(crate) fn of_script(cause: Cause, location: &str, message: impl Into<String>) -> Self {
        let script = Some(location.to_owned());
        Self { cause, script, exit_status: None, message: message.into() }
    }
}

/// Says what was being done when the system refused.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Fault>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Fault> {
        self.map_err(|error| Fault::new(format!("failed to {}: {error}", what())))
    }
}

impl<T> Doing<T> for rustix::io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Fault> {
        self.map_err(io::Error::from).doing(what)
    }
}
