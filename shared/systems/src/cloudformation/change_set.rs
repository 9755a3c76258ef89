//! Change sets: `CHANGE_SET_REPLACE` prepares one, `CHANGE_SET_EXECUTE` does what it says.
//!
//! A change set that would change nothing is refused by CloudFormation and stays there, failed, with the
//! reason. That is where "no changes" is kept between the two actions: preparing succeeds, and so does
//! executing, without a call. The next preparation takes the failed one away.

use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;
use aws_sdk_cloudformation::types::ChangeSetType;
use providers::Progress;

use super::deploy::{is_in_turn, placed};
use super::input::Input;
use super::stack::{self, Stack};
use super::{ASK_AGAIN_SECONDS, Task, finish, sentence, waiting};
use crate::fault::Fault;

/// What the summary of an action says that had nothing to do.
const NO_CHANGES: &str = "NoChanges: the stack is as the template says";

/// A change set, as CloudFormation describes it.
struct ChangeSet {
    /// Its ARN.
    id: String,
    status: String,
    execution_status: String,
    reason: String,
    /// Whether this very attempt made it.
    is_ours: bool,
    changes: usize,
}

impl ChangeSet {
    fn is_being_made(&self) -> bool {
        matches!(self.status.as_str(), "CREATE_PENDING" | "CREATE_IN_PROGRESS")
    }

    /// Whether it failed only because there is nothing to change.
    fn is_empty(&self) -> bool {
        let empty = ["didn't contain changes", "No updates are to be performed"];
        self.status == "FAILED" && empty.iter().any(|words| self.reason.contains(words))
    }
}

/// Says how far the change set of this attempt is; nothing, where it was not begun.
pub(super) async fn look(task: &Task<'_>) -> Result<Option<Progress>, Fault> {
    let Some(set) = find(task, task.job.external_id.as_deref()).await? else {
        if task.job.external_id.is_some() {
            return Err(Fault::job_failed(format!(
                "somebody else deleted or replaced {} while it was prepared; give pipelines that share \
                 a stack change sets of different names, then start again",
                shown(task)
            )));
        }
        return Ok(None);
    };
    if !set.is_ours {
        return Ok(None);
    }
    if set.is_being_made() {
        return Ok(Some(Progress::Running {
            external_url: Some(finish::page_of(&set.id, &task.job.region)),
            external_id: Some(set.id),
            ask_again_seconds: Some(ASK_AGAIN_SECONDS),
        }));
    }
    match set.status.as_str() {
        "CREATE_COMPLETE" => {
            let summary = format!("{} changes are prepared as {}", set.changes, shown(task));
            finish::prepared(task, &set.id, &summary).await.map(Some)
        }
        "FAILED" if set.is_empty() => finish::prepared(task, &set.id, NO_CHANGES).await.map(Some),
        "FAILED" => Err(failed(task, &set)),
        _ => Ok(None),
    }
}

/// Makes the change set, in the place of the one that is there.
pub(super) async fn create(task: &Task<'_>) -> Result<Progress, Fault> {
    if let Some(set) = find(task, None).await?
        && !delete(task, &set).await?
    {
        return Ok(waiting());
    }
    let stack = stack::find(task, task.settings.stack).await?;
    let is_new = stack.as_ref().is_none_or(Stack::is_in_review);
    let input = Input::read(task).await?;
    let (body, url) = placed(input.template);
    let created = task
        .client
        .create_change_set()
        .stack_name(task.settings.stack)
        .change_set_name(task.settings.change_set)
        .change_set_type(if is_new { ChangeSetType::Create } else { ChangeSetType::Update })
        .description(description(task))
        .set_template_body(body)
        .set_template_url(url)
        .set_parameters(Some(input.parameters))
        .set_tags(Some(input.tags))
        .set_capabilities(Some(task.settings.capabilities.clone()))
        .set_role_arn(task.settings.role.map(str::to_owned))
        .client_token(task.token())
        .send()
        .await;
    match created {
        Ok(answer) => Ok(Progress::Running {
            external_id: answer.id().map(str::to_owned),
            external_url: answer.id().map(|id| finish::page_of(id, &task.job.region)),
            ask_again_seconds: Some(ASK_AGAIN_SECONDS),
        }),
        Err(error) if error.code() == Some("AlreadyExistsException") => Ok(waiting()),
        Err(error) if is_in_turn(&error) => Ok(waiting()),
        Err(error) => Err(sentence::refused(
            task,
            Fault::for_job(task.job, &error, "cloudformation:CreateChangeSet", &shown(task)),
        )),
    }
}

/// Executes the change set that an action before this one made.
pub(super) async fn execute(task: &Task<'_>) -> Result<Progress, Fault> {
    let Some(set) = find(task, None).await? else { return missing(task).await };
    if set.is_empty() {
        let stack = stack::find(task, task.settings.stack).await?;
        let id = stack.map_or_else(|| task.settings.stack.to_owned(), |stack| stack.id);
        return finish::deployed(task, &id, Some(NO_CHANGES)).await;
    }
    if set.is_being_made() || set.execution_status == "EXECUTE_IN_PROGRESS" {
        return Ok(waiting());
    }
    if set.status == "FAILED" {
        return Err(failed(task, &set));
    }
    if set.execution_status != "AVAILABLE" {
        return Err(Fault::job_failed(format!(
            "{} cannot be executed ({}), because the stack was changed since it was prepared, or it was \
             executed before; prepare it anew with CHANGE_SET_REPLACE: retry all actions of its stage, \
             or start the pipeline again",
            shown(task),
            set.execution_status
        )));
    }
    let executed = task
        .client
        .execute_change_set()
        .stack_name(task.settings.stack)
        .change_set_name(task.settings.change_set)
        .client_request_token(task.token())
        .send()
        .await;
    match executed {
        Ok(_) => {
            let stack = stack::find(task, task.settings.stack).await?;
            Ok(stack.map_or_else(waiting, |stack| task.running(&stack.id)))
        }
        Err(error) if is_in_turn(&error) => Ok(waiting()),
        Err(error) => Err(sentence::refused(
            task,
            Fault::for_job(task.job, &error, "cloudformation:ExecuteChangeSet", &shown(task)),
        )),
    }
}

/// Judges an execution of a change set that is gone. A retry finds it so when the attempt before it was
/// given up and CloudFormation went on to the end.
async fn missing(task: &Task<'_>) -> Result<Progress, Fault> {
    if task.job.attempt > 1
        && let Some(stack) = stack::find(task, task.settings.stack).await?
    {
        let name = format!(":changeSet/{}/", task.settings.change_set);
        let is_last = stack.change_set_id.as_ref().is_some_and(|id| id.contains(&name));
        if is_last && stack.is_busy() && !stack.is_cleaning_up() {
            return Ok(waiting());
        }
        if is_last && super::operation::End::of(&stack).is_success() {
            let summary = "an earlier attempt executed the change set";
            return finish::deployed(task, &stack.id, Some(summary)).await;
        }
    }
    Err(Fault::configuration(format!(
        "{} does not exist; an action with ActionMode CHANGE_SET_REPLACE must make it before this one, \
         and a change set is gone once it was executed",
        shown(task)
    )))
}

async fn find(task: &Task<'_>, id: Option<&str>) -> Result<Option<ChangeSet>, Fault> {
    let request = task.client.describe_change_set();
    let request = request.change_set_name(id.unwrap_or(task.settings.change_set));
    let name = id.is_none().then(|| task.settings.stack.to_owned());
    let answer = match request.set_stack_name(name).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let is_missing = matches!(error.code(), Some("ChangeSetNotFound" | "ValidationError"))
                && error.message().is_some_and(|message| message.contains("does not exist"));
            if is_missing {
                return Ok(None);
            }
            let permission = "cloudformation:DescribeChangeSet";
            return Err(Fault::for_job(task.job, &error, permission, &shown(task)));
        }
    };
    Ok(Some(ChangeSet {
        id: answer.change_set_id().unwrap_or(task.settings.change_set).to_owned(),
        status: answer.status().map(|it| it.as_str().to_owned()).unwrap_or_default(),
        execution_status: answer
            .execution_status()
            .map(|it| it.as_str().to_owned())
            .unwrap_or_default(),
        reason: answer.status_reason().unwrap_or_default().to_owned(),
        is_ours: answer.description() == Some(description(task).as_str()),
        changes: answer.changes().len(),
    }))
}

/// Takes away the change set that has the name. Says whether the name is free.
async fn delete(task: &Task<'_>, set: &ChangeSet) -> Result<bool, Fault> {
    match task.client.delete_change_set().change_set_name(&set.id).send().await {
        Ok(_) => Ok(true),
        // It is being made or executed, and can be taken away afterwards.
        Err(error) if error.code() == Some("InvalidChangeSetStatus") => Ok(false),
        Err(error) => {
            Err(Fault::for_job(task.job, &error, "cloudformation:DeleteChangeSet", &shown(task)))
        }
    }
}

/// What makes a change set known as this attempt's.
fn description(task: &Task<'_>) -> String {
    let job = task.job;
    format!("Towpath {} #{} run {}", job.pipeline, job.execution_number, job.run_id)
}

fn shown(task: &Task<'_>) -> String {
    format!("change set {} of stack {}", task.settings.change_set, task.settings.stack)
}

fn failed(task: &Task<'_>, set: &ChangeSet) -> Fault {
    let reason = if set.reason.is_empty() { "it does not say why" } else { &set.reason };
    Fault::job_failed(format!(
        "{} could not be prepared: {reason}; correct the template or its parameters, and start again",
        shown(task)
    ))
}
