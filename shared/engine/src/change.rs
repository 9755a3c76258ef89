//! What became true. Past participles; nothing here is asked for any more.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use model::ids::{ActionName, ExecutionId, PipelineName, StageName};
use model::outcome::{Failure, Success};
use model::status::{ExecutionMode, ExecutionStatus, RetryMode};
use model::time::Timestamp;
use uuid::Uuid;

use crate::input::{Revision, Trigger};
use crate::state::Definition;

/// One change of a log's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Of the pipeline as a whole.
    Pipeline(PipelineChange),
    /// Of one execution.
    Execution {
        /// Which one.
        id: ExecutionId,
        /// Its number, for people.
        number: u64,
        /// The change's number among the announced changes of its execution, counted from 1 without
        /// gaps; 0 for a change that is not announced.
        announced: u32,
        /// What became true.
        change: ExecutionChange,
    },
}

/// A change of the pipeline as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PipelineChange {
    /// The declaration in this change's record is in force.
    Defined {
        /// Its version.
        version: u32,
        /// Its mode.
        mode: ExecutionMode,
        /// What approval tokens are derived from.
        secret: Uuid,
        /// Who did it.
        by: String,
    },
    /// The pipeline is gone.
    Deleted {
        /// Who did it.
        by: String,
    },
    /// Nobody enters the stage any more.
    Disabled {
        /// Which stage.
        stage: StageName,
        /// Since when (a relayed change is younger than the fact).
        since: Timestamp,
        /// Who did it.
        by: String,
        /// Why.
        reason: String,
    },
    /// The way into the stage is open again.
    Enabled {
        /// Which stage.
        stage: StageName,
        /// Who did it.
        by: String,
    },
    /// An event asked for an execution and did not get one (R9).
    Refused {
        /// The id that the execution would have had.
        execution: ExecutionId,
        /// What asked.
        trigger: Trigger,
        /// Why not.
        reason: String,
    },
    /// PARALLEL: an execution gets a log of its own.
    Admitted {
        /// Which one.
        execution: ExecutionId,
        /// Its number.
        number: u64,
        /// How it starts.
        started: Box<Started>,
    },
    /// PARALLEL: an execution's own log ended.
    Closed {
        /// Which one.
        execution: ExecutionId,
    },
    /// PARALLEL: an execution's own log goes on.
    Reopened {
        /// Which one.
        execution: ExecutionId,
        /// The attempt.
        attempt: u32,
    },
}

/// How an execution was started; frozen from then on (R6, R10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The declaration it is pinned to.
    pub definition: Definition,
    /// What caused it.
    pub trigger: Trigger,
    /// Every declared variable with its value.
    pub variables: BTreeMap<String, String>,
    /// Revisions for source actions.
    pub revisions: Vec<Revision>,
}

/// A change of one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionChange {
    /// It exists.
    Started(Box<Started>),
    /// It stands before the stage (R16).
    Waited {
        /// Which stage.
        stage: StageName,
    },
    /// It is inside the stage and holds its lock (R12).
    Entered {
        /// Which stage.
        stage: StageName,
    },
    /// A newer one took its place before the stage (R18).
    Superseded {
        /// Which stage.
        stage: StageName,
        /// The newer one's number.
        by: u64,
    },
    /// An attempt of an action is asked for.
    ActionRequested {
        /// Which stage.
        stage: StageName,
        /// Which action.
        action: ActionName,
        /// Which attempt.
        attempt: u32,
    },
    /// An attempt succeeded.
    ActionSucceeded {
        /// Which stage.
        stage: StageName,
        /// Which action.
        action: ActionName,
        /// Which attempt.
        attempt: u32,
        /// What it left behind.
        success: Box<Success>,
        /// Who answered, for approvals.
        by: Option<String>,
    },
    /// An attempt failed.
    ActionFailed {
        /// Which stage.
        stage: StageName,
        /// Which action.
        action: ActionName,
        /// Which attempt.
        attempt: u32,
        /// Why.
        failure: Box<Failure>,
        /// Whether we gave it up, so that the provider must be told to stop (R33).
        is_overdue: bool,
        /// Who answered, for approvals.
        by: Option<String>,
    },
    /// An attempt was given up (R44).
    ActionAbandoned {
        /// Which stage.
        stage: StageName,
        /// Which action.
        action: ActionName,
        /// Which attempt.
        attempt: u32,
    },
    /// Every action of the stage succeeded; its lock is free.
    StageSucceeded {
        /// Which stage.
        stage: StageName,
    },
    /// An action failed and none is running any more; the lock is free (R15).
    StageFailed {
        /// Which stage.
        stage: StageName,
    },
    /// The stage finishes what runs and ends.
    StageStopping {
        /// Which stage.
        stage: StageName,
    },
    /// The stage ended by request; the lock is free (R48).
    StageStopped {
        /// Which stage.
        stage: StageName,
    },
    /// The stage ended because the declaration was replaced; the lock is free (R84).
    StageCancelled {
        /// Which stage.
        stage: StageName,
    },
    /// The stage goes on after a failure or a stop, and holds its lock again (R51).
    StageResumed {
        /// Which stage.
        stage: StageName,
        /// Which actions run again.
        mode: RetryMode,
    },
    /// It ran through every stage.
    Succeeded,
    /// A stage failed.
    Failed,
    /// It was asked to stop (R43, R44).
    Stopping {
        /// Whether running actions are given up.
        abandon: bool,
        /// Why.
        reason: Option<String>,
    },
    /// It was asked to give running actions up after all (R45).
    StopEscalated,
    /// It ended by request.
    Stopped,
    /// Its declaration was replaced; it ends when running actions have (R84).
    CancelRequested,
    /// It ended because the declaration was replaced, or because nobody resumes it (R40).
    Cancelled {
        /// Why.
        reason: String,
    },
    /// It goes on with a new attempt (R51).
    Resumed {
        /// Who did it.
        by: String,
    },
}

/// The level at which a change is announced (contract §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// CodePipeline Pipeline Execution State Change.
    Pipeline,
    /// CodePipeline Stage Execution State Change.
    Stage,
    /// CodePipeline Action Execution State Change.
    Action,
}

impl ExecutionChange {
    /// Returns the level at which this is announced, or `None` when AWS has no event for it.
    pub fn level(&self) -> Option<Level> {
        match self {
            Self::Started(_)
            | Self::Superseded { .. }
            | Self::Succeeded
            | Self::Failed
            | Self::Stopping { .. }
            | Self::Stopped
            | Self::Cancelled { .. }
            | Self::Resumed { .. } => Some(Level::Pipeline),
            Self::Entered { .. }
            | Self::StageSucceeded { .. }
            | Self::StageFailed { .. }
            | Self::StageStopping { .. }
            | Self::StageStopped { .. }
            | Self::StageCancelled { .. }
            | Self::StageResumed { .. } => Some(Level::Stage),
            Self::ActionRequested { .. }
            | Self::ActionSucceeded { .. }
            | Self::ActionFailed { .. }
            | Self::ActionAbandoned { .. } => Some(Level::Action),
            Self::Waited { .. } | Self::StopEscalated | Self::CancelRequested => None,
        }
    }

    /// Whether the execution is over with this change, until somebody retries it.
    pub fn is_end(&self) -> bool {
        self.end().is_some()
    }

    /// Returns how the execution ended, if it is over with this change.
    pub fn end(&self) -> Option<ExecutionStatus> {
        match self {
            Self::Superseded { .. } => Some(ExecutionStatus::Superseded),
            Self::Succeeded => Some(ExecutionStatus::Succeeded),
            Self::Failed => Some(ExecutionStatus::Failed),
            Self::Stopped => Some(ExecutionStatus::Stopped),
            Self::Cancelled { .. } => Some(ExecutionStatus::Cancelled),
            Self::Started(_)
            | Self::Waited { .. }
            | Self::Entered { .. }
            | Self::ActionRequested { .. }
            | Self::ActionSucceeded { .. }
            | Self::ActionFailed { .. }
            | Self::ActionAbandoned { .. }
            | Self::StageSucceeded { .. }
            | Self::StageFailed { .. }
            | Self::StageStopping { .. }
            | Self::StageStopped { .. }
            | Self::StageCancelled { .. }
            | Self::StageResumed { .. }
            | Self::Stopping { .. }
            | Self::StopEscalated
            | Self::CancelRequested
            | Self::Resumed { .. } => None,
        }
    }
}

impl Change {
    /// Returns the one line that logs, tests and the command line print for this change.
    pub fn line<'a>(&'a self, pipeline: &'a PipelineName) -> impl fmt::Display + 'a {
        Line { pipeline, change: self }
    }
}

struct Line<'a> {
    pipeline: &'a PipelineName,
    change: &'a Change,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.change {
            Change::Pipeline(change) => {
                let (verb, place, detail) = change.columns();
                write_columns(f, self.pipeline.as_str(), verb, &place, &detail)
            }
            Change::Execution { number, change, .. } => {
                let (verb, place, detail) = change.columns();
                let subject = alloc::format!("{} #{number}", self.pipeline);
                write_columns(f, &subject, verb, &place, &detail)
            }
        }
    }
}

fn write_columns(
    f: &mut fmt::Formatter<'_>,
    subject: &str,
    verb: &str,
    place: &str,
    detail: &str,
) -> fmt::Result {
    let line = alloc::format!("{subject:<8}  {verb:<15}  {place:<16}  {detail}");
    f.write_str(line.trim_end())
}

/// What is done, where, and the rest.
type Columns = (&'static str, String, String);

impl PipelineChange {
    fn columns(&self) -> Columns {
        use alloc::format;
        match self {
            Self::Defined { version, mode, by, .. } => {
                ("defined", format!("v{version}"), format!("{mode} by {by}"))
            }
            Self::Deleted { by } => ("deleted", String::new(), format!("by {by}")),
            Self::Disabled { stage, by, reason, .. } => {
                ("disabled", format!("{stage}"), format!("by {by}: {reason}"))
            }
            Self::Enabled { stage, by } => ("enabled", format!("{stage}"), format!("by {by}")),
            Self::Refused { trigger, reason, .. } => {
                ("refused", format!("{}", trigger.kind), reason.clone())
            }
            Self::Admitted { number, .. } => ("admitted", format!("#{number}"), String::new()),
            Self::Closed { execution } => ("closed", format!("{execution}"), String::new()),
            Self::Reopened { execution, attempt } => {
                ("reopened", format!("{execution}"), format!("attempt {attempt}"))
            }
        }
    }
}

impl ExecutionChange {
    fn columns(&self) -> Columns {
        use alloc::format;
        let none = String::new;
        match self {
            Self::Started(started) => (
                "started",
                format!("v{}", started.definition.version),
                format!("{} {}", started.trigger.kind, started.trigger.detail),
            ),
            Self::Waited { stage } => ("waits", format!("{stage}"), none()),
            Self::Entered { stage } => ("entered", format!("{stage}"), none()),
            Self::Superseded { stage, by } => {
                ("superseded", format!("{stage}"), format!("by #{by}"))
            }
            Self::ActionRequested { stage, action, attempt } => {
                ("→ run", format!("{stage}/{action}"), format!("attempt {attempt}"))
            }
            Self::ActionSucceeded { stage, action, success, by, .. } => {
                let who = by.as_ref().map(|by| format!("by {by}"));
                let detail = who.or_else(|| success.summary.clone()).unwrap_or_default();
                ("✓ succeeded", format!("{stage}/{action}"), first_line(&detail))
            }
            Self::ActionFailed { stage, action, failure, .. } => (
                "✗ failed",
                format!("{stage}/{action}"),
                first_line(&format!("{}: {}", failure.code, failure.message)),
            ),
            Self::ActionAbandoned { stage, action, .. } => {
                ("abandoned", format!("{stage}/{action}"), none())
            }
            Self::StageSucceeded { stage } => ("left", format!("{stage}"), none()),
            Self::StageFailed { stage } => ("stage failed", format!("{stage}"), none()),
            Self::StageStopping { stage } => ("stage stopping", format!("{stage}"), none()),
            Self::StageStopped { stage } => ("stage stopped", format!("{stage}"), none()),
            Self::StageCancelled { stage } => ("stage cancelled", format!("{stage}"), none()),
            Self::StageResumed { stage, mode } => {
                ("stage resumed", format!("{stage}"), format!("{mode}"))
            }
            Self::Succeeded => ("succeeded", none(), none()),
            Self::Failed => ("failed", none(), none()),
            Self::Stopping { abandon, reason } => {
                let how = if *abandon { "abandoning" } else { "stopping" };
                (how, none(), reason.clone().unwrap_or_default())
            }
            Self::StopEscalated => ("abandoning", none(), none()),
            Self::Stopped => ("stopped", none(), none()),
            Self::CancelRequested => ("cancelling", none(), none()),
            Self::Cancelled { reason } => ("cancelled", none(), reason.clone()),
            Self::Resumed { by } => ("resumed", none(), format!("by {by}")),
        }
    }
}

/// A line of ours stays one line, and carries no control characters of others.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("").chars().filter(|c| !c.is_control()).take(160).collect()
}
