//! Starts actions, asks their providers, and reports what they say.

use std::sync::Arc;

use engine::Input;
use engine::change::{Change, ExecutionChange};
use engine::state::{Run, RunKey};
use model::outcome::{Failure, Outcome};
use model::status::FailureType;
use model::time::Timestamp;
use providers::{Job, Progress, Provider};
use store::{Head, LogKey};

use crate::conclude::{newest, recent};
use crate::job::{self, Prepared};
use crate::remembered::Begin;
use crate::turn::{self, turn, turn_soon};
use crate::{App, Hint, Outcome as Turned, remembered};

/// How many bytes the output variables of one action may have (VAR7).
pub const OUTPUT_VARIABLES_BYTES_MAX: usize = 122_880;

/// A hint could not be followed. Handing it in again may help.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be used.
    #[error("failed to look at an action")]
    Store(#[from] store::Error),
    /// The report could not be made.
    #[error("failed to report an action")]
    Turn(#[from] turn::Error),
    /// The provider could not be asked.
    #[error("failed to use the provider of an action")]
    Provider(#[from] providers::Error),
}

/// Starts an attempt that the log asks for. A start that was made before is the same start; one that
/// the log does not ask for any more is dropped.
pub async fn start(app: &App, log: &LogKey, run: &RunKey) -> Result<(), Error> {
    follow(app, log, run, Step::Start).await
}

/// Starts an attempt that the log asked for just now, in this process. So nobody began it before, and nothing
/// is noted of it.
pub(crate) async fn start_soon(app: &App, log: &LogKey, run: &RunKey) -> Result<(), Error> {
    follow(app, log, run, Step::StartSoon).await
}

/// Asks the provider of an attempt how far it is, starting it if the provider never heard of it.
pub async fn ask(app: &App, log: &LogKey, run: &RunKey) -> Result<(), Error> {
    follow(app, log, run, Step::Ask).await
}

/// The same for whoever was told by an event that the attempt may have ended, and knows perhaps what its provider
/// calls it. What this process saw last of the log will do to ask by: only what is still so can be reported, and
/// before anything is started the log is read.
pub(crate) async fn ask_told(
    app: &App,
    log: &LogKey,
    run: &RunKey,
    external_id: Option<&str>,
) -> Result<(), Error> {
    follow(app, log, run, Step::Told(external_id)).await
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Start,
    StartSoon,
    Ask,
    Told(Option<&'a str>),
}

async fn follow(app: &App, log: &LogKey, run: &RunKey, step: Step<'_>) -> Result<(), Error> {
    let (head, prepared) = look(app, log, run, step).await?;
    let mut job = match prepared {
        Prepared::Job(job) | Prepared::Approval(job) => job,
        Prepared::Failed(failure) => return report(app, log, run, Outcome::Failed(failure)).await,
        Prepared::Stale => return Ok(()),
    };
    let provider = match app.providers.find(&job) {
        Ok(provider) => provider,
        // People who look at the pipeline find out by themselves.
        Err(_) if job.approval.is_some() => return Ok(()),
        Err(reason) => {
            let failure = Failure::new(FailureType::ConfigurationError, reason);
            return report(app, log, run, Outcome::Failed(failure)).await;
        }
    };
    match step {
        Step::StartSoon => {}
        Step::Told(Some(external_id)) => job.external_id = Some(external_id.to_owned()),
        Step::Told(None) => remembered::recall_told(app, log, run, provider, &mut job).await?,
        Step::Start | Step::Ask => {
            remembered::recall(app, log, run, provider, &mut job).await?;
        }
    }
    match progress(app, log, run, provider, &mut job, step).await {
        // Where others run beside it, somebody else is likely to have appended meanwhile.
        Ok(Progress::Done(outcome)) if is_alone(&head) => report_soon(app, log, run, outcome).await,
        Ok(Progress::Done(outcome)) => report(app, log, run, outcome).await,
        Ok(Progress::Running { external_id, ask_again_seconds, .. }) => {
            remembered::note(app, log, run, provider, &job, external_id.as_deref()).await?;
            ask_again(app, log, run, ask_again_seconds).await;
            Ok(())
        }
        // What is not known there may have to be started. Nothing is started on what was seen earlier.
        Ok(Progress::Unknown) if matches!(step, Step::Told(_)) => {
            Box::pin(follow(app, log, run, Step::Ask)).await
        }
        Ok(Progress::AwaitsAnswer | Progress::Unknown) => Ok(()),
        Err(Error::Provider(providers::Error::Refused(reason))) => {
            let failure = Failure::new(FailureType::PermissionError, reason);
            report(app, log, run, Outcome::Failed(failure)).await
        }
        Err(error) => Err(error),
    }
}

/// Makes the job of an attempt, of what the log says or of what this process saw of it last.
async fn look(
    app: &App,
    log: &LogKey,
    run: &RunKey,
    step: Step<'_>,
) -> Result<(Arc<Head>, Prepared), Error> {
    let head = match step {
        Step::Start | Step::Ask => newest(app, log).await?,
        Step::StartSoon => recent(app, log).await?,
        Step::Told(_) => {
            // An attempt that is not in what was seen may have been asked for since.
            if let Some(seen) = app.store.glance(log) {
                let prepared = prepare(app, &seen, run).await?;
                if !matches!(prepared, Prepared::Stale) {
                    return Ok((seen, prepared));
                }
            }
            newest(app, log).await?
        }
    };
    let prepared = prepare(app, &head, run).await?;
    Ok((head, prepared))
}

async fn prepare(app: &App, head: &Head, run: &RunKey) -> Result<Prepared, Error> {
    let plans = app.store.plans(head).await?;
    Ok(job::prepare(app, head, &plans, run).await?)
}

/// Whether at most one attempt is in progress in a log.
fn is_alone(head: &Head) -> bool {
    let runs = head.state.executions.values().flat_map(|execution| &execution.runs);
    runs.filter(|run| matches!(run, Run::InProgress { .. })).count() <= 1
}

/// Asks the provider, and starts the job where it is not known to have been started.
async fn progress(
    app: &App,
    log: &LogKey,
    run: &RunKey,
    provider: &dyn Provider,
    job: &mut Job,
    step: Step<'_>,
) -> Result<Progress, Error> {
    // What was noted was started: asking is enough, also when the start is delivered again.
    if matches!(step, Step::Ask | Step::Told(_)) || job.external_id.is_some() {
        let progress = provider.poll(job).await?;
        if progress != Progress::Unknown || matches!(step, Step::Told(_)) {
            return Ok(progress);
        }
    }
    match remembered::begin(app, log, run, provider, job).await? {
        Begin::Made => Ok(provider.start(job).await?),
        Begin::Dropped => Ok(Progress::Unknown),
        Begin::Awaited(seconds) => Ok(Progress::Running {
            external_id: None,
            external_url: None,
            ask_again_seconds: Some(seconds),
        }),
    }
}

/// Has the provider asked again before the sweep would, where that helps. If the hint is lost, the sweep
/// is what remains.
async fn ask_again(app: &App, log: &LogKey, run: &RunKey, seconds: Option<u32>) {
    let Some(seconds) = seconds else { return };
    let hint = Hint::AskProvider(log.clone(), run.clone());
    if let Err(undelivered) = app.hints.send_later(hint, seconds).await {
        tracing::warn!(%log, %undelivered, "the sweep will ask");
    }
}

/// Tells the log how an attempt ended. A report that comes too late changes nothing.
pub async fn report(app: &App, log: &LogKey, run: &RunKey, outcome: Outcome) -> Result<(), Error> {
    let input = Input::Report { run: run.clone(), outcome: bounded(outcome) };
    told(log, run, &turn(app, log, &input, None).await?);
    Ok(())
}

/// The same for whoever looked at the log just now, to make the job that ended.
async fn report_soon(app: &App, log: &LogKey, run: &RunKey, outcome: Outcome) -> Result<(), Error> {
    let input = Input::Report { run: run.clone(), outcome: bounded(outcome) };
    told(log, run, &turn_soon(app, log, &input).await?);
    Ok(())
}

fn told(log: &LogKey, run: &RunKey, turned: &Turned) {
    if let Turned::Refused(rejection) = turned {
        tracing::info!(%log, stage = %run.stage, action = %run.action, %rejection, "report ignored");
    }
}

/// A success whose variables are too large is a failure (VAR7).
fn bounded(outcome: Outcome) -> Outcome {
    let Outcome::Succeeded(success) = &outcome else { return outcome };
    let bytes: usize = success.variables.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes <= OUTPUT_VARIABLES_BYTES_MAX {
        return outcome;
    }
    Outcome::Failed(Failure::new(
        FailureType::ConfigurationError,
        format!(
            "the output variables have {bytes} bytes; {OUTPUT_VARIABLES_BYTES_MAX} are allowed: \
             export fewer or shorter ones, or use an artifact"
        ),
    ))
}

/// Tells the provider of an attempt that no longer counts to stop (R33, R44).
pub async fn cancel(app: &App, log: &LogKey, run: &RunKey) -> Result<(), Error> {
    let Some(mut job) = asked_for(app, log, run).await? else { return Ok(()) };
    if job.category == "Approval" {
        return Ok(());
    }
    let Ok(provider) = app.providers.find(&job) else { return Ok(()) };
    remembered::recall(app, log, run, provider, &mut job).await?;
    Ok(provider.cancel(&job).await?)
}

/// Makes the job that an attempt was, looking back in the log when the execution is over.
async fn asked_for(app: &App, log: &LogKey, run: &RunKey) -> Result<Option<Job>, store::Error> {
    let since = Timestamp::from_millis(crate::start::millis_of_id(run.execution));
    let mut records = app.store.records_back(log, since);
    while let Some(record) = records.next().await? {
        let asked = record.changes.iter().find_map(|change| match change {
            Change::Execution {
                id,
                number,
                change: ExecutionChange::ActionRequested { stage, action, attempt },
                ..
            } if *id == run.execution
                && *stage == run.stage
                && *action == run.action
                && *attempt == run.attempt =>
            {
                Some(*number)
            }
            Change::Execution { .. } | Change::Pipeline(_) => None,
        });
        let Some(number) = asked else { continue };
        let then = Head { log: log.clone(), state: record.state.clone() };
        let plans = app.store.plans(&then).await?;
        let Some(execution) = then.state.executions.get(&run.execution) else { continue };
        let pipeline = plans.get(execution.definition.record);
        let stage = plans.stage_of(execution);
        let Some(index) = stage.action_index(&run.action) else { return Ok(None) };
        if let Some(Ok(job)) = job::recall(app, &then, pipeline, run).await? {
            return Ok(Some(job));
        }
        // What it needs to be stopped is in its names alone.
        let role = Some(pipeline.role_arn.clone()).filter(|role| !role.is_empty());
        let job = job::identify(app, log, number, &stage.actions[index], run);
        return Ok(Some(Job { pipeline_role_arn: role, ..job }));
    }
    Ok(None)
}
