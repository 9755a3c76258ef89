//! One execution of a pipeline.

use access::authorize::Resource;
use history::execution::{ArtifactRevision, Details, details};
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::faults::failed;
use crate::moment::Moment;
use crate::reading::{Trigger, execution_type};

/// The operation.
#[derive(Debug)]
pub(crate) struct GetPipelineExecution;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    pipeline_execution_id: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pipeline_execution: Told,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    pipeline_name: String,
    pipeline_version: u32,
    pipeline_execution_id: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_summary: Option<String>,
    artifact_revisions: Vec<Brought>,
    variables: Vec<Variable>,
    trigger: Trigger,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_mode: Option<&'static str>,
    execution_type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Brought {
    name: String,
    revision_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_url: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Variable {
    name: String,
    resolved_value: String,
}

impl Operation for GetPipelineExecution {
    const OPERATION: protocol::Operation = protocol::Operation::GetPipelineExecution;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.pipeline_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline_name, pipeline_execution_id } = request;
        let api = call.api;
        let look = api.look(&pipeline_name).await?;
        let found = api.found(&look, &pipeline_execution_id).await?;
        let details = details(&api.app, &look, &found).await.map_err(|error| failed(&error))?;
        let Details { variables, artifacts } = details;
        let summary = &found.summary;
        let variable = |(name, resolved_value): (String, String)| Variable { name, resolved_value };
        let particulars = &summary.particulars;
        let pipeline_execution = Told {
            pipeline_name,
            pipeline_version: summary.version,
            pipeline_execution_id: summary.execution.to_string(),
            status: summary.status.as_str(),
            status_summary: particulars.explanation.clone(),
            artifact_revisions: artifacts.into_iter().map(revision).collect(),
            variables: variables.into_iter().map(variable).collect(),
            trigger: Trigger::of(summary),
            execution_mode: particulars.mode.map(model::status::ExecutionMode::as_str),
            execution_type: execution_type(summary),
        };
        Ok(Response { pipeline_execution })
    }
}

fn revision(brought: ArtifactRevision) -> Brought {
    let ArtifactRevision { artifact, revision, brought_at } = brought;
    Brought {
        name: artifact.to_string(),
        revision_id: revision.id,
        revision_summary: revision.summary,
        created: brought_at.map(Moment::from),
        revision_url: revision.url,
    }
}
