//! Begin the log of an execution that the pipeline's log admitted.

use alloc::boxed::Box;

use crate::change::{ExecutionChange, Started};
use crate::input::Begin;
use crate::inputs::transition;
use crate::rejection::Rejection;
use crate::state::Scope;
use crate::working::Working;

/// Starts the one execution of this log. Beginning again changes nothing.
pub(super) fn take(working: &mut Working, begin: &Begin) -> Result<(), Rejection> {
    if working.state.scope != Scope::Execution {
        return Err(Rejection::WrongLog);
    }
    if working.state.last_execution.is_some() {
        return Ok(());
    }
    working.state.secret = begin.secret;
    let started = Started {
        definition: begin.definition,
        trigger: begin.trigger.clone(),
        variables: begin.variables.clone(),
        revisions: begin.revisions.clone(),
    };
    working.begin(begin.execution, begin.number, ExecutionChange::Started(Box::new(started)));
    transition::relay(working, &begin.disabled)
}
