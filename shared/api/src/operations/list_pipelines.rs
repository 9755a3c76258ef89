//! The pipelines, by name.

use access::authorize::Resource;
use model::ids::PipelineName;
use protocol::Fault;
use serde::{Deserialize, Serialize};
use store::{Catalogued, Declared};

use super::Operation;
use crate::call::Call;
use crate::faults::failed;
use crate::moment::Moment;

/// How many pipelines a page has, unless told.
const PAGE: u32 = 1_000;

/// The operation.
#[derive(Debug)]
pub(crate) struct ListPipelines;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    next_token: Option<String>,
    max_results: Option<u32>,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pipelines: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    name: String,
    version: u32,
    pipeline_type: &'static str,
    execution_mode: &'static str,
    created: Moment,
    updated: Moment,
}

impl Operation for ListPipelines {
    const OPERATION: protocol::Operation = protocol::Operation::ListPipelines;
    type Request = Request;
    type Response = Response;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { next_token, max_results } = request;
        let after: Option<String> = call.position("", next_token.as_deref())?;
        let after = after.map(PipelineName::from);
        let limit = max_results.unwrap_or(PAGE);
        let page = call.api.app.store.catalog_page(limit, after.as_ref()).await;
        let page = page.map_err(|error| failed(&error))?;
        let last = page.pipelines.last().filter(|_| page.has_more);
        let next_token = last.map(|last| call.next_token("", last.name.as_str()));
        let pipelines = page.pipelines.iter().filter_map(item).collect();
        Ok(Response { pipelines, next_token })
    }
}

/// A name whose pipeline was never made, or not yet, is not shown.
fn item(catalogued: &Catalogued) -> Option<Item> {
    let Catalogued { name, created_at, declared } = catalogued;
    let Declared { version, pipeline_type, mode, updated_at } = declared.as_ref()?;
    Some(Item {
        name: name.to_string(),
        version: *version,
        pipeline_type: pipeline_type.as_str(),
        execution_mode: mode.as_str(),
        created: (*created_at).into(),
        updated: (*updated_at).into(),
    })
}
