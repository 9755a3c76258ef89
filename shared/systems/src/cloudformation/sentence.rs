//! Why an operation failed, in sentences that say what to do.

use super::Task;
use super::operation::End;
use super::stack::Stack;
use crate::fault::Fault;

/// An operation that failed, with the resource that failed first.
pub(super) fn failed(task: &Task<'_>, stack: &Stack, end: &End) -> Fault {
    let why = match (&end.cause, &end.reason) {
        (Some(cause), _) => {
            format!(
                "resource {} ({}) failed: {}",
                cause.logical_id, cause.resource_type, cause.reason
            )
        }
        (None, Some(reason)) => reason.clone(),
        (None, None) => "CloudFormation does not say why".to_owned(),
    };
    let subject = end.cause.as_ref().map(|cause| cause.logical_id.as_str());
    fault(task, stack, end, &why, subject)
}

/// An operation that failed for a reason that the role may not read (users' complaint C10).
pub(super) fn failed_unseen(task: &Task<'_>, stack: &Stack, end: &End) -> Fault {
    let role = task.job.role_arn.as_deref().or(task.job.pipeline_role_arn.as_deref());
    let role = role.unwrap_or("the role of the action");
    let reason = end.reason.as_deref().unwrap_or("CloudFormation does not say why");
    let why = format!(
        "{reason}. Which resource failed is not known, because {role} may not do \
         cloudformation:DescribeStackEvents on {}: allow that, and the message names it",
        stack.id
    );
    fault(task, stack, end, &why, None)
}

/// A stack that is in no state to be updated, in the mode that repairs nothing.
pub(super) fn not_repaired(stack: &Stack) -> Fault {
    Fault::job_failed(format!(
        "stack {} is in {} and cannot be updated; {}",
        stack.name,
        stack.status,
        way_out(stack, &stack.status, None)
    ))
}

/// A call that CloudFormation refused: what it says of the template and the settings is for whoever
/// wrote them.
pub(super) fn refused(task: &Task<'_>, fault: Fault) -> Fault {
    let Fault::Refused { code, message } = fault else { return fault };
    let file = task.settings.template.unwrap_or("the stack");
    match code.as_str() {
        "InsufficientCapabilitiesException" => Fault::configuration(format!(
            "{message}; add what it requires to Capabilities, if the pipeline is to be trusted with it"
        )),
        "ValidationError" => {
            Fault::configuration(format!("{message}; correct {file} or the action's settings"))
        }
        "LimitExceededException" => Fault::Refused {
            code,
            message: format!("{message}; delete stacks, or ask AWS for a higher quota"),
        },
        _ => Fault::Refused { code, message },
    }
}

fn fault(task: &Task<'_>, stack: &Stack, end: &End, why: &str, subject: Option<&str>) -> Fault {
    let status = end.status.as_str();
    let what = match status {
        _ if status.starts_with("UPDATE_") => "updated",
        _ if status.starts_with("DELETE_") => "deleted",
        _ => "created",
    };
    let template = task.settings.template;
    Fault::job_failed(format!(
        "stack {} was not {what} ({status}): {why}; {}",
        stack.name,
        way_out(stack, status, subject.or(template))
    ))
}

fn way_out(stack: &Stack, status: &str, subject: Option<&str>) -> String {
    let name = &stack.name;
    let subject = subject.unwrap_or("the template");
    match status {
        "UPDATE_ROLLBACK_FAILED" => format!(
            "the stack is stuck halfway: remove what blocks it, then run `aws cloudformation \
             continue-update-rollback --stack-name {name}`"
        ),
        "DELETE_FAILED" => "empty or detach what cannot be deleted, and retry".to_owned(),
        "UPDATE_FAILED" => format!(
            "what succeeded was kept: correct {subject} and start again, or run `aws cloudformation \
             rollback-stack --stack-name {name}`"
        ),
        _ if status.starts_with("UPDATE_ROLLBACK_") => {
            format!("the stack is as it was before: correct {subject} and start again")
        }
        _ => format!(
            "correct {subject}; the stack must be deleted before it is created again: by an action with \
             DELETE_ONLY, or by ActionMode REPLACE_ON_FAILURE if nothing in it must be kept"
        ),
    }
}
