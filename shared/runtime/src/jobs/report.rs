//! A worker says how a job went.

use model::outcome::{Failure, Outcome, Success};
use store::{JobState, LogKey, Progress, QueueEntry, WorkerJob};

use super::content::forget_secrets;
use super::find::{Caller, close, reportable, waiting_log};
use super::invocations::{PAUSE_SECONDS, is_invocation};
use super::{Content, Error, Refused, TRIES_MAX};
use crate::{App, Hint, action};

/// How a job went.
#[derive(Clone, Debug)]
pub enum Report {
    /// The work is done.
    Succeeded {
        /// What it left behind.
        success: Success,
        /// What there is to say of it.
        progress: Progress,
    },
    /// The work goes on: another job is to be done with this token (J9).
    Continues {
        /// What the next job gets.
        token: String,
        /// What there is to say of it.
        progress: Progress,
    },
    /// The work failed (J10).
    Failed(Failure),
}

/// Takes a report about a job that [`reportable`] found, and tells the log.
pub async fn report(
    app: &App,
    mut job: WorkerJob,
    caller: Caller<'_>,
    report: &Report,
) -> Result<(), Error> {
    let id = job.id();
    for _ in 0..TRIES_MAX {
        let Some(log) = waiting_log(app, &job).await? else {
            close(app, job).await?;
            return Err(Refused::state(id, "is closed: its action does not wait for it any more"));
        };
        let next = after(&job, report, app.world.now())?;
        if next.number != job.number && !is_invocation(&next) {
            // Ahead of the job that it stands for, so that no crash leaves one without an entry.
            let entry = QueueEntry::of(&next, next.updated_at);
            app.store.put_queue_entry(&next.queue, &entry).await?;
        }
        if app.store.swap_worker_job(&next).await? || is_written(app, &next).await? {
            if next.is_over() {
                tell(app, log, &next).await;
            } else if is_invocation(&next) {
                remind(app, log, &next).await;
            }
            return Ok(());
        }
        job = reportable(app, id, caller).await?;
    }
    Err(Error::Contended(id))
}

/// Returns the row after a report.
fn after(
    job: &WorkerJob,
    report: &Report,
    now: model::time::Timestamp,
) -> Result<WorkerJob, Error> {
    let content = Content::of(job)?;
    let mut next = job.clone();
    next.updated_at = now;
    match report {
        Report::Continues { token, progress } => {
            next.progress = further(&job.progress, progress, &content);
            next.continuation_token = Some(token.clone());
            next.number += 1;
            next.state = JobState::Queued;
        }
        Report::Succeeded { success, progress } => {
            next.progress = further(&job.progress, progress, &content);
            let Progress { external_id, external_url, summary, percent: _ } = next.progress.clone();
            let success = Success { external_id, external_url, summary, ..success.clone() };
            next.state = JobState::Done(Outcome::Succeeded(success));
        }
        Report::Failed(failure) => {
            let said = Progress { external_id: failure.external_id.clone(), ..Progress::default() };
            next.progress = further(&job.progress, &said, &content);
            let Progress { external_id, external_url, summary: _, percent: _ } =
                next.progress.clone();
            let failure = Failure { external_id, external_url, ..failure.clone() };
            next.state = JobState::Done(Outcome::Failed(failure));
        }
    }
    if next.is_over() {
        forget_secrets(&mut next)?;
    }
    Ok(next)
}

/// Returns what is known of the work: what was said now, else what was said before.
fn further(former: &Progress, said: &Progress, content: &Content) -> Progress {
    let external_id = said.external_id.clone().or_else(|| former.external_id.clone());
    Progress {
        external_url: content.execution_url(external_id.as_deref()),
        external_id,
        summary: said.summary.clone().or_else(|| former.summary.clone()),
        percent: said.percent.or(former.percent),
    }
}

/// Whether the row is there although the answer to its write was lost.
async fn is_written(app: &App, next: &WorkerJob) -> Result<bool, store::Error> {
    let there = app.store.worker_job(next.id()).await?;
    let ours = WorkerJob { revision: next.revision + 1, ..next.clone() };
    Ok(there == Some(ours))
}

/// Has the function invoked again when it wants to be. The sweep does so too, a little later.
async fn remind(app: &App, log: LogKey, job: &WorkerJob) {
    let hint = Hint::AskProvider(log, job.run.clone());
    if let Err(error) = app.hints.send_later(hint, PAUSE_SECONDS).await {
        tracing::info!(job = %job.id(), %error, "the sweep has the function invoked again");
    }
}

/// Tells the log, so that whoever reads next sees the outcome. It is written down already: what fails
/// here is told again. Where others talk to providers, jobs of workers among them, they tell it.
async fn tell(app: &App, log: LogKey, job: &WorkerJob) {
    if !app.providers.are_elsewhere() {
        let Err(error) = action::ask(app, &log, &job.run).await else { return };
        tracing::info!(%log, job = %job.id(), %error, "an outcome is told later");
    }
    let hint = Hint::AskProvider(log, job.run.clone());
    if let Err(error) = app.hints.send(hint).await {
        tracing::info!(%error, "the sweep tells an outcome");
    }
}
