//! The attempts of rules. Conditions are not decided here yet, so there are none; whatever is wrong with
//! the question is said all the same.

use access::authorize::Resource;
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use super::list_action_executions::Filter;
use crate::call::Call;

/// The operation.
#[derive(Debug)]
pub(crate) struct ListRuleExecutions;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    #[serde(default)]
    filter: Filter,
    next_token: Option<String>,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    rule_execution_details: [(); 0],
}

impl Operation for ListRuleExecutions {
    const OPERATION: protocol::Operation = protocol::Operation::ListRuleExecutions;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.pipeline_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline_name, filter, next_token } = request;
        let filter = filter.execution()?;
        let look = call.api.look(&pipeline_name).await?;
        if let Some((id, _)) = filter {
            call.api.found(&look, &id).await?;
        }
        // No page has a next one, so nobody was given a token.
        let _: Option<()> = call.position(&pipeline_name, next_token.as_deref())?;
        Ok(Response { rule_execution_details: [] })
    }
}
