//! Brings an input into the bucket of the action's Region (contract §1.6).

use model::outcome::StoredArtifact;
use providers::Job;

use super::copy::{self, ObjectVersion};
use super::keep;
use crate::Ground;
use crate::fault::Fault;

/// Returns the input as it lies in the bucket of the action's Region, copying it there if it lies in
/// another's. The key stays: it is the attempt's own in every bucket.
pub(super) async fn place(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
) -> Result<StoredArtifact, Fault> {
    let StoredArtifact { name, bucket, key, sha256, size_bytes } = artifact;
    let Some(here) = job.artifact_bucket.as_ref().filter(|here| *here != bucket) else {
        return Ok(artifact.clone());
    };
    let from = ObjectVersion {
        bucket: bucket.clone(),
        key: key.clone(),
        version: None,
        etag: None,
        size_bytes: *size_bytes,
    };
    let client = ground.s3(job).await?;
    // Its note goes along with it. Whether it was there already does not matter: its bytes are checked before they are used.
    copy::copy(&client, job, &from, &keep::destination(job, (here, key), None)).await?;
    Ok(StoredArtifact {
        name: name.clone(),
        bucket: here.clone(),
        key: key.clone(),
        sha256: sha256.clone(),
        size_bytes: *size_bytes,
    })
}
