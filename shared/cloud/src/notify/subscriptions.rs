//! What goes to subscribers of our own: a message for each, into the queue of deliveries.

use aws_sdk_sqs::Client;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::SdkConfig;
use model::time::Timestamp;
use notifications::{Bundle, Message};
use sha2::{Digest as _, Sha256};

use crate::deliver::Delivery;
use crate::subscribers::{Kind, Subscribers};

/// Subscribers of our own, and the queue that leads to them. A deployment may have none.
#[derive(Debug)]
pub struct Subscriptions(Option<(Subscribers, Client, String)>);

impl Subscriptions {
    /// Nobody.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Takes the subscribers and the URL of the queue of deliveries.
    pub fn new(own: &SdkConfig, subscribers: Subscribers, queue: impl Into<String>) -> Self {
        Self(Some((subscribers, Client::new(own), queue.into())))
    }

    /// Takes `TOWPATH_SUBSCRIBERS` and `TOWPATH_DELIVERIES_QUEUE`; nobody where either is not set.
    pub fn read(own: &SdkConfig) -> Self {
        match (Subscribers::read(own), crate::settings::optional("TOWPATH_DELIVERIES_QUEUE")) {
            (Some(subscribers), Some(queue)) => Self::new(own, subscribers, queue),
            (Some(_) | None, _) => Self::none(),
        }
    }

    /// Puts a message into the queue for each subscriber who wants it.
    pub(super) async fn send(
        &self,
        bundle: &Bundle,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), String> {
        let Some((subscribers, client, queue)) = &self.0 else { return Ok(()) };
        let list = match subscribers.list(now).await {
            Ok(list) => list,
            Err(trouble) if trouble.is_of_others() => return Err(trouble.to_string()),
            Err(trouble) => {
                // People must not go without mail because of a mistake in somebody's list.
                tracing::error!(%trouble, "no subscriber of our own is told");
                return Ok(());
            }
        };
        let pipeline = bundle.notices.first().map_or("", |notice| notice.event.pipeline.as_str());
        let id = id(bundle);
        for subscriber in list.iter().filter(|it| it.wants(pipeline, message.severity)) {
            let body = match subscriber.kind {
                Kind::Slack => message.slack.to_string(),
                Kind::Https => message.body(&now.to_string()),
            };
            let delivery = Delivery { id: id.clone(), subscriber: subscriber.name.clone(), body };
            let sent = client.send_message().queue_url(queue).message_body(delivery.write()).send();
            sent.await.map_err(|error| DisplayErrorContext(error).to_string())?;
        }
        Ok(())
    }
}

/// Returns the id by which a subscriber knows a message again: the same, whatever is delivered how often.
fn id(bundle: &Bundle) -> String {
    let mut digest = Sha256::new();
    for notice in &bundle.notices {
        let (about, key) = notice.identity();
        digest.update(format!("{about}\n{key}\n"));
    }
    format!("msg_{}", hex::encode(&digest.finalize()[..16]))
}
