//! Why we refuse. A refusal is an answer, not an error: nothing is broken, nothing changed.

use alloc::string::String;
use core::fmt;

use model::ids::{ActionName, ExecutionId, StageName};

/// Why an input changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is no such pipeline.
    PipelineNotFound,
    /// A pipeline of this name is to be created and exists already.
    PipelineNameInUse,
    /// The pipeline has no such stage.
    StageNotFound(StageName),
    /// The stage has no such action.
    ActionNotFound(ActionName),
    /// A start under an id that is not the greatest so far: it may have run already. Look into the
    /// log, and ask again with `absent_until` if it did not.
    PerhapsStarted(ExecutionId),
    /// The start names a variable that is not declared (R6).
    UndeclaredVariable(String),
    /// The start gives a variable an empty value (R6).
    EmptyVariable(String),
    /// The start leaves out a variable without default (R6).
    MissingVariable(String),
    /// The start names a revision that its source action cannot bring (R7).
    InvalidRevision {
        /// The source action.
        action: ActionName,
        /// What is wrong with it.
        reason: String,
    },
    /// 50 executions are unfinished (R9).
    ConcurrentExecutionsLimit,
    /// The answer's token is wrong or out of date (R81).
    InvalidApprovalToken,
    /// The approval was answered already (R81).
    ApprovalAlreadyCompleted,
    /// The execution cannot be stopped (R46).
    NotStoppable(ExecutionId),
    /// The execution is being stopped in this way already (R45).
    DuplicatedStop(ExecutionId),
    /// The stage of this execution cannot be retried (R52).
    StageNotRetryable(String),
    /// Another execution entered the stage since (R22).
    NotLatest(ExecutionId),
    /// Something of the same execution is under way (R52, R54).
    Conflict(String),
    /// The report is about an attempt that ended already (R35).
    LateReport,
    /// The input belongs to the other kind of log.
    WrongLog,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PipelineNotFound => f.write_str("there is no such pipeline"),
            Self::PipelineNameInUse => f.write_str("a pipeline of this name exists already"),
            Self::StageNotFound(stage) => write!(f, "the pipeline has no stage {stage}"),
            Self::ActionNotFound(action) => write!(f, "the stage has no action {action}"),
            Self::PerhapsStarted(id) => write!(f, "{id} may have been started before"),
            Self::UndeclaredVariable(name) => {
                write!(f, "the pipeline declares no variable {name}; declare it or leave it out")
            }
            Self::EmptyVariable(name) => write!(f, "variable {name} must not be empty"),
            Self::MissingVariable(name) => {
                write!(f, "variable {name} has no default; give it a value")
            }
            Self::InvalidRevision { action, reason } => {
                write!(f, "the revision for source action {action} cannot be used: {reason}")
            }
            Self::ConcurrentExecutionsLimit => f.write_str(
                "50 executions of this pipeline are unfinished; wait for one to end or stop one",
            ),
            Self::InvalidApprovalToken => f.write_str("the approval token is wrong or out of date"),
            Self::ApprovalAlreadyCompleted => f.write_str("the approval was answered already"),
            Self::NotStoppable(id) => write!(f, "execution {id} is not running"),
            Self::DuplicatedStop(id) => write!(f, "execution {id} is stopping already"),
            Self::StageNotRetryable(reason) => write!(f, "the stage cannot be retried: {reason}"),
            Self::NotLatest(id) => {
                write!(f, "execution {id} is not the latest that entered the stage")
            }
            Self::Conflict(reason) => f.write_str(reason),
            Self::LateReport => f.write_str("the attempt ended already"),
            Self::WrongLog => f.write_str("the input belongs to another log"),
        }
    }
}
