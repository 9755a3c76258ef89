//! How S3 words its refusals.

use std::error::Error;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::body::{Body, whole};
use crate::refusal::Refusal;

/// Writes a refusal as S3's clients read it.
pub(crate) fn refuse(refusal: &Refusal) -> Response<Body> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>",
        refusal.code,
        escaped(&refusal.message)
    );
    let mut response = Response::new(whole(text));
    let xml = HeaderValue::from_static("application/xml");
    response.headers_mut().insert(CONTENT_TYPE, xml);
    refusal.finish(response)
}

/// Says what the directory refused.
pub(super) fn failed(error: &artifacts::Error) -> Refusal {
    let (status, code) = match error {
        artifacts::Error::NotStored { .. } => (StatusCode::NOT_FOUND, "NoSuchKey"),
        artifacts::Error::AlreadyStored { .. } => (StatusCode::CONFLICT, "ObjectAlreadyExists"),
        artifacts::Error::Bucket { .. } => (StatusCode::BAD_REQUEST, "InvalidBucketName"),
        artifacts::Error::Key { .. } => (StatusCode::BAD_REQUEST, "InvalidArgument"),
        artifacts::Error::File { .. }
        | artifacts::Error::NotAFile { .. }
        | artifacts::Error::Tampered { .. }
        | artifacts::Error::Pack { .. }
        | artifacts::Error::Archive { .. }
        | artifacts::Error::Entry { .. }
        | artifacts::Error::Limit { .. } => return internal(error),
    };
    Refusal::new(status, code, format!("failed to {error}"))
}

/// Says that this machine failed.
pub(super) fn internal(error: &(dyn Error + 'static)) -> Refusal {
    tracing::error!(error, "an artifact could not be served");
    let message = "the artifact cannot be reached right now; ask again";
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message).ending()
}

/// Makes a text safe inside of an element.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            control if control.is_control() => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}
