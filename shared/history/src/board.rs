//! What the newest record of a pipeline's log does not say of its stages, folded from all records.

use std::collections::{BTreeMap, BTreeSet};

use engine::change::{Change, ExecutionChange, PipelineChange};
use engine::state::RunKey;
use model::declaration::Declaration;
use model::ids::{ActionName, ExecutionId, StageName};
use model::outcome::{Failure, SourceRevision, Success};
use model::status::ActionStatus;
use model::time::Timestamp;
use store::Record;

use crate::life::Life;

/// How many ended executions are remembered. It bounds how many ends may wait to be written down before
/// a list that is asked for meanwhile misses one.
const ENDED_MAX: usize = 256;

/// What people want to know besides the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// The number of the last record that was folded.
    pub sequence: u64,
    /// The pipeline's life; none while it does not exist.
    pub life: Option<Life>,
    /// What happened in each stage.
    pub stages: BTreeMap<StageName, StageBoard>,
    /// The executions that ended last.
    pub ended: BTreeMap<ExecutionId, Ended>,
    /// What was asked for after this record was asked for in this process's sight.
    pub witnessed_after: u64,
}

/// What happened in a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageBoard {
    /// Who opened or closed the way in last, and when.
    pub transition: Option<Turned>,
    /// Who entered last.
    pub entered: Option<ExecutionId>,
    /// How often the stage was retried for that execution (R57).
    pub retries: u32,
    /// What happened to each action.
    pub actions: BTreeMap<ActionName, ActionBoard>,
}

/// Who changed a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What happened to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionBoard {
    /// Its newest attempt, perhaps of an older execution than the stage's newest.
    pub latest: Attempt,
    /// For sources: what was brought in last.
    pub brought: Option<Brought>,
}

/// What a source brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The revision.
    pub revision: SourceRevision,
    /// When it came.
    pub at: Timestamp,
}

/// An attempt of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which one.
    pub run: RunKey,
    /// The record that asked for it, if that was seen.
    pub asked: Option<u64>,
    /// When its status changed last.
    pub changed_at: Timestamp,
    /// How far it is.
    pub progress: Progress,
    /// Who answered, for approvals.
    pub by: Option<String>,
}

/// How far an attempt is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Asked for, perhaps running.
    InProgress,
    /// Done, and what it left behind.
    Succeeded(Box<Success>),
    /// Failed, and why.
    Failed(Box<Failure>),
    /// Given up.
    Abandoned,
}

/// That an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The record of the pipeline's log that says so.
    pub sequence: u64,
    /// Whether it had a log of its own (PARALLEL).
    pub had_own_log: bool,
}

impl Progress {
    /// Returns the status, as the API names it.
    pub fn status(&self) -> ActionStatus {
        match self {
            Self::InProgress => ActionStatus::InProgress,
            Self::Succeeded(_) => ActionStatus::Succeeded,
            Self::Failed(_) => ActionStatus::Failed,
            Self::Abandoned => ActionStatus::Abandoned,
        }
    }

    /// Returns how far an attempt is after a change, if the change is about one: which, how far, and who
    /// answered.
    pub fn after(
        id: ExecutionId,
        change: &ExecutionChange,
    ) -> Option<(RunKey, Self, Option<String>)> {
        let key = |stage: &StageName, action: &ActionName, attempt: u32| RunKey {
            execution: id,
            stage: stage.clone(),
            action: action.clone(),
            attempt,
        };
        match change {
            ExecutionChange::ActionRequested { stage, action, attempt } => {
                Some((key(stage, action, *attempt), Self::InProgress, None))
            }
            ExecutionChange::ActionSucceeded { stage, action, attempt, success, by } => {
                Some((key(stage, action, *attempt), Self::Succeeded(success.clone()), by.clone()))
            }
            ExecutionChange::ActionFailed { stage, action, attempt, failure, by, .. } => {
                Some((key(stage, action, *attempt), Self::Failed(failure.clone()), by.clone()))
            }
            ExecutionChange::ActionAbandoned { stage, action, attempt } => {
                Some((key(stage, action, *attempt), Self::Abandoned, None))
            }
            ExecutionChange::Started(_)
            | ExecutionChange::Waited { .. }
            | ExecutionChange::Entered { .. }
            | ExecutionChange::Superseded { .. }
            | ExecutionChange::StageSucceeded { .. }
            | ExecutionChange::StageFailed { .. }
            | ExecutionChange::StageStopping { .. }
            | ExecutionChange::StageStopped { .. }
            | ExecutionChange::StageCancelled { .. }
            | ExecutionChange::StageResumed { .. }
            | ExecutionChange::Succeeded
            | ExecutionChange::Failed
            | ExecutionChange::Stopping { .. }
            | ExecutionChange::StopEscalated
            | ExecutionChange::Stopped
            | ExecutionChange::CancelRequested
            | ExecutionChange::Cancelled { .. }
            | ExecutionChange::Resumed { .. } => None,
        }
    }
}

impl Board {
    /// Makes the board of a log of which nothing was folded yet. What is asked for after record
    /// `witnessed_after` will be seen as it happens.
    pub(crate) fn new(life: Option<Life>, witnessed_after: u64) -> Self {
        Self { sequence: 0, life, stages: BTreeMap::new(), ended: BTreeMap::new(), witnessed_after }
    }

    /// Folds one record. Records come in ascending order; gaps leave out what happened in them.
    pub fn fold(&mut self, record: &Record) {
        for change in &record.changes {
            match change {
                Change::Pipeline(change) => self.fold_pipeline(record, change),
                Change::Execution { id, change, .. } => self.fold_execution(record, *id, change),
            }
        }
        self.sequence = record.sequence;
    }

    fn fold_pipeline(&mut self, record: &Record, change: &PipelineChange) {
        match change {
            PipelineChange::Defined { version: 1, .. } => {
                let life = Some(Life::beginning_in(record));
                *self = Self::new(life, self.witnessed_after);
            }
            PipelineChange::Defined { .. } => self.keep_declared(record),
            PipelineChange::Deleted { .. } => *self = Self::new(None, self.witnessed_after),
            PipelineChange::Disabled { stage, by, .. } | PipelineChange::Enabled { stage, by } => {
                let turned = Turned { by: by.clone(), at: record.at };
                self.stage(stage).transition = Some(turned);
            }
            PipelineChange::Closed { execution } => self.end(*execution, record.sequence, true),
            PipelineChange::Admitted { execution, .. }
            | PipelineChange::Reopened { execution, .. } => {
                self.ended.remove(execution);
            }
            PipelineChange::Refused { .. } => {}
        }
    }

    fn fold_execution(&mut self, record: &Record, id: ExecutionId, change: &ExecutionChange) {
        if let Some((run, progress, by)) = Progress::after(id, change) {
            self.fold_action(record, run, progress, by);
        } else if let ExecutionChange::Entered { stage } = change {
            let stage = self.stage(stage);
            (stage.entered, stage.retries) = (Some(id), 0);
        } else if let ExecutionChange::StageResumed { stage, .. } = change {
            self.stage(stage).retries += 1;
        } else if let ExecutionChange::Resumed { .. } = change {
            self.ended.remove(&id);
        } else if change.is_end() {
            self.end(id, record.sequence, false);
        }
    }

    fn fold_action(
        &mut self,
        record: &Record,
        run: RunKey,
        progress: Progress,
        by: Option<String>,
    ) {
        let (changed_at, is_new) = (record.at, progress == Progress::InProgress);
        let brought = match &progress {
            Progress::Succeeded(success) => success
                .revision
                .as_ref()
                .map(|revision| Brought { revision: revision.clone(), at: changed_at }),
            Progress::InProgress | Progress::Failed(_) | Progress::Abandoned => None,
        };
        let actions = &mut self.stage(&run.stage).actions;
        let former = actions.remove(&run.action);
        let (asked, known) = match former {
            Some(former) if former.latest.run == run => (former.latest.asked, former.brought),
            Some(former) => (None, former.brought),
            None => (None, None),
        };
        let asked = if is_new { Some(record.sequence) } else { asked };
        let action = run.action.clone();
        let latest = Attempt { run, asked, changed_at, progress, by };
        actions.insert(action, ActionBoard { latest, brought: brought.or(known) });
    }

    fn stage(&mut self, name: &StageName) -> &mut StageBoard {
        self.stages.entry(name.clone()).or_default()
    }

    fn end(&mut self, id: ExecutionId, sequence: u64, had_own_log: bool) {
        self.ended.insert(id, Ended { sequence, had_own_log });
        if self.ended.len() > ENDED_MAX {
            let oldest = self.ended.iter().min_by_key(|(_, ended)| ended.sequence);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.ended.remove(&oldest);
            }
        }
    }

    /// Forgets stages and actions that the record's declaration does not name: one that comes back later
    /// under the same name is a new one.
    fn keep_declared(&mut self, record: &Record) {
        let declaration = record.definition.as_deref().and_then(|json| {
            // What we stored is readable; otherwise the turn itself could not have gone on.
            serde_json::from_str::<Declaration>(json).ok()
        });
        let Some(declaration) = declaration else { return };
        let declared: BTreeMap<&str, BTreeSet<&str>> = declaration
            .stages
            .iter()
            .map(|stage| {
                let actions = stage.actions.iter().map(|action| action.name.as_str());
                (stage.name.as_str(), actions.collect())
            })
            .collect();
        self.stages.retain(|name, _| declared.contains_key(name.as_str()));
        for (name, stage) in &mut self.stages {
            let actions = &declared[name.as_str()];
            stage.actions.retain(|action, _| actions.contains(action.as_str()));
        }
    }
}
