//! One pipeline with all its logs, in memory, and nobody but us to write them.
//!
//! Every step goes through [`World::take`], which gives the engine no more declarations than
//! [`State::definitions`] asks for, and checks every law on what comes back.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use engine::change::{Change, PipelineChange, Started};
use engine::input::Begin;
use engine::state::{Inbound, Scope, State};
use engine::{Decision, Effect, Input, Plans, Rejection, decide};
use model::ids::{ExecutionId, StageName};
use model::pipeline::Pipeline;
use model::time::Timestamp;

use crate::laws::{Ledger, check_state, check_step};

/// Which log is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    /// The pipeline's.
    Pipeline,
    /// A PARALLEL execution's.
    Execution(ExecutionId),
}

/// The logs of one pipeline, and the messages between them.
pub(crate) struct World {
    /// What the next decision takes for the present.
    pub(crate) now: Timestamp,
    /// The pipeline's log.
    pub(crate) pipeline: State,
    /// The logs of PARALLEL executions.
    pub(crate) executions: BTreeMap<ExecutionId, State>,
    /// Effects between logs that were not delivered yet.
    pub(crate) messages: VecDeque<Effect>,
    declarations: BTreeMap<u64, Arc<Pipeline>>,
    admitted: BTreeMap<ExecutionId, (u64, Started)>,
    ledger: Ledger,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            now: Timestamp::from_millis(1_700_000_000_000),
            pipeline: State::new(Scope::Pipeline),
            executions: BTreeMap::new(),
            messages: VecDeque::new(),
            declarations: BTreeMap::new(),
            admitted: BTreeMap::new(),
            ledger: Ledger::default(),
        }
    }

    /// Decides, checks every law, and makes the decision true.
    pub(crate) fn take(&mut self, log: Log, input: &Input) -> Result<Decision, Rejection> {
        let before = self.state(log);
        let mut plans = self.plans(&before, input);
        let decision = decide(&before, &plans, input, self.now)?;
        if let (Input::Define { pipeline, .. }, false) = (input, decision.is_empty()) {
            self.declarations.insert(decision.state.sequence, pipeline.clone());
            plans.insert(decision.state.sequence, pipeline.clone());
        }
        check_step(&before, &plans, input, &decision);
        if !decision.is_empty() {
            self.commit(log, &decision, &plans);
        }
        Ok(decision)
    }

    fn commit(&mut self, log: Log, decision: &Decision, plans: &Plans) {
        check_state(&decision.state, plans);
        self.ledger.observe(decision);
        for change in &decision.changes {
            if let Change::Pipeline(PipelineChange::Admitted { execution, number, started }) =
                change
            {
                self.admitted.insert(*execution, (*number, started.as_ref().clone()));
            }
        }
        match log {
            Log::Pipeline => self.pipeline = decision.state.clone(),
            Log::Execution(id) => {
                self.executions.insert(id, decision.state.clone());
            }
        }
        let unopened = self.admitted.keys().filter(|id| !self.executions.contains_key(id)).count();
        self.ledger.check_conservation(unopened);
        let is_message = |effect: &Effect| match effect {
            Effect::Open(_)
            | Effect::Relay(_)
            | Effect::Withdraw(_)
            | Effect::Close(..)
            | Effect::Reopen(..) => true,
            Effect::RequestAction(_) | Effect::CancelAction(_) | Effect::Conclude(_) => false,
        };
        self.messages.extend(decision.effects().into_iter().filter(is_message));
    }

    /// Returns a log's state.
    pub(crate) fn state(&self, log: Log) -> State {
        match log {
            Log::Pipeline => self.pipeline.clone(),
            Log::Execution(id) => {
                self.executions.get(&id).cloned().unwrap_or(State::new(Scope::Execution))
            }
        }
    }

    /// Returns the declarations that a decision on this state was promised, and no others.
    pub(crate) fn plans(&self, state: &State, input: &Input) -> Plans {
        let mut plans = Plans::default();
        let begun = if let Input::Begin(begin) = input { Some(begin.definition) } else { None };
        for record in state.definitions().chain(begun.map(|definition| definition.record)) {
            plans.insert(record, self.declarations[&record].clone());
        }
        plans
    }

    /// Returns the declarations that a state stands on.
    pub(crate) fn plans_of(&self, state: &State) -> Plans {
        self.plans(state, &Input::Tick)
    }

    /// The log that an execution lives in.
    pub(crate) fn log_of(&self, id: ExecutionId) -> Log {
        if self.admitted.contains_key(&id) { Log::Execution(id) } else { Log::Pipeline }
    }

    /// Turns an effect between logs into what it asks for.
    pub(crate) fn message(&self, effect: &Effect) -> Option<(Log, Input)> {
        Some(match effect {
            Effect::Open(id) => (Log::Execution(*id), Input::Begin(self.begin(*id)?)),
            Effect::Relay(id) => {
                (Log::Execution(*id), Input::Relay { disabled: disabled(&self.pipeline) })
            }
            Effect::Withdraw(id) => {
                (Log::Execution(*id), Input::Withdraw { by: "the pipeline".to_owned() })
            }
            Effect::Close(execution, attempt) => {
                (Log::Pipeline, Input::Close { execution: *execution, attempt: *attempt })
            }
            Effect::Reopen(execution, attempt) => {
                (Log::Pipeline, Input::Reopen { execution: *execution, attempt: *attempt })
            }
            Effect::RequestAction(_) | Effect::CancelAction(_) | Effect::Conclude(_) => {
                return None;
            }
        })
    }

    fn begin(&self, id: ExecutionId) -> Option<Begin> {
        let (number, started) = self.admitted.get(&id)?.clone();
        Some(Begin {
            execution: id,
            number,
            definition: started.definition,
            secret: self.pipeline.secret,
            trigger: started.trigger,
            variables: started.variables,
            revisions: started.revisions,
            disabled: disabled(&self.pipeline),
        })
    }

    /// The executions that are not over, as far as anybody announced.
    pub(crate) fn live(&self) -> Vec<ExecutionId> {
        self.ledger.live().iter().copied().collect()
    }
}

/// The closed ways of a pipeline, as a relay tells them.
fn disabled(state: &State) -> BTreeMap<StageName, (Timestamp, String, String)> {
    let closed = state.stages.iter().filter_map(|(stage, slot)| match &slot.inbound {
        Inbound::Enabled => None,
        Inbound::Disabled { since, by, reason } => {
            Some((stage.clone(), (*since, by.clone(), reason.clone())))
        }
    });
    closed.collect()
}
