//! One operation on a stack, found by its token in the stack's events.

use aws_sdk_cloudformation::types::StackEvent;

use super::Task;
use super::stack::Stack;
use crate::fault::Fault;

/// How many pages of events are read; one has up to 100 events.
const PAGES_MAX: usize = 100;

/// How far AWS's clock may be behind ours, in milliseconds.
const SKEW_MILLIS: i64 = 10 * 60 * 1000;

/// Where an operation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// No event knows it.
    Absent,
    /// The role may not read events.
    Hidden,
    /// It began and has not ended.
    Running,
    /// It ended.
    Ended(End),
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The stack's status at that moment.
    pub(super) status: String,
    /// Why, if it says so.
    pub(super) reason: Option<String>,
    /// The first resource that failed.
    pub(super) cause: Option<Cause>,
}

/// A resource that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) logical_id: String,
    pub(super) resource_type: String,
    pub(super) reason: String,
}

impl End {
    /// Takes the status of a stack for that of the operation.
    pub(super) fn of(stack: &Stack) -> Self {
        Self { status: stack.status.clone(), reason: stack.reason.clone(), cause: None }
    }

    /// Whether the operation did what it was asked for.
    pub(super) fn is_success(&self) -> bool {
        matches!(
            self.status.as_str(),
            "CREATE_COMPLETE"
                | "UPDATE_COMPLETE"
                | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
                | "DELETE_COMPLETE"
                | "IMPORT_COMPLETE"
        )
    }
}

/// Finds an operation by its token.
///
/// Events come newest first. Whatever ended the stack's operation first after ours began, ended ours: no
/// second one can begin before. (A rollback that was asked for by hand need not carry our token.)
pub(super) async fn find(task: &Task<'_>, stack: &str, token: &str) -> Result<Operation, Fault> {
    let mut walk = Walk { token, is_seen: false, end: None, cause: None };
    let mut page = None;
    for _ in 0..PAGES_MAX {
        let request = task.client.describe_stack_events().stack_name(stack);
        let answer = match request.set_next_token(page.take()).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let fault =
                    Fault::for_job(task.job, &error, "cloudformation:DescribeStackEvents", stack);
                return match fault {
                    Fault::Forbidden(_) => Ok(Operation::Hidden),
                    Fault::Later(_) | Fault::Refused { .. } => Err(fault),
                };
            }
        };
        for event in answer.stack_events() {
            let millis = event.timestamp().and_then(|it| it.to_millis().ok());
            let is_older = millis.is_some_and(|it| it < task.job.requested_at_millis - SKEW_MILLIS);
            if is_older || walk.ends_at(event) {
                return Ok(walk.conclude());
            }
        }
        page = answer.next_token;
        if page.is_none() {
            break;
        }
    }
    Ok(walk.conclude())
}

/// What is known while events are read backwards.
struct Walk<'a> {
    token: &'a str,
    is_seen: bool,
    end: Option<(String, Option<String>)>,
    cause: Option<Cause>,
}

impl Walk<'_> {
    /// Takes in an event, and says whether it is the beginning of the operation.
    fn ends_at(&mut self, event: &StackEvent) -> bool {
        let status = event.resource_status().map_or("", |status| status.as_str());
        let reason = event.resource_status_reason();
        let is_ours = event.client_request_token() == Some(self.token);
        let is_stack = event.physical_resource_id().is_some()
            && event.physical_resource_id() == event.stack_id();
        self.is_seen |= is_ours;
        if is_stack {
            if is_end(status) {
                self.end = Some((status.to_owned(), reason.map(str::to_owned)));
            }
            return is_ours && is_beginning(status);
        }
        if is_ours && status.ends_with("_FAILED") && !is_consequence(reason) {
            self.cause = Some(Cause {
                logical_id: event.logical_resource_id().unwrap_or("?").to_owned(),
                resource_type: event.resource_type().unwrap_or("?").to_owned(),
                reason: reason.unwrap_or("it does not say why").to_owned(),
            });
        }
        false
    }

    fn conclude(self) -> Operation {
        match (self.is_seen, self.end) {
            (false, _) => Operation::Absent,
            (true, None) => Operation::Running,
            (true, Some((status, reason))) => {
                Operation::Ended(End { status, reason, cause: self.cause })
            }
        }
    }
}

fn is_beginning(status: &str) -> bool {
    matches!(
        status,
        "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS" | "IMPORT_IN_PROGRESS"
    )
}

fn is_end(status: &str) -> bool {
    let is_final = status.ends_with("_COMPLETE") || status.ends_with("_FAILED");
    is_final || status.ends_with("_CLEANUP_IN_PROGRESS")
}

/// Whether a resource failed only because another had failed before.
fn is_consequence(reason: Option<&str>) -> bool {
    let Some(reason) = reason else { return false };
    let reason = reason.to_ascii_lowercase();
    reason.starts_with("resource ") && reason.contains("cancelled")
}
