//! The API's door.

use std::sync::Arc;

use access::Principals;
use api::Api;
use bytes::Bytes;
use http::{Response, StatusCode};

use crate::event::{Event, Request};
use crate::identity::identified;
use crate::reply::{Refusal, Reply};
use crate::token::Bridge;

/// How it is known who asks.
#[derive(Debug)]
pub enum Asks {
    /// By the request's own signature, with keys that the bridge gives.
    Signature(Box<Bridge>),
    /// By what AWS says of the caller: the function URL checks signatures itself.
    Aws(Principals),
}

/// Answers what the API's function URL hands over.
pub struct ApiDoor {
    api: Arc<Api>,
    asks: Asks,
    /// A name that the deployer put before the function URL.
    own_host: Option<String>,
}

impl ApiDoor {
    /// Takes the API, how it is known who asks, and a name of the deployer's own.
    pub fn new(api: Arc<Api>, asks: Asks, own_host: Option<String>) -> Self {
        Self { api, asks, own_host }
    }

    /// Answers a request.
    pub async fn answer(&self, event: Event) -> Reply {
        let answer = match event.read(self.own_host.as_deref()) {
            Ok(request) => self.pass(&request).await,
            Err(refusal) => refusal.on_wire(None),
        };
        Reply::of(answer)
    }

    async fn pass(&self, request: &Request) -> Response<Bytes> {
        let Request { parts, body, peer, .. } = request;
        // A page of another site does not ask for anything here, whatever its visitor's browser knows.
        if parts.headers.contains_key(http::header::ORIGIN) {
            let message = "a page of a site sent this request, and it is not taken";
            let refusal = Refusal::new(StatusCode::FORBIDDEN, "AccessDeniedException", message);
            return refusal.on_wire(Some(parts));
        }
        match &self.asks {
            Asks::Signature(bridge) if parts.uri.path() == "/token" => {
                bridge.answer(&self.api, request).await
            }
            Asks::Signature(_) => self.api.handle(parts, body, *peer).await,
            Asks::Aws(principals) => {
                let region = &self.api.app.place.region;
                let asker =
                    request.iam.as_ref().and_then(|iam| identified(iam, region, principals));
                match asker {
                    Some(asker) => self.api.handle_for(asker, parts, body, *peer).await,
                    None => unidentified().on_wire(Some(parts)),
                }
            }
        }
    }
}

/// Nobody comes in whom AWS did not name, however the function was called.
fn unidentified() -> Refusal {
    tracing::error!("a request came without an identity; the function URL must ask for AWS_IAM");
    let message = "AWS did not say who asks, so nobody is let in";
    Refusal::new(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", message)
}
