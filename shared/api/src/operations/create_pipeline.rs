//! A pipeline is created and starts for the first time (R3).

use access::authorize::Resource;
use engine::input::{Expects, Trigger};
use model::declaration::Declaration;
use model::ids::PipelineName;
use model::status::TriggerType;
use protocol::Fault;
use runtime::start;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::declaring::{declare, shown};
use crate::faults::failed;
use crate::tagging::{Tag, check_tags, first_tags};

/// How many pipelines an account may have in a Region (contract §9).
const PIPELINES_MAX: usize = 1_000;

/// The operation.
#[derive(Debug)]
pub(crate) struct CreatePipeline;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pipeline: Declaration,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    pipeline: Declaration,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl Operation for CreatePipeline {
    const OPERATION: protocol::Operation = protocol::Operation::CreatePipeline;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.pipeline.name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline: declaration, tags } = request;
        check_tags(&tags)?;
        let name = PipelineName::from(declaration.name.as_str());
        check_quota(&call, &name).await?;
        let defined = declare(&call, declaration, Expects::Absent).await?;
        first_tags(&call, &call.pipeline_arn(name.as_str()), &tags).await?;
        start_first(&call, &name).await?;
        call.api.home.declared(&name);
        Ok(Response { pipeline: shown(&call, defined).await?, tags })
    }
}

async fn check_quota(call: &Call<'_, CreatePipeline>, name: &PipelineName) -> Result<(), Fault> {
    let listed = call.api.app.store.list_catalog().await.map_err(|error| failed(&error))?;
    if listed.len() >= PIPELINES_MAX && !listed.contains(name) {
        return Err(Fault::new(
            "LimitExceededException",
            format!("{PIPELINES_MAX} pipelines exist already; delete one first"),
        ));
    }
    Ok(())
}

/// A pipeline that needs values for its variables cannot start by itself; its log says why (R3).
async fn start_first(call: &Call<'_, CreatePipeline>, name: &PipelineName) -> Result<(), Fault> {
    let request = start::Request {
        execution: None,
        trigger: Trigger { kind: TriggerType::CreatePipeline, detail: call.by() },
        variables: std::collections::BTreeMap::new(),
        revisions: Vec::new(),
        client_request_token: None,
    };
    start::start(&call.api.app, name, &request).await.map_err(|error| failed(&error))?;
    Ok(())
}
