//! Hints travel through a queue.

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use runtime::hint::{Hints, Undelivered};
use runtime::{Hint, hint};

/// The longest that a message can wait in the queue before it is seen.
const DELAY_SECONDS_MAX: u32 = 900;

/// The queue that carries hints to `start-action`.
#[derive(Clone, Debug)]
pub struct HintQueue {
    client: Client,
    url: String,
}

impl HintQueue {
    /// Takes a client and the queue's URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    async fn put(&self, hint: &Hint, seconds: u32) -> Result<(), Undelivered> {
        let delay = i32::try_from(seconds.min(DELAY_SECONDS_MAX)).unwrap_or(i32::MAX);
        let request = self.client.send_message().queue_url(&self.url);
        let sent = request
            .message_body(hint::text::write(hint))
            .set_delay_seconds(Some(delay).filter(|delay| *delay > 0))
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| {
            Undelivered(aws_smithy_types::error::display::DisplayErrorContext(error).to_string())
        })
    }
}

#[async_trait]
impl Hints for HintQueue {
    async fn send(&self, hint: Hint) -> Result<(), Undelivered> {
        self.put(&hint, 0).await
    }

    async fn send_later(&self, hint: Hint, seconds: u32) -> Result<(), Undelivered> {
        self.put(&hint, seconds).await
    }
}
