//! A stage goes back to what an earlier execution brought it (R71–R73).
//!
//! The request is checked as it will be; the engine cannot roll back yet, and a request that is in
//! order is told so.

use access::authorize::Resource;
use engine::State;
use model::ids::{ExecutionId, PipelineName, StageName};
use model::status::ExecutionMode;
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::faults::{failed, no_execution, no_stage};

/// The operation.
#[derive(Debug)]
pub(crate) struct RollbackStage;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    stage_name: String,
    target_pipeline_execution_id: String,
}

/// What is answered: the new execution.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pipeline_execution_id: String,
}

impl Operation for RollbackStage {
    const OPERATION: protocol::Operation = protocol::Operation::RollbackStage;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Stage(request.pipeline_name.clone(), request.stage_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let pipeline = PipelineName::from(request.pipeline_name.as_str());
        let plan = call.api.plan(&pipeline).await?;
        let stage = StageName::from(request.stage_name.as_str());
        let Some(index) = plan.stage_index(&stage) else {
            return Err(no_stage(&request.pipeline_name, &request.stage_name));
        };
        let target = find_target(&call, &pipeline, &request.target_pipeline_execution_id).await?;
        let head = call.api.head(&pipeline).await?;
        let version = head.state.definition.map(|definition| definition.version);
        let refusal = if plan.execution_mode == ExecutionMode::Parallel {
            Some("a pipeline in PARALLEL mode has no stage state to roll back")
        } else if index == 0 {
            Some("the source stage cannot be rolled back; start an execution with sourceRevisions")
        } else if Some(target.version) != version {
            Some("the target ran under another version of the pipeline")
        } else if target.stages_done <= index {
            Some("the target did not succeed in this stage")
        } else if is_occupied(&head.state, &stage) {
            Some("an execution is in this stage; wait for it to end or stop it")
        } else {
            None
        };
        let reason = refusal.unwrap_or(
            "rollback is not there yet; start an execution with the target's sourceRevisions instead",
        );
        Err(Fault::new(
            "UnableToRollbackStageException",
            format!("stage '{}' of pipeline '{pipeline}': {reason}", request.stage_name),
        ))
    }
}

struct Target {
    version: u32,
    stages_done: usize,
}

async fn find_target(
    call: &Call<'_, RollbackStage>,
    pipeline: &PipelineName,
    id: &str,
) -> Result<Target, Fault> {
    let not_found = || no_execution(pipeline.as_str(), id);
    let execution: ExecutionId = id.parse().map_err(|_| not_found())?;
    let head = call.api.head(pipeline).await?;
    if let Some(unfinished) = head.state.executions.get(&execution) {
        return Ok(Target {
            version: unfinished.definition.version,
            stages_done: unfinished.results.len(),
        });
    }
    let summary = call.api.app.store.summary(pipeline, execution).await;
    let summary = summary.map_err(|error| failed(&error))?.ok_or_else(not_found)?;
    Ok(Target { version: summary.version, stages_done: summary.particulars.stages_done })
}

fn is_occupied(state: &State, stage: &StageName) -> bool {
    state.stages.get(stage).is_some_and(|slot| slot.occupant.is_some())
}
