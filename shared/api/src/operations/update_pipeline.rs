//! A pipeline's declaration is replaced as a whole (R84–R88).

use access::authorize::Resource;
use engine::input::Expects;
use model::declaration::Declaration;
use model::ids::PipelineName;
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::declaring::{declare, keep_masked, shown};

/// The operation.
#[derive(Debug)]
pub(crate) struct UpdatePipeline;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pipeline: Declaration,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    pipeline: Declaration,
}

impl Operation for UpdatePipeline {
    const OPERATION: protocol::Operation = protocol::Operation::UpdatePipeline;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.pipeline.name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let name = PipelineName::from(request.pipeline.name.as_str());
        let declaration = keep_masked(&call, &name, request.pipeline).await?;
        let defined = declare(&call, declaration, Expects::Present).await?;
        call.api.home.declared(&name);
        Ok(Response { pipeline: shown(&call, defined).await? })
    }
}
