//! The API's door, and that of webhooks' deliveries.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use crate::body::{Body, whole};
use crate::doors::Room;
use crate::gate;
use crate::refusal::Refusal;

impl Room {
    /// Lets the API answer.
    pub(crate) async fn call(
        &self,
        parts: &Parts,
        body: Incoming,
        peer: IpAddr,
    ) -> Result<Response<Body>, Refusal> {
        gate::check_type(parts)?;
        if parts.headers.contains_key(TRANSFER_ENCODING) {
            let message = "the body comes in chunks: send it whole, with its Content-Length";
            return Err(
                Refusal::new(StatusCode::BAD_REQUEST, "SerializationException", message).ending()
            );
        }
        let body = self.collect(parts, body).await?;
        Ok(self.doors.api.handle(parts, &body, peer).await.map(whole))
    }

    /// Hands a webhook's delivery over. Hosts and tunnels may send theirs in chunks.
    pub(crate) async fn deliver(
        &self,
        parts: &Parts,
        body: Incoming,
        peer: IpAddr,
    ) -> Result<Response<Body>, Refusal> {
        let id = parts.uri.path().strip_prefix("/webhooks/").unwrap_or_default();
        let body = self.collect(parts, body).await?;
        Ok(api::deliver(&self.doors.api, id, parts, &body, peer).await.map(whole))
    }

    /// Reads a body that must fit into memory.
    async fn collect(&self, parts: &Parts, body: Incoming) -> Result<Bytes, Refusal> {
        let said = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let bytes = said.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        if bytes > self.limits.body_bytes_max as u64 {
            return Err(self.too_long());
        }
        let collected = Limited::new(body, self.limits.body_bytes_max).collect();
        match tokio::time::timeout(self.limits.body, collected).await {
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(self.too_long()),
            Ok(Err(_)) => {
                let message = "the body ends before its Content-Length";
                Err(Refusal::new(StatusCode::BAD_REQUEST, "SerializationException", message)
                    .ending())
            }
            Err(_) => {
                let message = "the body took too long to come";
                Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", message)
                    .ending())
            }
        }
    }

    fn too_long(&self) -> Refusal {
        let message = format!("a request is at most {} bytes long", self.limits.body_bytes_max);
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", message)
            .ending()
    }
}
