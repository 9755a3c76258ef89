//! A failed or stopped stage runs again (R51–R57).

use access::authorize::Resource;
use model::ids::{ExecutionId, PipelineName, StageName};
use model::status::RetryMode;
use protocol::Fault;
use runtime::{Outcome, retry};
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::faults::{failed, no_stage};

/// The operation.
#[derive(Debug)]
pub(crate) struct RetryStageExecution;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    stage_name: String,
    pipeline_execution_id: String,
    retry_mode: String,
}

/// What is answered: the same execution.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pipeline_execution_id: String,
}

impl Operation for RetryStageExecution {
    const OPERATION: protocol::Operation = protocol::Operation::RetryStageExecution;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Stage(request.pipeline_name.clone(), request.stage_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline_name, stage_name, pipeline_execution_id, retry_mode } = request;
        let pipeline = PipelineName::from(pipeline_name.as_str());
        let plan = call.api.plan(&pipeline).await?;
        let stage = StageName::from(stage_name.as_str());
        if plan.stage_index(&stage).is_none() {
            return Err(no_stage(&pipeline_name, &stage_name));
        }
        let Ok(execution) = pipeline_execution_id.parse::<ExecutionId>() else {
            return Err(not_latest(&pipeline_execution_id));
        };
        let mode = RetryMode::parse(&retry_mode).unwrap_or(RetryMode::FailedActions);
        let asked = retry::Request { execution, stage, mode, by: call.by() };
        let outcome = retry::retry(&call.api.app, &pipeline, &asked).await;
        match outcome.map_err(|error| failed(&error))? {
            Outcome::Changed(_) | Outcome::Unchanged => Ok(Response { pipeline_execution_id }),
            Outcome::Refused(engine::Rejection::WrongLog) => {
                Err(not_latest(&pipeline_execution_id))
            }
            Outcome::Refused(rejection) => Err(call.api.refused(&pipeline_name, &rejection)),
        }
    }
}

fn not_latest(id: &str) -> Fault {
    Fault::new(
        "NotLatestPipelineExecutionException",
        format!(
            "execution '{id}' is not the latest that entered the stage; only that one can be retried"
        ),
    )
}
