//! Everything a decision may see: what is true of one log, compact and self-contained.
//!
//! Only what is in flight is kept. What is bulky (declarations, variables, outcomes) stays in the
//! record that brought it, and the state points there by the record's number.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use model::ids::{ActionRunId, ExecutionId, StageName};
use model::status::{ExecutionMode, ExecutionStatus, StageStatus};
use model::time::Timestamp;
use uuid::Uuid;

use crate::protection::Protection;

/// What one log is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// A pipeline, with the stage locks of its executions.
    #[default]
    Pipeline,
    /// One execution of a PARALLEL pipeline (R26).
    Execution,
}

/// What is true after a record of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What the log is about.
    pub scope: Scope,
    /// The number of the record that this state came with; 0 before the first.
    pub sequence: u64,
    /// When that record was decided.
    pub at: Timestamp,
    /// The declaration in force; `None` before the pipeline is created and after it is deleted.
    pub definition: Option<Definition>,
    /// What approval tokens are derived from.
    pub secret: Uuid,
    /// How many executions were started so far (R1).
    pub last_number: u64,
    /// The greatest id that was ever started. A start with a greater id cannot be a repetition.
    pub last_execution: Option<ExecutionId>,
    /// The stages' places. A stage whose name is gone from the declaration stays while somebody is inside.
    pub stages: BTreeMap<StageName, Slot>,
    /// Unfinished executions. In the log of one execution: that one, until it ends.
    pub executions: BTreeMap<ExecutionId, Execution>,
    /// PARALLEL: the unfinished executions that have logs of their own.
    pub admitted: BTreeMap<ExecutionId, Admission>,
}

/// Which declaration is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Definition {
    /// The record of the pipeline's log that holds it.
    pub record: u64,
    /// Its version, as the API counts (1 for the first).
    pub version: u32,
    /// What happens when executions meet under it.
    pub mode: ExecutionMode,
}

/// An execution that was given a log of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The record of the pipeline's log that says how it was started; after a retry, the record that
    /// says that it goes on.
    pub record: u64,
    /// Its attempt as far as the pipeline's log knows; a closing of an earlier attempt is stale.
    pub attempt: u32,
    /// Whether its pipeline was deleted. A pipeline of the same name may exist by now (R90).
    pub is_withdrawn: bool,
}

/// The place that a stage is: the lock, and who stands before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// Who is inside (R11). Nobody else enters while this is set.
    pub occupant: Option<ExecutionId>,
    /// Who waits to enter, in order of arrival. At most one in SUPERSEDED mode (R18).
    pub waiting: Vec<ExecutionId>,
    /// Whether anybody may enter (R38).
    pub inbound: Inbound,
    /// Who entered last.
    pub latest: Option<Latest>,
}

/// Whether the way into a stage is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Inbound {
    /// Open.
    #[default]
    Enabled,
    /// Closed by somebody for a reason.
    Disabled {
        /// Since when.
        since: Timestamp,
        /// By whom.
        by: String,
        /// Why, 1 to 300 characters.
        reason: String,
    },
}

/// The execution that entered a stage last, and how that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Which one.
    pub execution: ExecutionId,
    /// Its number.
    pub number: u64,
    /// Its attempt when it was last here.
    pub attempt: u32,
    /// How the stage went for it.
    pub status: StageStatus,
    /// What is needed to go on from here after a failure or a stop (R52). Gone once it cannot.
    pub resume: Option<Box<Execution>>,
}

/// An unfinished execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Its number in the pipeline; newer means higher (R1).
    pub number: u64,
    /// The declaration that it is pinned to (R10).
    pub definition: Definition,
    /// 1, and one more for each retry (R51).
    pub attempt: u32,
    /// When it was started.
    pub started_at: Timestamp,
    /// The record of this log that says how it was started.
    pub started_record: u64,
    /// The number of its last announced change; announced changes are numbered without gaps.
    pub announced: u32,
    /// When its current stage was last retried.
    pub retried_at: Option<Timestamp>,
    /// Where it is.
    pub place: Place,
    /// Which stage of its declaration `place` means, counted from 0.
    pub stage: usize,
    /// Whether it is to end early.
    pub ending: Ending,
    /// The actions of the stage it is inside of, in declaration order; empty outside.
    pub runs: Vec<Run>,
    /// For each stage that it left, and each action of that stage in declaration order: where the result lies.
    pub results: Vec<Vec<Done>>,
}

/// Where an execution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// On its way to the stage, inside of a decision. Never committed.
    Arriving,
    /// Before the stage: an inbound execution (R16).
    Waiting,
    /// Inside of the stage, holding its lock.
    Inside,
}

/// Whether an execution is to end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// It runs to its end.
    No,
    /// Somebody stopped it; running actions finish (R43).
    Stopping,
    /// Somebody stopped it; running actions were abandoned (R44).
    Abandoning,
    /// Its declaration was replaced; running actions finish (R84).
    Cancelling,
}

/// The newest attempt of an action in the stage that an execution is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Not asked for yet.
    Pending,
    /// Asked for, perhaps running.
    InProgress {
        /// The attempt.
        attempt: u32,
        /// When it was asked for.
        since: Timestamp,
    },
    /// Done.
    Succeeded(Done),
    /// Failed, rejected or timed out.
    Failed {
        /// The attempt.
        attempt: u32,
    },
    /// Given up.
    Abandoned {
        /// The attempt.
        attempt: u32,
    },
}

/// A success, and where to find what it left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The attempt that succeeded.
    pub attempt: u32,
    /// The record of this log that holds the outcome.
    pub record: u64,
}

impl State {
    /// Returns what is true of a log of the given scope before its first record.
    pub fn new(scope: Scope) -> Self {
        Self { scope, ..Self::default() }
    }

    /// Returns the records that hold the declarations which a decision on this state may need.
    pub fn definitions(&self) -> impl Iterator<Item = u64> + '_ {
        let retained =
            self.stages.values().filter_map(|slot| slot.latest.as_ref()?.resume.as_ref());
        self.definition
            .iter()
            .map(|definition| definition.record)
            .chain(self.executions.values().map(|execution| execution.definition.record))
            .chain(retained.map(|execution| execution.definition.record))
    }

    /// Whether an execution can be given the stage's place right now.
    pub(crate) fn is_open(&self, stage: &StageName) -> bool {
        self.stages.get(stage).is_some_and(|slot| {
            Protection::OneOccupant.requires(slot.occupant.is_none())
                && Protection::DisabledHolds.requires(slot.inbound == Inbound::Enabled)
        })
    }

    /// Returns how many executions are unfinished, in this log and in logs of their own (R9).
    pub(crate) fn unfinished(&self) -> usize {
        self.executions.len() + self.admitted.len()
    }
}

impl Execution {
    /// Returns the API's status of an unfinished execution.
    pub fn status(&self) -> ExecutionStatus {
        match self.ending {
            Ending::No | Ending::Cancelling => ExecutionStatus::InProgress,
            Ending::Stopping | Ending::Abandoning => ExecutionStatus::Stopping,
        }
    }

    /// Returns how many actions are asked for or running.
    pub fn in_progress(&self) -> usize {
        self.runs.iter().filter(|run| matches!(run, Run::InProgress { .. })).count()
    }
}

impl Run {
    /// Returns the attempt, or `None` for an action that was not asked for yet.
    pub fn attempt(&self) -> Option<u32> {
        match self {
            Self::Pending => None,
            Self::InProgress { attempt, .. }
            | Self::Succeeded(Done { attempt, .. })
            | Self::Failed { attempt }
            | Self::Abandoned { attempt } => Some(*attempt),
        }
    }
}

/// One attempt of one action, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunKey {
    /// The execution.
    pub execution: ExecutionId,
    /// The stage.
    pub stage: StageName,
    /// The action.
    pub action: model::ids::ActionName,
    /// 1 for the first attempt.
    pub attempt: u32,
}

impl RunKey {
    /// Returns the id under which the provider, the events and the API know this attempt.
    pub fn id(&self) -> ActionRunId {
        ActionRunId::derive(self.execution, &self.stage, &self.action, self.attempt)
    }
}
