//! Finds the job that a worker speaks of, and whether it may.

use sha2::{Digest, Sha256};
use store::{JobId, JobState, LogKey, WorkerJob};
use subtle::ConstantTimeEq;

use super::content::forget_secrets;
use super::invocations::is_invocation;
use super::{Content, Error, Refused};
use crate::App;
use crate::conclude::newest;
use crate::job::in_progress;

/// Who speaks of a job.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The access key that signed.
    pub worker: &'a str,
    /// What a partner's worker presents; nothing where a custom action's worker speaks (J21).
    pub client_token: Option<&'a str>,
}

/// What a job's worker may know of it.
#[derive(Clone, Debug)]
pub struct Details {
    /// The job.
    pub job: WorkerJob,
    /// What to do; its secrets are masked unless the caller may know them.
    pub content: Content,
    /// Whether the caller may know the secrets, and have keys for the artifacts.
    pub is_its_worker: bool,
}

/// Finds a job of the caller's kind, over or not. A partner's token is asked for before anything else
/// is said of the job.
pub async fn find(app: &App, id: JobId, caller: Caller<'_>) -> Result<WorkerJob, Error> {
    let found = app.store.worker_job(id).await?;
    let found = found.filter(|job| id.number() <= job.number);
    let Some(job) = found.filter(|job| is_partners(job) == caller.client_token.is_some()) else {
        return Err(Error::Refused(Refused::NotFound(id)));
    };
    if let Some(token) = caller.client_token {
        let action_type = app.store.action_type(&job.queue.action_type).await?;
        let client = action_type.and_then(|action_type| action_type.client);
        if !client.is_some_and(|client| is_token(token, &client.token_digest)) {
            return Err(Error::Refused(Refused::InvalidClientToken));
        }
    }
    Ok(job)
}

/// Finds a job that the caller may report about.
///
/// Functions report about the jobs that they were invoked for. Of a worker's jobs, the key that acknowledged a job is the one that reports; before that, the key that the job was
/// dispatched to (J11).
pub async fn reportable(app: &App, id: JobId, caller: Caller<'_>) -> Result<WorkerJob, Error> {
    let job = find(app, id, caller).await?;
    if id.number() < job.number {
        return Err(Refused::state(id, "was continued by another job; report about that one"));
    }
    match &job.state {
        // A function signs with the keys of its own role, which nobody knows beforehand: whoever may
        // report at all may report for it. It may do so before we know that it was invoked.
        JobState::Queued | JobState::Dispatched { .. } | JobState::InProgress { .. }
            if is_invocation(&job) =>
        {
            Ok(job)
        }
        JobState::Queued => Err(Refused::state(id, "was not handed to anybody; poll for it")),
        JobState::Dispatched { worker, .. } | JobState::InProgress { worker, .. }
            if worker == caller.worker =>
        {
            Ok(job)
        }
        JobState::Dispatched { .. } | JobState::InProgress { .. } => {
            Err(Refused::state(id, "is done by another worker; report with the same access key"))
        }
        JobState::Done(_) => Err(Refused::state(id, "has ended already")),
        JobState::Closed => Err(Refused::state(id, "is closed: nobody waits for it any more")),
    }
}

/// Returns what the caller may know of a job that it asks about.
///
/// A custom job's secrets are for the key that it was dispatched to, or that acknowledged it; whoever
/// else may ask sees masks. A partner's job is for whoever presents the token.
pub async fn details(app: &App, id: JobId, caller: Caller<'_>) -> Result<Details, Error> {
    let job = find(app, id, caller).await?;
    let is_current = id.number() == job.number;
    let is_its_worker = match &job.state {
        JobState::Dispatched { worker, .. } | JobState::InProgress { worker, .. } => {
            is_current && (worker == caller.worker || caller.client_token.is_some())
        }
        JobState::Queued | JobState::Done(_) | JobState::Closed => false,
    };
    let content = Content::of(&job)?;
    let content = if is_its_worker { content } else { content.masked(&job.secrets) };
    Ok(Details { job, content, is_its_worker })
}

/// Returns the log that waits for a job's outcome; nothing when none does any more (R33, R44).
pub(super) async fn waiting_log(
    app: &App,
    job: &WorkerJob,
) -> Result<Option<LogKey>, store::Error> {
    let (pipeline, execution) = (&job.pipeline, job.run.execution);
    for log in [LogKey::Pipeline(pipeline.clone()), LogKey::Execution(pipeline.clone(), execution)]
    {
        let head = newest(app, &log).await?;
        let plans = app.store.plans(&head).await?;
        if in_progress(&head, &plans, &job.run).is_some() {
            return Ok(Some(log));
        }
    }
    Ok(None)
}

/// Closes a job that nobody waits for (J15), unless somebody changes it at the same time: then it is
/// closed when it is looked at next.
pub(super) async fn close(app: &App, mut job: WorkerJob) -> Result<bool, Error> {
    if job.is_over() {
        return Ok(true);
    }
    job.state = JobState::Closed;
    job.updated_at = app.world.now();
    forget_secrets(&mut job)?;
    Ok(app.store.swap_worker_job(&job).await?)
}

/// Whether it is a partner's job.
fn is_partners(job: &WorkerJob) -> bool {
    job.queue.action_type.starts_with("ThirdParty/")
}

/// Returns the digest by which a partner's token is known.
pub(super) fn token_digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn is_token(token: &str, digest: &str) -> bool {
    token_digest(token).as_bytes().ct_eq(digest.as_bytes()).into()
}
