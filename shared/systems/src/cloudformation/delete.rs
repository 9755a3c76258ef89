//! Deletions: the whole of `DELETE_ONLY`, and the first half of replacing a stack that failed.

use providers::Progress;

use super::operation::{self, End, Operation};
use super::stack::{self, Stack};
use super::{Task, finish, sentence, waiting};
use crate::fault::Fault;

/// Begins to delete the stack. One that is not there is deleted.
pub(super) async fn begin(task: &Task<'_>) -> Result<Progress, Fault> {
    let Some(stack) = stack::find(task, task.settings.stack).await? else {
        return finish::deleted(task, None).await;
    };
    if stack.is_busy() {
        return Ok(waiting());
    }
    delete(task, &stack, task.token()).await?;
    Ok(task.running(&stack.id))
}

/// Begins to delete a stack that failed, so that it can be created anew.
pub(super) async fn begin_before_replacing(
    task: &Task<'_>,
    stack: &Stack,
) -> Result<Progress, Fault> {
    delete(task, stack, &token_before_replacing(task)).await?;
    Ok(waiting())
}

/// Looks how far the deletion before the creation is. Once the stack is gone nobody finds it by its name,
/// and it is created.
pub(super) async fn look_before_replacing(
    task: &Task<'_>,
    stack: &Stack,
) -> Result<Option<Progress>, Fault> {
    if stack.status != "DELETE_FAILED" {
        return Ok(None);
    }
    match operation::find(task, &stack.id, &token_before_replacing(task)).await? {
        Operation::Ended(end) if !end.is_success() => Err(sentence::failed(task, stack, &end)),
        // Tried since the action was asked for, and failed: once is enough.
        Operation::Hidden if stack.touched_millis >= task.job.requested_at_millis => {
            let end = End::of(stack);
            Err(sentence::failed_unseen(task, stack, &end))
        }
        Operation::Ended(_) | Operation::Running | Operation::Absent | Operation::Hidden => {
            Ok(None)
        }
    }
}

/// The deletion is an operation of its own, and has a token of its own.
fn token_before_replacing(task: &Task<'_>) -> String {
    format!("{}-delete", task.token())
}

async fn delete(task: &Task<'_>, stack: &Stack, token: &str) -> Result<(), Fault> {
    let request = task.client.delete_stack().stack_name(&stack.id);
    let request = request.set_role_arn(task.settings.role.map(str::to_owned));
    match request.client_request_token(token).send().await {
        Ok(_) => Ok(()),
        Err(error) if super::deploy::is_in_turn(&error) => Ok(()),
        Err(error) => Err(sentence::refused(
            task,
            Fault::for_job(task.job, &error, "cloudformation:DeleteStack", &stack.shown()),
        )),
    }
}
