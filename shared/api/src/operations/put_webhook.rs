//! A webhook is made or changed: a URL that starts a pipeline (W1 to W3, W8, W9).

use access::authorize::Resource;
use protocol::Fault;
use serde::{Deserialize, Serialize};
use store::{Webhook, WebhookDefinition};
use webhooks::Authentication;

use super::Operation;
use super::start_pipeline_execution::StartPipelineExecution;
use crate::call::Call;
use crate::faults::failed;
use crate::secrets::is_mask;
use crate::tagging::{Tag, check_tags, first_tags};
use crate::webhook::{Definition, Item};

/// How many webhooks an account may have in a Region (W8).
const WEBHOOKS_MAX: usize = 300;

/// The operation.
#[derive(Debug)]
pub(crate) struct PutWebhook;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    webhook: Definition,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    webhook: Item,
}

impl Operation for PutWebhook {
    const OPERATION: protocol::Operation = protocol::Operation::PutWebhook;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Webhook(request.webhook.name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { webhook: definition, tags } = request;
        check_tags(&tags)?;
        let name = definition.name.clone();
        let store = &call.api.app.store;
        let known = store.webhook(&name).await.map_err(|error| failed(&error))?;
        let definition = with_secret(definition.kept(), known.as_ref())?;
        check(&call, &definition).await?;
        if known.is_none() {
            check_quota(&call).await?;
        }
        let webhook = changed(&call, name, definition, known);
        if !store.put_webhook(&webhook).await.map_err(|error| failed(&error))? {
            return Err(Fault::new(
                "ConcurrentModificationException",
                "others changed the webhook at the same time; ask again",
            ));
        }
        first_tags(&call, &call.api.webhook_arn(&webhook.name), &tags).await?;
        Ok(Response { webhook: call.api.webhook_item(&webhook).await? })
    }
}

/// Puts the stored secret where the request carries the mask (contract §1.4).
fn with_secret(
    mut definition: WebhookDefinition,
    known: Option<&Webhook>,
) -> Result<WebhookDefinition, Fault> {
    if definition.secret_token.as_deref().is_some_and(is_mask) {
        let kept = known.and_then(|known| known.definition.secret_token.clone());
        let Some(kept) = kept else {
            return Err(Fault::new(
                "InvalidWebhookAuthenticationParametersException",
                "webhook.authenticationConfiguration.SecretToken is masked, and no secret is stored \
                 under this name; give the secret itself",
            ));
        };
        definition.secret_token = Some(kept);
    }
    Ok(definition)
}

async fn check(call: &Call<'_, PutWebhook>, definition: &WebhookDefinition) -> Result<(), Fault> {
    let WebhookDefinition { pipeline, authentication, secret_token, allowed_ip_range, .. } =
        definition;
    let fits =
        Authentication::new(authentication, secret_token.as_deref(), allowed_ip_range.as_deref());
    let fits = fits.map_err(|unfit| {
        let code = "InvalidWebhookAuthenticationParametersException";
        Fault::new(code, format!("webhook: {unfit}"))
    })?;
    let action = call.api.webhook_target(definition).await?;
    // Whoever makes a URL that starts the pipeline must be allowed to start it.
    call.also::<StartPipelineExecution>(Resource::Pipeline(pipeline.clone()))?;
    call.api.webhook_filters(definition, &action).await?.map_err(|invalid| {
        Fault::new("InvalidWebhookFilterPatternException", format!("webhook.{invalid}"))
    })?;
    if fits == Authentication::Nothing {
        tracing::warn!(%pipeline, "a webhook asks its callers for no proof: anybody can start it");
    }
    Ok(())
}

async fn check_quota(call: &Call<'_, PutWebhook>) -> Result<(), Fault> {
    let listed = call.api.app.store.list_webhooks().await.map_err(|error| failed(&error))?;
    if listed.len() >= WEBHOOKS_MAX {
        return Err(Fault::new(
            "LimitExceededException",
            format!("{WEBHOOKS_MAX} webhooks exist already; delete one first"),
        ));
    }
    Ok(())
}

/// Returns the webhook with its new definition. Its URL stays while it exists.
fn changed(
    call: &Call<'_, PutWebhook>,
    name: String,
    definition: WebhookDefinition,
    known: Option<Webhook>,
) -> Webhook {
    match known {
        Some(known) => Webhook { definition, ..known },
        None => Webhook {
            name,
            id: format!("{:032x}", call.api.app.world.draw()),
            edition: 0,
            definition,
            created_at: call.now,
            triggered_at: None,
            is_registered: false,
            error: None,
        },
    }
}
