//! The door to what actions printed.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use protocol::Fault;

use crate::body::{Body, whole};
use crate::doors::Room;
use crate::refusal::Refusal;

/// Where the next piece begins.
const NEXT_OFFSET: &str = "x-towpath-next-offset";

/// Whether nothing will follow.
const ENDED: &str = "x-towpath-ended";

impl Room {
    /// Answers with a piece of a log: `/logs/ID?offset=N`.
    pub(crate) async fn read_log(
        &self,
        parts: &Parts,
        peer: IpAddr,
    ) -> Result<Response<Body>, Refusal> {
        if parts.method != Method::GET {
            let message = "logs are read with GET";
            return Err(Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "ValidationException",
                message,
            )
            .ending());
        }
        let id = parts.uri.path().strip_prefix("/logs/").unwrap_or_default();
        let offset = offset(parts.uri.query().unwrap_or_default()).ok_or_else(|| {
            let message = "the query is `offset=` and a number of bytes, or nothing";
            Refusal::new(StatusCode::BAD_REQUEST, "ValidationException", message)
        })?;
        let read = self.doors.api.read_log(parts, id, offset, peer).await;
        let piece = read.map_err(refusal)?;
        let response = Response::builder()
            // Whatever an action prints, a browser must not take it for a page.
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(NEXT_OFFSET, piece.next)
            .header(ENDED, if piece.has_ended { "true" } else { "false" });
        let bytes: Bytes = piece.bytes;
        Ok(response.body(whole(bytes)).expect("the headers are ours, and legal"))
    }
}

fn offset(query: &str) -> Option<u64> {
    match query {
        "" => Some(0),
        query => query.strip_prefix("offset=")?.parse().ok(),
    }
}

fn refusal(fault: Fault) -> Refusal {
    let status = match fault.code.as_ref() {
        "LogNotFoundException" => StatusCode::NOT_FOUND,
        "ThrottlingException" => StatusCode::TOO_MANY_REQUESTS,
        "InternalFailure" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::FORBIDDEN,
    };
    Refusal::new(status, fault.code, fault.message)
}
