//! What the world must do. Every effect follows from a change, and what is still owed follows from
//! the state: telling somebody twice is harmless, and nothing is lost when whoever was told dies.

use alloc::vec::Vec;
use core::fmt;

use model::ids::ExecutionId;

use crate::change::{Change, ExecutionChange, PipelineChange};
use crate::plans::Plans;
use crate::state::{Place, Run, RunKey, Scope, State};

/// One thing the world must do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Start this attempt, unless it was started.
    RequestAction(RunKey),
    /// Stop this attempt; it does not count any more.
    CancelAction(RunKey),
    /// PARALLEL: begin this execution's own log, unless it was begun.
    Open(ExecutionId),
    /// PARALLEL: tell this execution's own log which transitions are disabled.
    Relay(ExecutionId),
    /// PARALLEL: tell this execution's own log that the pipeline is gone. A log that was not begun is
    /// begun first, so that it can end like the others.
    Withdraw(ExecutionId),
    /// PARALLEL: tell the pipeline's log that this attempt of the execution ended.
    Close(ExecutionId, u32),
    /// PARALLEL: tell the pipeline's log that the execution goes on with this attempt.
    Reopen(ExecutionId, u32),
    /// Write down how this execution ended, and stop watching it.
    Conclude(ExecutionId),
}

/// Returns what follows from one change, given the state after the whole decision.
pub(crate) fn implied(change: &Change, after: &State) -> Vec<Effect> {
    match change {
        Change::Pipeline(change) => implied_by_pipeline(change, after),
        Change::Execution { id, change, .. } => implied_by_execution(*id, change, after),
    }
}

fn implied_by_pipeline(change: &PipelineChange, after: &State) -> Vec<Effect> {
    let relayed = |effect: fn(ExecutionId) -> Effect| match after.scope {
        Scope::Pipeline => after.admitted.keys().copied().map(effect).collect(),
        Scope::Execution => Vec::new(),
    };
    match change {
        PipelineChange::Admitted { execution, .. } => alloc::vec![Effect::Open(*execution)],
        PipelineChange::Disabled { .. } | PipelineChange::Enabled { .. } => relayed(Effect::Relay),
        PipelineChange::Deleted { .. } => relayed(Effect::Withdraw),
        PipelineChange::Defined { .. }
        | PipelineChange::Refused { .. }
        | PipelineChange::Closed { .. }
        | PipelineChange::Reopened { .. } => Vec::new(),
    }
}

fn implied_by_execution(id: ExecutionId, change: &ExecutionChange, after: &State) -> Vec<Effect> {
    let run = |stage: &model::ids::StageName, action: &model::ids::ActionName, attempt: u32| {
        RunKey { execution: id, stage: stage.clone(), action: action.clone(), attempt }
    };
    match change {
        ExecutionChange::ActionRequested { stage, action, attempt } => {
            alloc::vec![Effect::RequestAction(run(stage, action, *attempt))]
        }
        ExecutionChange::ActionAbandoned { stage, action, attempt }
        | ExecutionChange::ActionFailed { stage, action, attempt, is_overdue: true, .. } => {
            alloc::vec![Effect::CancelAction(run(stage, action, *attempt))]
        }
        ExecutionChange::Resumed { .. } => match (after.scope, after.executions.get(&id)) {
            (Scope::Execution, Some(execution)) => {
                alloc::vec![Effect::Reopen(id, execution.attempt)]
            }
            (Scope::Pipeline | Scope::Execution, _) => Vec::new(),
        },
        ExecutionChange::Superseded { .. }
        | ExecutionChange::Succeeded
        | ExecutionChange::Failed
        | ExecutionChange::Stopped
        | ExecutionChange::Cancelled { .. } => {
            let mut effects = alloc::vec![Effect::Conclude(id)];
            effects.extend(closing(id, after));
            effects
        }
        ExecutionChange::Started(_)
        | ExecutionChange::Waited { .. }
        | ExecutionChange::Entered { .. }
        | ExecutionChange::ActionSucceeded { .. }
        | ExecutionChange::ActionFailed { is_overdue: false, .. }
        | ExecutionChange::StageSucceeded { .. }
        | ExecutionChange::StageFailed { .. }
        | ExecutionChange::StageStopping { .. }
        | ExecutionChange::StageStopped { .. }
        | ExecutionChange::StageCancelled { .. }
        | ExecutionChange::StageResumed { .. }
        | ExecutionChange::Stopping { .. }
        | ExecutionChange::StopEscalated
        | ExecutionChange::CancelRequested => Vec::new(),
    }
}

/// Returns what the world still owes: asked for, and not known to be done.
pub fn outstanding(state: &State, plans: &Plans) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (id, execution) in &state.executions {
        if execution.place != Place::Inside {
            continue;
        }
        let stage = plans.stage_of(execution);
        for (action, run) in stage.actions.iter().zip(&execution.runs) {
            if let Run::InProgress { attempt, .. } = run {
                effects.push(Effect::RequestAction(RunKey {
                    execution: *id,
                    stage: stage.name.clone(),
                    action: action.name.clone(),
                    attempt: *attempt,
                }));
            }
        }
    }
    if state.scope == Scope::Execution {
        let resumed = state.executions.iter().filter(|(_, execution)| execution.attempt > 1);
        effects.extend(resumed.map(|(id, execution)| Effect::Reopen(*id, execution.attempt)));
    }
    for (id, admission) in &state.admitted {
        if admission.is_withdrawn {
            effects.push(Effect::Withdraw(*id));
        } else {
            effects.extend([Effect::Open(*id), Effect::Relay(*id)]);
        }
    }
    if let (Scope::Execution, true, Some(id)) =
        (state.scope, state.executions.is_empty(), state.last_execution)
    {
        effects.push(Effect::Conclude(id));
        effects.extend(closing(id, state));
    }
    effects
}

/// Tells the pipeline's log that a PARALLEL execution ended.
fn closing(id: ExecutionId, after: &State) -> Option<Effect> {
    let attempt =
        after.stages.values().filter_map(|slot| Some(slot.latest.as_ref()?.attempt)).max();
    (after.scope == Scope::Execution).then(|| Effect::Close(id, attempt.unwrap_or(1)))
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run = |f: &mut fmt::Formatter<'_>, verb: &str, run: &RunKey| {
            write!(f, "{verb} {}/{} attempt {}", run.stage, run.action, run.attempt)
        };
        match self {
            Self::RequestAction(key) => run(f, "request", key),
            Self::CancelAction(key) => run(f, "cancel", key),
            Self::Open(id) => write!(f, "open {id}"),
            Self::Relay(id) => write!(f, "relay {id}"),
            Self::Withdraw(id) => write!(f, "withdraw {id}"),
            Self::Close(id, attempt) => write!(f, "close {id} attempt {attempt}"),
            Self::Reopen(id, attempt) => write!(f, "reopen {id} attempt {attempt}"),
            Self::Conclude(id) => write!(f, "conclude {id}"),
        }
    }
}
