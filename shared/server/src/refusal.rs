//! How requests are turned away before they reach their door: in the protocol of the question.

use std::borrow::Cow;

use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use protocol::{Encoded, Fault, Wire, encode_fault, recognize};

use crate::body::{Body, whole};

/// Why a request does not reach its door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// What programs read.
    pub(crate) code: Cow<'static, str>,
    /// What people read.
    pub(crate) message: String,
    /// Whether nothing more can be understood of the connection.
    pub(crate) ends: bool,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into(), ends: false }
    }

    /// Ends the connection, too.
    pub(crate) fn ending(self) -> Self {
        Self { ends: true, ..self }
    }

    /// Writes the refusal for a client of the API.
    pub(crate) fn on(&self, wire: Wire) -> Response<Body> {
        let encoded = encode_fault(wire, &Fault::new(self.code.clone(), &*self.message));
        let Encoded { status: _, headers, body } = encoded;
        let mut response = Response::new(whole(body));
        for (name, value) in headers {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        self.finish(response)
    }

    /// Sets what every refusal's answer has.
    pub(crate) fn finish(&self, mut response: Response<Body>) -> Response<Body> {
        *response.status_mut() = self.status;
        if self.ends {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(http::header::CONNECTION, close);
        }
        response
    }
}

/// Says in which protocol a request must be answered.
pub(crate) fn wire_of(parts: &Parts) -> Wire {
    match recognize(parts.method.as_str(), parts.uri.path(), &parts.headers) {
        Ok((wire, _)) | Err((wire, _)) => wire,
    }
}
