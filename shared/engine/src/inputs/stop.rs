//! Stop an execution.

use alloc::string::ToString;
use alloc::vec::Vec;

use model::ids::ExecutionId;

use crate::change::ExecutionChange;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::{Ending, Place, Run, Scope};
use crate::working::Working;

/// Stops an execution: at once when it waits (R47), after its running actions when it is inside of a
/// stage (R43), or by giving them up (R44). Waiting may be escalated to giving up, once (R45).
pub(super) fn take(
    working: &mut Working,
    id: ExecutionId,
    abandon: bool,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    if working.state.scope == Scope::Pipeline && working.state.admitted.contains_key(&id) {
        return Err(Rejection::WrongLog);
    }
    let execution = working.state.executions.get(&id).ok_or(Rejection::NotStoppable(id))?;
    match (execution.place, execution.ending) {
        (_, Ending::Abandoning) => Err(Rejection::DuplicatedStop(id)),
        (_, Ending::Stopping) if !abandon => Err(Rejection::DuplicatedStop(id)),
        (_, Ending::Stopping) => {
            working.happen(id, ExecutionChange::StopEscalated);
            abandon_runs(working, id);
            Ok(())
        }
        (Place::Waiting | Place::Arriving, Ending::No | Ending::Cancelling) => {
            let reason = reason.map(ToString::to_string);
            working.happen(id, ExecutionChange::Stopping { abandon, reason });
            working.happen(id, ExecutionChange::Stopped);
            Ok(())
        }
        (Place::Inside, Ending::No | Ending::Cancelling) => {
            let stage = working.plans.stage_of(execution).name.clone();
            let reason = reason.map(ToString::to_string);
            working.happen(id, ExecutionChange::Stopping { abandon, reason });
            working.happen(id, ExecutionChange::StageStopping { stage });
            if abandon {
                abandon_runs(working, id);
            }
            Ok(())
        }
    }
}

/// Gives up every action of the execution that is in progress.
pub(super) fn abandon_runs(working: &mut Working, id: ExecutionId) {
    if !Protection::AbandonGivesUp.holds() {
        return;
    }
    let execution = working.execution(id);
    let stage = working.plans.stage_of(execution);
    let running: Vec<_> = stage.actions.iter().zip(&execution.runs).filter_map(running).collect();
    let name = stage.name.clone();
    for (action, attempt) in running {
        let stage = name.clone();
        working.happen(id, ExecutionChange::ActionAbandoned { stage, action, attempt });
    }
}

fn running(
    (action, run): (&model::pipeline::Action, &Run),
) -> Option<(model::ids::ActionName, u32)> {
    match run {
        Run::InProgress { attempt, .. } => Some((action.name.clone(), *attempt)),
        Run::Pending | Run::Succeeded(_) | Run::Failed { .. } | Run::Abandoned { .. } => None,
    }
}
