//! What there is to see: for each stage who is inside and who waits, for each action how far it is.
//!
//! Folded from the changes, in order, like everything else. Pure: nothing here reads a clock or a
//! terminal. The stages stand in lanes: one lane for all executions where stages lock, and one for
//! each execution of a PARALLEL pipeline (R26).

pub(crate) mod facts;
pub(crate) mod history;
pub(crate) mod lane;

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::change::{Change, ExecutionChange, PipelineChange};
use engine::state::RunKey;
use model::ids::{ActionName, ExecutionId, StageName};
use model::pipeline::Pipeline;
use model::status::ExecutionMode;
use model::time::Timestamp;
use store::Record;

use crate::view::board::facts::Facts;
use crate::view::board::history::{Failed, History};
use crate::view::board::lane::{Lane, Mark};

/// How many ended executions of a PARALLEL pipeline keep their lane.
const ENDED_LANES_MAX: usize = 3;

/// Everything that can be seen of a pipeline.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) version: u32,
    pub(crate) lanes: Vec<Lane>,
    /// Stages that nobody may enter.
    pub(crate) closed: BTreeMap<StageName, Closed>,
    pub(crate) history: History,
    pub(crate) facts: Facts,
}

/// A transition that somebody disabled (R38).
#[derive(Clone, Debug)]
pub(crate) struct Closed {
    pub(crate) since: Timestamp,
    pub(crate) by: String,
    pub(crate) reason: String,
}

impl Board {
    pub(crate) fn new(pipeline: Arc<Pipeline>) -> Self {
        let lanes = match pipeline.execution_mode {
            ExecutionMode::Parallel => Vec::new(),
            ExecutionMode::Superseded | ExecutionMode::Queued => vec![Lane::new(&pipeline, None)],
        };
        Self {
            pipeline,
            version: 0,
            lanes,
            closed: BTreeMap::new(),
            history: History::default(),
            facts: Facts::default(),
        }
    }

    /// Takes in what an earlier process left, without counting its endings as ours.
    pub(crate) fn recall(&mut self, records: &[Arc<Record>]) {
        for record in records {
            self.take(record);
        }
        self.history.forget_ended();
        self.lanes.retain(|lane| lane.number.is_none() || lane.until.is_none());
    }

    /// Takes in everything that a record says.
    pub(crate) fn take(&mut self, record: &Record) {
        self.take_changes(record.at, &record.changes);
    }

    /// Takes in changes that became true at one moment.
    pub(crate) fn take_changes(&mut self, at: Timestamp, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Pipeline(change) => self.take_pipeline(change),
                Change::Execution { id, number, change, .. } => {
                    self.take_execution(at, *id, *number, change);
                }
            }
        }
    }

    fn take_pipeline(&mut self, change: &PipelineChange) {
        match change {
            PipelineChange::Defined { version, .. } => self.version = *version,
            PipelineChange::Disabled { stage, by, reason, since } => {
                let closed = Closed { since: *since, by: by.clone(), reason: reason.clone() };
                self.closed.insert(stage.clone(), closed);
            }
            PipelineChange::Enabled { stage, .. } => {
                self.closed.remove(stage);
            }
            PipelineChange::Deleted { .. }
            | PipelineChange::Refused { .. }
            | PipelineChange::Admitted { .. }
            | PipelineChange::Closed { .. }
            | PipelineChange::Reopened { .. } => {}
        }
    }

    fn take_execution(
        &mut self,
        at: Timestamp,
        id: ExecutionId,
        number: u64,
        change: &ExecutionChange,
    ) {
        self.facts.take(&self.pipeline, id, number, change);
        match change {
            ExecutionChange::Started(started) => {
                self.version = self.version.max(started.definition.version);
                self.history.start(number, at);
                self.lane(number).since = at;
            }
            ExecutionChange::Waited { stage } => {
                if let Some(row) = self.lane(number).stage(stage) {
                    row.waiting.push((number, at));
                }
            }
            ExecutionChange::Entered { stage } => self.lane(number).enter(stage, number, at),
            ExecutionChange::StageResumed { stage, .. } => {
                let lane = self.lane(number);
                lane.until = None;
                lane.mark(stage, number, Mark::Running, at);
            }
            ExecutionChange::ActionRequested { stage, action, attempt } => {
                let run = key(id, stage, action, *attempt);
                self.lane(number).request(run, at);
            }
            ExecutionChange::ActionSucceeded { stage, action, success, by, .. } => {
                let who = by.as_ref().map(|by| format!("by {by}"));
                let what = success.revision.as_ref().map(facts::describe);
                let detail = who.or(what).or_else(|| success.summary.clone()).unwrap_or_default();
                self.end_action(number, stage, action, Mark::Succeeded, at, detail);
            }
            ExecutionChange::ActionFailed { stage, action, attempt, failure, .. } => {
                let run = key(id, stage, action, *attempt);
                let message = failure.message.clone();
                self.end_action(number, stage, action, Mark::Failed, at, message.clone());
                self.history.fail(Failed { number, run, message });
            }
            ExecutionChange::ActionAbandoned { stage, action, .. } => {
                self.end_action(number, stage, action, Mark::Stopped, at, "abandoned".to_owned());
            }
            ExecutionChange::StageSucceeded { stage } => {
                self.lane(number).mark(stage, number, Mark::Succeeded, at);
            }
            ExecutionChange::StageFailed { stage } => {
                self.lane(number).mark(stage, number, Mark::Failed, at);
            }
            ExecutionChange::StageStopped { stage } | ExecutionChange::StageCancelled { stage } => {
                self.lane(number).mark(stage, number, Mark::Stopped, at);
            }
            ExecutionChange::Superseded { .. } => self.end(number, "superseded", Mark::Stopped, at),
            ExecutionChange::Succeeded => self.end(number, "succeeded", Mark::Succeeded, at),
            ExecutionChange::Failed => self.end(number, "failed", Mark::Failed, at),
            ExecutionChange::Stopped => self.end(number, "stopped", Mark::Stopped, at),
            ExecutionChange::Cancelled { .. } => self.end(number, "cancelled", Mark::Stopped, at),
            ExecutionChange::StageStopping { .. }
            | ExecutionChange::Stopping { .. }
            | ExecutionChange::StopEscalated
            | ExecutionChange::CancelRequested
            | ExecutionChange::Resumed { .. } => {}
        }
    }

    fn end_action(
        &mut self,
        number: u64,
        stage: &StageName,
        action: &ActionName,
        mark: Mark,
        at: Timestamp,
        detail: String,
    ) {
        let Some(since) = self.lane(number).end_action(stage, action, mark, at, detail) else {
            return;
        };
        self.history.end_action(number, stage, action, mark, at.millis_since(since));
    }

    fn end(&mut self, number: u64, word: &'static str, mark: Mark, at: Timestamp) {
        self.history.end(number, word, at);
        for lane in &mut self.lanes {
            for row in &mut lane.stages {
                row.waiting.retain(|(waiting, _)| *waiting != number);
            }
            if lane.number == Some(number) {
                (lane.until, lane.mark) = (Some(at), mark);
            }
        }
        let ended = self.lanes.iter().filter(|lane| lane.until.is_some()).count();
        let mut surplus = ended.saturating_sub(ENDED_LANES_MAX);
        self.lanes.retain(|lane| {
            let goes = surplus > 0 && lane.until.is_some();
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// Returns the lane that an execution travels in.
    fn lane(&mut self, number: u64) -> &mut Lane {
        let is_parallel = self.pipeline.execution_mode == ExecutionMode::Parallel;
        let wanted = is_parallel.then_some(number);
        let index = self.lanes.iter().position(|lane| lane.number == wanted);
        let index = index.unwrap_or_else(|| {
            self.lanes.push(Lane::new(&self.pipeline, wanted));
            self.lanes.len() - 1
        });
        &mut self.lanes[index]
    }
}

fn key(execution: ExecutionId, stage: &StageName, action: &ActionName, attempt: u32) -> RunKey {
    RunKey { execution, stage: stage.clone(), action: action.clone(), attempt }
}
