//! Uploads in parts: what S3's clients do with large files of their own accord.
//!
//! Each upload has a folder among the uploads, with a file for each part, and is stored as one artifact
//! when it is completed. A server that starts again has forgotten what was not.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use access::sigv4::Claim;
use http::header::ETAG;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tempfile::{Builder, NamedTempFile};

use super::object::Object;
use super::{Artifacts, answer};
use crate::Limits;
use crate::body::{Body, whole};
use crate::refusal::Refusal;

/// How the folders of uploads begin.
const PREFIX: &str = "parts-";

/// The file of an upload's folder that names the object.
const OBJECT: &str = "object";

/// How many parts an upload has at most, as in S3.
const PARTS_MAX: u32 = 10_000;

/// How long the list of parts may be.
const LIST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a query asks of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Begin,
    Part(String, u32),
    Complete(String),
    Abort(String),
}

impl Step {
    /// Reads the step that a request asks for; nothing if it is about a whole object.
    pub(super) fn of(parts: &Parts) -> Option<Self> {
        let (mut begins, mut upload, mut number) = (false, None, None);
        for pair in parts.uri.query()?.split('&') {
            match pair.split_once('=').unwrap_or((pair, "")) {
                ("uploads", "") => begins = true,
                ("uploadId", id) => upload = Some(id.to_owned()),
                ("partNumber", text) => number = Some(text.parse().ok()?),
                ("x-id", _) => {}
                _ => return None,
            }
        }
        match (&parts.method, begins, upload, number) {
            (&Method::POST, true, None, None) => Some(Self::Begin),
            (&Method::PUT, false, Some(id), Some(number)) => Some(Self::Part(id, number)),
            (&Method::POST, false, Some(id), None) => Some(Self::Complete(id)),
            (&Method::DELETE, false, Some(id), None) => Some(Self::Abort(id)),
            _ => None,
        }
    }
}

impl Artifacts {
    /// Takes a step of an upload in parts.
    pub(super) async fn upload(
        &self,
        step: Step,
        parts: &Parts,
        body: Incoming,
        object: &Object,
        claim: Claim,
        limits: &Limits,
    ) -> Result<Response<Body>, Refusal> {
        match step {
            Step::Begin => self.begin(object),
            Step::Part(id, number) => {
                let folder = self.folder(&id, object)?;
                if !(1..=PARTS_MAX).contains(&number) {
                    let message = format!("parts are numbered from 1 to {PARTS_MAX}");
                    return Err(refused("InvalidArgument", message));
                }
                let received = self.receive(body, limits).await?;
                received.check(&parts.headers, claim)?;
                let tag = received.tag();
                let kept = received.into_file().persist(folder.join(number.to_string()));
                kept.map_err(|error| answer::internal(&error.error))?;
                Ok(answered(Response::builder().header(ETAG, tag), ""))
            }
            Step::Complete(id) => {
                let folder = self.folder(&id, object)?;
                let list = Limited::new(body, LIST_BYTES_MAX).collect();
                let list = tokio::time::timeout(limits.body, list).await.ok().and_then(Result::ok);
                let list = list.ok_or_else(|| refused("MalformedXML", "the list did not come"))?;
                let numbers = numbers(&String::from_utf8_lossy(&list.to_bytes()))?;
                self.complete(folder, numbers, object, limits).await
            }
            Step::Abort(id) => {
                let folder = self.folder(&id, object)?;
                fs::remove_dir_all(folder).map_err(|error| answer::internal(&error))?;
                Ok(answered(Response::builder().status(StatusCode::NO_CONTENT), ""))
            }
        }
    }

    fn begin(&self, object: &Object) -> Result<Response<Body>, Refusal> {
        let failed = |error: io::Error| answer::internal(&error);
        let made = Builder::new().prefix(PREFIX).rand_bytes(20).tempdir_in(self.uploads());
        let folder = made.map_err(failed)?.keep();
        fs::write(folder.join(OBJECT), object.to_string()).map_err(failed)?;
        let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = object.told("InitiateMultipartUploadResult", "UploadId", &id);
        Ok(answered(Response::builder(), text))
    }

    /// Finds the folder of an upload, which is of this object and no other.
    fn folder(&self, id: &str, object: &Object) -> Result<PathBuf, Refusal> {
        let is_id = id.starts_with(PREFIX)
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let folder = self.uploads().join(id);
        let of = fs::read_to_string(folder.join(OBJECT)).ok();
        if is_id && of.is_some_and(|of| of == object.to_string()) {
            return Ok(folder);
        }
        let message = "there is no such upload; begin a new one";
        Err(Refusal::new(StatusCode::NOT_FOUND, "NoSuchUpload", message).ending())
    }

    async fn complete(
        &self,
        folder: PathBuf,
        numbers: Vec<u32>,
        object: &Object,
        limits: &Limits,
    ) -> Result<Response<Body>, Refusal> {
        let (uploads, bytes_max) = (self.uploads().to_owned(), limits.artifact_bytes_max);
        let from = folder.clone();
        let joining = move || join(&uploads, &from, &numbers, bytes_max);
        let joined = tokio::task::spawn_blocking(joining).await;
        let file = joined.map_err(|error| answer::internal(&error))??;
        let place = object.clone();
        let stored = self
            .blocking(move |directory| {
                let stored = directory.store(&place.bucket, &place.key, file.path())?;
                // Should it stay, the next start clears it away.
                let _ = fs::remove_dir_all(folder);
                Ok(stored)
            })
            .await?;
        let tag = format!("\"{}\"", stored.sha256);
        let text = object.told("CompleteMultipartUploadResult", "ETag", &tag);
        Ok(answered(Response::builder(), text))
    }
}

/// Puts parts together, in the order of the list.
fn join(
    uploads: &Path,
    folder: &Path,
    numbers: &[u32],
    bytes_max: u64,
) -> Result<NamedTempFile, Refusal> {
    let failed = |error: io::Error| answer::internal(&error);
    let mut whole = NamedTempFile::new_in(uploads).map_err(failed)?;
    let mut bytes = 0;
    for number in numbers {
        let mut part = match File::open(folder.join(number.to_string())) {
            Ok(part) => part,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(refused("InvalidPart", format!("part {number} never came")));
            }
            Err(error) => return Err(failed(error)),
        };
        bytes += io::copy(&mut part, &mut whole).map_err(failed)?;
        if bytes > bytes_max {
            let message = format!("an artifact has at most {bytes_max} bytes here");
            return Err(refused("EntityTooLarge", message));
        }
    }
    Ok(whole)
}

/// Reads the numbers of a list of parts. They must rise, so no part comes twice.
fn numbers(list: &str) -> Result<Vec<u32>, Refusal> {
    let numbers: Option<Vec<u32>> = list
        .split("<PartNumber>")
        .skip(1)
        .map(|rest| rest.split('<').next()?.trim().parse().ok())
        .collect();
    match numbers {
        Some(numbers) if numbers.is_empty() => Err(refused("MalformedXML", "the list is empty")),
        Some(numbers) if numbers.is_sorted_by(|before, after| before < after) => Ok(numbers),
        Some(_) => {
            Err(refused("InvalidPartOrder", "the parts must be listed by number, each once"))
        }
        None => Err(refused("MalformedXML", "a part's number is not one")),
    }
}

fn answered(response: http::response::Builder, text: impl Into<bytes::Bytes>) -> Response<Body> {
    response.body(whole(text)).expect("the headers are ours, and legal")
}

fn refused(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, message).ending()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_parts_is_numbers_that_rise() {
        let list = |numbers: &[&str]| {
            let part = |number: &&str| {
                format!("<Part><ETag>x</ETag><PartNumber>{number}</PartNumber></Part>")
            };
            let parts: Vec<_> = numbers.iter().map(part).collect();
            format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.concat())
        };
        assert_eq!(numbers(&list(&["1", "2", "10"])), Ok(vec![1, 2, 10]));
        for bad in [&["2", "1"][..], &["1", "1"], &[], &["x"], &["-1"], &[""]] {
            assert!(numbers(&list(bad)).is_err(), "{bad:?}");
        }
    }
}
