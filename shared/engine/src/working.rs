//! A decision in the making: every change is applied at once, so that the next rule sees it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use model::ids::ExecutionId;
use model::pipeline::Pipeline;
use model::time::Timestamp;

use crate::apply::apply;
use crate::change::{Change, ExecutionChange, PipelineChange};
use crate::decision::Decision;
use crate::plans::Plans;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::{Definition, Execution, State};

pub(crate) struct Working {
    pub(crate) plans: Plans,
    pub(crate) state: State,
    pub(crate) at: Timestamp,
    changes: Vec<Change>,
}

impl Working {
    pub(crate) fn new(state: &State, plans: &Plans, now: Timestamp) -> Self {
        let mut state = state.clone();
        // Clocks of different machines disagree; the log's own order does not (F13).
        let at = if Protection::TimeGoesForward.holds() { now.max(state.at) } else { now };
        state.at = at;
        state.sequence += 1;
        Self { plans: plans.clone(), state, at, changes: Vec::new() }
    }

    pub(crate) fn into_decision(self) -> Decision {
        Decision { at: self.at, changes: self.changes, state: self.state }
    }

    /// Makes a change of the pipeline true.
    pub(crate) fn change(&mut self, change: PipelineChange) {
        self.push(Change::Pipeline(change));
    }

    /// Makes a change of an execution true, numbering it when it is announced.
    pub(crate) fn happen(&mut self, id: ExecutionId, change: ExecutionChange) {
        let execution = self.known(id);
        let number = execution.map_or(self.state.last_number + 1, |execution| execution.number);
        let announced = match change.level() {
            Some(_) => execution.map_or(0, |execution| execution.announced) + 1,
            None => 0,
        };
        self.push(Change::Execution { id, number, announced, change });
    }

    /// Makes the first change of an execution whose number is given from outside.
    pub(crate) fn begin(&mut self, id: ExecutionId, number: u64, change: ExecutionChange) {
        self.push(Change::Execution { id, number, announced: 1, change });
    }

    fn push(&mut self, change: Change) {
        apply(&mut self.state, &self.plans, self.at, &change);
        self.changes.push(change);
    }

    /// Returns an unfinished execution, or one that could still be resumed.
    fn known(&self, id: ExecutionId) -> Option<&Execution> {
        self.state.executions.get(&id).or_else(|| {
            let latest = self.state.stages.values().filter_map(|slot| slot.latest.as_ref());
            latest
                .filter(|latest| latest.execution == id)
                .find_map(|latest| latest.resume.as_deref())
        })
    }

    /// Returns an execution that must be unfinished.
    pub(crate) fn execution(&self, id: ExecutionId) -> &Execution {
        &self.state.executions[&id]
    }

    /// Returns the declaration in force.
    pub(crate) fn current(&self) -> Result<(Definition, Arc<Pipeline>), Rejection> {
        let definition = self.state.definition.ok_or(Rejection::PipelineNotFound)?;
        Ok((definition, self.plans.get(definition.record).clone()))
    }
}
