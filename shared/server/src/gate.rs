//! Who may come in at all: programs on this machine, and pages that this server served.
//!
//! A page of any site can have its visitor's browser send requests to this machine. What a browser
//! cannot do is lie about where such a request comes from, and it names the host that the page meant,
//! even if that name was pointed at this machine afterwards. Signatures keep such requests out as well;
//! this gate is there so that they need not be relied on alone, and no answer ever carries a CORS
//! header.

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};

use crate::guard::{REFUSED, Refused};
use crate::refusal::Refusal;

/// What a body of the API's may say it is. None of these can be sent by a form.
const API_TYPES: [&str; 3] = ["application/x-amz-json-1.1", "application/json", "application/cbor"];

/// Lets a request in, or says why not. `port` is the server's own.
pub(crate) fn enter(parts: &Parts, port: u16) -> Result<(), Refusal> {
    if let Some(code) = parts.headers.get(REFUSED) {
        return Err(unreadable(code.to_str().unwrap_or_default()));
    }
    let host = host(&parts.headers, port).ok_or_else(|| {
        let message =
            format!("this server is reached as 127.0.0.1:{port} or localhost:{port} only");
        Refusal::new(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequestException", message)
    })?;
    check_origin(&parts.headers, &host)
}

fn unreadable(code: &str) -> Refusal {
    let refused = code.parse().unwrap_or(Refused::Line);
    let status = match refused {
        Refused::TooMany | Refused::TooLong => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Refused::LineEnd
        | Refused::Line
        | Refused::Version
        | Refused::Name
        | Refused::Folded
        | Refused::Value
        | Refused::Length
        | Refused::Encoding
        | Refused::LengthAndEncoding
        | Refused::Host => StatusCode::BAD_REQUEST,
    };
    Refusal::new(status, "SerializationException", refused.sentence()).ending()
}

/// Returns the host that the request names, if it is one of ours.
fn host(headers: &HeaderMap, port: u16) -> Option<String> {
    let mut named = headers.get_all(HOST).iter();
    let host = named.next()?.to_str().ok()?.to_ascii_lowercase();
    if named.next().is_some() {
        return None;
    }
    let is_ours = ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        match host.strip_prefix(name) {
            // The port of plain HTTP is left out by clients.
            Some("") => port == 80,
            Some(rest) => rest == format!(":{port}"),
            None => false,
        }
    });
    is_ours.then_some(host)
}

/// Turns away what a browser sends on behalf of another site.
fn check_origin(headers: &HeaderMap, host: &str) -> Result<(), Refusal> {
    let own = format!("http://{host}");
    let is_own = headers
        .get_all(ORIGIN)
        .iter()
        .all(|origin| origin.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(&own)));
    let is_direct = headers
        .get_all("sec-fetch-site")
        .iter()
        .all(|site| site.to_str().is_ok_and(|site| matches!(site, "same-origin" | "none")));
    if is_own && is_direct {
        return Ok(());
    }
    let message = "a page of another site sent this request, and it is not taken";
    Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDeniedException", message))
}

/// Turns away a body that a form could have sent: the API's bodies say what they are.
pub(crate) fn check_type(parts: &Parts) -> Result<(), Refusal> {
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let mut types = parts.headers.get_all(CONTENT_TYPE).iter();
    let (first, second) = (types.next(), types.next());
    let said = first.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if second.is_none() && API_TYPES.contains(&essence.as_str()) {
        return Ok(());
    }
    let message = format!("the request's Content-Type must be {}", API_TYPES.join(" or "));
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaTypeException", message))
}
