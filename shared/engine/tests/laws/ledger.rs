//! The whole life of a pipeline: what no single decision can show.

use std::collections::{BTreeMap, BTreeSet};

use engine::Decision;
use engine::change::{Change, ExecutionChange, PipelineChange};
use engine::state::Scope;
use model::ids::{ActionName, ExecutionId, StageName};

/// One attempt of one action.
type Attempt = (ExecutionId, StageName, ActionName, u32);

/// What was seen so far, of the pipeline's log and of the logs of its executions.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    announced: BTreeMap<ExecutionId, u32>,
    accepted: BTreeSet<ExecutionId>,
    live: BTreeSet<ExecutionId>,
    ended: BTreeMap<ExecutionId, bool>,
    running: BTreeSet<Attempt>,
    over: BTreeSet<Attempt>,
}

impl Ledger {
    /// Takes note of a decision, and checks it against everything before.
    pub(crate) fn observe(&mut self, decision: &Decision) {
        for change in &decision.changes {
            match change {
                Change::Pipeline(PipelineChange::Admitted { execution, .. }) => {
                    assert!(self.accepted.insert(*execution), "{execution} accepted twice (S20)");
                }
                Change::Pipeline(_) => {}
                Change::Execution { id, announced, change, .. } => {
                    self.observe_execution(*id, *announced, change, decision.state.scope);
                }
            }
        }
    }

    fn observe_execution(
        &mut self,
        id: ExecutionId,
        announced: u32,
        change: &ExecutionChange,
        scope: Scope,
    ) {
        if announced > 0 {
            let former = self.announced.insert(id, announced).unwrap_or(0);
            assert_eq!(announced, former + 1, "{id}: the announcements have a gap (S22)");
        }
        if let ExecutionChange::Started(_) = change {
            // A PARALLEL execution was accepted by the pipeline's log before.
            let is_new = self.accepted.insert(id) || scope == Scope::Execution;
            assert!(is_new && !self.ended.contains_key(&id), "{id} started twice (S20)");
            assert!(self.live.insert(id), "{id} started twice (S20)");
        } else if let ExecutionChange::Resumed { .. } = change {
            let was_retryable = self.ended.remove(&id);
            assert_eq!(was_retryable, Some(true), "{id} was final (S9)");
            self.live.insert(id);
        } else {
            assert!(self.live.contains(&id), "{id} is over, and {change:?} (S9)");
        }
        self.observe_attempt(id, change);
        if change.is_end() {
            let is_retryable = matches!(change, ExecutionChange::Failed | ExecutionChange::Stopped);
            self.live.remove(&id);
            self.ended.insert(id, is_retryable);
            assert!(self.running.iter().all(|run| run.0 != id), "{id} ended and runs (S15)");
        }
    }

    /// S2, S17: one attempt at a time, each ends once, and none begins twice.
    fn observe_attempt(&mut self, id: ExecutionId, change: &ExecutionChange) {
        let asked = |stage: &StageName, action: &ActionName, attempt: u32| {
            (id, stage.clone(), action.clone(), attempt)
        };
        if let ExecutionChange::ActionRequested { stage, action, attempt } = change {
            let run = asked(stage, action, *attempt);
            let is_alone = self
                .running
                .iter()
                .all(|other| (other.0, &other.1, &other.2) != (id, stage, action));
            assert!(is_alone, "{run:?} begins beside another attempt (S2)");
            assert!(!self.over.contains(&run), "{run:?} begins again (S2)");
            self.running.insert(run);
        }
        if let ExecutionChange::ActionSucceeded { stage, action, attempt, .. }
        | ExecutionChange::ActionFailed { stage, action, attempt, .. }
        | ExecutionChange::ActionAbandoned { stage, action, attempt } = change
        {
            let run = asked(stage, action, *attempt);
            assert!(self.running.remove(&run), "{run:?} ends, and does not run (S16, S17)");
            self.over.insert(run);
        }
    }

    /// S28: every accepted start is live or over. `unopened` were admitted and have no log yet.
    pub(crate) fn check_conservation(&self, unopened: usize) {
        let known = self.live.len() + self.ended.len() + unopened;
        assert_eq!(self.accepted.len(), known, "an execution was lost or came from nowhere (S28)");
    }

    /// The executions that are not over.
    pub(crate) fn live(&self) -> &BTreeSet<ExecutionId> {
        &self.live
    }
}
