//! A pipeline's declaration, in force or former.

use access::authorize::Resource;
use history::versions::record_of;
use model::declaration::Declaration;
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::declaring::{Defined, shown};
use crate::faults::failed;
use crate::moment::Moment;

/// The operation.
#[derive(Debug)]
pub(crate) struct GetPipeline;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    name: String,
    version: Option<u32>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    pipeline: Declaration,
    metadata: Metadata,
}

/// What the controller knows of the pipeline itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    pipeline_arn: String,
    created: Moment,
    updated: Moment,
}

impl Operation for GetPipeline {
    const OPERATION: protocol::Operation = protocol::Operation::GetPipeline;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { name, version } = request;
        let (api, look) = (call.api, call.api.look(&name).await?);
        let current = look.head.state.definition.map_or(1, |definition| definition.version);
        let version = version.unwrap_or(current);
        let record = record_of(&api.app, &look.head, version).await;
        let record = record.map_err(|error| failed(&error))?.ok_or_else(|| {
            Fault::new(
                "PipelineVersionNotFoundException",
                format!("Pipeline '{name}' has no version {version}; its newest is {current}"),
            )
        })?;
        let text = record.definition.as_deref();
        let declaration = text.and_then(|text| serde_json::from_str(text).ok());
        let declaration =
            declaration.ok_or_else(|| Fault::internal("the stored declaration cannot be read"))?;
        let metadata = Metadata {
            pipeline_arn: call.pipeline_arn(&name),
            created: look.life.created_at.into(),
            updated: record.at.into(),
        };
        let pipeline = shown(&call, Defined { declaration, version }).await?;
        Ok(Response { pipeline, metadata })
    }
}
