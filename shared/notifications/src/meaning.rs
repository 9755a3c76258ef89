//! What a state change means to people, and when it means nothing.
//!
//! An execution of four actions makes about twenty events. People want one sentence: it failed, it works again,
//! it needs you. These are the rules:
//!
//! - An execution is told when it ends, once for each attempt, with everything that failed in it. Its stages
//!   and actions are not told beside it: the end names them.
//! - A failure says whether it is the first or one more in a row, and the first success after it is a recovery.
//! - An approval is told when it is asked and when it is answered or expires. An execution that ends by that
//!   answer is not told a second time: both events have the same [`key`], whichever comes first.
//! - A start is told only when it is a rollback, and a stop only once it is done.
//!
//! Whoever tells people keeps the keys of what was told, so an event that comes twice is told once.

use crate::event::{Event, Level};
use crate::facts::{Facts, Failure};
use crate::text::{NAME_CHARACTERS_MAX, clean, clip};

/// What a state change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// An execution failed.
    Failed,
    /// An execution succeeded after failures.
    Recovered,
    /// An execution succeeded, as the one before.
    Succeeded,
    /// A person is asked.
    ApprovalNeeded,
    /// A person said yes.
    Approved,
    /// A person said no.
    Rejected,
    /// Nobody answered in time.
    ApprovalExpired,
    /// An execution was stopped.
    Stopped,
    /// A newer execution took its place.
    Superseded,
    /// An update of the pipeline ended it.
    Cancelled,
    /// Somebody lets it go on after a failure or a stop.
    Resumed,
    /// An older version is on its way back.
    RollbackStarted,
    /// An older version is back.
    RolledBack,
    /// It stands still for longer than it should.
    Stuck,
    /// Nobody enters a stage any more.
    StageClosed,
    /// A stage may be entered again.
    StageOpened,
}

/// How much somebody should care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something did not go its usual way.
    Warn,
    /// Something failed.
    Error,
    /// Nothing moves until a person does something.
    ActionNeeded,
}

impl Severity {
    /// Returns the word that filters find.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::ActionNeeded => "action-needed",
        }
    }
}

impl Meaning {
    /// Returns the word that filters, rows and chat programs find.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Recovered => "recovered",
            Self::Succeeded => "succeeded",
            Self::ApprovalNeeded => "approval-needed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::ApprovalExpired => "approval-expired",
            Self::Stopped => "stopped",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
            Self::Resumed => "resumed",
            Self::RollbackStarted => "rollback-started",
            Self::RolledBack => "rolled-back",
            Self::Stuck => "stuck",
            Self::StageClosed => "stage-closed",
            Self::StageOpened => "stage-opened",
        }
    }

    /// Returns how much somebody should care.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Failed | Self::ApprovalExpired => Severity::Error,
            Self::ApprovalNeeded => Severity::ActionNeeded,
            Self::Rejected | Self::Stopped | Self::Stuck | Self::StageClosed | Self::Cancelled => {
                Severity::Warn
            }
            Self::RollbackStarted => Severity::Warn,
            Self::Recovered
            | Self::Succeeded
            | Self::Approved
            | Self::Superseded
            | Self::Resumed
            | Self::RolledBack
            | Self::StageOpened => Severity::Info,
        }
    }

    /// Whether it may stand as one line among others where much happens at once. A question never does: each
    /// has an answer of its own.
    pub const fn may_be_gathered(self) -> bool {
        !matches!(self, Self::ApprovalNeeded)
    }
}

/// Returns what an event means, or nothing when there is nothing to say.
pub fn meaning(event: &Event, facts: &Facts) -> Option<Meaning> {
    if !event.may_matter() {
        return None;
    }
    match event.level {
        Level::Execution => of_execution(event, facts),
        Level::Approval => of_approval(event, facts),
        Level::Transition => match event.state.as_str() {
            "DISABLED" => Some(Meaning::StageClosed),
            "ENABLED" => Some(Meaning::StageOpened),
            _ => None,
        },
        Level::Stage | Level::Action => None,
    }
}

fn of_execution(event: &Event, facts: &Facts) -> Option<Meaning> {
    let is_rollback = event.is_rollback() || facts.is_rollback();
    Some(match event.state.as_str() {
        "STARTED" if is_rollback => Meaning::RollbackStarted,
        "FAILED" => match facts.failures.last() {
            Some(failure) if failure.is_approval => of_no(failure),
            Some(_) | None => Meaning::Failed,
        },
        "SUCCEEDED" if is_rollback => Meaning::RolledBack,
        "SUCCEEDED" if facts.before.failed_in_a_row > 0 || event.attempt > 1 => Meaning::Recovered,
        "SUCCEEDED" => Meaning::Succeeded,
        "STOPPED" => Meaning::Stopped,
        "SUPERSEDED" => Meaning::Superseded,
        "CANCELED" => Meaning::Cancelled,
        "RESUMED" => Meaning::Resumed,
        "STUCK" => Meaning::Stuck,
        _ => return None,
    })
}

fn of_approval(event: &Event, facts: &Facts) -> Option<Meaning> {
    Some(match event.state.as_str() {
        "STARTED" => Meaning::ApprovalNeeded,
        "SUCCEEDED" => Meaning::Approved,
        "FAILED" => facts.failures.last().map_or(Meaning::Rejected, of_no),
        _ => return None,
    })
}

/// An approval fails when somebody says no, when nobody says anything, and when it could not be asked (E7).
fn of_no(failure: &Failure) -> Meaning {
    match failure.by {
        Some(_) => Meaning::Rejected,
        None if failure.is_overdue => Meaning::ApprovalExpired,
        None => Meaning::Failed,
    }
}

/// Returns under which key it is remembered that this was told. Two events with the same key say the same.
pub fn key(event: &Event, facts: &Facts, meaning: Meaning) -> String {
    let attempt = event.attempt;
    let place = place(event, facts);
    let part = |name: Option<&str>| clip(&clean(name.unwrap_or_default()), NAME_CHARACTERS_MAX);
    let (stage, action) = (part(place.stage.as_deref()), part(place.action.as_deref()));
    match meaning {
        Meaning::ApprovalNeeded
        | Meaning::Approved
        | Meaning::Rejected
        | Meaning::ApprovalExpired => format!("{}#{attempt}#{stage}/{action}", meaning.as_str()),
        Meaning::Stuck => format!("{}#{attempt}#{stage}", meaning.as_str()),
        // The same stage may be closed and opened again and again.
        Meaning::StageClosed | Meaning::StageOpened => {
            format!("{}#{stage}#{}", meaning.as_str(), event.id)
        }
        // How a success is called depends on what was before it, which may be looked up twice.
        Meaning::Succeeded | Meaning::Recovered | Meaning::RolledBack => {
            format!("succeeded#{attempt}")
        }
        Meaning::Failed
        | Meaning::Stopped
        | Meaning::Superseded
        | Meaning::Cancelled
        | Meaning::Resumed
        | Meaning::RollbackStarted => format!("{}#{attempt}", meaning.as_str()),
    }
}

/// Where something happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The stage, if it was in one.
    pub stage: Option<String>,
    /// The action, if it was one.
    pub action: Option<String>,
}

/// Returns where it happened: where the event says, else where the facts do.
pub fn place(event: &Event, facts: &Facts) -> Place {
    if event.stage.is_some() {
        return Place { stage: event.stage.clone(), action: event.action.clone() };
    }
    // A failure that was followed by a success of a retry is no place of the success.
    let failure = facts.failures.last().filter(|_| event.state == "FAILED");
    if let Some(Failure { stage, action, .. }) = failure {
        return Place { stage: Some(stage.clone()), action: Some(action.clone()) };
    }
    if let Some(still) = &facts.still {
        return Place { stage: Some(still.stage.clone()), action: still.action.clone() };
    }
    let stage = match (&facts.superseded, &facts.stop) {
        (Some(superseded), _) => Some(superseded.stage.clone()),
        (None, Some(stop)) => stop.stage.clone(),
        (None, None) => None,
    };
    Place { stage, action: None }
}

impl Facts {
    fn is_rollback(&self) -> bool {
        use model::status::TriggerType::{AutomatedRollback, ManualRollback};
        let trigger = self.execution.as_ref().map(|execution| execution.trigger);
        matches!(trigger, Some(ManualRollback | AutomatedRollback))
    }
}
