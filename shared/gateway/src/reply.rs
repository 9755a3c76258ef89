//! An answer as a function URL takes it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use protocol::{Encoded, Fault, encode_fault, recognize};
use serde::Serialize;

/// What Lambda hands back is at most so long, its own wrapping included.
const REPLY_BYTES_MAX: usize = 6 * 1024 * 1024 - 64 * 1024;

/// A longer text goes as base 64, whose length does not depend on what the text is.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// What Lambda is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// The status.
    pub status_code: u16,
    /// The headers; one that comes twice has a comma between.
    pub headers: BTreeMap<String, String>,
    /// The body, or what base 64 makes of it.
    pub body: String,
    /// Which of the two.
    pub is_base64_encoded: bool,
}

/// Why a request does not reach what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// What programs read.
    pub(crate) code: Cow<'static, str>,
    /// What people read.
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    /// Writes it for a client of the API, in the protocol of the question if there is one.
    pub(crate) fn on_wire(&self, parts: Option<&Parts>) -> Response<Bytes> {
        let Some(parts) = parts else { return self.as_json() };
        let recognized = recognize(parts.method.as_str(), parts.uri.path(), &parts.headers);
        let (Ok((wire, _)) | Err((wire, _))) = recognized;
        let Encoded { status: _, headers, body } =
            encode_fault(wire, &Fault::new(self.code.clone(), &*self.message));
        let mut response = Response::new(Bytes::from(body));
        for (name, value) in headers {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        *response.status_mut() = self.status;
        response
    }

    /// Writes it for whoever is no client of the API.
    pub(crate) fn as_json(&self) -> Response<Bytes> {
        let body = serde_json::json!({ "__type": self.code, "message": self.message });
        json(self.status, &body)
    }
}

/// Answers JSON that nobody keeps.
pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

impl Reply {
    /// Makes a reply of an answer.
    pub(crate) fn of(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let known = headers.entry(name.as_str().to_owned()).or_default();
            let comma = if known.is_empty() { "" } else { ", " };
            *known = format!("{known}{comma}{value}");
        }
        let text = String::from_utf8(body.to_vec()).ok();
        let text = text.filter(|text| text.len() <= TEXT_BYTES_MAX && is_text(&headers));
        let is_base64_encoded = text.is_none();
        let body = text.unwrap_or_else(|| STANDARD.encode(&body));
        if body.len() > REPLY_BYTES_MAX {
            let message = "the answer is larger than a function may give; ask for fewer at a time";
            let refusal =
                Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", message);
            return Self::of(refusal.as_json());
        }
        Self { status_code: parts.status.as_u16(), headers, body, is_base64_encoded }
    }
}

fn is_text(headers: &BTreeMap<String, String>) -> bool {
    let kind = headers.get("content-type").map(String::as_str).unwrap_or_default();
    kind.is_empty() || kind.starts_with("text/") || kind.contains("json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: &str, body: Vec<u8>) -> Reply {
        let response = Response::builder().header("content-type", kind).body(Bytes::from(body));
        Reply::of(response.unwrap())
    }

    #[test]
    fn text_goes_as_it_is_and_everything_else_as_base_64() {
        let json = answer("application/x-amz-json-1.1", b"{}".to_vec());
        assert_eq!((json.body.as_str(), json.is_base64_encoded), ("{}", false));
        let cbor = answer("application/cbor", vec![0xbf, 0xff]);
        assert_eq!((cbor.body.as_str(), cbor.is_base64_encoded), ("v/8=", true));
        let broken = answer("text/html", vec![0xff]);
        assert!(broken.is_base64_encoded);
    }

    #[test]
    fn what_lambda_would_not_pass_on_is_an_error_that_says_so() {
        let quotes = answer("application/json", vec![b'"'; 3 * 1024 * 1024]);
        assert!(quotes.is_base64_encoded, "each would become two");
        assert_eq!(quotes.status_code, 200);
        let reply = answer("application/json", vec![b'x'; 5 * 1024 * 1024]);
        assert_eq!(reply.status_code, 500);
        assert!(reply.body.contains("fewer"), "{}", reply.body);
    }

    #[test]
    fn a_header_that_comes_twice_is_one() {
        let response = Response::builder().header("vary", "a").header("vary", "b");
        let reply = Reply::of(response.body(Bytes::new()).unwrap());
        assert_eq!(reply.headers["vary"], "a, b");
    }
}
