//! GitHub is told to forget a webhook's URL (W6). The webhook and its URL stay.

use access::authorize::Resource;
use protocol::Fault;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::faults::failed;

/// The operation.
#[derive(Debug)]
pub(crate) struct DeregisterWebhookWithThirdParty;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    webhook_name: Option<String>,
}

impl Operation for DeregisterWebhookWithThirdParty {
    const OPERATION: protocol::Operation = protocol::Operation::DeregisterWebhookWithThirdParty;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Webhook(request.webhook_name.clone().unwrap_or_default())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let api = call.api;
        let webhook = api.webhook_of_github(request.webhook_name.as_deref()).await?;
        // What GitHub was never told, it need not forget; a failure to tell it is then history.
        let told = if webhook.is_registered {
            let url = api.home.webhook_url(&webhook.id);
            api.home.register_webhook(&webhook.name, &url, false).await
        } else {
            Ok(())
        };
        let is_registered = told.is_err();
        let error = told.err();
        let noted = api.app.store.note_registration(&webhook, is_registered, error.as_ref());
        noted.await.map_err(|error| failed(&error))?;
        Ok(Empty {})
    }
}
