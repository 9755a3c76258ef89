//! What whoever holds a link is told before they answer.

use api::Api;
use engine::state::Run;
use history::Look;
use history::actions::Filter;
use history::execution::Found;
use http::StatusCode;
use jiff::Timestamp as Calendar;
use model::status::ExecutionStatus;
use model::time::Timestamp;
use runtime::address::{OpenApproval, log_of};
use runtime::approval_link::{LinkToken, Target, opened_by};
use runtime::conclude::newest;
use serde_json::{Value, json};
use store::Summary;

use super::{unavailable, unknown};
use crate::reply::Refusal;

/// Of so many executions since the last one that went through, the changes are told.
const EXECUTIONS_MAX: usize = 20;

/// The approval that a link opens, or what to say instead.
pub(super) async fn opened(
    api: &Api,
    target: &Target,
    token: &str,
) -> Result<OpenApproval, Refusal> {
    let open = opened_by(&api.app, target, token).await;
    if let Some(open) = open.map_err(|error| unavailable(&error))? {
        return Ok(open);
    }
    // Whoever holds the right token may know that it came too late.
    let log = log_of(&api.app, &target.pipeline, target.run.execution).await;
    let log = log.map_err(|error| unavailable(&error))?;
    let head = newest(&api.app, &log).await.map_err(|error| unavailable(&error))?;
    let is_right = LinkToken::derive(head.state.secret, target.run.id()).is(token);
    if !is_right || head.state.sequence == 0 {
        return Err(unknown());
    }
    let (_, found) = look(api, target).await?;
    Err(over(found.as_ref().map(|found| found.summary.status)))
}

/// Nobody waits for this answer any more.
pub(super) fn over(status: Option<ExecutionStatus>) -> Refusal {
    let message = match status {
        Some(ExecutionStatus::Superseded) => {
            "a newer execution took the place of this one, so there is nothing to answer"
        }
        Some(ExecutionStatus::Stopped | ExecutionStatus::Stopping) => {
            "the execution was stopped, so there is nothing to answer"
        }
        Some(ExecutionStatus::Cancelled) => {
            "the pipeline was changed meanwhile, so there is nothing to answer"
        }
        Some(
            ExecutionStatus::InProgress | ExecutionStatus::Succeeded | ExecutionStatus::Failed,
        )
        | None => "this was answered already, or its time is over",
    };
    Refusal::new(StatusCode::CONFLICT, "ApprovalAlreadyCompletedException", message)
}

/// Returns the pipeline and the execution, as far as they are there.
async fn look(api: &Api, target: &Target) -> Result<(Option<Look>, Option<Found>), Refusal> {
    let look = api.history.look(&api.app, &target.pipeline).await;
    let Some(look) = look.map_err(|error| unavailable(&error))? else { return Ok((None, None)) };
    let found = history::execution::find(&api.app, &look, target.run.execution).await;
    Ok((Some(look), found.map_err(|error| unavailable(&error))?))
}

/// Says what is to be approved.
pub(super) async fn shown(api: &Api, target: &Target, token: &str) -> Result<Value, Refusal> {
    let open = opened(api, target, token).await?;
    let (Some(look), Some(found)) = look(api, target).await? else { return Err(unknown()) };
    let summary = &found.summary;
    let (said, expires) = asked(api, &look, &found, &open).await?;
    Ok(json!({
        "pipeline": target.pipeline.as_str(),
        "stage": target.run.stage.as_str(),
        "action": target.run.action.as_str(),
        "attempt": target.run.attempt,
        "executionId": target.run.execution.to_string(),
        "number": summary.number,
        "startedBy": { "kind": summary.trigger.kind.as_str(), "detail": summary.trigger.detail },
        "startedAt": moment(summary.started_at),
        "expiresAt": expires.map(moment),
        "said": said.0,
        "link": said.1,
        "since": changes(api, &look, target, summary).await?,
    }))
}

/// What the pipeline's author wrote for whoever answers: a text, and a link.
type Said = (Option<String>, Option<String>);

/// Returns what the author wrote, and until when an answer is waited for.
async fn asked(
    api: &Api,
    look: &Look,
    found: &Found,
    open: &OpenApproval,
) -> Result<(Said, Option<Timestamp>), Refusal> {
    let filter = Filter::NewestOf(found);
    let page = history::actions::list(&api.history, &api.app, look, filter, None, 100).await;
    let page = page.map_err(|error| unavailable(&error))?;
    let detail = page.details.into_iter().find(|detail| detail.attempt.run == open.run);
    let Some(detail) = detail else { return Ok(((None, None), None)) };
    let configuration = match detail.job {
        Some(job) => job.configuration,
        None => detail.action.configuration.clone(),
    };
    let text = |name: &str| configuration.get(name).cloned().filter(|text| !text.is_empty());
    let minutes = i64::from(detail.action.timeout_minutes());
    let since = since(api, open).await?.unwrap_or(detail.asked_at);
    Ok(((text("CustomData"), text("ExternalEntityLink")), Some(since.plus_minutes(minutes))))
}

/// Returns since when the approval is open.
async fn since(api: &Api, open: &OpenApproval) -> Result<Option<Timestamp>, Refusal> {
    let head = newest(&api.app, &open.log).await.map_err(|error| unavailable(&error))?;
    let plans = api.app.store.plans(&head).await.map_err(|error| unavailable(&error))?;
    let execution = head.state.executions.get(&open.run.execution);
    Ok(execution.and_then(|execution| {
        let index = plans.stage_of(execution).action_index(&open.run.action)?;
        match execution.runs.get(index)? {
            Run::InProgress { since, .. } => Some(*since),
            Run::Pending | Run::Succeeded(_) | Run::Failed { .. } | Run::Abandoned { .. } => None,
        }
    }))
}

/// Returns what came in since the last execution that went through this stage: its own changes, and those
/// of the executions between the two, which it carries along.
async fn changes(
    api: &Api,
    look: &Look,
    target: &Target,
    summary: &Summary,
) -> Result<Value, Refusal> {
    let stage = &target.run.stage;
    let passed =
        history::executions::list(&api.app, look, 1, Some(summary.execution), Some(stage)).await;
    let passed = passed.map_err(|error| unavailable(&error))?.executions.into_iter().next();
    let between =
        history::executions::list(&api.app, look, EXECUTIONS_MAX, Some(summary.execution), None)
            .await;
    let between = between.map_err(|error| unavailable(&error))?.executions;
    let last = passed.as_ref().map_or(0, |passed| passed.number);
    let newer = between.iter().filter(|it| it.number > last && it.number < summary.number);
    let brought = std::iter::once(summary).chain(newer).flat_map(|execution| {
        execution.sources.iter().map(|(action, revision)| {
            json!({
                "number": execution.number,
                "action": action,
                "id": revision.id,
                "summary": revision.summary,
                "url": revision.url,
            })
        })
    });
    Ok(json!({
        "number": passed.map(|passed| passed.number),
        "isWhole": between.len() < EXECUTIONS_MAX || between.iter().any(|it| it.number <= last),
        "changes": brought.collect::<Vec<_>>(),
    }))
}

/// Spells a moment as browsers read it.
fn moment(at: Timestamp) -> String {
    Calendar::from_millisecond(at.millis()).unwrap_or(Calendar::MAX).to_string()
}
