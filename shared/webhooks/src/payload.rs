//! JSON of a body, whichever way it is wrapped.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;

/// The largest body that is looked at.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// How deep a body may be nested, so that filters take time that its size bounds.
pub const NESTING_MAX: usize = 32;

/// Why a body says nothing. The message names what is wrong and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A form, but not with one field `payload`.
    #[error("the form has {0} fields named payload, and it takes one with the JSON in it")]
    Fields(usize),
    /// Not JSON.
    #[error("the body is not JSON: {0}; let the sender send application/json")]
    NoJson(String),
    /// Too deep.
    #[error("the body is nested more than {NESTING_MAX} deep")]
    TooDeep,
}

/// Reads a body: JSON, or a form whose field `payload` is JSON.
pub fn read(headers: &HeaderMap, body: &[u8]) -> Result<Value, Malformed> {
    let text: Cow<'_, [u8]> = if is_form(headers) { field(body)? } else { Cow::Borrowed(body) };
    if nesting(&text) > NESTING_MAX {
        return Err(Malformed::TooDeep);
    }
    serde_json::from_slice(&text).map_err(|error| Malformed::NoJson(error.to_string()))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn field(body: &[u8]) -> Result<Cow<'_, [u8]>, Malformed> {
    let mut found = form_urlencoded::parse(body).filter(|(name, _)| name == "payload");
    let payload = found.next().ok_or(Malformed::Fields(0))?.1;
    match found.count() {
        0 => Ok(Cow::Owned(payload.into_owned().into_bytes())),
        more => Err(Malformed::Fields(more + 1)),
    }
}

/// Returns how deep a text is nested if it is JSON. Looking before parsing keeps the parser's own
/// recursion short.
fn nesting(text: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
