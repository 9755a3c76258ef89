//! From a message that matches to whoever starts the pipeline somewhere else.

use async_trait::async_trait;
use http::StatusCode;
use model::ids::PipelineName;
use runtime::webhook::WebhookMessage;

use super::answer::{Delivered, Done, not_started};
use super::receive::Meant;
use crate::Api;

/// Where messages go that are meant for a pipeline, so that somebody else starts it.
#[async_trait]
pub trait Onward: Send + Sync {
    /// Hands a message on, and answers the id under which it travels; or says why it could not.
    async fn hand_on(&self, message: &WebhookMessage) -> Result<String, String>;
}

/// Hands a message on. Whoever gets it may get it twice, and knows it by its marks.
pub(super) async fn hand_on(api: &Api, onward: &dyn Onward, meant: Meant) -> Delivered {
    let Meant { webhook, mut marks, revisions, now } = meant;
    if marks.is_empty() {
        // It is new each time it comes here. On its way from here it must not become two.
        let [high, low] = [(); 2].map(|()| api.app.world.draw());
        marks.push(format!("{high:032x}{low:032x}"));
    }
    let message = WebhookMessage {
        pipeline: PipelineName::from(webhook.definition.pipeline.as_str()),
        webhook: webhook.name,
        marks,
        revisions,
        at: now,
    };
    match onward.hand_on(&message).await {
        Ok(event) => {
            tracing::info!(webhook = %message.webhook, pipeline = %message.pipeline, event, "handed on");
            Ok(Done::HandedOn { event })
        }
        Err(error) => {
            tracing::error!(webhook = %message.webhook, error, "a message could not be handed on");
            let reason = "the message could not be handed on; deliver it again";
            Err(not_started(StatusCode::SERVICE_UNAVAILABLE, reason))
        }
    }
}
