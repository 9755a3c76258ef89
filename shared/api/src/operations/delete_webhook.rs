//! A webhook is deleted, and its URL with it (W1). One that is not there is deleted already.

use access::authorize::Resource;
use protocol::Fault;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::faults::failed;

/// The operation.
#[derive(Debug)]
pub(crate) struct DeleteWebhook;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    name: String,
}

impl Operation for DeleteWebhook {
    const OPERATION: protocol::Operation = protocol::Operation::DeleteWebhook;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Webhook(request.name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let store = &call.api.app.store;
        let known = store.webhook(&request.name).await.map_err(|error| failed(&error))?;
        if let Some(webhook) = known {
            store.delete_webhook(&webhook).await.map_err(|error| failed(&error))?;
        }
        let arn = call.api.webhook_arn(&request.name);
        store.remove_tags(&arn).await.map_err(|error| failed(&error))?;
        Ok(Empty {})
    }
}
