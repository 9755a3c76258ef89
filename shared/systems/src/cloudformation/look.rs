//! Finds out where the job is, changing nothing.

use providers::Progress;

use super::operation::{self, End, Operation};
use super::settings::Mode;
use super::stack::{self, Stack};
use super::{Task, change_set, delete, finish, sentence};
use crate::fault::Fault;

/// Says how far the job is; nothing, where it was not begun.
pub(super) async fn look(task: &Task<'_>) -> Result<Option<Progress>, Fault> {
    match task.settings.mode {
        Mode::ChangeSetReplace => change_set::look(task).await,
        Mode::CreateUpdate | Mode::ReplaceOnFailure | Mode::DeleteOnly | Mode::ChangeSetExecute => {
            look_at_stack(task).await
        }
    }
}

async fn look_at_stack(task: &Task<'_>) -> Result<Option<Progress>, Fault> {
    let noted = task.job.external_id.as_deref();
    let name = noted.unwrap_or(task.settings.stack);
    let Some(stack) = stack::find(task, name).await? else { return Ok(None) };
    if noted.is_some() && stack.is_busy() && !stack.is_cleaning_up() {
        // If it is somebody else's turn by now, ours is over, and is judged when theirs is.
        return Ok(Some(task.running(&stack.id)));
    }
    match operation::find(task, &stack.id, task.token()).await? {
        Operation::Running => Ok(Some(task.running(&stack.id))),
        Operation::Ended(end) => conclude(task, &stack, &end).await.map(Some),
        Operation::Absent if task.settings.mode == Mode::ReplaceOnFailure => {
            delete::look_before_replacing(task, &stack).await
        }
        Operation::Absent => Ok(None),
        Operation::Hidden => look_without_events(task, &stack).await,
    }
}

/// Judges an operation that was noted by the stack's own status, since that is all that may be read.
async fn look_without_events(task: &Task<'_>, stack: &Stack) -> Result<Option<Progress>, Fault> {
    if task.job.external_id.is_none() {
        // A start that is sent again carries the same token, and is the same start.
        return Ok(None);
    }
    if stack.touched_millis < task.job.requested_at_millis - 60_000 {
        return Ok(Some(task.running(&stack.id)));
    }
    let end = End::of(stack);
    if end.is_success() {
        return conclude(task, stack, &end).await.map(Some);
    }
    Err(sentence::failed_unseen(task, stack, &end))
}

/// Says what an operation came to.
async fn conclude(task: &Task<'_>, stack: &Stack, end: &End) -> Result<Progress, Fault> {
    if !end.is_success() {
        return Err(sentence::failed(task, stack, end));
    }
    match task.settings.mode {
        Mode::DeleteOnly => finish::deleted(task, Some(&stack.id)).await,
        Mode::CreateUpdate
        | Mode::ReplaceOnFailure
        | Mode::ChangeSetReplace
        | Mode::ChangeSetExecute => finish::deployed(task, &stack.id, None).await,
    }
}
