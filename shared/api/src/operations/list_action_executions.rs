//! The attempts of actions, newest first (contract §3.3).

mod spelled;

use access::authorize::Resource;
use history::actions::{self, list};
use protocol::Fault;
use serde::{Deserialize, Serialize};

use self::spelled::{Item, item};
use super::Operation;
use crate::action_types::types_of;
use crate::call::Call;
use crate::faults::failed;
use crate::position::Spot;

/// How many attempts a page has, unless told.
const PAGE: usize = 100;

/// The operation.
#[derive(Debug)]
pub(crate) struct ListActionExecutions;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    #[serde(default)]
    filter: Filter,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// Which attempts are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filter {
    pipeline_execution_id: Option<String>,
    latest_in_pipeline_execution: Option<Latest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Latest {
    pipeline_execution_id: String,
    start_time_range: String,
}

impl Filter {
    /// Returns the execution that is asked about, and whether only the newest attempt of each action is
    /// wanted.
    pub(crate) fn execution(self) -> Result<Option<(String, bool)>, Fault> {
        match (self.pipeline_execution_id, self.latest_in_pipeline_execution) {
            (Some(_), Some(_)) => Err(Fault::validation(
                "filter takes either pipelineExecutionId or latestInPipelineExecution, not both; \
                 leave one of them out",
            )),
            (Some(id), None) => Ok(Some((id, false))),
            (None, Some(Latest { pipeline_execution_id, start_time_range })) => {
                Ok(Some((pipeline_execution_id, start_time_range == "Latest")))
            }
            (None, None) => Ok(None),
        }
    }
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    action_execution_details: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListActionExecutions {
    const OPERATION: protocol::Operation = protocol::Operation::ListActionExecutions;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.pipeline_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline_name, filter, max_results, next_token } = request;
        let filter = filter.execution()?;
        let question = format!("{pipeline_name} {filter:?}");
        let api = call.api;
        let look = api.look(&pipeline_name).await?;
        let found = match &filter {
            None => None,
            Some((id, _)) => Some(api.found(&look, id).await?),
        };
        let wanted = match (&found, &filter) {
            (Some(found), Some((_, true))) => actions::Filter::NewestOf(found),
            (Some(found), _) => actions::Filter::Of(found),
            (None, _) => actions::Filter::All,
        };
        let after: Option<Spot> = call.position(&question, next_token.as_deref())?;
        let after = after.map(Spot::position);
        let limit = max_results.unwrap_or(PAGE);
        let page = list(&api.history, &api.app, &look, wanted, after, limit).await;
        let page = page.map_err(|error| failed(&error))?;
        let next_token = page.next.map(|next| call.next_token(&question, Spot::at(next)));
        let pipeline = look.head.log.pipeline();
        let types = types_of(api, page.details.iter().map(|detail| &detail.action)).await?;
        let details = page.details.iter();
        let action_execution_details =
            details.map(|detail| item(api, pipeline, &types, detail)).collect();
        Ok(Response { action_execution_details, next_token })
    }
}
