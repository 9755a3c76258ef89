//! Nobody enters a stage any more (R38–R42).

use access::authorize::Resource;
use engine::Input;
use protocol::Fault;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::transition::{self, Way};

/// The operation.
#[derive(Debug)]
pub(crate) struct DisableStageTransition;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    stage_name: String,
    transition_type: String,
    reason: String,
}

impl Operation for DisableStageTransition {
    const OPERATION: protocol::Operation = protocol::Operation::DisableStageTransition;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Stage(request.pipeline_name.clone(), request.stage_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let Request { pipeline_name, stage_name, transition_type, reason } = request;
        let way = Way::parse(&transition_type);
        let by = call.by();
        let stage = transition::stage(&call, &pipeline_name, &stage_name, way).await?;
        let input = Input::Disable { stage, reason, by };
        transition::take(&call, &pipeline_name, &input).await
    }
}
