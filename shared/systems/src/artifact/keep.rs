//! Stores an output once, and finds it again.

use std::path::PathBuf;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use aws_smithy_types::base64;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use model::outcome::StoredArtifact;
use providers::Job;
use providers::job::OutputArtifact;
use sha2::{Digest as _, Sha256};

use super::copy::{self, Attributes, Copied, Destination, ObjectVersion};
use super::stream;
use crate::Ground;
use crate::fault::{Fault, chain};

/// Under which name of its metadata an object says its own digest, for people and other tools.
const METADATA_DIGEST: &str = "towpath-sha256";

/// Under which name of its metadata an object says what it was made of.
const METADATA_NOTE: &str = "towpath-note";

/// What an artifact is: a ZIP archive, unless a source passes something else on.
const CONTENT_TYPE: &str = "application/zip";

/// What an artifact is made of.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// An output that lies where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) artifact: StoredArtifact,
    /// What whoever stored it noted: for a source, the revision that it brought. A start that finds the
    /// artifact of an earlier one reports the revision that this one brought.
    pub(crate) note: Option<String>,
}

/// Returns an output if an earlier start stored it. A role that may not list the bucket cannot tell
/// whether an object is there; it finds out when it stores its own.
pub(crate) async fn kept(
    ground: &Ground,
    job: &Job,
    output: &OutputArtifact,
) -> Result<Option<Kept>, Fault> {
    let client = ground.s3(job).await?;
    match found(&client, job, output).await {
        Err(Fault::Forbidden(_)) => Ok(None),
        answer => answer,
    }
}

/// Finds an output that lies where it belongs.
pub(super) async fn found(
    client: &Client,
    job: &Job,
    output: &OutputArtifact,
) -> Result<Option<Kept>, Fault> {
    let OutputArtifact { name, files: _, bucket, key } = output;
    let Some(head) = head(client, job, bucket, key).await? else { return Ok(None) };
    let (sha256, size_bytes) = match digest_of(&head) {
        Some(known) => known,
        None => stream::digest(client, job, bucket, key).await?,
    };
    let artifact = StoredArtifact {
        name: name.clone(),
        bucket: bucket.clone(),
        key: key.clone(),
        sha256,
        size_bytes,
    };
    let note = head.metadata().and_then(|metadata| metadata.get(METADATA_NOTE)).cloned();
    Ok(Some(Kept { artifact, note }))
}

/// Asks what S3 knows of an object; none if there is none.
pub(super) async fn head(
    client: &Client,
    job: &Job,
    bucket: &str,
    key: &str,
) -> Result<Option<HeadObjectOutput>, Fault> {
    let asked = client.head_object().bucket(bucket).key(key).checksum_mode(ChecksumMode::Enabled);
    match asked.send().await {
        Ok(head) => Ok(Some(head)),
        Err(error) if error.raw_response().is_some_and(|it| it.status().as_u16() == 404) => {
            Ok(None)
        }
        Err(error) => {
            let permission = "s3:GetObject (and s3:ListBucket, to be told that nothing is there)";
            Err(Fault::for_job(job, &error, permission, &format!("s3://{bucket}/{key}")))
        }
    }
}

/// Returns the digest that S3 itself took of an object, with its size. One that was put together from
/// parts is no digest of the bytes, and metadata is what somebody said.
pub(super) fn digest_of(head: &HeadObjectOutput) -> Option<(String, u64)> {
    let sha256 = sha256_from_base64(head.checksum_sha256()?)?;
    Some((sha256, u64::try_from(head.content_length()?).ok()?))
}

pub(super) fn sha256_from_base64(text: &str) -> Option<String> {
    let bytes = base64::decode(text).ok().filter(|bytes| bytes.len() == 32)?;
    Some(hex::encode(bytes))
}

/// Stores an output; what is there already stays and is returned.
pub(crate) async fn keep(
    ground: &Ground,
    job: &Job,
    output: &OutputArtifact,
    content: Content,
    note: Option<&str>,
) -> Result<Kept, Fault> {
    let client = ground.s3(job).await?;
    let OutputArtifact { name, files: _, bucket, key } = output;
    let (sha256, size_bytes, content) = content.digested().await?;
    let in_base64 = hex::decode(&sha256).map(base64::encode).unwrap_or_default();
    let mut attributes = attributes(job, note);
    attributes.metadata.insert(METADATA_DIGEST.to_owned(), sha256.clone());
    let asked = client
        .put_object()
        .bucket(bucket)
        .key(key)
        .if_none_match("*")
        .checksum_sha256(in_base64)
        .set_server_side_encryption(attributes.encryption())
        .set_ssekms_key_id(attributes.encryption_key)
        .set_content_type(attributes.content_type)
        .set_metadata(Some(attributes.metadata))
        .body(content.into_body().await?);
    match asked.send().await {
        Ok(_) => {}
        Err(error) if error.code() == Some("PreconditionFailed") => {
            return stored_before(&client, job, output).await;
        }
        Err(error) => {
            let subject = format!("s3://{bucket}/{key}");
            return Err(Fault::for_job(job, &error, "s3:PutObject", &subject));
        }
    }
    let artifact = StoredArtifact {
        name: name.clone(),
        bucket: bucket.clone(),
        key: key.clone(),
        sha256,
        size_bytes,
    };
    Ok(Kept { artifact, note: note.map(str::to_owned) })
}

/// Makes an output of an object that lies in S3 already, without its bytes passing through here.
pub(crate) async fn keep_copy(
    ground: &Ground,
    job: &Job,
    output: &OutputArtifact,
    from: &ObjectVersion,
    note: &str,
) -> Result<Kept, Fault> {
    let client = ground.s3(job).await?;
    let OutputArtifact { name, files: _, bucket, key } = output;
    let to = destination(job, (bucket, key), Some(note));
    let sha256 = match copy::copy(&client, job, from, &to).await? {
        Copied::New { sha256 } => sha256,
        Copied::WasThere => return stored_before(&client, job, output).await,
    };
    let (sha256, size_bytes) = match sha256 {
        Some(sha256) => (sha256, from.size_bytes),
        None => stream::digest(&client, job, bucket, key).await?,
    };
    let artifact = StoredArtifact {
        name: name.clone(),
        bucket: bucket.clone(),
        key: key.clone(),
        sha256,
        size_bytes,
    };
    Ok(Kept { artifact, note: Some(note.to_owned()) })
}

async fn stored_before(client: &Client, job: &Job, output: &OutputArtifact) -> Result<Kept, Fault> {
    found(client, job, output).await?.ok_or_else(|| {
        let OutputArtifact { bucket, key, .. } = output;
        Fault::Later(format!("s3://{bucket}/{key} was there a moment ago and is gone"))
    })
}

/// Returns where a copy goes that becomes an artifact of this job.
pub(super) fn destination(job: &Job, place: (&str, &str), note: Option<&str>) -> Destination {
    let (bucket, key) = (place.0.to_owned(), place.1.to_owned());
    Destination { bucket, key, is_kept: true, attributes: attributes(job, note) }
}

/// Returns what an artifact of this job has besides its bytes.
fn attributes(job: &Job, note: Option<&str>) -> Attributes {
    let note = note.map(|note| (METADATA_NOTE.to_owned(), note.to_owned()));
    Attributes {
        metadata: note.into_iter().collect(),
        content_type: Some(CONTENT_TYPE.to_owned()),
        encryption_key: job.encryption_key.clone().filter(|key| !key.is_empty()),
        ..Attributes::default()
    }
}

impl Content {
    async fn digested(self) -> Result<(String, u64, Content), Fault> {
        match self {
            Content::Bytes(bytes) => {
                let sha256 = hex::encode(Sha256::digest(&bytes));
                Ok((sha256, bytes.len() as u64, Content::Bytes(bytes)))
            }
            Content::File(path) => {
                let (sha256, size_bytes) = stream::blocking({
                    let path = path.clone();
                    move || artifacts::digest::sha256_of_file(&path)
                })
                .await?
                .map_err(|error| Fault::job_failed(format!("failed to {}", chain(&error))))?;
                Ok((sha256, size_bytes, Content::File(path)))
            }
        }
    }

    async fn into_body(self) -> Result<ByteStream, Fault> {
        match self {
            Content::Bytes(bytes) => Ok(ByteStream::from(bytes)),
            Content::File(path) => ByteStream::from_path(path)
                .await
                .map_err(|error| Fault::job_failed(format!("failed to {}", chain(&error)))),
        }
    }
}
