//! Look whether anything is overdue.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use model::outcome::Failure;
use model::pipeline::Action;
use model::status::FailureType;

use crate::change::ExecutionChange;
use crate::protection::Protection;
use crate::state::{Place, Run};
use crate::working::Working;

/// Fails every attempt that took longer than its action may (R33, R82). Ticking early or twice
/// changes nothing.
pub(super) fn take(working: &mut Working) {
    let mut overdue = Vec::new();
    for (id, execution) in &working.state.executions {
        if execution.place != Place::Inside {
            continue;
        }
        let stage = working.plans.stage_of(execution);
        for (action, run) in stage.actions.iter().zip(&execution.runs) {
            let Run::InProgress { attempt, since } = run else { continue };
            let deadline = since.plus_minutes(i64::from(action.timeout_minutes()));
            if Protection::NotBeforeDeadline.requires(deadline <= working.at) {
                overdue.push((
                    *id,
                    ExecutionChange::ActionFailed {
                        stage: stage.name.clone(),
                        action: action.name.clone(),
                        attempt: *attempt,
                        failure: Box::new(failure(action)),
                        is_overdue: true,
                        by: None,
                    },
                ));
            }
        }
    }
    for (id, change) in overdue {
        working.happen(id, change);
    }
}

fn failure(action: &Action) -> Failure {
    let minutes = action.timeout_minutes();
    let message = if action.is_approval() {
        format!("nobody answered within {minutes} minutes")
    } else {
        format!("it did not end within {minutes} minutes")
    };
    Failure::new(FailureType::JobFailed, message)
}
