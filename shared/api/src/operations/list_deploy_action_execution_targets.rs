//! The targets of a deployment, one by one. No provider here deploys to single targets, so the list is
//! empty; an attempt that does not exist is said to be missing all the same.

use access::authorize::Resource;
use history::Look;
use history::actions::{Sought, seek};
use model::ids::{ActionRunId, PipelineName};
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::faults::failed;
use crate::position::Spot;

/// The operation.
#[derive(Debug)]
pub(crate) struct ListDeployActionExecutionTargets;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: Option<String>,
    action_execution_id: String,
    next_token: Option<String>,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    targets: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// Where a search goes on: in which pipeline, and where in its log.
type Place = (String, Option<Spot>);

impl Operation for ListDeployActionExecutionTargets {
    const OPERATION: protocol::Operation = protocol::Operation::ListDeployActionExecutionTargets;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        request.pipeline_name.clone().map_or(Resource::Account, Resource::Pipeline)
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline_name, action_execution_id, next_token } = request;
        let question = format!("{pipeline_name:?} {action_execution_id}");
        let look = match &pipeline_name {
            None => None,
            Some(name) => Some(call.api.look(name).await?),
        };
        let after: Option<Place> = call.position(&question, next_token.as_deref())?;
        let not_found = || {
            Fault::new(
                "ActionExecutionNotFoundException",
                format!("There is no action execution with id '{action_execution_id}'"),
            )
        };
        let id: ActionRunId = action_execution_id.parse().map_err(|_| not_found())?;
        let place = match &look {
            Some(look) => in_pipeline(&call, look, id, after.and_then(|(_, spot)| spot)).await?,
            None => anywhere(&call, id, after).await?,
        };
        let next_token = match place {
            Search::Found => None,
            Search::Absent => return Err(not_found()),
            // What was read for one request is bounded; the next page goes on.
            Search::Further(place) => Some(call.next_token(&question, place)),
        };
        Ok(Response { targets: [], next_token })
    }
}

enum Search {
    Found,
    Absent,
    Further(Place),
}

async fn in_pipeline(
    call: &Call<'_, ListDeployActionExecutionTargets>,
    look: &Look,
    id: ActionRunId,
    after: Option<Spot>,
) -> Result<Search, Fault> {
    let sought = seek(&call.api.app, look, id, after.map(Spot::position)).await;
    Ok(match sought.map_err(|error| failed(&error))? {
        Sought::Found => Search::Found,
        Sought::Absent => Search::Absent,
        Sought::Further(position) => {
            Search::Further((look.head.log.pipeline().to_string(), Some(Spot::at(position))))
        }
    })
}

/// Looks in one pipeline after the other, by name, one a page.
async fn anywhere(
    call: &Call<'_, ListDeployActionExecutionTargets>,
    id: ActionRunId,
    after: Option<Place>,
) -> Result<Search, Fault> {
    let store = &call.api.app.store;
    let (mut name, mut spot) = match after {
        Some((name, spot)) => (Some(name), spot),
        None => (None, None),
    };
    for _ in 0..PIPELINES_MAX {
        let current = match (name.take(), spot) {
            // In the middle of a pipeline.
            (Some(current), Some(_)) => current,
            (former, _) => {
                let former = former.map(PipelineName::from);
                let page = store.catalog_page(1, former.as_ref()).await;
                let page = page.map_err(|error| failed(&error))?;
                let Some(next) = page.pipelines.first() else { return Ok(Search::Absent) };
                next.name.to_string()
            }
        };
        let pipeline = PipelineName::from(current.as_str());
        let look = call.api.history.look(&call.api.app, &pipeline).await;
        if let Some(look) = look.map_err(|error| failed(&error))? {
            match in_pipeline(call, &look, id, spot.take()).await? {
                Search::Absent => {}
                search @ (Search::Found | Search::Further(_)) => return Ok(search),
            }
        }
        (name, spot) = (Some(current), None);
    }
    Ok(name.map_or(Search::Absent, |name| Search::Further((name, None))))
}

/// How many pipelines one request looks in.
const PIPELINES_MAX: usize = 16;
