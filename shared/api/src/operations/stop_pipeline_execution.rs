//! An execution ends early (R43–R50).

use access::authorize::Resource;
use engine::Input;
use model::ids::{ExecutionId, PipelineName};
use protocol::Fault;
use runtime::address::log_of;
use runtime::{Outcome, turn};
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::faults::{contended, failed};

/// The operation.
#[derive(Debug)]
pub(crate) struct StopPipelineExecution;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    pipeline_execution_id: String,
    #[serde(default)]
    abandon: bool,
    reason: Option<String>,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pipeline_execution_id: String,
}

impl Operation for StopPipelineExecution {
    const OPERATION: protocol::Operation = protocol::Operation::StopPipelineExecution;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.pipeline_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline_name, pipeline_execution_id, abandon, reason } = request;
        let pipeline = PipelineName::from(pipeline_name.as_str());
        call.api.plan(&pipeline).await?;
        let Ok(execution) = pipeline_execution_id.parse::<ExecutionId>() else {
            return Err(not_stoppable(&pipeline_execution_id));
        };
        let app = &call.api.app;
        let log = log_of(app, &pipeline, execution).await.map_err(|error| failed(&error))?;
        let input = Input::Stop { execution, abandon, reason, by: call.by() };
        match turn(app, &log, &input, None).await.map_err(|error| contended(&error))? {
            Outcome::Changed(_) | Outcome::Unchanged => Ok(Response { pipeline_execution_id }),
            // In PARALLEL mode an execution's log may not have begun yet: it is running all the same.
            Outcome::Refused(engine::Rejection::WrongLog) => Err(Fault::new(
                "ConflictException",
                "the execution is only just starting; ask again",
            )),
            Outcome::Refused(rejection) => Err(call.api.refused(&pipeline_name, &rejection)),
        }
    }
}

fn not_stoppable(id: &str) -> Fault {
    Fault::new(
        "PipelineExecutionNotStoppableException",
        format!("execution '{id}' is not running; list the executions to see which are"),
    )
}
