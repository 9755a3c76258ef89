//! Copies objects inside S3, also from one Region to another.

use std::collections::HashMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, MetadataDirective, ObjectCannedAcl,
    ServerSideEncryption, TaggingDirective,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use providers::Job;

use super::keep::sha256_from_base64;
use crate::fault::Fault;

/// How many bytes one call copies.
const CALL_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;

/// How many bytes a part has when there are several.
const PART_BYTES: u64 = 1024 * 1024 * 1024;

/// What stays as it is in the header that names an object to copy.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// One object, as it is at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectVersion {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// Its version, in a bucket that keeps versions.
    pub(crate) version: Option<String>,
    /// What its bytes must be marked with, if that is known.
    pub(crate) etag: Option<String>,
    pub(crate) size_bytes: u64,
}

/// Where a copy goes, and what it has besides its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Destination {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// Whether what is there stays, as with artifacts, or is replaced, as with what is deployed.
    pub(crate) is_kept: bool,
    pub(crate) attributes: Attributes,
}

/// What an object has besides its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes {
    /// What is said of it; a copy that says nothing keeps what its source says.
    pub(crate) metadata: HashMap<String, String>,
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) acl: Option<ObjectCannedAcl>,
    /// A key of KMS; none leaves the encryption to the bucket.
    pub(crate) encryption_key: Option<String>,
}

impl Attributes {
    pub(crate) fn encryption(&self) -> Option<ServerSideEncryption> {
        self.encryption_key.is_some().then_some(ServerSideEncryption::AwsKms)
    }

    fn directive(&self) -> MetadataDirective {
        if self.metadata.is_empty() { MetadataDirective::Copy } else { MetadataDirective::Replace }
    }
}

impl Destination {
    fn condition(&self) -> Option<String> {
        self.is_kept.then(|| "*".to_owned())
    }
}

/// What became of a copy.
pub(crate) enum Copied {
    /// It was made; S3 says its digest if it took one.
    New { sha256: Option<String> },
    /// An object was there before, and stays.
    WasThere,
}

impl ObjectVersion {
    /// Returns the object as the header of a copy names it.
    fn source(&self) -> String {
        let path = format!("{}/{}", self.bucket, self.key);
        let path = utf8_percent_encode(&path, PLAIN).to_string();
        match &self.version {
            Some(version) => format!("{path}?versionId={}", utf8_percent_encode(version, PLAIN)),
            None => path,
        }
    }

    fn subject(&self, to: &Destination) -> String {
        let Destination { bucket, key, .. } = to;
        format!("s3://{bucket}/{key}, copied from s3://{}/{}", self.bucket, self.key)
    }
}

/// Which permissions a copy needs.
const PERMISSION: &str =
    "s3:PutObject (and s3:GetObject and s3:GetObjectVersion on what is copied)";

/// Copies an object.
pub(crate) async fn copy(
    client: &Client,
    job: &Job,
    from: &ObjectVersion,
    to: &Destination,
) -> Result<Copied, Fault> {
    if from.size_bytes > CALL_BYTES_MAX {
        return Box::pin(copy_parts(client, job, from, to)).await;
    }
    let attributes = &to.attributes;
    let asked = client
        .copy_object()
        .copy_source(from.source())
        .set_copy_source_if_match(from.etag.clone())
        .bucket(&to.bucket)
        .key(&to.key)
        .set_if_none_match(to.condition())
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .metadata_directive(attributes.directive())
        .set_metadata(Some(attributes.metadata.clone()))
        .set_content_type(attributes.content_type.clone())
        .set_cache_control(attributes.cache_control.clone())
        .set_acl(attributes.acl.clone())
        // To take tags along would need the permission to read them.
        .tagging_directive(TaggingDirective::Replace)
        .set_server_side_encryption(attributes.encryption())
        .set_ssekms_key_id(attributes.encryption_key.clone());
    match asked.send().await {
        Ok(answer) => {
            let result = answer.copy_object_result();
            let sha256 = result.and_then(|result| result.checksum_sha256());
            Ok(Copied::New { sha256: sha256.and_then(sha256_from_base64) })
        }
        Err(error) if error.code() == Some("PreconditionFailed") => {
            after_precondition(client, job, from, to).await
        }
        Err(error) => Err(Fault::for_job(job, &error, PERMISSION, &from.subject(to))),
    }
}

/// Tells apart the two conditions of a copy: that nothing is there, and that the source did not change.
async fn after_precondition(
    client: &Client,
    job: &Job,
    from: &ObjectVersion,
    to: &Destination,
) -> Result<Copied, Fault> {
    if to.is_kept && super::keep::head(client, job, &to.bucket, &to.key).await?.is_some() {
        return Ok(Copied::WasThere);
    }
    // Without a version, the object was replaced after it was looked at; the next look sees the new one.
    Err(Fault::Later(format!("s3://{}/{} was replaced while it was copied", from.bucket, from.key)))
}

/// Copies an object that is too large for one call.
async fn copy_parts(
    client: &Client,
    job: &Job,
    from: &ObjectVersion,
    to: &Destination,
) -> Result<Copied, Fault> {
    let attributes = &to.attributes;
    let begun = client
        .create_multipart_upload()
        .bucket(&to.bucket)
        .key(&to.key)
        .set_metadata(Some(attributes.metadata.clone()))
        .set_content_type(attributes.content_type.clone())
        .set_cache_control(attributes.cache_control.clone())
        .set_acl(attributes.acl.clone())
        .set_server_side_encryption(attributes.encryption())
        .set_ssekms_key_id(attributes.encryption_key.clone())
        .send()
        .await
        .map_err(|error| Fault::for_job(job, &error, PERMISSION, &from.subject(to)))?;
    let upload = begun.upload_id().unwrap_or_default();
    let copied = fill(client, job, from, to, upload).await;
    if !matches!(copied, Ok(Copied::New { .. })) {
        // What stays behind costs money and nothing else; the bucket's lifecycle removes it, too.
        let aborted =
            client.abort_multipart_upload().bucket(&to.bucket).key(&to.key).upload_id(upload);
        if let Err(error) = aborted.send().await {
            tracing::warn!(error = %crate::fault::chain(&error), "an upload was not taken back");
        }
    }
    copied
}

async fn fill(
    client: &Client,
    job: &Job,
    from: &ObjectVersion,
    to: &Destination,
    upload: &str,
) -> Result<Copied, Fault> {
    let mut parts = CompletedMultipartUpload::builder();
    let starts = (0..from.size_bytes).step_by(usize::try_from(PART_BYTES).unwrap_or(usize::MAX));
    for (number, start) in (1..).zip(starts) {
        let end = (start + PART_BYTES).min(from.size_bytes) - 1;
        let copied = client
            .upload_part_copy()
            .bucket(&to.bucket)
            .key(&to.key)
            .upload_id(upload)
            .part_number(number)
            .copy_source(from.source())
            .set_copy_source_if_match(from.etag.clone())
            .copy_source_range(format!("bytes={start}-{end}"))
            .send()
            .await
            .map_err(|error| Fault::for_job(job, &error, PERMISSION, &from.subject(to)))?;
        let etag = copied.copy_part_result().and_then(|result| result.e_tag());
        let part = CompletedPart::builder().part_number(number).set_e_tag(etag.map(str::to_owned));
        parts = parts.parts(part.build());
    }
    let completed = client
        .complete_multipart_upload()
        .bucket(&to.bucket)
        .key(&to.key)
        .upload_id(upload)
        .set_if_none_match(to.condition())
        .multipart_upload(parts.build())
        .send()
        .await;
    match completed {
        Ok(_) => Ok(Copied::New { sha256: None }),
        Err(error) if error.code() == Some("PreconditionFailed") => Ok(Copied::WasThere),
        Err(error) => Err(Fault::for_job(job, &error, PERMISSION, &from.subject(to))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_named_in_the_letters_of_a_header() {
        let object = ObjectVersion {
            bucket: "code".to_owned(),
            key: "a b/ü+?.zip".to_owned(),
            version: Some("3/L4+x=".to_owned()),
            etag: None,
            size_bytes: 1,
        };
        assert_eq!(object.source(), "code/a%20b/%C3%BC%2B%3F.zip?versionId=3/L4%2Bx%3D");
    }
}
