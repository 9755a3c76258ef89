//! What the books hold of one execution.

use std::collections::BTreeMap;

use model::ids::{ActionName, StageName};
use model::outcome::Success;
use model::status::ExecutionStatus;
use model::time::Timestamp;
use store::LogKey;

/// One execution, from its start to its end.
#[derive(Clone, Debug)]
pub struct Life {
    /// The log that it lives in.
    pub log: LogKey,
    /// Its number.
    pub number: u64,
    /// The record that declares what it is pinned to.
    pub definition: u64,
    /// How far it is; `None` for one that was admitted and has not begun.
    pub status: Option<ExecutionStatus>,
    /// Where it is.
    pub place: Where,
    /// Which stage that is, counted from 0.
    pub stage: usize,
    /// 1, and one more for each retry.
    pub attempt: u32,
    /// Whether it was asked to stop or to end.
    pub is_ending: bool,
    /// The number of its newest announced change.
    pub announced: u32,
    /// Every attempt of every action that was asked for.
    pub runs: BTreeMap<(StageName, ActionName, u32), Run>,
}

/// Where an execution is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// Between two stages, inside of a record.
    Between,
    /// Before a stage.
    Before(StageName),
    /// Inside of a stage.
    Inside(StageName),
    /// Over. It was inside of that stage when it failed or was stopped, if it was inside of any.
    Over(Option<StageName>),
}

/// One attempt of one action.
#[derive(Clone, Debug)]
pub struct Run {
    /// How far it is.
    pub status: RunStatus,
    /// When it was asked for.
    pub since: Timestamp,
    /// The number of the record that ended it.
    pub ended_by: Option<u64>,
    /// What it left behind.
    pub success: Option<Box<Success>>,
}

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Asked for.
    InProgress,
    /// Done.
    Succeeded,
    /// Failed.
    Failed,
    /// Overdue, and given up by us.
    Overdue,
    /// Given up because somebody asked.
    Abandoned,
}

impl Life {
    /// Begins the life of an execution that was accepted.
    pub fn new(log: LogKey, number: u64, definition: u64) -> Self {
        Self {
            log,
            number,
            definition,
            status: None,
            place: Where::Between,
            stage: 0,
            attempt: 1,
            is_ending: false,
            announced: 0,
            runs: BTreeMap::new(),
        }
    }

    /// Whether it is not over.
    pub fn is_live(&self) -> bool {
        !matches!(self.place, Where::Over(_))
    }

    /// Whether its log has begun.
    pub fn is_begun(&self) -> bool {
        self.status.is_some()
    }

    /// Returns the newest attempt of an action.
    pub fn newest(&self, stage: &StageName, action: &ActionName) -> Option<(u32, &Run)> {
        let key = |attempt| (stage.clone(), action.clone(), attempt);
        let mut range = self.runs.range(key(0)..=key(u32::MAX));
        range.next_back().map(|((_, _, attempt), run)| (*attempt, run))
    }

    /// Returns every attempt that is in progress.
    pub fn in_progress(&self) -> impl Iterator<Item = (&(StageName, ActionName, u32), &Run)> {
        self.runs.iter().filter(|(_, run)| run.status == RunStatus::InProgress)
    }
}
