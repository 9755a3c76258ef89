//! Draws every consequence of what is true, one small rule at a time, until nothing more follows.
//!
//! The rules look at the state alone, never at the input that led there. So a decision that was
//! interrupted, or made twice, ends in the same place.

use alloc::string::ToString;
use alloc::vec::Vec;

use model::ids::{ExecutionId, StageName};
use model::status::ExecutionMode;

use crate::change::ExecutionChange;
use crate::limits::PARALLEL_ACTIONS_MAX;
use crate::protection::Protection;
use crate::state::{Ending, Execution, Place, Run, Scope};
use crate::working::Working;

/// Applies the rules until none fires. Older executions come first, so that they never yield to newer ones.
pub(crate) fn settle(working: &mut Working) {
    loop {
        let executions = &working.state.executions;
        let mut by_age: Vec<_> = executions.iter().map(|(id, e)| (e.number, *id)).collect();
        if Protection::FirstInLine.holds() {
            by_age.sort_unstable();
        }
        if !by_age.into_iter().any(|(_, id)| settle_execution(working, id)) {
            return;
        }
    }
}

/// Applies the first rule that fires for one execution, and says whether one did.
fn settle_execution(working: &mut Working, id: ExecutionId) -> bool {
    match working.execution(id).place {
        Place::Arriving => arrive(working, id),
        Place::Waiting => enter_if_first(working, id),
        Place::Inside => settle_stage(working, id),
    }
}

/// An execution that left a stage, or was just started, meets the next one (R16, R18, R21).
fn arrive(working: &mut Working, id: ExecutionId) -> bool {
    let execution = working.execution(id);
    let pipeline = working.plans.get(execution.definition.record);
    let Some(stage) = pipeline.stages.get(execution.stage) else {
        working.happen(id, ExecutionChange::Succeeded);
        return true;
    };
    let (number, stage) = (execution.number, stage.name.clone());
    if supersedes(working) && !outlives(working, id, number, &stage) {
        return true;
    }
    let has_waiting = working.state.stages.get(&stage).is_some_and(|slot| !slot.waiting.is_empty());
    if working.state.is_open(&stage) && Protection::FirstInLine.requires(!has_waiting) {
        working.happen(id, ExecutionChange::Entered { stage });
    } else {
        working.happen(id, ExecutionChange::Waited { stage });
    }
    true
}

/// Whether executions of this log replace one another while they wait.
fn supersedes(working: &Working) -> bool {
    let mode = working.state.definition.map(|definition| definition.mode);
    working.state.scope == Scope::Pipeline && mode == Some(ExecutionMode::Superseded)
}

/// Settles who goes on when an execution arrives where a newer one entered, or another one waits.
/// Returns whether the arriving execution does.
fn outlives(working: &mut Working, id: ExecutionId, number: u64, stage: &StageName) -> bool {
    let Some(slot) = working.state.stages.get(stage) else { return true };
    let entered = slot.latest.as_ref().map(|latest| latest.number);
    let waiting = slot.waiting.first().copied();
    let waiting = waiting.map(|other| (other, working.execution(other).number));
    let newer = entered.into_iter().chain(waiting.map(|(_, number)| number)).max();
    if let Some(newer) = newer.filter(|newer| !Protection::OlderYields.requires(*newer < number)) {
        working.happen(id, ExecutionChange::Superseded { stage: stage.clone(), by: newer });
        return false;
    }
    if let Some((older, _)) = waiting.filter(|_| Protection::OneWaits.holds()) {
        working.happen(older, ExecutionChange::Superseded { stage: stage.clone(), by: number });
    }
    true
}

/// The first in line enters when the way is open and the place is free (R12, R23, R39).
fn enter_if_first(working: &mut Working, id: ExecutionId) -> bool {
    let stage = working.plans.stage_of(working.execution(id)).name.clone();
    let first = working.state.stages.get(&stage).and_then(|slot| slot.waiting.first());
    let is_next = Protection::FirstInLine.requires(first == Some(&id));
    if !is_next || !working.state.is_open(&stage) {
        return false;
    }
    working.happen(id, ExecutionChange::Entered { stage });
    true
}

/// Moves on inside of a stage: ends it early, fails it, asks for the next group, or leaves it.
fn settle_stage(working: &mut Working, id: ExecutionId) -> bool {
    let execution = working.execution(id);
    let stage = working.plans.stage_of(execution).name.clone();
    let is_idle = execution.in_progress() == 0;
    let has_failed =
        execution.runs.iter().any(|run| matches!(run, Run::Failed { .. } | Run::Abandoned { .. }));
    let asks_nothing = Protection::EndingRequestsNothing.holds();
    let ending = if asks_nothing { execution.ending } else { Ending::No };
    match ending {
        Ending::No if has_failed => {
            // The lock is held until the last sibling has ended (R15, R31).
            Protection::SiblingsEndFirst.requires(is_idle)
                && both(
                    working,
                    id,
                    ExecutionChange::StageFailed { stage },
                    ExecutionChange::Failed,
                )
        }
        Ending::No => advance(working, id, stage),
        Ending::Stopping | Ending::Abandoning => {
            let stopped = ExecutionChange::StageStopped { stage };
            is_idle && both(working, id, stopped, ExecutionChange::Stopped)
        }
        Ending::Cancelling => {
            let cancelled = ExecutionChange::StageCancelled { stage };
            let reason = "the pipeline was updated".to_string();
            is_idle && both(working, id, cancelled, ExecutionChange::Cancelled { reason })
        }
    }
}

/// The stage and the execution end together.
fn both(
    working: &mut Working,
    id: ExecutionId,
    of_stage: ExecutionChange,
    of_execution: ExecutionChange,
) -> bool {
    working.happen(id, of_stage);
    working.happen(id, of_execution);
    true
}

/// Asks for the actions of the lowest group that is not complete, or leaves the stage (R31, R36).
fn advance(working: &mut Working, id: ExecutionId, stage: StageName) -> bool {
    let execution = working.execution(id);
    let Some(requested) = next_actions(working, execution) else {
        working.happen(id, ExecutionChange::StageSucceeded { stage });
        return true;
    };
    let attempt = execution.attempt;
    let declared = working.plans.stage_of(execution);
    let names: Vec<_> =
        requested.iter().map(|index| declared.actions[*index].name.clone()).collect();
    for action in &names {
        let (stage, action) = (stage.clone(), action.clone());
        working.happen(id, ExecutionChange::ActionRequested { stage, action, attempt });
    }
    !names.is_empty()
}

/// Returns which actions can be asked for now, or `None` when every one has succeeded.
fn next_actions(working: &Working, execution: &Execution) -> Option<Vec<usize>> {
    let actions = &working.plans.stage_of(execution).actions;
    let unfinished = |index: &usize| !matches!(execution.runs[*index], Run::Succeeded(_));
    let group =
        (0..actions.len()).filter(unfinished).map(|index| actions[index].run_order).min()?;
    let is_parallel = working.state.scope == Scope::Execution;
    let free = if is_parallel && Protection::FiveAtOnce.holds() {
        PARALLEL_ACTIONS_MAX.saturating_sub(execution.in_progress())
    } else {
        usize::MAX
    };
    let is_next = |index: &usize| {
        Protection::GroupsInOrder.requires(actions[*index].run_order == group)
            && execution.runs[*index] == Run::Pending
    };
    Some((0..actions.len()).filter(is_next).take(free).collect())
}
