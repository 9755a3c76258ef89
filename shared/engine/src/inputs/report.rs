//! An action's attempt ended.

use alloc::boxed::Box;

use model::outcome::Outcome;

use crate::change::ExecutionChange;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::{Place, Run, RunKey};
use crate::working::Working;

/// Records the outcome if the attempt is the one in progress. The first terminal report wins; a
/// later one, or one of an abandoned or older attempt, changes nothing (R35, S16).
pub(super) fn take(
    working: &mut Working,
    run: &RunKey,
    outcome: &Outcome,
) -> Result<(), Rejection> {
    if !is_in_progress(working, run) {
        return Err(Rejection::LateReport);
    }
    let (stage, action, attempt) = (run.stage.clone(), run.action.clone(), run.attempt);
    let change = match outcome.clone() {
        Outcome::Succeeded(success) => {
            let success = Box::new(success);
            ExecutionChange::ActionSucceeded { stage, action, attempt, success, by: None }
        }
        Outcome::Failed(failure) => ExecutionChange::ActionFailed {
            stage,
            action,
            attempt,
            failure: Box::new(failure),
            is_overdue: false,
            by: None,
        },
    };
    working.happen(run.execution, change);
    Ok(())
}

fn is_in_progress(working: &Working, run: &RunKey) -> bool {
    let Some(execution) = working.state.executions.get(&run.execution) else { return false };
    if execution.place != Place::Inside {
        return false;
    }
    let stage = working.plans.stage_of(execution);
    if stage.name != run.stage {
        return false;
    }
    let newest = stage.action_index(&run.action).map(|index| execution.runs[index]);
    let Some(newest) = newest else { return false };
    let is_running = matches!(newest, Run::InProgress { .. });
    Protection::FirstReportWins.requires(is_running)
        && Protection::AttemptFence.requires(newest.attempt() == Some(run.attempt))
}
