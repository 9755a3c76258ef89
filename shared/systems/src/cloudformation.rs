//! Stacks and change sets of CloudFormation (contract §5.3).
//!
//! **Started twice, done once.** Every operation carries the run's id as its client request token, and
//! every event of a stack carries the token of the operation that it belongs to. So a start first looks
//! whether the stack's events know the token ([`operation`]); only if they do not, it asks for the
//! operation, with the token that CloudFormation honours. A change set has no events; it carries the
//! run's id in its description.
//!
//! **Judged by its own events.** What status a stack is in says what its newest operation came to,
//! whoever began it. What ours came to is said by the first end after our beginning.
//!
//! **In line, not in the way.** While somebody else's operation changes the stack, the action waits for
//! its turn, up to its own deadline, rather than fail because two people deployed at once.
//!
//! AWS knows five words for `ActionMode`; [`settings::Mode`] has them all.

mod change_set;
mod delete;
mod deploy;
mod finish;
mod input;
mod look;
mod operation;
mod sentence;
mod settings;
mod stack;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_cloudformation::Client;
use providers::{Error, Job, Memory, Progress, Provider};

use crate::Ground;
use crate::fault::{self, Fault};
use settings::{Mode, Settings};

/// After how many seconds it is looked again whether it is our turn, or a change set is made: no event tells
/// of either (PR5).
const ASK_AGAIN_SECONDS: u32 = 15;

/// Stacks and change sets.
pub(crate) struct CloudFormation {
    ground: Ground,
}

impl CloudFormation {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }
}

/// One job, with what is needed to do it.
struct Task<'a> {
    ground: &'a Ground,
    job: &'a Job,
    client: Client,
    settings: Settings<'a>,
}

impl<'a> Task<'a> {
    async fn new(ground: &'a Ground, job: &'a Job) -> Result<Self, Fault> {
        let settings = Settings::read(job)?;
        let client = Client::new(&ground.of(job).await?);
        Ok(Self { ground, job, client, settings })
    }

    /// The token of the operation. Run ids consist of what CloudFormation takes for a token.
    fn token(&self) -> &str {
        &self.job.run_id
    }

    /// Answers that an operation on a stack is under way.
    fn running(&self, stack_id: &str) -> Progress {
        Progress::Running {
            external_id: Some(stack_id.to_owned()),
            external_url: Some(finish::page_of(stack_id, &self.job.region)),
            // An event tells of the end; the sweep asks in case it does not (ADR 16).
            ask_again_seconds: None,
        }
    }
}

/// Answers that it is not our turn yet, or not all of it. No id is noted, so that the next look finds out
/// anew where things stand.
fn waiting() -> Progress {
    Progress::Running {
        external_id: None,
        external_url: None,
        ask_again_seconds: Some(ASK_AGAIN_SECONDS),
    }
}

#[async_trait]
impl Provider for CloudFormation {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        fault::settle(start(&self.ground, job).await)
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        let looked = async {
            let task = Task::new(&self.ground, job).await?;
            Ok(look::look(&task).await?.unwrap_or(Progress::Unknown))
        };
        fault::settle(looked.await)
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        match cancel(&self.ground, job).await {
            // Nobody reads why a stop was not done: the pipeline has moved on.
            Ok(()) | Err(Fault::Refused { .. }) => Ok(()),
            Err(fault @ (Fault::Later(_) | Fault::Forbidden(_))) => Err(fault.into()),
        }
    }

    fn memory(&self) -> Memory {
        Memory::Noted
    }
}

async fn start(ground: &Ground, job: &Job) -> Result<Progress, Fault> {
    let task = Task::new(ground, job).await?;
    if let Some(progress) = look::look(&task).await? {
        return Ok(progress);
    }
    match task.settings.mode {
        Mode::CreateUpdate | Mode::ReplaceOnFailure => deploy::begin(&task).await,
        Mode::DeleteOnly => delete::begin(&task).await,
        Mode::ChangeSetReplace => change_set::create(&task).await,
        Mode::ChangeSetExecute => change_set::execute(&task).await,
    }
}

/// Stops an update of ours, which CloudFormation then rolls back. A creation or a deletion cannot be
/// stopped there, and a change set changes nothing.
async fn cancel(ground: &Ground, job: &Job) -> Result<(), Fault> {
    let task = Task::new(ground, job).await?;
    if task.settings.mode == Mode::ChangeSetReplace {
        return Ok(());
    }
    let name = job.external_id.as_deref().unwrap_or(task.settings.stack);
    let Some(stack) = stack::find(&task, name).await? else { return Ok(()) };
    if stack.status != "UPDATE_IN_PROGRESS" {
        return Ok(());
    }
    match operation::find(&task, &stack.id, task.token()).await? {
        operation::Operation::Running => {}
        operation::Operation::Hidden if job.external_id.is_some() => {}
        operation::Operation::Hidden
        | operation::Operation::Absent
        | operation::Operation::Ended(_) => return Ok(()),
    }
    let cancelled = task.client.cancel_update_stack().stack_name(&stack.id).send().await;
    cancelled.map(drop).map_err(|error| {
        Fault::for_job(job, &error, "cloudformation:CancelUpdateStack", &stack.shown())
    })
}
