//! What arrives by buses, those of others and our own, and what it says to look at.
//!
//! [`read()`] takes one message and says which of four things it is: a source that changed, a message that a
//! webhook of ours took, a start that somebody asks for, or work of a provider that may have ended.
//! Whatever else it is, the answer says why nothing follows from it ([`Nothing`]).
//!
//! Nothing here is believed. An event names a key, a webhook or an id under which somebody else looks,
//! in the table and then at the provider; so a forged one makes us look once in vain (D1). What a pipeline
//! follows is written down under the very key that an event is read into ([`SourceKey`]).

mod change;
mod completion;
mod envelope;
mod key;
mod members;
mod start;
mod webhook;

use serde_json::Value;

pub use change::{NewRevision, SourceChange};
pub use completion::Completion;
pub use envelope::Envelope;
pub use key::SourceKey;
pub use start::{ExplicitStart, Pinned};
pub use webhook::{WEBHOOK_DETAIL_TYPE, WebhookMessage};

use members::short;

/// What a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A source has a new revision: start whatever follows it.
    Change(SourceChange),
    /// A webhook took a message: start the pipeline that it aims at.
    Webhook(WebhookMessage),
    /// Start this pipeline.
    Start(ExplicitStart),
    /// Work of a provider may have ended: ask it.
    Completion(Completion),
}

/// Why nothing follows from a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    /// It is a whole event about something that nobody here waits for. Rules are often wider than
    /// what they are for, so this is daily bread.
    #[error("{0}")]
    Passed(String),
    /// It is not what it should be. Reading it again gives the same.
    #[error("{0}")]
    Malformed(String),
}

/// Reads one message: an event as EventBridge hands it on, or a start as a rule's input transformer
/// words it.
pub fn read(message: &[u8]) -> Result<Arrival, Nothing> {
    let value: Value = serde_json::from_slice(message)
        .map_err(|error| Nothing::Malformed(format!("the message is no JSON: {error}")))?;
    read_value(&value)
}

/// Reads one message that is JSON already.
pub fn read_value(value: &Value) -> Result<Arrival, Nothing> {
    if value.get("detail-type").is_some() {
        return of_event(&Envelope::read(value)?, value.get("detail").unwrap_or(&Value::Null));
    }
    if value.get("name").is_some() || value.get("pipelineName").is_some() {
        return start::read(value).map(Arrival::Start);
    }
    Err(Nothing::Malformed(
        "the message is neither an event with a detail-type nor a start with the name of a pipeline"
            .to_owned(),
    ))
}

fn of_event(envelope: &Envelope, detail: &Value) -> Result<Arrival, Nothing> {
    let (source, detail_type) = (envelope.source.as_str(), envelope.detail_type.as_str());
    if let Some(change) = change::read(envelope, detail) {
        return change.map(Arrival::Change);
    }
    if let Some(message) = webhook::read(envelope, detail) {
        return message.map(Arrival::Webhook);
    }
    if let Some(completion) = completion::read(envelope, detail) {
        return completion.map(Arrival::Completion);
    }
    Err(Nothing::Passed(format!(
        "nobody here waits for events \"{}\" of {}",
        short(detail_type),
        short(source)
    )))
}
