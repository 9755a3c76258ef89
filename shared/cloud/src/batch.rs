//! The shapes in which Lambda hands over what a queue holds.

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

/// Messages of a queue.
#[derive(Debug, Deserialize)]
pub struct Messages {
    /// At most as many as the batch size of the event source mapping.
    #[serde(rename = "Records")]
    pub records: Vec<Message>,
}

/// One message.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Names it in [`Unfinished`].
    pub message_id: String,
    /// What was sent.
    pub body: String,
}

impl Messages {
    /// Deals with every message, all at once. Those that could not be dealt with go back to the queue, and
    /// after some tries to the dead letters.
    pub async fn each<F, E>(&self, deal: impl Fn(Message) -> F) -> Unfinished
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let mut all = JoinSet::new();
        for message in &self.records {
            let (id, dealing) = (message.message_id.clone(), deal(message.clone()));
            all.spawn(async move { (id, dealing.await) });
        }
        let mut unfinished = Unfinished::default();
        while let Some(dealt) = all.join_next().await {
            let (message, dealt) = dealt.expect("whoever deals with a message does not panic");
            if let Err(trouble) = dealt {
                tracing::warn!(message, %trouble, "it will be delivered again");
                unfinished.add(message);
            }
        }
        unfinished
    }
}

/// Which messages were not dealt with; the others are done and leave the queue.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unfinished {
    /// The messages.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// A message that was not dealt with.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// [`Message::message_id`].
    pub item_identifier: String,
}

impl Unfinished {
    /// Adds a message by its id.
    pub fn add(&mut self, message_id: String) {
        self.batch_item_failures.push(ItemFailure { item_identifier: message_id });
    }
}
