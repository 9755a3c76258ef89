//! A stage goes on although a condition of it does not hold (R66, R67).
//!
//! The request is checked as it will be; conditions are not evaluated yet, so none is ever there to be
//! overridden, and a request that is in order is told so.

use access::authorize::Resource;
use model::declaration::{Condition, Declaration};
use model::ids::{ExecutionId, PipelineName, StageName};
use protocol::Fault;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::declaring::stored;
use crate::faults::no_stage;

/// The operation.
#[derive(Debug)]
pub(crate) struct OverrideStageCondition;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    stage_name: String,
    pipeline_execution_id: String,
    condition_type: String,
}

impl Operation for OverrideStageCondition {
    const OPERATION: protocol::Operation = protocol::Operation::OverrideStageCondition;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Stage(request.pipeline_name.clone(), request.stage_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let Request { pipeline_name, stage_name, pipeline_execution_id, condition_type } = request;
        let pipeline = PipelineName::from(pipeline_name.as_str());
        let plan = call.api.plan(&pipeline).await?;
        let stage = StageName::from(stage_name.as_str());
        if plan.stage_index(&stage).is_none() {
            return Err(no_stage(&pipeline_name, &stage_name));
        }
        let head = call.api.head(&pipeline).await?;
        let latest = head.state.stages.get(&stage).and_then(|slot| slot.latest.as_ref());
        let asked = pipeline_execution_id.parse::<ExecutionId>().ok();
        if asked.is_none() || latest.map(|latest| latest.execution) != asked {
            return Err(Fault::new(
                "NotLatestPipelineExecutionException",
                format!(
                    "execution '{pipeline_execution_id}' is not the latest that entered stage \
                     '{stage_name}'"
                ),
            ));
        }
        let declaration = stored(&call, &pipeline).await?;
        let reason = match condition(&declaration, &stage_name, &condition_type) {
            None => "the stage declares no condition of this type",
            Some(condition) if condition.result.as_deref() == Some("SKIP") => {
                "a condition whose result is SKIP cannot be overridden"
            }
            Some(_) => "the condition has not failed: conditions are not evaluated yet",
        };
        Err(Fault::new(
            "ConditionNotOverridableException",
            format!("{condition_type} of stage '{stage_name}': {reason}"),
        ))
    }
}

fn condition<'a>(
    declaration: &'a Declaration,
    stage: &str,
    condition_type: &str,
) -> Option<&'a Condition> {
    let stage = declaration.stages.iter().find(|declared| declared.name == stage)?;
    let conditions = if condition_type == "BEFORE_ENTRY" {
        &stage.before_entry.as_ref()?.conditions
    } else {
        &stage.on_success.as_ref()?.conditions
    };
    conditions.first()
}
