//! Sources that changed: CodeCommit, ECR and S3 (contract §5.1).

use serde_json::Value;

use super::members::{short, text, text_if_any};
use super::{Envelope, Nothing, SourceKey};

/// The calls that bring an object into being, as `CloudTrail` tells of them.
const WRITES: [&str; 3] = ["PutObject", "CopyObject", "CompleteMultipartUpload"];

/// A source has a new revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceChange {
    /// Which source.
    pub key: SourceKey,
    /// Which revision, where the event says so. Otherwise the source finds its newest one.
    pub revision: Option<NewRevision>,
    /// What the event says of itself.
    pub envelope: Envelope,
}

/// What a start is pinned to (R8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRevision {
    /// As overrides of source revisions name it (R7).
    pub kind: &'static str,
    /// The commit, digest or version.
    pub value: String,
    /// Whether it can come into being only once. A branch or a tag may return to where it was, which
    /// is a change again; a version of an object is written once, so two events with the same version
    /// tell of the same change.
    pub is_once: bool,
}

type Read = Result<SourceChange, Nothing>;

/// Reads an event of a source; `None` if it is about something else.
pub(super) fn read(envelope: &Envelope, detail: &Value) -> Option<Read> {
    match (envelope.source.as_str(), envelope.detail_type.as_str()) {
        ("aws.codecommit", "CodeCommit Repository State Change") => {
            Some(code_commit(envelope, detail))
        }
        ("aws.ecr", "ECR Image Action") => Some(ecr(envelope, detail)),
        ("aws.s3", "Object Created") => Some(s3(envelope, detail)),
        ("aws.s3", "AWS API Call via CloudTrail") => Some(cloud_trail(envelope, detail)),
        _ => None,
    }
}

fn code_commit(envelope: &Envelope, detail: &Value) -> Read {
    let event = text(detail, &["event"])?;
    if !["referenceCreated", "referenceUpdated"].contains(&event) {
        return passed(format!("{} brings no commit", short(event)));
    }
    let kind = text(detail, &["referenceType"])?;
    if kind != "branch" {
        return passed(format!("a {} is followed by nobody", short(kind)));
    }
    // Every event has the ARN; the name stands in the detail of newer ones only.
    let of_arn = || envelope.resources.first()?.rsplit(':').next();
    let repository = text_if_any(detail, &["repositoryName"]).or_else(of_arn);
    let repository = repository.ok_or_else(|| missing("repositoryName"))?;
    let key = SourceKey::code_commit(repository, text(detail, &["referenceName"])?);
    let commit = text(detail, &["commitId"])?;
    change(envelope, key, Some(revision("COMMIT_ID", commit)))
}

fn ecr(envelope: &Envelope, detail: &Value) -> Read {
    let (action, result) = (text(detail, &["action-type"])?, text(detail, &["result"])?);
    if (action, result) != ("PUSH", "SUCCESS") {
        return passed(format!("{} with {} brings no image", short(action), short(result)));
    }
    let repository = text(detail, &["repository-name"])?;
    let Some(tag) = text_if_any(detail, &["image-tag"]) else {
        return passed("an image without a tag is followed by nobody".to_owned());
    };
    let digest = text(detail, &["image-digest"])?;
    let key = SourceKey::ecr(repository, tag);
    change(envelope, key, Some(revision("IMAGE_DIGEST", digest)))
}

fn s3(envelope: &Envelope, detail: &Value) -> Read {
    let bucket = text(detail, &["bucket", "name"])?;
    let key = SourceKey::s3(bucket, text(detail, &["object", "key"])?);
    let version = text_if_any(detail, &["object", "version-id"]);
    change(envelope, key, version.and_then(version_of))
}

fn cloud_trail(envelope: &Envelope, detail: &Value) -> Read {
    let call = text(detail, &["eventName"])?;
    if !WRITES.contains(&call) {
        return passed(format!("{} writes no object", short(call)));
    }
    if let Some(code) = text_if_any(detail, &["errorCode"]) {
        return passed(format!("the call to {call} failed with {}", short(code)));
    }
    let bucket = text(detail, &["requestParameters", "bucketName"])?;
    let key = SourceKey::s3(bucket, text(detail, &["requestParameters", "key"])?);
    let version = text_if_any(detail, &["responseElements", "x-amz-version-id"]);
    change(envelope, key, version.and_then(version_of))
}

/// Returns the version of an object. A bucket that keeps no versions calls each of them `null`.
fn version_of(version: &str) -> Option<NewRevision> {
    let is_one = version != "null";
    is_one.then(|| NewRevision { is_once: true, ..revision("S3_OBJECT_VERSION_ID", version) })
}

fn revision(kind: &'static str, value: &str) -> NewRevision {
    NewRevision { kind, value: value.to_owned(), is_once: false }
}

fn change(envelope: &Envelope, key: Option<SourceKey>, revision: Option<NewRevision>) -> Read {
    match key {
        Some(key) => Ok(SourceChange { key, revision, envelope: envelope.clone() }),
        None => passed("the source's name is longer than any that can exist".to_owned()),
    }
}

fn passed(reason: String) -> Read {
    Err(Nothing::Passed(reason))
}

fn missing(name: &str) -> Nothing {
    Nothing::Malformed(format!("{name} is missing or no text"))
}
