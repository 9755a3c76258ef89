//! The shapes in which Lambda hands over what a queue holds.

use serde::{Deserialize, Serialize};

/// Messages of a queue.
#[derive(Debug, Deserialize)]
pub struct Messages {
    /// At most as many as the batch size of the event source mapping.
    #[serde(rename = "Records")]
    pub records: Vec<Message>,
}

/// One message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Names it in [`Unfinished`].
    pub message_id: String,
    /// What was sent.
    pub body: String,
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
    /// Adds a message.
    pub fn add(&mut self, message: &Message) {
        self.batch_item_failures.push(ItemFailure { item_identifier: message.message_id.clone() });
    }
}
