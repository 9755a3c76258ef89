//! Executions may enter a stage again (R39, R40).

use access::authorize::Resource;
use engine::Input;
use protocol::Fault;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::transition::{self, Way};

/// The operation.
#[derive(Debug)]
pub(crate) struct EnableStageTransition;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    stage_name: String,
    transition_type: String,
}

impl Operation for EnableStageTransition {
    const OPERATION: protocol::Operation = protocol::Operation::EnableStageTransition;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Stage(request.pipeline_name.clone(), request.stage_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let Request { pipeline_name, stage_name, transition_type } = request;
        let way = Way::parse(&transition_type);
        let by = call.by();
        let stage = transition::stage(&call, &pipeline_name, &stage_name, way).await?;
        transition::take(&call, &pipeline_name, &Input::Enable { stage, by }).await
    }
}
