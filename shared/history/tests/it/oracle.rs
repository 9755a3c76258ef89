//! What there is to say of executions and attempts, kept naively from every record ever appended.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::change::{Change, ExecutionChange, PipelineChange};
use model::ids::{ActionRunId, ExecutionId};
use model::status::{ActionStatus, ExecutionStatus};
use store::{LogKey, Record};

use history::board::Progress;

/// The executions and attempts of the pipeline's present life.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    pub(crate) executions: BTreeMap<ExecutionId, (ExecutionStatus, Option<String>)>,
    pub(crate) attempts: BTreeMap<ActionRunId, ActionStatus>,
    owners: BTreeMap<ActionRunId, ExecutionId>,
}

impl Oracle {
    pub(crate) fn of(appended: &[(LogKey, Arc<Record>)]) -> Self {
        let mut oracle = Self::default();
        for (_, record) in appended {
            for change in &record.changes {
                oracle.hear(change);
            }
        }
        oracle
    }

    fn hear(&mut self, change: &Change) {
        match change {
            Change::Pipeline(PipelineChange::Deleted { .. }) => *self = Self::default(),
            Change::Pipeline(PipelineChange::Admitted { execution, .. }) => {
                self.executions.insert(*execution, (ExecutionStatus::InProgress, None));
            }
            Change::Pipeline(_) => {}
            Change::Execution { id, change: ExecutionChange::Started(_), .. } => {
                // The log of a PARALLEL execution may begin only to end, after its pipeline did.
                self.executions.entry(*id).or_insert((ExecutionStatus::InProgress, None));
            }
            Change::Execution { id, change, .. } => {
                if let Some((run, progress, _)) = Progress::after(*id, change) {
                    self.attempts.insert(run.id(), progress.status());
                    self.owners.insert(run.id(), *id);
                }
                let Some(known) = self.executions.get_mut(id) else { return };
                if let Some(end) = change.end() {
                    known.0 = end;
                }
                if let ExecutionChange::Stopping { reason, .. } = change {
                    *known = (ExecutionStatus::Stopping, reason.clone());
                }
                if let ExecutionChange::Resumed { .. } = change {
                    *known = (ExecutionStatus::InProgress, None);
                }
            }
        }
    }

    pub(crate) fn attempts_of(&self, id: ExecutionId) -> BTreeMap<ActionRunId, ActionStatus> {
        let own = self.attempts.iter().filter(|(run, _)| self.owners[run] == id);
        own.map(|(run, status)| (*run, *status)).collect()
    }
}
