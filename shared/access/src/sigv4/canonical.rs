//! The request, in the one form that both sides sign.

use http::request::Parts;

use super::authorization::Authorization;
use super::payload::Payload;

/// Writes the canonical request. For S3 the path is taken as it was sent; elsewhere dots and doubled
/// slashes are resolved, and what was encoded is encoded once more.
pub(super) fn request(
    request: &Parts,
    authorization: &Authorization<'_>,
    payload: &Payload,
    is_s3: bool,
) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(1024);
    let mut line = |text: &[u8]| {
        canonical.extend_from_slice(text);
        canonical.push(b'\n');
    };
    line(request.method.as_str().as_bytes());
    line(path(request.uri.path(), is_s3).as_bytes());
    line(query(request.uri.query().unwrap_or_default()).as_bytes());
    for name in &authorization.signed_headers {
        let values = request.headers.get_all(*name);
        let values: Vec<Vec<u8>> = values.iter().map(|value| collapsed(value.as_bytes())).collect();
        line(&[name.as_bytes(), b":", &values.join(&b","[..])].concat());
    }
    line(b"");
    line(authorization.signed_headers.join(";").as_bytes());
    canonical.extend_from_slice(payload.line().as_bytes());
    canonical
}

fn path(path: &str, is_s3: bool) -> String {
    if is_s3 {
        return if path.is_empty() { "/".to_owned() } else { encoded(path, b"/%", is_visible) };
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            named => segments.push(named),
        }
    }
    let is_open = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let end = if is_open && !segments.is_empty() { "/" } else { "" };
    encoded(&format!("/{}{end}", segments.join("/")), b"/", is_unreserved)
}

/// Sorts the parameters. What is encoded stays as it is; what should have been encoded becomes so.
fn query(query: &str) -> String {
    if query.is_empty() {
        return String::new();
    }
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (encoded(name, b"%", is_unreserved), encoded(value, b"%", is_unreserved))
    };
    let mut pairs: Vec<(String, String)> = query.split('&').map(pair).collect();
    pairs.sort();
    let texts: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    texts.join("&")
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn is_visible(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

fn encoded(text: &str, kept: &[u8], is_plain: fn(u8) -> bool) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(byte) || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
            encoded.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// Takes spaces away at both ends, and all but one where several follow each other.
fn collapsed(value: &[u8]) -> Vec<u8> {
    let mut collapsed: Vec<u8> = Vec::with_capacity(value.len());
    for &byte in value {
        let is_needless = byte == b' ' && collapsed.last().is_none_or(|last| *last == b' ');
        if !is_needless {
            collapsed.push(byte);
        }
    }
    if collapsed.last() == Some(&b' ') {
        collapsed.pop();
    }
    collapsed
}
