//! The stages as the API spells them.

use history::board::{Attempt, Progress};
use history::stages::{ActionView, StageView, Transition};
use history::{Look, Running};
use model::catalog::DeclaredTypes;
use model::ids::{ApprovalToken, ExecutionId};
use protocol::Fault;
use serde::Serialize;

use crate::Api;
use crate::action_types::links_of;
use crate::faults::failed;
use crate::moment::Moment;
use crate::reading::{ErrorDetails, STANDARD, rejection};

/// How long a change's identifier may be.
const CHANGE_CHARACTERS_MAX: usize = 100;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StageState {
    stage_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    inbound_execution: Option<StageExecution>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inbound_executions: Vec<StageExecution>,
    inbound_transition_state: TransitionState,
    action_states: Vec<ActionState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_execution: Option<StageExecution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_stage_metadata: Option<RetryMetadata>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StageExecution {
    pipeline_execution_id: String,
    status: &'static str,
    #[serde(rename = "type")]
    execution_type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TransitionState {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_changed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_changed_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RetryMetadata {
    manual_stage_retry_attempt: u32,
    latest_retry_trigger: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionState {
    action_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_revision: Option<CurrentRevision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_execution: Option<Run>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_url: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CurrentRevision {
    revision_id: String,
    revision_change_id: String,
    created: Moment,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    action_execution_id: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    last_status_change: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_execution_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_execution_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent_complete: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_details: Option<ErrorDetails>,
    #[serde(rename = "logStreamARN", skip_serializing_if = "Option::is_none")]
    log_stream_arn: Option<String>,
}

pub(super) async fn stage_state(
    api: &Api,
    look: &Look,
    stage: &StageView,
    types: &DeclaredTypes,
) -> Result<StageState, Fault> {
    let StageView { name, transition, waiting, latest, retries, actions } = stage;
    let inbound: Vec<_> =
        waiting.iter().map(|(id, status)| execution(*id, status.as_str())).collect();
    let mut action_states = Vec::with_capacity(actions.len());
    for action in actions {
        action_states.push(action_state(api, look, action, types).await?);
    }
    Ok(StageState {
        stage_name: name.to_string(),
        inbound_execution: inbound.first().cloned(),
        inbound_executions: inbound,
        inbound_transition_state: transition_state(transition),
        action_states,
        latest_execution: latest.map(|(id, status)| execution(id, status.as_str())),
        retry_stage_metadata: (*retries > 0).then_some(RetryMetadata {
            manual_stage_retry_attempt: *retries,
            latest_retry_trigger: "ManualStageRetry",
        }),
    })
}

fn execution(id: ExecutionId, status: &'static str) -> StageExecution {
    StageExecution { pipeline_execution_id: id.to_string(), status, execution_type: STANDARD }
}

fn transition_state(transition: &Transition) -> TransitionState {
    let Transition { is_enabled, by, at, reason } = transition;
    TransitionState {
        enabled: *is_enabled,
        last_changed_by: by.clone(),
        last_changed_at: at.map(Moment::from),
        disabled_reason: reason.clone(),
    }
}

async fn action_state(
    api: &Api,
    look: &Look,
    view: &ActionView,
    types: &DeclaredTypes,
) -> Result<ActionState, Fault> {
    let latest_execution = match &view.latest {
        None => None,
        Some(attempt) => Some(action_execution(api, look, view, attempt).await?),
    };
    let brought = view.brought.as_ref();
    let current_revision = brought.map(|brought| CurrentRevision {
        revision_id: brought.revision.id.clone(),
        revision_change_id: brought.revision.id.chars().take(CHANGE_CHARACTERS_MAX).collect(),
        created: brought.at.into(),
    });
    let external_id =
        latest_execution.as_ref().and_then(|latest| latest.external_execution_id.as_deref());
    let links = links_of(types, &view.action, external_id);
    Ok(ActionState {
        action_name: view.action.name.to_string(),
        current_revision,
        entity_url: links.entity_url,
        revision_url: brought
            .and_then(|brought| brought.revision.url.clone())
            .or(links.revision_url),
        latest_execution,
    })
}

async fn action_execution(
    api: &Api,
    look: &Look,
    view: &ActionView,
    attempt: &Attempt,
) -> Result<Run, Fault> {
    let Attempt { run, asked, changed_at, progress, by } = attempt;
    let pipeline = look.head.log.pipeline();
    let run_id = run.id().to_string();
    let logged = api.logged(pipeline, &view.action, &run_id);
    let mut shown = Run {
        status: progress.status().as_str(),
        summary: None,
        last_status_change: (*changed_at).into(),
        token: None,
        last_updated_by: by.clone(),
        external_execution_id: None,
        external_execution_url: None,
        percent_complete: None,
        error_details: None,
        log_stream_arn: logged.arn,
        action_execution_id: run_id,
    };
    match progress {
        Progress::InProgress => {
            if view.action.is_approval() {
                let token = ApprovalToken::derive(look.head.state.secret, run.id());
                shown.token = Some(token.to_string());
            }
            let (action, board) = (&view.action, Some(&*look.board));
            let running = Running { pipeline, action, run, asked: *asked, board };
            let said = api.history.running(&api.app, &running).await;
            let said = said.map_err(|error| failed(&error))?;
            shown.external_execution_id = said.external_id;
            shown.external_execution_url = said.external_url;
            shown.summary = said.summary;
            shown.percent_complete = said.percent;
        }
        Progress::Succeeded(success) => {
            shown.external_execution_id.clone_from(&success.external_id);
            shown.external_execution_url.clone_from(&success.external_url);
            shown.summary = success.shown_summary().map(str::to_owned);
        }
        Progress::Failed(failure) => {
            shown.external_execution_id.clone_from(&failure.external_id);
            shown.external_execution_url.clone_from(&failure.external_url);
            shown.summary = rejection(by.as_deref(), &failure.message);
            shown.error_details = Some(ErrorDetails::from(&**failure));
        }
        Progress::Abandoned => {}
    }
    // Where the provider shows nothing, its log does.
    shown.external_execution_url = shown.external_execution_url.or(logged.url);
    Ok(shown)
}
