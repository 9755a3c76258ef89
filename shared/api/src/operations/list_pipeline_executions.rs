//! The executions of a pipeline, newest start first.

use access::authorize::Resource;
use history::executions::list;
use model::ids::{ExecutionId, StageName};
use model::outcome::SourceRevision;
use protocol::Fault;
use serde::{Deserialize, Serialize};
use store::Summary;

use super::Operation;
use crate::call::Call;
use crate::faults::failed;
use crate::moment::Moment;
use crate::reading::{Trigger, execution_type};

/// How many executions a page has, unless told.
const PAGE: usize = 100;

/// The operation.
#[derive(Debug)]
pub(crate) struct ListPipelineExecutions;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    max_results: Option<usize>,
    filter: Option<Filter>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    succeeded_in_stage: Option<SucceededInStage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SucceededInStage {
    stage_name: Option<String>,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pipeline_execution_summaries: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    pipeline_execution_id: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_summary: Option<String>,
    start_time: Moment,
    last_update_time: Moment,
    source_revisions: Vec<Brought>,
    trigger: Trigger,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_trigger: Option<StopTrigger>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_mode: Option<&'static str>,
    execution_type: &'static str,
}

#[derive(Debug, Serialize)]
struct StopTrigger {
    reason: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Brought {
    action_name: String,
    revision_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_url: Option<String>,
}

impl Operation for ListPipelineExecutions {
    const OPERATION: protocol::Operation = protocol::Operation::ListPipelineExecutions;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.pipeline_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline_name, max_results, filter, next_token } = request;
        let stage = filter.and_then(|filter| filter.succeeded_in_stage?.stage_name);
        let question = format!("{pipeline_name} {}", stage.as_deref().unwrap_or_default());
        let look = call.api.look(&pipeline_name).await?;
        let after: Option<u128> = call.position(&question, next_token.as_deref())?;
        let after = after.map(|id| ExecutionId::new(uuid::Uuid::from_u128(id)));
        let stage = stage.map(StageName::from);
        if let Some(stage) = stage.as_ref().filter(|it| look.plan.stage_index(it).is_none()) {
            return Err(Fault::validation(format!(
                "filter.succeededInStage.stageName '{stage}' is not a stage of pipeline \
                 '{pipeline_name}'; name one of its stages"
            )));
        }
        let limit = max_results.unwrap_or(PAGE);
        let page = list(&call.api.app, &look, limit, after, stage.as_ref()).await;
        let page = page.map_err(|error| failed(&error))?;
        let next_token = page.next.map(|id| call.next_token(&question, id.uuid().as_u128()));
        let pipeline_execution_summaries = page.executions.iter().map(item).collect();
        Ok(Response { pipeline_execution_summaries, next_token })
    }
}

fn item(summary: &Summary) -> Item {
    let particulars = &summary.particulars;
    let reason = particulars.stop_reason.clone();
    Item {
        pipeline_execution_id: summary.execution.to_string(),
        status: summary.status.as_str(),
        status_summary: particulars.explanation.clone(),
        start_time: summary.started_at.into(),
        last_update_time: summary.updated_at.into(),
        source_revisions: summary.sources.iter().map(revision).collect(),
        trigger: Trigger::of(summary),
        stop_trigger: reason.map(|reason| StopTrigger { reason }),
        execution_mode: particulars.mode.map(model::status::ExecutionMode::as_str),
        execution_type: execution_type(summary),
    }
}

fn revision((action, revision): &(String, SourceRevision)) -> Brought {
    let SourceRevision { id, summary, url } = revision;
    Brought {
        action_name: action.clone(),
        revision_id: id.clone(),
        revision_summary: summary.clone(),
        revision_url: url.clone(),
    }
}
