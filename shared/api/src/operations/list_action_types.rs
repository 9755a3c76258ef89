//! Every action type that pipelines can use: AWS's, partners' and the user's own.

use access::authorize::Resource;
use model::catalog::custom::{ListedType, type_name};
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::action_types::every_type;
use crate::call::Call;

/// How many types a page has; the request has no member for it.
const PAGE: usize = 100;

/// The operation.
#[derive(Debug)]
pub(crate) struct ListActionTypes;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    action_owner_filter: Option<String>,
    next_token: Option<String>,
    region_filter: Option<String>,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    action_types: Vec<ListedType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListActionTypes {
    const OPERATION: protocol::Operation = protocol::Operation::ListActionTypes;
    type Request = Request;
    type Response = Response;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { action_owner_filter: owner, next_token, region_filter: region } = request;
        let question =
            format!("{}/{}", owner.as_deref().unwrap_or("-"), region.as_deref().unwrap_or("-"));
        // The name after which the page begins: what is declared meanwhile moves nothing.
        let after: Option<String> = call.position(&question, next_token.as_deref())?;
        let mut types = every_type(&call, region.as_deref()).await?;
        if let Some(owner) = &owner {
            types.retain(|_, listed| listed.id.owner == *owner);
        }
        if let Some(after) = &after {
            types.retain(|name, _| name > after);
        }
        let has_more = types.len() > PAGE;
        let action_types: Vec<_> = types.into_values().take(PAGE).collect();
        let last = action_types.last().filter(|_| has_more);
        let next_token = last.map(|last| call.next_token(&question, type_name(&last.id)));
        Ok(Response { action_types, next_token })
    }
}
