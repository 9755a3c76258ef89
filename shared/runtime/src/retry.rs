//! Runs a failed or stopped stage again, for whoever asks.

use engine::limits::UNFINISHED_MAX;
use engine::{Input, Rejection};
use model::ids::{ExecutionId, PipelineName, StageName};
use model::status::{ExecutionMode, RetryMode};
use store::{Head, Live, LogKey};

use crate::action::Error;
use crate::turn::turn;
use crate::{App, Outcome};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which execution.
    pub execution: ExecutionId,
    /// Which stage.
    pub stage: StageName,
    /// Which actions.
    pub mode: RetryMode,
    /// Who asks.
    pub by: String,
}

/// Retries a stage (R51–R57). An execution with a log of its own cannot see its pipeline's, so what
/// that one has to say is asked first: whether the pipeline is there, whether the declaration is still
/// the same (R52), and whether another execution may run (R9).
pub async fn retry(
    app: &App,
    pipeline: &PipelineName,
    request: &Request,
) -> Result<Outcome, Error> {
    let of_pipeline = LogKey::Pipeline(pipeline.clone());
    let of_execution = LogKey::Execution(pipeline.clone(), request.execution);
    let head = app.store.load(&of_pipeline).await?;
    let own = app.store.load(&of_execution).await?;
    let has_own_log = own.state.sequence > 0;
    if has_own_log && let Some(rejection) = refusal(&head, &own, request.execution) {
        return Ok(Outcome::Refused(rejection));
    }
    // Watched before it goes on, as before it starts.
    let state = if has_own_log { &own.state } else { &head.state };
    let latest = state.stages.get(&request.stage).and_then(|slot| slot.latest.as_ref());
    let attempt = latest.filter(|latest| latest.execution == request.execution);
    let live = Live::new(pipeline, request.execution, attempt.map_or(1, |it| it.attempt + 1));
    app.store.put_live(&live).await?;
    let Request { execution, stage, mode, by } = request.clone();
    let input = Input::Retry { execution, stage, mode, by };
    let log = if has_own_log { of_execution } else { of_pipeline };
    let outcome = turn(app, &log, &input, None).await?;
    if let Outcome::Changed(decision) = &outcome
        && let Some(execution) = decision.state.executions.get(&request.execution)
    {
        // A sweep may have taken the watch for one of a retry that never was, meanwhile.
        let live = Live::new(pipeline, request.execution, execution.attempt);
        app.store.put_live(&live).await?;
    }
    Ok(outcome)
}

/// Returns why the pipeline's log forbids a retry in the log of one execution.
fn refusal(head: &Head, own: &Head, execution: ExecutionId) -> Option<Rejection> {
    let Some(definition) = head.state.definition else { return Some(Rejection::PipelineNotFound) };
    if own.state.definition != Some(definition) {
        let reason = "the pipeline was updated since".to_owned();
        return Some(Rejection::StageNotRetryable(reason));
    }
    let is_full = definition.mode == ExecutionMode::Parallel
        && head.state.admitted.len() >= UNFINISHED_MAX
        && !head.state.admitted.contains_key(&execution);
    is_full.then_some(Rejection::ConcurrentExecutionsLimit)
}
