//! ECR as a source: which image a tag names, written down in `imageDetail.json` (contract §5.1).
//!
//! A tag moves, so the artifact notes the digest that was found, and a start that comes twice brings that
//! digest again.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_ecr::types::{ImageDetail, ImageIdentifier};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use model::outcome::{Outcome, SourceRevision, StoredArtifact, Success};
use providers::{Error, Job, Progress, Provider, Settings};
use serde::Serialize;

use crate::artifact::{self, Content};
use crate::fault::{self, Fault};
use crate::{Ground, console};

/// The only file of the artifact.
const FILE_NAME: &str = "imageDetail.json";

/// The tag of an action that names none.
const DEFAULT_TAG: &str = "latest";

/// ECR as a source.
pub(crate) struct EcrSource {
    ground: Ground,
}

impl EcrSource {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }

    async fn bring(&self, job: &Job) -> Result<Progress, Fault> {
        let settings = Settings::new(&job.provider, &job.configuration);
        let repository = settings.required("RepositoryName")?;
        let tag = settings.optional("ImageTag").unwrap_or(DEFAULT_TAG);
        let pinned = pinned(job)?;
        let output = job.only_output()?;
        let earlier = artifact::kept(&self.ground, job, output).await?;
        let noted = earlier.as_ref().and_then(|kept| kept.note.as_deref());
        let mut image = self.find(job, repository, tag, noted.or(pinned)).await?;
        let kept = if let Some(kept) = earlier {
            kept
        } else {
            let detail = image.detail(pinned, tag)?;
            let content = artifact::pack_one(FILE_NAME, detail.as_bytes()).await?;
            let content = Content::Bytes(content);
            let note = Some(image.digest.as_str());
            artifact::keep(&self.ground, job, output, content, note).await?
        };
        // Another start was faster, and found the tag at another image.
        if let Some(noted) = kept.note.as_deref().filter(|noted| *noted != image.digest) {
            image = self.find(job, repository, tag, Some(noted)).await?;
        }
        let success = image.success(job, pinned, tag, kept.artifact);
        Ok(Progress::Done(Outcome::Succeeded(success)))
    }

    /// Finds the image of a digest, or the one that the tag names now.
    async fn find(
        &self,
        job: &Job,
        repository: &str,
        tag: &str,
        digest: Option<&str>,
    ) -> Result<Image, Fault> {
        let client = aws_sdk_ecr::Client::new(&self.ground.of(job).await?);
        let wanted = match digest {
            Some(digest) => ImageIdentifier::builder().image_digest(digest),
            None => ImageIdentifier::builder().image_tag(tag),
        };
        let asked = client.describe_images().repository_name(repository);
        let answer = asked.image_ids(wanted.build()).send().await;
        let named =
            digest.map_or_else(|| format!("{repository}:{tag}"), |it| format!("{repository}@{it}"));
        let answer = answer.map_err(|error| match error.code() {
            Some("ImageNotFoundException") => Fault::unavailable(format!(
                "there is no image {named} in {}; push it, or correct ImageTag or the revision",
                job.region
            )),
            Some("RepositoryNotFoundException") => Fault::configuration(format!(
                "there is no ECR repository {repository} in {}; correct RepositoryName",
                job.region
            )),
            _ => Fault::for_job(
                job,
                &error,
                "ecr:DescribeImages",
                &format!("repository {repository}"),
            ),
        })?;
        let image = answer.image_details().first().and_then(|it| Image::read(it, &job.region));
        image.ok_or_else(|| Fault::unavailable(format!("ECR says nothing of the image {named}")))
    }
}

/// Returns the digest that the start asked for (R7).
fn pinned(job: &Job) -> Result<Option<&str>, Fault> {
    let mut pinned = None;
    for revision in &job.revisions {
        let value = revision.value.as_str();
        if revision.revision_type != "IMAGE_DIGEST" {
            return Err(Fault::configuration(format!(
                "an ECR source takes a revision of type IMAGE_DIGEST, and {} was given; start the \
                 pipeline with IMAGE_DIGEST",
                revision.revision_type
            )));
        }
        if !value.starts_with("sha256:") {
            return Err(Fault::configuration(format!(
                "the revision {value:?} is no digest of an image; write it as `sha256:` and 64 \
                 hexadecimal digits"
            )));
        }
        pinned = Some(value);
    }
    Ok(pinned)
}

/// An image as ECR describes it.
#[derive(Clone, Debug)]
struct Image {
    registry: String,
    repository: String,
    digest: String,
    tags: Vec<String>,
    size_bytes: i64,
    pushed_at_seconds: i64,
    region: String,
}

/// `imageDetail.json`, member by member as AWS writes it: all of them text, but the tags.
#[derive(Serialize)]
struct Detail {
    #[serde(rename = "ImageSizeInBytes")]
    size_bytes: String,
    #[serde(rename = "ImageDigest")]
    digest: String,
    #[serde(rename = "Version")]
    version: &'static str,
    #[serde(rename = "ImagePushedAt")]
    pushed_at: String,
    #[serde(rename = "RegistryId")]
    registry: String,
    #[serde(rename = "RepositoryName")]
    repository: String,
    #[serde(rename = "ImageURI")]
    uri: String,
    #[serde(rename = "ImageTags")]
    tags: Vec<String>,
}

impl Image {
    fn read(detail: &ImageDetail, region: &str) -> Option<Image> {
        Some(Image {
            registry: detail.registry_id()?.to_owned(),
            repository: detail.repository_name()?.to_owned(),
            digest: detail.image_digest()?.to_owned(),
            tags: detail.image_tags().to_vec(),
            size_bytes: detail.image_size_in_bytes().unwrap_or_default(),
            pushed_at_seconds: detail.image_pushed_at().map_or(0, aws_smithy_types::DateTime::secs),
            region: region.to_owned(),
        })
    }

    /// Returns the address under which a registry hands out the image.
    fn uri(&self, reference: &str) -> String {
        let Image { registry, repository, region, .. } = self;
        let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
        format!("{registry}.dkr.ecr.{region}.amazonaws.com{suffix}/{repository}{reference}")
    }

    /// Returns the text of `imageDetail.json`.
    fn detail(&self, pinned: Option<&str>, tag: &str) -> Result<String, Fault> {
        let pushed_at = jiff::Timestamp::from_second(self.pushed_at_seconds).unwrap_or_default();
        let mut tags = self.tags.clone();
        // ECR names no tags when it is asked in the moment of a push.
        if tags.is_empty() && pinned.is_none() {
            tags.push(tag.to_owned());
        }
        let detail = Detail {
            size_bytes: self.size_bytes.to_string(),
            digest: self.digest.clone(),
            version: "1.0",
            pushed_at: pushed_at.strftime("%a %b %d %H:%M:%S UTC %Y").to_string(),
            registry: self.registry.clone(),
            repository: self.repository.clone(),
            uri: self.uri(&format!("@{}", self.digest)),
            tags,
        };
        serde_json::to_string(&detail)
            .map_err(|error| Fault::job_failed(format!("{FILE_NAME} cannot be written: {error}")))
    }

    fn success(
        self,
        job: &Job,
        pinned: Option<&str>,
        tag: &str,
        artifact: StoredArtifact,
    ) -> Success {
        // Whoever pins a digest must not be handed a tag that may name another image.
        let reference =
            if pinned.is_some() { format!("@{}", self.digest) } else { format!(":{tag}") };
        let variables = [
            ("RegistryId", self.registry.clone()),
            ("RepositoryName", self.repository.clone()),
            ("ImageTag", tag.to_owned()),
            ("ImageDigest", self.digest.clone()),
            ("ImageURI", self.uri(&reference)),
        ];
        let page = console::image(&job.region, &self.registry, &self.repository, &self.digest);
        Success {
            external_id: Some(self.digest.clone()),
            external_url: Some(page.clone()),
            variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
            artifacts: vec![artifact],
            revision: Some(SourceRevision {
                summary: Some(self.digest.clone()),
                id: self.digest,
                url: Some(page),
            }),
            ..Success::default()
        }
    }
}

#[async_trait]
impl Provider for EcrSource {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        fault::settle(Box::pin(self.bring(job)).await)
    }

    /// To look an image up is one step: there is nothing to ask after.
    async fn poll(&self, _job: &Job) -> Result<Progress, Error> {
        Ok(Progress::Unknown)
    }

    async fn cancel(&self, _job: &Job) -> Result<(), Error> {
        Ok(())
    }
}
