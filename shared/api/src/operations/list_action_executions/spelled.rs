//! An attempt as the API spells it.

use std::collections::BTreeMap;

use history::actions::Detail;
use history::board::{Attempt, Progress};
use model::catalog::DeclaredTypes;
use model::ids::PipelineName;
use serde::Serialize;

use crate::Api;
use crate::moment::Moment;
use crate::reading::{ActionType, Artifact, ErrorDetails, Logged, masked, rejection};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pipeline_execution_id: String,
    action_execution_id: String,
    pipeline_version: u32,
    stage_name: String,
    action_name: String,
    start_time: Moment,
    last_update_time: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_by: Option<String>,
    status: &'static str,
    input: Given,
    output: Left,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    action_type_id: ActionType,
    configuration: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_configuration: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<String>,
    region: String,
    input_artifacts: Vec<Artifact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Left {
    output_artifacts: Vec<Artifact>,
    execution_result: ExecutionResult,
    output_variables: BTreeMap<String, String>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecutionResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    external_execution_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_execution_summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_execution_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_details: Option<ErrorDetails>,
    #[serde(rename = "logStreamARN", skip_serializing_if = "Option::is_none")]
    log_stream_arn: Option<String>,
}

pub(super) fn item(
    api: &Api,
    pipeline: &PipelineName,
    types: &DeclaredTypes,
    detail: &Detail,
) -> Item {
    let Attempt { run, asked: _, changed_at, progress, by } = &detail.attempt;
    let run_id = run.id().to_string();
    Item {
        pipeline_execution_id: run.execution.to_string(),
        pipeline_version: detail.version,
        stage_name: run.stage.to_string(),
        action_name: run.action.to_string(),
        start_time: detail.asked_at.into(),
        last_update_time: (*changed_at).into(),
        updated_by: by.clone(),
        status: progress.status().as_str(),
        input: input(api, types, detail),
        output: output(detail, api.logged(pipeline, &detail.action, &run_id)),
        action_execution_id: run_id,
    }
}

fn input(api: &Api, types: &DeclaredTypes, detail: &Detail) -> Given {
    let action = &detail.action;
    let (type_id, job) = (&action.type_id, detail.job.as_ref());
    let region = action.region.as_ref().unwrap_or(&api.app.place.region);
    let inputs = job.map_or(&[][..], |job| &job.inputs);
    Given {
        action_type_id: ActionType::from(type_id),
        configuration: masked(types, type_id, &action.configuration),
        resolved_configuration: job.map(|job| masked(types, type_id, &job.configuration)),
        role_arn: action.role_arn.clone(),
        region: region.clone(),
        input_artifacts: inputs.iter().map(Artifact::from).collect(),
        namespace: action.namespace.clone(),
    }
}

fn output(detail: &Detail, logged: Logged) -> Left {
    let mut result = ExecutionResult { log_stream_arn: logged.arn, ..ExecutionResult::default() };
    let (mut output_artifacts, mut output_variables) = (Vec::new(), BTreeMap::new());
    match &detail.attempt.progress {
        Progress::InProgress => {
            // An approval's token stands where other actions have their provider's id (R29).
            let token = detail.token.as_ref().map(ToString::to_string);
            let said = &detail.said;
            result.external_execution_id = token.or_else(|| said.external_id.clone());
            result.external_execution_url.clone_from(&said.external_url);
            result.external_execution_summary.clone_from(&said.summary);
        }
        Progress::Succeeded(success) => {
            result.external_execution_id.clone_from(&success.external_id);
            result.external_execution_url.clone_from(&success.external_url);
            result.external_execution_summary = success.shown_summary().map(str::to_owned);
            output_artifacts = success.artifacts.iter().map(Artifact::from).collect();
            output_variables.clone_from(&success.variables);
        }
        Progress::Failed(failure) => {
            let by = detail.attempt.by.as_deref();
            result.external_execution_id.clone_from(&failure.external_id);
            result.external_execution_url.clone_from(&failure.external_url);
            result.external_execution_summary = rejection(by, &failure.message);
            result.error_details = Some(ErrorDetails::from(&**failure));
        }
        Progress::Abandoned => {}
    }
    // Where the provider shows nothing, its log does.
    result.external_execution_url = result.external_execution_url.or(logged.url);
    Left { output_artifacts, execution_result: result, output_variables }
}
