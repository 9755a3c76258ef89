//! Answer an approval.

use alloc::boxed::Box;
use alloc::format;

use model::ids::{ActionName, ApprovalToken, ExecutionId};
use model::outcome::{Failure, Success};
use model::status::FailureType;

use crate::change::ExecutionChange;
use crate::input::Approve;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::{Place, Run, RunKey};
use crate::working::Working;

/// How many attempts back an answered approval is still told apart from a wrong token.
const ANSWERED_ATTEMPTS_MAX: u32 = 10;

/// Ends the open approval that the token belongs to. The first answer wins (R80, R81).
pub(super) fn take(working: &mut Working, approve: &Approve) -> Result<(), Rejection> {
    let (_, pipeline) = working.current()?;
    let declared = pipeline.stage_index(&approve.stage).map(|index| &pipeline.stages[index]);
    let Some(slot) = working.state.stages.get(&approve.stage) else {
        return Err(Rejection::StageNotFound(approve.stage.clone()));
    };
    let is_declared = declared.is_some_and(|stage| stage.action_index(&approve.action).is_some());
    let occupant = slot.occupant;
    if let Some(id) = occupant
        && let Some(run) = open_approval(working, id, &approve.action)
    {
        if Protection::TokenMatches.requires(token(working, &run) == approve.token) {
            answer(working, run, approve);
            return Ok(());
        }
    } else if !is_declared {
        return Err(Rejection::ActionNotFound(approve.action.clone()));
    }
    Err(if was_answered(working, approve) {
        Rejection::ApprovalAlreadyCompleted
    } else {
        Rejection::InvalidApprovalToken
    })
}

fn token(working: &Working, run: &RunKey) -> ApprovalToken {
    ApprovalToken::derive(working.state.secret, run.id())
}

/// Returns the attempt that waits for an answer, if the execution has one under this name.
fn open_approval(working: &Working, id: ExecutionId, action: &ActionName) -> Option<RunKey> {
    let execution = working.state.executions.get(&id)?;
    if execution.place != Place::Inside {
        return None;
    }
    let stage = working.plans.stage_of(execution);
    let index = stage.action_index(action)?;
    match execution.runs[index] {
        Run::InProgress { attempt, .. } if stage.actions[index].is_approval() => Some(RunKey {
            execution: id,
            stage: stage.name.clone(),
            action: action.clone(),
            attempt,
        }),
        Run::InProgress { .. }
        | Run::Pending
        | Run::Succeeded(_)
        | Run::Failed { .. }
        | Run::Abandoned { .. } => None,
    }
}

/// Whether the token is one that this stage's latest execution handed out before.
fn was_answered(working: &Working, approve: &Approve) -> bool {
    let slot = working.state.stages.get(&approve.stage);
    let Some(latest) = slot.and_then(|slot| slot.latest.as_ref()) else { return false };
    let open = open_approval(working, latest.execution, &approve.action).map(|run| run.attempt);
    let oldest = latest.attempt.saturating_sub(ANSWERED_ATTEMPTS_MAX).max(1);
    (oldest..=latest.attempt).any(|attempt| {
        let run = RunKey {
            execution: latest.execution,
            stage: approve.stage.clone(),
            action: approve.action.clone(),
            attempt,
        };
        // An attempt that is open or was given up was not answered (R49).
        open != Some(attempt)
            && !was_abandoned(working, &run)
            && token(working, &run) == approve.token
    })
}

/// Whether the attempt is known to have been given up.
fn was_abandoned(working: &Working, run: &RunKey) -> bool {
    let slot = working.state.stages.get(&run.stage);
    let retained = slot.and_then(|slot| slot.latest.as_ref()?.resume.as_deref());
    let newest = retained.and_then(|retained| {
        let index = working.plans.stage_of(retained).action_index(&run.action)?;
        retained.runs.get(index)
    });
    newest == Some(&Run::Abandoned { attempt: run.attempt })
}

fn answer(working: &mut Working, run: RunKey, approve: &Approve) {
    let RunKey { execution, stage, action, attempt } = run;
    let by = Some(approve.by.clone());
    let summary = (!approve.summary.is_empty()).then(|| approve.summary.clone());
    let change = if approve.is_approved {
        let success = Box::new(Success { summary, ..Success::default() });
        ExecutionChange::ActionSucceeded { stage, action, attempt, success, by }
    } else {
        let message = match summary {
            Some(summary) => format!("rejected by {}: {summary}", approve.by),
            None => format!("rejected by {}", approve.by),
        };
        let failure = Box::new(Failure::new(FailureType::JobFailed, message));
        ExecutionChange::ActionFailed { stage, action, attempt, failure, is_overdue: false, by }
    };
    working.happen(execution, change);
}
