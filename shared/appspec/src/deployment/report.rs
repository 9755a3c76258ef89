//! How a deployment ended.

use std::fmt;
use std::time::Duration;

use crate::fault::Fault;
use crate::{Cause, LifecycleEvent};

/// How a deployment ended, and what became of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whether the revision is deployed and works.
    pub result: Result<(), FailureReport>,
    /// Every event, in order.
    pub events: Vec<EventReport>,
    /// Whether the host was put back.
    pub rollback: Rollback,
}

/// How one event went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventReport {
    /// Which one.
    pub event: LifecycleEvent,
    /// How it went.
    pub status: EventStatus,
    /// How long it took.
    pub elapsed: Duration,
}

/// How an event went, in `CodeDeploy`'s words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStatus {
    /// It was done, or had nothing to do.
    Succeeded,
    /// It failed.
    Failed,
    /// An earlier one failed; or there is no earlier revision whose application could be stopped.
    Skipped,
}

/// Why a deployment failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureReport {
    /// The event that failed.
    pub event: LifecycleEvent,
    /// The kind of failure.
    pub cause: Cause,
    /// The script that failed, as the appspec names it.
    pub script: Option<String>,
    /// The script's exit status.
    pub exit_status: Option<i32>,
    /// What happened, and what to do about it.
    pub message: String,
}

/// What became of the host after the deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rollback {
    /// The deployment succeeded, or failed before it touched the host.
    NotNeeded,
    /// The deployment failed and there is no revision that ever worked here; the host is as the
    /// failure left it.
    NothingToReturnTo,
    /// The last good revision is deployed again.
    Succeeded {
        /// The deployment that had brought it.
        to: String,
        /// The events of the rollback.
        events: Vec<EventReport>,
    },
    /// The last good revision could not be deployed either.
    Failed {
        /// The deployment that had brought it.
        to: String,
        /// The events of the rollback.
        events: Vec<EventReport>,
        /// Why.
        failure: FailureReport,
    },
}

impl Ended {
    /// Returns the deployment whose revision is in place again after a failure.
    pub fn rolled_back_to(&self) -> Option<&str> {
        match &self.rollback {
            Rollback::Succeeded { to, .. } => Some(to),
            Rollback::NotNeeded | Rollback::NothingToReturnTo | Rollback::Failed { .. } => None,
        }
    }

    /// The end of a deployment that was refused before it touched the host.
    pub(super) fn refused(failure: FailureReport) -> Self {
        let events = LifecycleEvent::IN_PLACE
            .into_iter()
            .map(|event| EventReport {
                event,
                status: if event == failure.event {
                    EventStatus::Failed
                } else {
                    EventStatus::Skipped
                },
                elapsed: Duration::ZERO,
            })
            .collect();
        Self { result: Err(failure), events, rollback: Rollback::NotNeeded }
    }
}

impl FailureReport {
    pub(super) fn new(event: LifecycleEvent, fault: Fault) -> Self {
        let Fault { cause, script, exit_status, message } = fault;
        Self { event, cause, script, exit_status, message }
    }
}

impl fmt::Display for EventStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
        })
    }
}

impl fmt::Display for FailureReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the deployment failed at {}: {}", self.event, self.message)
    }
}

impl fmt::Display for Rollback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNeeded => formatter.write_str("nothing to roll back"),
            Self::NothingToReturnTo => formatter.write_str(
                "not rolled back: no deployment to this group ever succeeded on this host",
            ),
            Self::Succeeded { to, .. } => {
                write!(formatter, "rolled back to the revision of deployment {to}")
            }
            Self::Failed { to, failure, .. } => {
                write!(
                    formatter,
                    "the rollback to the revision of deployment {to} failed too, at {}: {}",
                    failure.event, failure.message
                )
            }
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(()) => formatter.write_str("the deployment succeeded"),
            Err(failure) => write!(formatter, "{failure}; {}", self.rollback),
        }
    }
}
