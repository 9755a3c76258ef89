//! Run a failed or stopped stage again.

use alloc::format;
use alloc::string::ToString;

use model::ids::{ExecutionId, StageName};
use model::status::{ExecutionMode, RetryMode, StageStatus};

use crate::change::ExecutionChange;
use crate::limits::UNFINISHED_MAX;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::{Latest, Run, Scope};
use crate::working::Working;

/// Resumes the execution in the stage where it failed or was stopped, as long as it is the latest
/// that entered there and the declaration is still the same (R51–R57). Whoever holds a stage entered
/// it last, so a held stage is refused to all others as not theirs (R22, R56).
pub(super) fn take(
    working: &mut Working,
    id: ExecutionId,
    stage: &StageName,
    mode: RetryMode,
    by: &str,
) -> Result<(), Rejection> {
    let (definition, pipeline) = working.current()?;
    if pipeline.stage_index(stage).is_none() {
        return Err(Rejection::StageNotFound(stage.clone()));
    }
    if working.state.scope == Scope::Pipeline && working.state.admitted.contains_key(&id) {
        return Err(Rejection::WrongLog);
    }
    let slot = working.state.stages.get(stage);
    if slot.and_then(|slot| slot.occupant) == Some(id) {
        return Err(Rejection::Conflict(format!("execution {id} is running in stage {stage}")));
    }
    let latest = slot.and_then(|slot| slot.latest.as_ref());
    let is_its_own = |latest: &&Latest| Protection::LatestOnly.requires(latest.execution == id);
    let latest = latest.filter(is_its_own).ok_or(Rejection::NotLatest(id))?;
    check_retryable(latest, mode)?;
    // The executions of a PARALLEL pipeline are counted where they are admitted, in another log (R9).
    let has_room = working.state.unfinished() < UNFINISHED_MAX;
    if definition.mode == ExecutionMode::Queued && !Protection::Quota.requires(has_room) {
        return Err(Rejection::ConcurrentExecutionsLimit);
    }
    working.happen(id, ExecutionChange::Resumed { by: by.to_string() });
    working.happen(id, ExecutionChange::StageResumed { stage: stage.clone(), mode });
    Ok(())
}

fn check_retryable(latest: &Latest, mode: RetryMode) -> Result<(), Rejection> {
    let refuse = |reason: &str| Err(Rejection::StageNotRetryable(reason.to_string()));
    match latest.status {
        StageStatus::Failed | StageStatus::Stopped => {}
        StageStatus::Succeeded => return refuse("it succeeded"),
        StageStatus::Skipped => return refuse("it was skipped"),
        StageStatus::Cancelled => return refuse("it was cancelled"),
        StageStatus::InProgress | StageStatus::Stopping => return refuse("it is running"),
    }
    let Some(retained) = &latest.resume else {
        return refuse("the pipeline was updated since");
    };
    let failed = |run: &Run| matches!(run, Run::Failed { .. } | Run::Abandoned { .. });
    match mode {
        RetryMode::FailedActions if !retained.runs.iter().any(failed) => {
            refuse("it has no failed action; retry ALL_ACTIONS instead")
        }
        RetryMode::FailedActions | RetryMode::AllActions => Ok(()),
    }
}
