//! What may be asked of us. Imperative: none of it has happened yet.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use model::ids::{ActionName, ApprovalToken, ExecutionId, StageName};
use model::outcome::Outcome;
use model::pipeline::Pipeline;
use model::status::{RetryMode, TriggerType};
use model::time::Timestamp;
use uuid::Uuid;

use crate::state::{Definition, RunKey};

/// What is asked of one log.
#[derive(Clone, Debug)]
pub enum Input {
    /// Create the pipeline, or replace its declaration (R84–R88).
    Define {
        /// The new declaration.
        pipeline: Arc<Pipeline>,
        /// Drawn by the caller; used only when the pipeline is created.
        secret: Uuid,
        /// Who asks.
        by: String,
        /// Whether the pipeline must be new, or must be there.
        expects: Expects,
    },
    /// Delete the pipeline (R90).
    Delete {
        /// Who asks.
        by: String,
    },
    /// Start an execution (R2–R9).
    Start(Start),
    /// Begin the log of an execution that the pipeline's log admitted (R26).
    Begin(Begin),
    /// An action's attempt ended.
    Report {
        /// Which attempt.
        run: RunKey,
        /// How.
        outcome: Outcome,
    },
    /// Answer an approval (R80).
    Approve(Approve),
    /// Close the way into a stage (R38).
    Disable {
        /// Which stage.
        stage: StageName,
        /// Why, 1 to 300 characters.
        reason: String,
        /// Who asks.
        by: String,
    },
    /// Open the way into a stage (R39).
    Enable {
        /// Which stage.
        stage: StageName,
        /// Who asks.
        by: String,
    },
    /// Stop an execution (R43–R50).
    Stop {
        /// Which execution.
        execution: ExecutionId,
        /// Give running actions up instead of waiting for them.
        abandon: bool,
        /// Why, up to 200 characters.
        reason: Option<String>,
        /// Who asks.
        by: String,
    },
    /// Run a failed or stopped stage again (R51–R57).
    Retry {
        /// Which execution.
        execution: ExecutionId,
        /// Which stage.
        stage: StageName,
        /// Which actions.
        mode: RetryMode,
        /// Who asks.
        by: String,
    },
    /// Look whether anything is overdue (R33, R82).
    Tick,
    /// PARALLEL: the transitions of the pipeline are now these (R30).
    Relay {
        /// The stages whose inbound transition is disabled, since when, by whom and why.
        disabled: BTreeMap<StageName, (Timestamp, String, String)>,
    },
    /// PARALLEL: the pipeline is gone; end now (R90).
    Withdraw {
        /// Who deleted it.
        by: String,
    },
    /// PARALLEL: the execution's own log ended.
    Close {
        /// Which execution.
        execution: ExecutionId,
        /// The attempt that ended.
        attempt: u32,
    },
    /// PARALLEL: the execution's own log goes on after a retry.
    Reopen {
        /// Which execution.
        execution: ExecutionId,
        /// The attempt that goes on.
        attempt: u32,
    },
}

/// What whoever declares a pipeline takes for granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    /// Nothing: it is created, or its declaration replaced.
    Either,
    /// It is created; a pipeline of the same name refuses.
    Absent,
    /// Its declaration is replaced; without a pipeline of the name there is nothing to replace.
    Present,
}

/// How an execution is to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Its id: from the triggering event or client token, so that asking twice asks for the same.
    pub execution: ExecutionId,
    /// What caused it.
    pub trigger: Trigger,
    /// Values for declared variables (R6).
    pub variables: BTreeMap<String, String>,
    /// Revisions for source actions (R7, R8).
    pub revisions: Vec<Revision>,
    /// Up to which record the caller looked into the log and found no earlier start under this id; 0
    /// when it did not look. Looking is needed only for an id that is not greater than every id before.
    pub absent_until: u64,
}

/// What caused an execution (R2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The kind of cause.
    pub kind: TriggerType,
    /// Who or what, at most 1024 characters.
    pub detail: String,
}

/// A revision that a source action shall bring.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision {
    /// The source action.
    pub action: ActionName,
    /// `COMMIT_ID`, `IMAGE_DIGEST`, `S3_OBJECT_VERSION_ID` or `S3_OBJECT_KEY`.
    pub kind: String,
    /// The commit, digest, version or key.
    pub value: String,
}

/// How the log of one PARALLEL execution begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// Which execution.
    pub execution: ExecutionId,
    /// Its number in the pipeline.
    pub number: u64,
    /// The declaration it is pinned to.
    pub definition: Definition,
    /// What the pipeline derives approval tokens from.
    pub secret: Uuid,
    /// What caused it.
    pub trigger: Trigger,
    /// Resolved variables.
    pub variables: BTreeMap<String, String>,
    /// Revisions for source actions.
    pub revisions: Vec<Revision>,
    /// As in [`Input::Relay`].
    pub disabled: BTreeMap<StageName, (Timestamp, String, String)>,
}

/// An answer to an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    /// Which stage.
    pub stage: StageName,
    /// Which action.
    pub action: ActionName,
    /// The token that was handed out for it.
    pub token: ApprovalToken,
    /// Yes or no.
    pub is_approved: bool,
    /// Why, at most 512 characters.
    pub summary: String,
    /// Who answers.
    pub by: String,
}

/// One short line that says what was asked, for records and logs.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Define { by, .. } => write!(f, "define by {by}"),
            Self::Delete { by } => write!(f, "delete by {by}"),
            Self::Start(start) => write!(f, "start {}", start.execution),
            Self::Begin(begin) => write!(f, "begin {}", begin.execution),
            Self::Report { run, .. } => write!(f, "report {}", run.id()),
            Self::Approve(approve) => {
                let answer = if approve.is_approved { "approve" } else { "reject" };
                write!(f, "{answer} {}/{} by {}", approve.stage, approve.action, approve.by)
            }
            Self::Disable { stage, by, .. } => write!(f, "disable {stage} by {by}"),
            Self::Enable { stage, by } => write!(f, "enable {stage} by {by}"),
            Self::Stop { execution, abandon, by, .. } => {
                let how = if *abandon { "abandon" } else { "stop" };
                write!(f, "{how} {execution} by {by}")
            }
            Self::Retry { execution, stage, mode, by } => {
                write!(f, "retry {execution} {stage} {mode} by {by}")
            }
            Self::Tick => f.write_str("tick"),
            Self::Relay { disabled } => write!(f, "relay {} disabled", disabled.len()),
            Self::Withdraw { by } => write!(f, "withdraw by {by}"),
            Self::Close { execution, attempt } => write!(f, "close {execution} {attempt}"),
            Self::Reopen { execution, attempt } => write!(f, "reopen {execution} {attempt}"),
        }
    }
}
