//! The simulator's own books: what became true, kept from the committed changes alone.
//!
//! Every record that lands in the table is entered here at once, whoever wrote it and whether or not
//! they learned of it. Each change is checked against everything before it (`laws`), and then the
//! books are compared with the state that the record carries. Nothing of the engine's own folding is
//! used, so a mistake there does not hide itself. A broken law panics with its name.

pub mod entry;
pub mod laws;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::State;
use engine::change::{Change, PipelineChange};
use engine::state::{Inbound, RunKey};
use model::ids::{ExecutionId, PipelineName, StageName};
use model::pipeline::Pipeline;
use model::time::Timestamp;
use store::{LogKey, Record};

pub use entry::{Life, Run, RunStatus, Where};

/// What became true in every log of a world.
#[derive(Debug, Default)]
pub struct Books {
    /// The logs.
    pub logs: BTreeMap<LogKey, Log>,
    /// Every execution that was ever accepted.
    pub lives: BTreeMap<ExecutionId, Life>,
    /// The declarations, by pipeline and record.
    pub plans: BTreeMap<(PipelineName, u64), Arc<Pipeline>>,
    /// What was announced, to be found again among what was published: log, number, event.
    pub announced: BTreeMap<ExecutionId, u32>,
    /// How many declarations were put in force, by who asked.
    pub defined: BTreeMap<String, u32>,
}

/// One log as the books know it.
#[derive(Debug, Default)]
pub struct Log {
    /// The number of its newest record.
    pub sequence: u64,
    /// The moment of its newest record.
    pub at: Timestamp,
    /// The state of its newest record.
    pub state: State,
    /// Whether there is a pipeline, and which record declares it.
    pub definition: Option<u64>,
    /// Who is inside of each stage.
    pub inside: BTreeMap<StageName, ExecutionId>,
    /// Who stands before each stage, first come first.
    pub before: BTreeMap<StageName, Vec<ExecutionId>>,
    /// Which stages nobody may enter.
    pub closed: BTreeSet<StageName>,
    /// The number of whoever entered each stage last.
    pub entered: BTreeMap<StageName, u64>,
    /// PARALLEL: executions with logs of their own that are not closed.
    pub admitted: BTreeSet<ExecutionId>,
    /// The highest number so far.
    pub last_number: u64,
}

impl Books {
    /// Enters a record, checking every law that it could break.
    pub fn enter(&mut self, key: &LogKey, record: &Record) {
        let log = self.logs.entry(key.clone()).or_default();
        assert_eq!(record.sequence, log.sequence + 1, "{key}: the log has a gap (D2)");
        assert!(record.at >= log.at, "{key}: the log's time goes back (F13)");
        assert!(!record.changes.is_empty(), "{key}: record {} says nothing", record.sequence);
        (log.sequence, log.at) = (record.sequence, record.at);
        if let Some(json) = &record.definition {
            let plan = Pipeline::from_declaration_json(json).expect("a declaration of ours");
            self.plans.insert((key.pipeline().clone(), record.sequence), Arc::new(plan));
        }
        for change in &record.changes {
            match change {
                Change::Pipeline(change) => self.enter_pipeline(key, record, change),
                Change::Execution { id, number, announced, change } => {
                    self.enter_execution(key, record, *id, (*number, *announced), change);
                }
            }
        }
        self.compare(key, record);
        let log = self.logs.entry(key.clone()).or_default();
        log.state = record.state.clone();
        // A stage that an update took away takes its closed way along.
        log.closed.retain(|stage| record.state.stages.contains_key(stage));
    }

    fn enter_pipeline(&mut self, key: &LogKey, record: &Record, change: &PipelineChange) {
        let log = self.logs.entry(key.clone()).or_default();
        match change {
            PipelineChange::Defined { by, .. } => {
                log.definition = Some(record.sequence);
                *self.defined.entry(by.clone()).or_default() += 1;
            }
            PipelineChange::Deleted { .. } => {
                log.definition = None;
                log.closed.clear();
                log.entered.clear();
            }
            PipelineChange::Disabled { stage, .. } => {
                log.closed.insert(stage.clone());
            }
            PipelineChange::Enabled { stage, .. } => {
                log.closed.remove(stage);
            }
            PipelineChange::Refused { .. } => {}
            PipelineChange::Admitted { execution, number, started } => {
                assert!(
                    !self.lives.contains_key(execution),
                    "{execution} accepted twice (S20, S21)"
                );
                assert_eq!(*number, log.last_number + 1, "numbers leave no gap (R1)");
                assert_eq!(Some(started.definition.record), log.definition, "R10, S24");
                log.last_number = *number;
                log.admitted.insert(*execution);
                let log = LogKey::Execution(key.pipeline().clone(), *execution);
                self.lives.insert(*execution, Life::new(log, *number, started.definition.record));
            }
            PipelineChange::Closed { execution } => {
                assert!(log.admitted.remove(execution), "{execution} closed twice (S28)");
            }
            PipelineChange::Reopened { execution, .. } => {
                log.admitted.insert(*execution);
            }
        }
    }

    /// The record's state must be what its changes make of the one before.
    fn compare(&self, key: &LogKey, record: &Record) {
        let (log, state) = (&self.logs[key], &record.state);
        for (stage, slot) in &state.stages {
            let inside = log.inside.get(stage).copied();
            assert_eq!(slot.occupant, inside, "{key}: the lock of {stage} (S1)");
            let before = log.before.get(stage).cloned().unwrap_or_default();
            assert_eq!(slot.waiting, before, "{key}: the line before {stage}");
            let is_closed = matches!(slot.inbound, Inbound::Disabled { .. });
            assert_eq!(is_closed, log.closed.contains(stage), "{key}: the way into {stage}");
        }
        let places = log.inside.keys().chain(
            log.before.iter().filter_map(|(stage, line)| (!line.is_empty()).then_some(stage)),
        );
        for stage in places {
            assert!(state.stages.contains_key(stage), "{key}: the place of {stage} is gone (S1)");
        }
        let live = |id: &ExecutionId| {
            self.lives.get(id).is_some_and(|life| life.log == *key && life.is_live())
        };
        assert!(state.executions.keys().all(live), "{key}: somebody over is in the state (S28)");
        let count = self.lives.values().filter(|life| life.log == *key && life.is_live()).count();
        let begun = self.lives.values().filter(|life| life.log == *key && !life.is_begun()).count();
        assert_eq!(state.executions.len(), count - begun, "{key}: somebody is missing (S28)");
        let admitted: BTreeSet<_> = state.admitted.keys().copied().collect();
        assert_eq!(admitted, log.admitted, "{key}: whom the pipeline admitted (S28)");
        self.check_waiting(key);
    }

    /// L2: nobody waits before an open and empty place.
    fn check_waiting(&self, key: &LogKey) {
        let log = &self.logs[key];
        for (stage, line) in &log.before {
            let is_open = !log.closed.contains(stage) && !log.inside.contains_key(stage);
            assert!(!is_open || line.is_empty(), "{key}: {stage} is free, and somebody waits (L2)");
        }
    }

    /// Returns the life of an attempt's execution and the attempt, if it was ever asked for.
    pub fn run(&self, key: &RunKey) -> Option<(&Life, &Run)> {
        let life = self.lives.get(&key.execution)?;
        Some((life, life.runs.get(&(key.stage.clone(), key.action.clone(), key.attempt))?))
    }

    /// Returns the declaration that an execution is pinned to.
    pub fn plan(&self, life: &Life) -> &Arc<Pipeline> {
        &self.plans[&(life.log.pipeline().clone(), life.definition)]
    }

    /// Returns the executions that are not over.
    pub fn live(&self) -> impl Iterator<Item = (&ExecutionId, &Life)> {
        self.lives.iter().filter(|(_, life)| life.is_live())
    }
}
