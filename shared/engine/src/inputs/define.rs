//! Create a pipeline, or replace its declaration.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use model::pipeline::Pipeline;
use uuid::Uuid;

use crate::change::{ExecutionChange, PipelineChange};
use crate::input::Expects;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::{Ending, Place, Scope};
use crate::working::Working;

/// Refuses when the pipeline is there and must not be, or the other way round.
pub(super) fn expect(working: &Working, expects: Expects) -> Result<(), Rejection> {
    match (expects, working.state.definition) {
        (Expects::Absent, Some(_)) => Err(Rejection::PipelineNameInUse),
        (Expects::Present, None) => Err(Rejection::PipelineNotFound),
        (Expects::Either, _) | (Expects::Absent, None) | (Expects::Present, Some(_)) => Ok(()),
    }
}

/// Puts the declaration in force. Executions inside of a stage end once their running actions have;
/// those that wait end at once (R84). PARALLEL executions have logs of their own and go on (R85).
pub(super) fn take(
    working: &mut Working,
    pipeline: &Arc<Pipeline>,
    secret: Uuid,
    by: &str,
) -> Result<(), Rejection> {
    if working.state.scope != Scope::Pipeline {
        return Err(Rejection::WrongLog);
    }
    let version = working.state.definition.map_or(1, |definition| definition.version + 1);
    let secret = if version == 1 { secret } else { working.state.secret };
    working.plans.insert(working.state.sequence, pipeline.clone());
    let (mode, by) = (pipeline.execution_mode, by.to_string());
    working.change(PipelineChange::Defined { version, mode, secret, by });

    let unfinished: Vec<_> =
        working.state.executions.iter().map(|(id, e)| (*id, e.place, e.ending)).collect();
    for (id, place, ending) in unfinished {
        match (place, ending) {
            (Place::Waiting, _) if !Protection::UpdateEndsWaiting.holds() => {}
            (Place::Waiting, _) => {
                let reason = "the pipeline was updated".to_string();
                working.happen(id, ExecutionChange::Cancelled { reason });
            }
            // What is being stopped already ends as stopped.
            (Place::Inside, Ending::No) => working.happen(id, ExecutionChange::CancelRequested),
            (Place::Inside, Ending::Stopping | Ending::Abandoning | Ending::Cancelling) => {}
            (Place::Arriving, _) => unreachable!("no committed execution is on its way"),
        }
    }
    Ok(())
}
