//! Brings messages to subscribers of a deployment's own.
//!
//! Whoever answers slowly, or not at all, must not keep others waiting. So each message to each subscriber waits in a
//! queue of its own kind, and is tried there until it is taken: after each failure it is hidden for a while, longer
//! each time and by chance, so that nothing ever sleeps here. After the queue's last try it lies in the dead letters.
//!
//! This is the one place that opens connections to addresses that somebody typed in. It has no table and no topic,
//! goes only where the public internet is ([`address`]), follows no redirects, waits five seconds, and reads nothing
//! of what is answered but the status.

pub mod address;
mod post;
pub mod retry;
pub mod signature;

use aws_sdk_sqs::Client;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::SdkConfig;
use model::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::batch::Unfinished;
use crate::subscribers::{Subscriber, Subscribers};

pub use address::Reach;
pub use post::Post;
pub use retry::Answer;

use retry::Verdict;

/// One message to one subscriber, as it waits in the queue. Address and key are not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// By which the subscriber knows a repetition.
    pub id: String,
    /// To whom.
    pub subscriber: String,
    /// What is sent.
    pub body: String,
}

impl Delivery {
    /// Returns it as it waits in the queue.
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("it is plain texts")
    }
}

/// Messages of the queue, with what is needed to hide them again.
#[derive(Debug, Deserialize)]
pub struct Deliveries {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<Waiting>,
}

/// A message of the queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Names it in the answer.
    pub message_id: String,
    /// By which it is hidden again.
    pub receipt_handle: String,
    /// A [`Delivery`].
    pub body: String,
    /// What the queue knows of it.
    pub attributes: Attributes,
}

/// What the queue knows of a message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attributes {
    /// How often it was handed over, this time included.
    pub approximate_receive_count: String,
}

/// What deliveries need.
#[derive(Debug)]
pub struct Courier {
    subscribers: Subscribers,
    post: Post,
    queue: Client,
    queue_url: String,
}

impl Courier {
    /// Takes the subscribers, the way to them, and the URL of the queue.
    pub fn new(own: &SdkConfig, subscribers: Subscribers, post: Post, queue_url: String) -> Self {
        Self { subscribers, post, queue: Client::new(own), queue_url }
    }

    /// Hides a message for a while. If that fails, it comes back when the queue thinks it should.
    async fn hide(&self, waiting: &Waiting, seconds: u32) {
        let request = self.queue.change_message_visibility().queue_url(&self.queue_url);
        let hidden = request
            .receipt_handle(&waiting.receipt_handle)
            .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
            .send()
            .await;
        if let Err(error) = hidden {
            let error = DisplayErrorContext(error);
            tracing::warn!(message = waiting.message_id, %error, "it comes back sooner or later");
        }
    }
}

/// Delivers a batch, one after the other: the template hands over one at a time, so that a subscriber that hangs
/// holds up nobody but itself. What was not taken stays in the queue.
pub async fn deliver(courier: &Courier, deliveries: &Deliveries, now: Timestamp) -> Unfinished {
    let mut unfinished = Unfinished::default();
    for waiting in &deliveries.records {
        if !deliver_one(courier, waiting, now).await {
            unfinished.add(waiting.message_id.clone());
        }
    }
    unfinished
}

/// Delivers one message, and answers whether it may leave the queue.
async fn deliver_one(courier: &Courier, waiting: &Waiting, now: Timestamp) -> bool {
    let message = &waiting.message_id;
    let Ok(delivery) = serde_json::from_str::<Delivery>(&waiting.body) else {
        tracing::error!(message, "it is no delivery; it ends in the dead letters");
        return false;
    };
    let list = match courier.subscribers.list(now).await {
        Ok(list) => list,
        Err(trouble) => {
            tracing::error!(message, %trouble, "it will be delivered again");
            return false;
        }
    };
    let subscriber = list.iter().find(|subscriber| subscriber.name == delivery.subscriber);
    let Some(subscriber) = subscriber else {
        let name = &delivery.subscriber;
        tracing::info!(message, name, "nobody of this name subscribes any more");
        return true;
    };
    let answer = attempt(courier, subscriber, &delivery, now).await;
    let tries = waiting.attributes.approximate_receive_count.parse().unwrap_or(1);
    let verdict = retry::verdict(&answer, tries, rand::random());
    let (name, id) = (&subscriber.name, &delivery.id);
    match verdict {
        Verdict::Taken => {
            tracing::info!(name, id, tries, "delivered");
            true
        }
        Verdict::Unwanted => {
            tracing::warn!(name, id, %answer, "the subscriber says that it is gone; take it off the list");
            true
        }
        Verdict::Again { seconds } => {
            tracing::warn!(name, id, tries, seconds, %answer, "not taken; tried again later");
            courier.hide(waiting, seconds).await;
            false
        }
    }
}

async fn attempt(
    courier: &Courier,
    subscriber: &Subscriber,
    delivery: &Delivery,
    now: Timestamp,
) -> Answer {
    let seconds = now.millis().div_euclid(1_000);
    let mut headers =
        vec![("content-type", "application/json".to_owned()), ("user-agent", "Towpath".to_owned())];
    if let Some(key) = &subscriber.key {
        headers.push(("webhook-id", delivery.id.clone()));
        headers.push(("webhook-timestamp", seconds.to_string()));
        headers.push(("webhook-signature", key.sign(&delivery.id, seconds, &delivery.body)));
    }
    courier.post.send(&subscriber.address, &headers, &delivery.body).await
}
