//! Delete a pipeline.

use alloc::string::ToString;
use alloc::vec::Vec;

use model::ids::ExecutionId;

use crate::change::{ExecutionChange, PipelineChange};
use crate::inputs::stop::abandon_runs;
use crate::rejection::Rejection;
use crate::state::{Place, Scope};
use crate::working::Working;

/// Ends every execution, gives up what runs, and forgets the declaration. Deleting what is not there
/// changes nothing (R90).
pub(super) fn take(working: &mut Working, by: &str) -> Result<(), Rejection> {
    if working.state.scope != Scope::Pipeline {
        return Err(Rejection::WrongLog);
    }
    if working.state.definition.is_none() {
        return Ok(());
    }
    end_all(working);
    working.change(PipelineChange::Deleted { by: by.to_string() });
    Ok(())
}

/// The same for the log of one PARALLEL execution, whose pipeline was deleted.
pub(super) fn withdraw(working: &mut Working, _by: &str) -> Result<(), Rejection> {
    if working.state.scope != Scope::Execution {
        return Err(Rejection::WrongLog);
    }
    end_all(working);
    Ok(())
}

fn end_all(working: &mut Working) {
    let unfinished: Vec<ExecutionId> = working.state.executions.keys().copied().collect();
    for id in unfinished {
        if working.execution(id).place == Place::Inside {
            abandon_runs(working, id);
            let stage = working.plans.stage_of(working.execution(id)).name.clone();
            working.happen(id, ExecutionChange::StageCancelled { stage });
        }
        let reason = "the pipeline was deleted".to_string();
        working.happen(id, ExecutionChange::Cancelled { reason });
    }
}
