//! GitHub is told of a webhook's URL (W6). What goes wrong with that is on the list of webhooks.

use access::authorize::Resource;
use protocol::Fault;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::faults::failed;

/// The operation.
#[derive(Debug)]
pub(crate) struct RegisterWebhookWithThirdParty;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    webhook_name: Option<String>,
}

impl Operation for RegisterWebhookWithThirdParty {
    const OPERATION: protocol::Operation = protocol::Operation::RegisterWebhookWithThirdParty;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Webhook(request.webhook_name.clone().unwrap_or_default())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let api = call.api;
        let webhook = api.webhook_of_github(request.webhook_name.as_deref()).await?;
        let url = api.home.webhook_url(&webhook.id);
        let told = api.home.register_webhook(&webhook.name, &url, true).await;
        let is_registered = told.is_ok() || webhook.is_registered;
        let error = told.err();
        let noted = api.app.store.note_registration(&webhook, is_registered, error.as_ref());
        noted.await.map_err(|error| failed(&error))?;
        Ok(Empty {})
    }
}
