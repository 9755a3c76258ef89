//! How the command ends: its exit status, and what is said on standard error.

use std::process::ExitCode;

use crate::view::text::safe_lines;

/// How a verb ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// 0: everything went well.
    Succeeded,
    /// 1: an execution failed, or something on this machine did.
    Failed(Option<String>),
    /// 2: the execution was stopped, superseded or cancelled.
    Stopped,
    /// 3: an approval is needed, and nobody is there to give it.
    AwaitsApproval(String),
    /// 5: what was asked for cannot be understood or found; the sentence says what to do.
    BadInput(String),
}

impl Ending {
    /// Says what is to be said, and returns the exit status.
    #[expect(clippy::print_stderr, reason = "the command line's last word")]
    pub(crate) fn report(self) -> ExitCode {
        let (code, message) = match self {
            Self::Succeeded => (0, None),
            Self::Failed(message) => (1, message),
            Self::Stopped => (2, None),
            Self::AwaitsApproval(message) => (3, Some(message)),
            Self::BadInput(message) => (5, Some(message)),
        };
        if let Some(message) = message {
            // Names in files may hold what steers a terminal.
            eprintln!("towpath: {}", safe_lines(&message));
        }
        ExitCode::from(code)
    }
}
