//! What a build has to say when it has ended.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How a build ended. It is written down by the process that ran the build and read by the one that
/// waits for it, so it changes only by adding optional members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Whether it succeeded, and if not, why.
    pub outcome: Result<(), FailureReport>,
    /// The last values of the exported variables; one that was never set is absent.
    pub exported_variables: BTreeMap<String, String>,
    /// The phases that ran, in order.
    pub phases: Vec<PhaseReport>,
}

/// The first thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureReport {
    /// The phase: `BUILD`, `UPLOAD_ARTIFACTS`, or `PROVISIONING` before the first command.
    pub phase: String,
    /// The command, as the buildspec has it.
    pub command: Option<String>,
    /// Its exit status; 128 and the signal's number when a signal ended the shell.
    pub exit_status: Option<i32>,
    /// What happened and what to do, in sentences for people.
    pub message: String,
    /// What kind of failure it is.
    pub kind: FailureKind,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// A command failed.
    Command,
    /// The build took longer than it may.
    TimedOut,
    /// The artifacts could not be made as the buildspec says.
    Artifacts,
    /// Something is missing or contradictory, so that nothing ran.
    Configuration,
    /// The machine refused: no shell, no disk.
    Machine,
}

impl FailureReport {
    /// Reports a failure before the first command.
    pub(crate) fn early(kind: FailureKind, message: String) -> FailureReport {
        let phase = "PROVISIONING".to_owned();
        FailureReport { phase, command: None, exit_status: None, message, kind }
    }
}

/// A phase that ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseReport {
    /// `INSTALL`, `PRE_BUILD`, `BUILD`, `POST_BUILD` or `UPLOAD_ARTIFACTS`.
    pub name: String,
    /// How it ended.
    pub status: PhaseStatus,
    /// How long it took.
    pub seconds: f64,
}

/// How a phase ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhaseStatus {
    /// Everything in it succeeded.
    Succeeded,
    /// Something in it failed.
    Failed,
    /// Time ran out during it.
    TimedOut,
}

impl PhaseStatus {
    pub(crate) fn of(outcome: &Result<(), FailureReport>) -> PhaseStatus {
        match outcome.as_ref().map_err(|failure| failure.kind) {
            Ok(()) => PhaseStatus::Succeeded,
            Err(FailureKind::TimedOut) => PhaseStatus::TimedOut,
            Err(
                FailureKind::Command
                | FailureKind::Artifacts
                | FailureKind::Configuration
                | FailureKind::Machine,
            ) => PhaseStatus::Failed,
        }
    }
}

impl fmt::Display for PhaseStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            PhaseStatus::Succeeded => "succeeded",
            PhaseStatus::Failed => "failed",
            PhaseStatus::TimedOut => "timed out",
        })
    }
}
