//! S3 as a source: one version of one object, as it is (contract §5.1).
//!
//! A start that comes twice brings the same version: the artifact notes which one it is, and whoever
//! finds the artifact there reports that version, whatever was put into the bucket since.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use model::outcome::{Outcome, SourceRevision, StoredArtifact, Success};
use providers::revision::{self, ObjectAsked, SUMMARY_CHARACTERS_MAX};
use providers::{Error, Job, Progress, Provider};

use crate::artifact::{self, ARTIFACT_BYTES_MAX, ObjectVersion};
use crate::fault::{self, Fault, first_characters};
use crate::{Ground, console};

/// Under which name of its metadata an object says what people should read of it.
const METADATA_SUMMARY: &str = "codepipeline-artifact-revision-summary";

/// S3 as a source.
pub(crate) struct S3Source {
    ground: Ground,
}

impl S3Source {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }

    async fn bring(&self, job: &Job) -> Result<Progress, Fault> {
        let asked = revision::object(job)?;
        let output = job.only_output()?;
        let earlier = artifact::kept(&self.ground, job, output).await?;
        let noted = earlier.as_ref().and_then(|kept| kept.note.as_deref());
        let mut found = self.find(job, &asked, noted.or(asked.version.as_deref())).await?;
        let kept = if let Some(kept) = earlier {
            kept
        } else {
            let from = found.place(&asked);
            artifact::keep_copy(&self.ground, job, output, &from, &found.version).await?
        };
        // Another start was faster, and brought what was the newest version then.
        if let Some(noted) = kept.note.as_deref().filter(|noted| *noted != found.version) {
            found = self.find(job, &asked, Some(noted)).await?;
        }
        let success = found.success(job, &asked, kept.artifact);
        Ok(Progress::Done(Outcome::Succeeded(success)))
    }

    /// Looks at a version of the object, or at the newest.
    async fn find(
        &self,
        job: &Job,
        asked: &ObjectAsked,
        version: Option<&str>,
    ) -> Result<Found, Fault> {
        let ObjectAsked { bucket, key, .. } = asked;
        let client = self.ground.s3(job).await?;
        let head = client.head_object().bucket(bucket).key(key);
        let head = head.set_version_id(version.map(str::to_owned)).send().await;
        let head = head.map_err(|error| refused(job, asked, version, &error))?;
        // A bucket that kept versions once gives new objects the version `null`.
        let version = head.version_id().filter(|version| *version != "null").ok_or_else(|| {
            Fault::configuration(format!(
                "the bucket {bucket} keeps no versions, and a source must be able to name what it \
                 brought; switch versioning of the bucket on and put {key} in again"
            ))
        })?;
        let size_bytes = u64::try_from(head.content_length().unwrap_or_default());
        let size_bytes = size_bytes.unwrap_or_default();
        if size_bytes > ARTIFACT_BYTES_MAX {
            return Err(Fault::configuration(format!(
                "the object {key} of bucket {bucket} has {size_bytes} bytes, and a source brings at most \
                 {ARTIFACT_BYTES_MAX}; leave files out that no action needs"
            )));
        }
        let summary = head.metadata().and_then(|metadata| metadata.get(METADATA_SUMMARY));
        Ok(Found {
            version: version.to_owned(),
            etag: head.e_tag().unwrap_or_default().to_owned(),
            size_bytes,
            summary: summary.filter(|summary| !summary.trim().is_empty()).cloned(),
        })
    }
}

/// A version of the object.
struct Found {
    version: String,
    etag: String,
    size_bytes: u64,
    summary: Option<String>,
}

impl Found {
    fn place(&self, asked: &ObjectAsked) -> ObjectVersion {
        ObjectVersion {
            bucket: asked.bucket.clone(),
            key: asked.key.clone(),
            version: Some(self.version.clone()),
            etag: None,
            size_bytes: self.size_bytes,
        }
    }

    fn success(self, job: &Job, asked: &ObjectAsked, artifact: StoredArtifact) -> Success {
        let ObjectAsked { bucket, key, .. } = asked;
        let variables = [
            ("BucketName", bucket.as_str()),
            ("ObjectKey", key.as_str()),
            ("VersionId", self.version.as_str()),
            ("ETag", self.etag.trim_matches('"')),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let page = console::object(&job.region, bucket, key, &self.version);
        let summary = self.summary.unwrap_or_else(|| self.version.clone());
        Success {
            external_id: Some(self.version.clone()),
            variables,
            artifacts: vec![artifact],
            revision: Some(SourceRevision {
                id: self.version,
                summary: Some(first_characters(&summary, SUMMARY_CHARACTERS_MAX)),
                url: Some(page),
            }),
            ..Success::default()
        }
    }
}

/// Says why an object cannot be looked at. The answer to a look has no body, so its status tells.
fn refused(
    job: &Job,
    asked: &ObjectAsked,
    version: Option<&str>,
    error: &SdkError<HeadObjectError, HttpResponse>,
) -> Fault {
    let ObjectAsked { bucket, key, .. } = asked;
    let response = error.raw_response();
    let region = response.and_then(|response| response.headers().get("x-amz-bucket-region"));
    match (response.map(|response| response.status().as_u16()), version) {
        (Some(301), _) => Fault::configuration(format!(
            "the bucket {bucket} lies in the Region {}, and the source action runs in {}; a source and \
             its bucket must be in one Region: use a bucket there, or replicate this one",
            region.unwrap_or("of somebody else"),
            job.region
        )),
        // A deleted object answers 405 when the version that says so is asked for.
        (Some(400 | 404 | 405), Some(version)) => Fault::unavailable(format!(
            "failed to find version {version} of the object {key} of bucket {bucket}: it was never \
             there, or was removed; start the pipeline at another version"
        )),
        (Some(404), None) => Fault::unavailable(format!(
            "failed to find the object {key} of bucket {bucket}: nothing is there; put it in, or correct \
             S3Bucket and S3ObjectKey"
        )),
        _ => {
            let permission = match version {
                Some(_) => "s3:GetObjectVersion",
                None => "s3:GetObject (and s3:ListBucket, to be told that nothing is there)",
            };
            Fault::for_job(job, error, permission, &format!("s3://{bucket}/{key}"))
        }
    }
}

#[async_trait]
impl Provider for S3Source {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        fault::settle(Box::pin(self.bring(job)).await)
    }

    /// Bringing an object is one step: there is nothing to ask after.
    async fn poll(&self, _job: &Job) -> Result<Progress, Error> {
        Ok(Progress::Unknown)
    }

    async fn cancel(&self, _job: &Job) -> Result<(), Error> {
        Ok(())
    }
}
