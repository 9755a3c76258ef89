//! The webhooks, by name, their secrets masked.

use access::authorize::Resource;
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::faults::failed;
use crate::webhook::Item;

/// How many webhooks a page has, unless told.
const PAGE: u32 = 100;

/// The operation.
#[derive(Debug)]
pub(crate) struct ListWebhooks;

/// What is asked. The names begin with capital letters here, and nowhere else (T4).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    next_token: Option<String>,
    max_results: Option<u32>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    webhooks: Vec<Item>,
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListWebhooks {
    const OPERATION: protocol::Operation = protocol::Operation::ListWebhooks;
    type Request = Request;
    type Response = Response;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { next_token, max_results } = request;
        let after: Option<String> = call.position("", next_token.as_deref())?;
        let page = call.api.app.store.webhook_page(max_results.unwrap_or(PAGE), after.as_deref());
        let page = page.await.map_err(|error| failed(&error))?;
        let last = page.webhooks.last().filter(|_| page.has_more);
        let next_token = last.map(|last| call.next_token("", &last.name));
        let mut webhooks = Vec::with_capacity(page.webhooks.len());
        for webhook in &page.webhooks {
            webhooks.push(call.api.webhook_item(webhook).await?);
        }
        Ok(Response { webhooks, next_token })
    }
}
