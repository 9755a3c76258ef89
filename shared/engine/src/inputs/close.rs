//! What the pipeline's log learns of PARALLEL executions that run in logs of their own.
//!
//! Messages between the two kinds of log may come late, twice and in any order. Each carries the
//! execution's attempt, and an older attempt's message changes nothing.

use model::ids::ExecutionId;

use crate::change::PipelineChange;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::Scope;
use crate::working::Working;

/// The execution's log ended in the given attempt.
pub(super) fn take(
    working: &mut Working,
    execution: ExecutionId,
    attempt: u32,
) -> Result<(), Rejection> {
    if working.state.scope != Scope::Pipeline {
        return Err(Rejection::WrongLog);
    }
    let admission = working.state.admitted.get(&execution);
    let is_over = |known: u32| Protection::CloseFence.requires(known <= attempt);
    if admission.is_some_and(|admission| is_over(admission.attempt)) {
        working.change(PipelineChange::Closed { execution });
    }
    Ok(())
}

/// The execution's log goes on with the given attempt. A message that overtook its own closing is
/// mended by the next sweep, which finds that log ended and closes it again.
pub(super) fn reopen(
    working: &mut Working,
    execution: ExecutionId,
    attempt: u32,
) -> Result<(), Rejection> {
    if working.state.scope != Scope::Pipeline {
        return Err(Rejection::WrongLog);
    }
    let admission = working.state.admitted.get(&execution);
    let is_news = |known: u32| Protection::ReopenFence.requires(known < attempt);
    if admission.is_none_or(|admission| is_news(admission.attempt)) {
        working.change(PipelineChange::Reopened { execution, attempt });
    }
    Ok(())
}
