//! A stack, as CloudFormation describes it.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;

use super::Task;
use crate::fault::Fault;

/// A stack as it is now, whoever made it so.
#[derive(Clone, Debug)]
pub(super) struct Stack {
    /// Its ARN.
    pub(super) id: String,
    pub(super) name: String,
    /// Where its newest operation is.
    pub(super) status: String,
    /// Why, if it says so.
    pub(super) reason: Option<String>,
    pub(super) outputs: BTreeMap<String, String>,
    /// The ARN of the change set that made it what it is, if one did.
    pub(super) change_set_id: Option<String>,
    /// When its newest operation began, in milliseconds since 1970.
    pub(super) touched_millis: i64,
}

impl Stack {
    /// How sentences call it.
    pub(super) fn shown(&self) -> String {
        format!("stack {}", self.name)
    }

    /// Whether an operation is changing it, so that no other may begin.
    pub(super) fn is_busy(&self) -> bool {
        // A stack in review only waits for its first change set to be executed.
        self.status.ends_with("_IN_PROGRESS") && !self.is_in_review()
    }

    /// Whether what is left to do changes nothing of the outcome any more.
    pub(super) fn is_cleaning_up(&self) -> bool {
        self.status.ends_with("_CLEANUP_IN_PROGRESS")
    }

    /// Whether it holds change sets and nothing else.
    pub(super) fn is_in_review(&self) -> bool {
        self.status == "REVIEW_IN_PROGRESS"
    }

    /// Whether it is in a state that `REPLACE_ON_FAILURE` takes for failed.
    pub(super) fn has_failed(&self) -> bool {
        matches!(
            self.status.as_str(),
            "ROLLBACK_COMPLETE"
                | "ROLLBACK_FAILED"
                | "CREATE_FAILED"
                | "DELETE_FAILED"
                | "UPDATE_ROLLBACK_FAILED"
        )
    }
}

/// Finds a stack by its name or its ARN. By its name a deleted stack is none.
pub(super) async fn find(task: &Task<'_>, name: &str) -> Result<Option<Stack>, Fault> {
    let answer = match task.client.describe_stacks().stack_name(name).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let is_missing = error.code() == Some("ValidationError")
                && error.message().is_some_and(|message| message.contains("does not exist"));
            if is_missing {
                return Ok(None);
            }
            let subject = format!("stack {name}");
            return Err(Fault::for_job(
                task.job,
                &error,
                "cloudformation:DescribeStacks",
                &subject,
            ));
        }
    };
    Ok(answer.stacks.unwrap_or_default().into_iter().next().map(|stack| {
        let outputs = stack.outputs().iter().filter_map(|output| {
            Some((output.output_key()?.to_owned(), output.output_value()?.to_owned()))
        });
        let touched = stack.deletion_time().or(stack.last_updated_time()).or(stack.creation_time());
        Stack {
            id: stack.stack_id().unwrap_or(name).to_owned(),
            name: stack.stack_name().unwrap_or(name).to_owned(),
            status: stack.stack_status().map(|it| it.as_str().to_owned()).unwrap_or_default(),
            reason: stack.stack_status_reason().map(str::to_owned),
            outputs: outputs.collect(),
            change_set_id: stack.change_set_id().map(str::to_owned),
            touched_millis: touched.and_then(|it| it.to_millis().ok()).unwrap_or_default(),
        }
    }))
}
