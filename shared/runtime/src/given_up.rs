//! Stops what an execution gave up, as long as it is known what its providers call it.
//!
//! Each attempt that is given up has a hint of its own, which may be lost, and which may come when the
//! noted ids are gone. So whoever takes the watch row away looks at it first.

use engine::state::{Run, RunKey};
use model::status::ExecutionStatus;
use store::{Head, LogKey, Summary};

use crate::App;
use crate::action::{self, Error};

/// Stops every attempt of an ended execution that did not succeed and of which an outside id is noted.
/// Stopping what has ended by itself changes nothing.
pub(crate) async fn stop(
    app: &App,
    log: &LogKey,
    end: &Summary,
    attempt: u32,
) -> Result<(), Error> {
    match end.status {
        ExecutionStatus::Succeeded | ExecutionStatus::Superseded => return Ok(()),
        ExecutionStatus::Cancelled
        | ExecutionStatus::Failed
        | ExecutionStatus::InProgress
        | ExecutionStatus::Stopped
        | ExecutionStatus::Stopping => {}
    }
    // Where providers remember by themselves, every start of ours finds what nobody wants any more.
    if app.place.is_sole_writer {
        return Ok(());
    }
    let live = app.store.live(log.pipeline(), end.execution, attempt).await?;
    let Some(live) = live.filter(|live| !live.external_ids.is_empty()) else { return Ok(()) };
    for run in unsuccessful(app, log, end).await? {
        if live.external_ids.contains_key(&run.id()) {
            Box::pin(action::cancel(app, log, &run)).await?;
        }
    }
    Ok(())
}

/// Returns the attempts of the last stage that had not succeeded right before the end.
async fn unsuccessful(app: &App, log: &LogKey, end: &Summary) -> Result<Vec<RunKey>, store::Error> {
    let Some(before) = app.store.record(log, end.last_record.saturating_sub(1)).await? else {
        return Ok(Vec::new());
    };
    let then = Head { log: log.clone(), state: before.state.clone() };
    let plans = app.store.plans(&then).await?;
    let Some(execution) = then.state.executions.get(&end.execution) else { return Ok(Vec::new()) };
    let stage = plans.stage_of(execution);
    let runs = stage.actions.iter().zip(&execution.runs).filter_map(|(action, run)| {
        let attempt = match run {
            Run::InProgress { attempt, .. }
            | Run::Failed { attempt }
            | Run::Abandoned { attempt } => *attempt,
            Run::Pending | Run::Succeeded(_) => return None,
        };
        Some(RunKey {
            execution: end.execution,
            stage: stage.name.clone(),
            action: action.name.clone(),
            attempt,
        })
    });
    Ok(runs.collect())
}
