//! Starts actions, asks their providers, and reports what they say.

use engine::Input;
use engine::change::{Change, ExecutionChange};
use engine::state::RunKey;
use model::outcome::{Failure, Outcome};
use model::pipeline::Action;
use model::status::FailureType;
use model::time::Timestamp;
use providers::{Job, Progress, Provider};
use store::{Head, LogKey};

use crate::conclude::newest;
use crate::job::{self, Prepared};
use crate::turn::{self, turn};
use crate::{App, Outcome as Turned};

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

/// Asks the provider of an attempt how far it is, starting it if the provider never heard of it.
pub async fn ask(app: &App, log: &LogKey, run: &RunKey) -> Result<(), Error> {
    follow(app, log, run, Step::Ask).await
}

#[derive(Clone, Copy)]
enum Step {
    Start,
    Ask,
}

async fn follow(app: &App, log: &LogKey, run: &RunKey, step: Step) -> Result<(), Error> {
    let head = newest(app, log).await?;
    let plans = app.store.plans(&head).await?;
    let job = match job::prepare(app, &head, &plans, run).await? {
        Prepared::Job(job) => job,
        Prepared::Failed(failure) => return report(app, log, run, Outcome::Failed(failure)).await,
        Prepared::Approval | Prepared::Stale => return Ok(()),
    };
    let provider = match app.providers.find(&job) {
        Ok(provider) => provider,
        Err(reason) => {
            let failure = Failure::new(FailureType::ConfigurationError, reason);
            return report(app, log, run, Outcome::Failed(failure)).await;
        }
    };
    match progress(provider, &job, step).await {
        Ok(Progress::Done(outcome)) => report(app, log, run, outcome).await,
        Ok(Progress::Running { external_id, .. }) => {
            if let (Step::Start, Some(external_id)) = (step, external_id) {
                app.store.note_external(log.pipeline(), run, &external_id).await?;
            }
            Ok(())
        }
        Ok(Progress::AwaitsAnswer | Progress::Unknown) => Ok(()),
        Err(providers::Error::Refused(reason)) => {
            let failure = Failure::new(FailureType::PermissionError, reason);
            report(app, log, run, Outcome::Failed(failure)).await
        }
        Err(unreachable @ providers::Error::Unreachable(_)) => Err(unreachable.into()),
    }
}

async fn progress(
    provider: &dyn Provider,
    job: &Job,
    step: Step,
) -> Result<Progress, providers::Error> {
    if let Step::Ask = step {
        let progress = provider.poll(job).await?;
        if progress != Progress::Unknown {
            return Ok(progress);
        }
    }
    provider.start(job).await
}

/// Tells the log how an attempt ended. A report that comes too late changes nothing.
pub async fn report(app: &App, log: &LogKey, run: &RunKey, outcome: Outcome) -> Result<(), Error> {
    let input = Input::Report { run: run.clone(), outcome: bounded(outcome) };
    if let Turned::Refused(rejection) = turn(app, log, &input, None).await? {
        tracing::info!(%log, stage = %run.stage, action = %run.action, %rejection, "report ignored");
    }
    Ok(())
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
    let Some((number, action)) = declared(app, log, run).await? else { return Ok(()) };
    if action.is_approval() {
        return Ok(());
    }
    let job = job::identify(app, log, number, &action, run);
    match app.providers.find(&job) {
        Ok(provider) => Ok(provider.cancel(&job).await?),
        Err(_) => Ok(()),
    }
}

/// Finds the declaration of an attempt's action, looking back in the log when the execution is over.
async fn declared(
    app: &App,
    log: &LogKey,
    run: &RunKey,
) -> Result<Option<(u64, Action)>, store::Error> {
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
        let stage = plans.stage_of(execution);
        let index = stage.action_index(&run.action);
        return Ok(index.map(|index| (number, stage.actions[index].clone())));
    }
    Ok(None)
}
