//! What a webhook takes goes onto the deployment's own bus.

use api::Onward;
use async_trait::async_trait;
use cloud::postbox::Postbox;
use runtime::webhook::WebhookMessage;

/// The deployment's own bus.
#[derive(Clone, Debug)]
pub struct OwnBus(Postbox);

impl OwnBus {
    /// Takes what puts one event there.
    pub fn new(postbox: Postbox) -> Self {
        Self(postbox)
    }
}

#[async_trait]
impl Onward for OwnBus {
    async fn hand_on(&self, message: &WebhookMessage) -> Result<String, String> {
        self.0.post(message).await
    }
}
