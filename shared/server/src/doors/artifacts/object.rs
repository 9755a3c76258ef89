//! Which object a request is about.

use std::fmt;

use http::{StatusCode, Uri};

use super::answer::escaped;
use crate::refusal::Refusal;

/// An object's bucket and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) bucket: String,
    pub(super) key: String,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)
    }
}

impl Object {
    /// Reads the path.
    pub(super) fn of(uri: &Uri) -> Result<Self, Refusal> {
        let malformed =
            |message| Refusal::new(StatusCode::BAD_REQUEST, "InvalidRequest", message).ending();
        let path = uri.path().strip_prefix('/').unwrap_or_default();
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let decoded = unescaped(bucket).zip(unescaped(key));
        let (bucket, key) = decoded.ok_or_else(|| malformed("the path is not escaped UTF-8"))?;
        Ok(Self { bucket, key })
    }

    /// Tells something of the object as S3 does.
    pub(super) fn told(&self, what: &str, name: &str, value: &str) -> String {
        let (bucket, key) = (escaped(&self.bucket), escaped(&self.key));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{what}><Bucket>{bucket}</Bucket>\
             <Key>{key}</Key><{name}>{}</{name}></{what}>",
            escaped(value)
        )
    }
}

/// Takes percent escapes out of a part of a path.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(high << 4 | low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_bucket_and_a_key_and_escapes_are_taken_out() {
        let of = |uri: &str| Object::of(&uri.parse().unwrap()).map(|object| object.to_string());
        assert_eq!(of("/store/web/App/1").unwrap(), "store/web/App/1");
        assert_eq!(of("/store/we%40b/%C3%A9?x-id=GetObject").unwrap(), "store/we@b/é");
        assert_eq!(of("/store").unwrap(), "store/");
        assert_eq!(of("/").unwrap(), "/");
        for bad in ["/store/%", "/store/%4", "/store/%zz", "/store/%ff"] {
            assert_eq!(of(bad).unwrap_err().status, StatusCode::BAD_REQUEST, "{bad}");
        }
    }
}
