//! The public door: deliveries of webhooks, and the pages of approvals.
//!
//! What a delivery is meant for is started by whoever reads it from the bus: a host gets its answer at once, and
//! a delivery that was taken is started even if something fails for a while.

use std::sync::Arc;

use api::{Api, Onward};
use bytes::Bytes;
use http::{Response, StatusCode};

use crate::approval::Approvals;
use crate::event::{Event, Request};
use crate::reply::{Refusal, Reply};

/// What the path of a webhook's URL begins with.
pub(crate) const WEBHOOKS: &str = "/webhooks/";

/// Answers what the public function URL hands over.
pub struct PublicDoor {
    api: Arc<Api>,
    onward: Arc<dyn Onward>,
    approvals: Approvals,
    own_host: Option<String>,
}

impl PublicDoor {
    /// Takes the API, where messages go that webhooks take, and a name of the deployer's own.
    pub fn new(api: Arc<Api>, onward: Arc<dyn Onward>, own_host: Option<String>) -> Self {
        Self { api, onward, approvals: Approvals::default(), own_host }
    }

    /// Answers a request.
    pub async fn answer(&self, event: Event) -> Reply {
        let answer = match event.read(self.own_host.as_deref()) {
            Ok(request) => self.pass(&request).await,
            Err(refusal) => refusal.as_json(),
        };
        Reply::of(answer)
    }

    async fn pass(&self, request: &Request) -> Response<Bytes> {
        let Request { parts, body, peer, .. } = request;
        if let Some(id) = parts.uri.path().strip_prefix(WEBHOOKS) {
            let onward = self.onward.as_ref();
            return api::deliver_onward(&self.api, onward, id, parts, body, *peer).await;
        }
        if let Some(answer) = self.approvals.answer(&self.api, request).await {
            return answer;
        }
        let message = "there is nothing here";
        Refusal::new(StatusCode::NOT_FOUND, "NotFoundException", message).as_json()
    }
}
