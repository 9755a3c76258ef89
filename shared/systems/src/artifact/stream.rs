//! Bytes of artifacts as they come: counted, digested, compared; never held.

use std::io::{self, Write};

use aws_sdk_s3::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use model::outcome::StoredArtifact;
use model::status::FailureType;
use providers::Job;
use sha2::{Digest as _, Sha256};

use super::{INTEGRITY, keep};
use crate::fault::{Fault, chain};

/// How many bytes an object may have that becomes an artifact (contract §1.6).
pub(crate) const ARTIFACT_BYTES_MAX: u64 = 7_000_000_000;

/// Writes an artifact's bytes, and refuses them if they are not those of its digest.
pub(super) async fn read(
    client: &Client,
    job: &Job,
    artifact: &StoredArtifact,
    to: &mut impl Write,
) -> Result<(), Fault> {
    let StoredArtifact { name: _, bucket, key, sha256, size_bytes } = artifact;
    let (found, bytes) = pass(client, job, bucket, key, *size_bytes, to).await?;
    to.flush().map_err(|error| disk("write an artifact", &error))?;
    compare(artifact, (&found, bytes), sha256)
}

/// Checks an artifact's bytes: by the digest that S3 took of them, or by reading them.
pub(super) async fn verify(
    client: &Client,
    job: &Job,
    artifact: &StoredArtifact,
) -> Result<(), Fault> {
    let StoredArtifact { name: _, bucket, key, sha256, size_bytes } = artifact;
    let head = keep::head(client, job, bucket, key).await?.ok_or_else(|| missing(bucket, key))?;
    if let Some((found, bytes)) = keep::digest_of(&head) {
        return compare(artifact, (&found, bytes), sha256);
    }
    let (found, bytes) = pass(client, job, bucket, key, *size_bytes, &mut io::sink()).await?;
    compare(artifact, (&found, bytes), sha256)
}

/// Returns the digest and the size of an object that somebody else stored.
pub(super) async fn digest(
    client: &Client,
    job: &Job,
    bucket: &str,
    key: &str,
) -> Result<(String, u64), Fault> {
    let (sha256, bytes) =
        pass(client, job, bucket, key, ARTIFACT_BYTES_MAX, &mut io::sink()).await?;
    if bytes > ARTIFACT_BYTES_MAX {
        return Err(Fault::configuration(format!(
            "s3://{bucket}/{key} has more than {ARTIFACT_BYTES_MAX} bytes, which is too large for an \
             artifact; leave files out that later actions do not need"
        )));
    }
    Ok((sha256, bytes))
}

/// Passes an object's bytes on, not many more than are expected, and returns their digest and number.
async fn pass(
    client: &Client,
    job: &Job,
    bucket: &str,
    key: &str,
    bytes_max: u64,
    to: &mut impl Write,
) -> Result<(String, u64), Fault> {
    let asked = client.get_object().bucket(bucket).key(key).send().await;
    let mut body = match asked {
        Ok(answer) => answer.body,
        Err(error) if error.code() == Some("NoSuchKey") => {
            return Err(missing(bucket, key));
        }
        Err(error) => {
            let subject = format!("s3://{bucket}/{key}");
            return Err(Fault::for_job(job, &error, "s3:GetObject", &subject));
        }
    };
    let mut hasher = Sha256::new();
    let mut bytes = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| {
            Fault::Later(format!("s3:GetObject of s3://{bucket}/{key}: {}", chain(&error)))
        })?;
        hasher.update(&chunk);
        bytes += chunk.len() as u64;
        to.write_all(&chunk).map_err(|error| disk("write an artifact", &error))?;
        if bytes > bytes_max {
            break;
        }
    }
    Ok((hex::encode(hasher.finalize()), bytes))
}

fn compare(
    artifact: &StoredArtifact,
    (found, bytes): (&str, u64),
    sha256: &str,
) -> Result<(), Fault> {
    if found == sha256 && bytes == artifact.size_bytes {
        return Ok(());
    }
    let StoredArtifact { name, bucket, key, size_bytes, .. } = artifact;
    let message = format!(
        "the artifact {name} (s3://{bucket}/{key}) is not what was stored: it had {size_bytes} bytes with \
         SHA-256 {sha256}, and has {bytes} with {found} now; somebody replaced the object. Find out who \
         in CloudTrail, then retry the stage that made it"
    );
    Err(Fault::Refused { code: INTEGRITY.to_owned(), message })
}

fn missing(bucket: &str, key: &str) -> Fault {
    Fault::unavailable(format!(
        "the artifact s3://{bucket}/{key} is gone; see whether the bucket's lifecycle removes objects \
         while pipelines use them, and start the pipeline again"
    ))
}

/// Says that the function's own disk refused.
pub(crate) fn disk(doing: &str, error: &io::Error) -> Fault {
    let hint = if error.kind() == io::ErrorKind::StorageFull {
        "; give the function that runs actions a larger EphemeralStorage in template.yaml"
    } else {
        ""
    };
    Fault::Refused {
        code: FailureType::SystemUnavailable.as_str().to_owned(),
        message: format!("failed to {doing}: {error}{hint}"),
    }
}

/// Does what keeps the processor or the disk busy where it keeps nobody from answering.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.map_err(|error| Fault::Later(format!("the work was cut short: {error}")))
}
