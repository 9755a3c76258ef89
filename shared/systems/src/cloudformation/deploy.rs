//! `CREATE_UPDATE` and `REPLACE_ON_FAILURE`: the stack becomes what the template says.

use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use providers::Progress;

use super::input::{Input, Template};
use super::settings::Mode;
use super::stack::{self, Stack};
use super::{Task, delete, finish, sentence, waiting};
use crate::fault::Fault;

/// Begins whatever brings the stack to where the template wants it.
pub(super) async fn begin(task: &Task<'_>) -> Result<Progress, Fault> {
    let Some(stack) = stack::find(task, task.settings.stack).await? else {
        return create(task).await;
    };
    if stack.is_busy() {
        return Ok(waiting());
    }
    if stack.is_in_review() {
        return Err(Fault::configuration(format!(
            "stack {} holds only change sets that nobody executed yet (REVIEW_IN_PROGRESS); execute \
             one with CHANGE_SET_EXECUTE, or delete the stack with DELETE_ONLY",
            stack.name
        )));
    }
    if task.settings.mode == Mode::ReplaceOnFailure && stack.has_failed() {
        return delete::begin_before_replacing(task, &stack).await;
    }
    update(task, &stack).await
}

async fn create(task: &Task<'_>) -> Result<Progress, Fault> {
    let input = Input::read(task).await?;
    let (body, url) = placed(input.template);
    let created = task
        .client
        .create_stack()
        .stack_name(task.settings.stack)
        .set_template_body(body)
        .set_template_url(url)
        .set_parameters(Some(input.parameters))
        .set_tags(Some(input.tags))
        .set_stack_policy_body(input.stack_policy)
        .set_capabilities(Some(task.settings.capabilities.clone()))
        .set_role_arn(task.settings.role.map(str::to_owned))
        .client_request_token(task.token())
        .send()
        .await;
    match created {
        Ok(answer) => Ok(task.running(answer.stack_id().unwrap_or(task.settings.stack))),
        // Somebody, perhaps a second start of this very run, was faster.
        Err(error) if error.code() == Some("AlreadyExistsException") => Ok(waiting()),
        Err(error) if is_in_turn(&error) => Ok(waiting()),
        Err(error) => Err(sentence::refused(
            task,
            Fault::for_job(task.job, &error, "cloudformation:CreateStack", &shown(task)),
        )),
    }
}

async fn update(task: &Task<'_>, stack: &Stack) -> Result<Progress, Fault> {
    let input = Input::read(task).await?;
    let (body, url) = placed(input.template);
    let updated = task
        .client
        .update_stack()
        .stack_name(task.settings.stack)
        .set_template_body(body)
        .set_template_url(url)
        .set_parameters(Some(input.parameters))
        .set_tags(Some(input.tags))
        .set_stack_policy_body(input.stack_policy)
        .set_capabilities(Some(task.settings.capabilities.clone()))
        .set_role_arn(task.settings.role.map(str::to_owned))
        .client_request_token(task.token())
        .send()
        .await;
    match updated {
        Ok(answer) => Ok(task.running(answer.stack_id().unwrap_or(&stack.id))),
        Err(error) if says(&error, "No updates are to be performed") => {
            finish::deployed(task, &stack.id, Some("NoChanges: the stack is as the template says"))
                .await
        }
        Err(error) if is_in_turn(&error) => Ok(waiting()),
        Err(error) if stack.has_failed() && says(&error, "can not be updated") => {
            Err(sentence::not_repaired(stack))
        }
        Err(error) => Err(sentence::refused(
            task,
            Fault::for_job(task.job, &error, "cloudformation:UpdateStack", &shown(task)),
        )),
    }
}

/// Whether the refusal only says that another operation is under way.
pub(super) fn is_in_turn(error: &impl ProvideErrorMetadata) -> bool {
    error.code() == Some("TokenAlreadyExistsException")
        || error.code() == Some("OperationInProgressException")
        || says(error, "_IN_PROGRESS state")
}

pub(super) fn says(error: &impl ProvideErrorMetadata, words: &str) -> bool {
    error.message().is_some_and(|message| message.contains(words))
}

/// Returns the template's body or its address, as requests have them.
pub(super) fn placed(template: Template) -> (Option<String>, Option<String>) {
    match template {
        Template::Body(body) => (Some(body), None),
        Template::Url(url) => (None, Some(url)),
    }
}

pub(super) fn shown(task: &Task<'_>) -> String {
    format!("stack {}", task.settings.stack)
}
