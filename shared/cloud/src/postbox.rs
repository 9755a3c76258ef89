//! Puts what a webhook took onto the deployment's own bus, while the sender waits for an answer.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::put_events::PutEventsOutput;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::SdkConfig;
use events::arrival::{WEBHOOK_DETAIL_TYPE, WebhookMessage};
use events::origin::SOURCE;

/// A bus that takes one event at a time.
#[derive(Clone, Debug)]
pub struct Postbox {
    client: Client,
    bus: String,
}

impl Postbox {
    /// Takes a bus by its name.
    pub fn new(own: &SdkConfig, bus: impl Into<String>) -> Self {
        Self { client: Client::new(own), bus: bus.into() }
    }

    /// Puts a message onto the bus, and answers the id that the event has there, or why it has none. Tried as
    /// often as the SDK tries a request, and no more: who sent the message waits, and sends it again.
    pub async fn post(&self, message: &WebhookMessage) -> Result<String, String> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(WEBHOOK_DETAIL_TYPE)
            .detail(message.detail().to_string())
            .time(DateTime::from_secs(message.at.millis().div_euclid(1000)))
            .build();
        let answer = self.client.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| DisplayErrorContext(error).to_string())?;
        id_of(&answer)
    }
}

/// The request as a whole succeeds even when its entry fails.
fn id_of(answer: &PutEventsOutput) -> Result<String, String> {
    let result = answer.entries().first();
    match result.and_then(|result| result.event_id()) {
        Some(id) if answer.failed_entry_count() == 0 => Ok(id.to_owned()),
        Some(_) | None => {
            let code = result.and_then(|result| result.error_code()).unwrap_or("no code");
            let reason = result.and_then(|result| result.error_message()).unwrap_or("no reason");
            Err(format!("the bus turned the event away: {code}: {reason}"))
        }
    }
}
