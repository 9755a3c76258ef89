//! How far a pipeline is, stage by stage (contract §3.3).

mod spelled;

use access::authorize::Resource;
use history::stages::stages;
use protocol::Fault;
use serde::{Deserialize, Serialize};

use self::spelled::{StageState, stage_state};
use super::Operation;
use crate::action_types::types_of;
use crate::call::Call;
use crate::faults::failed;
use crate::moment::Moment;

/// The operation.
#[derive(Debug)]
pub(crate) struct GetPipelineState;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    name: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pipeline_name: String,
    pipeline_version: u32,
    stage_states: Vec<StageState>,
    created: Moment,
    updated: Moment,
}

impl Operation for GetPipelineState {
    const OPERATION: protocol::Operation = protocol::Operation::GetPipelineState;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let api = call.api;
        let look = api.look(&request.name).await?;
        let mut stage_states = Vec::new();
        let views = stages(&look);
        let actions = views.iter().flat_map(|stage| &stage.actions);
        let types = types_of(api, actions.map(|view| &view.action)).await?;
        for stage in &views {
            stage_states.push(stage_state(api, &look, stage, &types).await?);
        }
        let definition = look.head.state.definition;
        let record = definition.map_or(0, |definition| definition.record);
        let record = api.app.store.record(&look.head.log, record).await;
        let record = record.map_err(|error| failed(&error))?;
        Ok(Response {
            pipeline_name: request.name,
            pipeline_version: definition.map_or(1, |definition| definition.version),
            stage_states,
            created: look.life.created_at.into(),
            updated: record.map_or(look.life.created_at, |record| record.at).into(),
        })
    }
}
