//! `GetObject` and `HeadObject`.

use std::io::SeekFrom;
use std::time::SystemTime;

use http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MATCH, LAST_MODIFIED,
    RANGE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::fs::File;
use tokio::io::AsyncSeekExt;

use super::object::Object;
use super::{Artifacts, answer};
use crate::Limits;
use crate::body::{self, Body};
use crate::refusal::Refusal;

/// Which bytes of an object are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    first: u64,
    length: u64,
    is_whole: bool,
}

impl Artifacts {
    pub(super) async fn get(
        &self,
        parts: &Parts,
        object: &Object,
        limits: &Limits,
    ) -> Result<Response<Body>, Refusal> {
        let wanted = object.clone();
        let file =
            self.blocking(move |found| found.open_stored(&wanted.bucket, &wanted.key)).await?;
        let metadata = file.metadata().map_err(|error| answer::internal(&error))?;
        let size = metadata.len();
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let tag = tag(size, modified);
        if let Some(expected) = parts.headers.get(IF_MATCH)
            && expected != tag.as_str()
        {
            let message = "the object is not the one that is expected";
            return Err(Refusal::new(
                StatusCode::PRECONDITION_FAILED,
                "PreconditionFailed",
                message,
            ));
        }
        let span = span(&parts.headers, size)?;
        let mut response = Response::builder()
            .header(ACCEPT_RANGES, "bytes")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, span.length)
            .header(ETAG, tag);
        if let Some(date) = date(modified) {
            response = response.header(LAST_MODIFIED, date);
        }
        if !span.is_whole {
            let last = span.first + span.length - 1;
            response = response
                .status(StatusCode::PARTIAL_CONTENT)
                .header(CONTENT_RANGE, format!("bytes {}-{last}/{size}", span.first));
        }
        let body = if parts.method == Method::HEAD {
            body::whole("")
        } else {
            let mut file = File::from_std(file);
            let sought = file.seek(SeekFrom::Start(span.first)).await;
            sought.map_err(|error| answer::internal(&error))?;
            body::file(file, span.length, limits.stall)
        };
        Ok(response.body(body).expect("the headers are ours, and legal"))
    }
}

/// Stands for the bytes. A key is written once, so when and how much tells one object from another.
fn tag(size: u64, modified: SystemTime) -> String {
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("\"{size:x}-{:x}\"", since.as_nanos())
}

fn date(modified: SystemTime) -> Option<HeaderValue> {
    let moment = Timestamp::try_from(modified).ok()?;
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&moment).ok()?;
    HeaderValue::from_str(&text).ok()
}

/// Reads which bytes are asked for. Anything but one range of bytes means all of them, as HTTP has it.
fn span(headers: &HeaderMap, size: u64) -> Result<Span, Refusal> {
    let whole = Span { first: 0, length: size, is_whole: true };
    let said = headers.get(RANGE).and_then(|value| value.to_str().ok());
    let Some((first, last)) = said.and_then(|text| text.strip_prefix("bytes=")?.split_once('-'))
    else {
        return Ok(whole);
    };
    let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(size.saturating_sub(1))),
        (Ok(first), Err(_)) if last.is_empty() => (first, size.saturating_sub(1)),
        (Err(_), Ok(count)) if first.is_empty() && count > 0 => {
            (size.saturating_sub(count), size.saturating_sub(1))
        }
        _ => return Ok(whole),
    };
    if first >= size {
        let message = format!("the object has {size} bytes");
        return Err(Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message));
    }
    Ok(Span { first, length: last - first + 1, is_whole: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_range_of_bytes_and_anything_else_means_everything() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_str(text).unwrap());
            span(&headers, 10).map(|span| (span.first, span.length, span.is_whole)).ok()
        };
        assert_eq!(of("bytes=0-3"), Some((0, 4, false)));
        assert_eq!(of("bytes=4-"), Some((4, 6, false)));
        assert_eq!(of("bytes=-3"), Some((7, 3, false)));
        assert_eq!(of("bytes=-30"), Some((0, 10, false)));
        assert_eq!(of("bytes=8-99"), Some((8, 2, false)));
        assert_eq!(of("bytes=10-"), None);
        for whole in ["bytes=3-1", "bytes=-0", "bytes=-", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"]
        {
            assert_eq!(of(whole), Some((0, 10, true)), "{whole}");
        }
    }
}
