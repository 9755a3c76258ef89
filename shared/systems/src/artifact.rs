//! What lies between actions, in S3.
//!
//! An artifact is one object under a key that only its attempt uses (contract §1.6). It is written once:
//! whoever comes second finds what is there and takes it for its own, so a repeated start leaves the
//! same artifact. Whoever uses one checks its SHA-256 first.
//!
//! An input may lie in the bucket of another Region. Every function here that takes one brings it into
//! the bucket of the action's Region before anything else; a provider that hands the place of an input to
//! another system asks [`local`] for it.

mod copy;
mod keep;
mod local;
mod member;
mod pack;
mod stream;
#[cfg(test)]
mod tests;

use std::path::Path;

use model::outcome::StoredArtifact;
use providers::Job;
use providers::job::OutputArtifact;

use crate::Ground;
use crate::fault::Fault;

pub(crate) use copy::{Attributes, Destination, ObjectVersion, copy};
pub(crate) use keep::{Content, Kept, keep, keep_copy, kept};
pub(crate) use pack::{Entry, pack, pack_one};
pub(crate) use stream::{ARTIFACT_BYTES_MAX, blocking, disk};

/// How many bytes [`read`] holds in memory, as much as CloudFormation may be handed (contract §1.6).
pub const READ_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The code of a failure whose artifact is not what was stored.
pub const INTEGRITY: &str = "ArtifactIntegrity";

/// Reads an artifact whole, and refuses bytes that are not those of its digest.
pub async fn read(ground: &Ground, job: &Job, artifact: &StoredArtifact) -> Result<Vec<u8>, Fault> {
    if artifact.size_bytes > READ_BYTES_MAX {
        return Err(Fault::configuration(format!(
            "the artifact {} has {} bytes, and this action takes at most {READ_BYTES_MAX}; leave files \
             out that it does not need",
            artifact.name, artifact.size_bytes
        )));
    }
    let artifact = Box::pin(local::place(ground, job, artifact)).await?;
    let client = ground.s3(job).await?;
    let mut content = Vec::new();
    stream::read(&client, job, &artifact, &mut content).await?;
    Ok(content)
}

/// Reads an artifact into a file, and refuses bytes that are not those of its digest.
pub async fn fetch(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
    to: &Path,
) -> Result<(), Fault> {
    let artifact = Box::pin(local::place(ground, job, artifact)).await?;
    let client = ground.s3(job).await?;
    let file = std::fs::File::create(to).map_err(|error| disk("write an artifact", &error))?;
    stream::read(&client, job, &artifact, &mut std::io::BufWriter::new(file)).await
}

/// Returns where an input lies in the bucket of the action's Region, for a system that is told its place,
/// once its bytes were found to be those of its digest.
pub async fn local(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
) -> Result<StoredArtifact, Fault> {
    let placed = Box::pin(local::place(ground, job, artifact)).await?;
    let client = ground.s3(job).await?;
    stream::verify(&client, job, &placed).await?;
    Ok(placed)
}

/// Reads one file out of an artifact that is a ZIP archive; none if it holds no file of that name. An
/// artifact that only refers to a repository is refused, since it holds no files.
pub async fn member(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
    name: &str,
    bytes_max: u64,
) -> Result<Option<Vec<u8>>, Fault> {
    member::read(ground, job, artifact, name, bytes_max).await
}

/// Returns what an artifact refers to, if it only refers to a repository.
pub async fn clone_reference(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
) -> Result<Option<providers::clone_reference::CloneReference>, Fault> {
    member::clone_reference(ground, job, artifact).await
}

/// Stores an artifact under its own key, encrypted with the job's key if it has one. If a start that came
/// before stored it already, what is there stays and is returned.
pub async fn write(
    ground: &Ground,
    job: &Job,
    output: &OutputArtifact,
    content: Vec<u8>,
) -> Result<StoredArtifact, Fault> {
    keep(ground, job, output, Content::Bytes(content), None).await.map(|kept| kept.artifact)
}

/// Stores an artifact as `write` does, out of a file.
pub async fn write_file(
    ground: &Ground,
    job: &Job,
    output: &OutputArtifact,
    file: &Path,
) -> Result<StoredArtifact, Fault> {
    keep(ground, job, output, Content::File(file.to_owned()), None).await.map(|kept| kept.artifact)
}

/// Takes over what another system stored under the key that it was given, or answers that nothing is
/// there.
pub async fn adopt(
    ground: &Ground,
    job: &Job,
    output: &OutputArtifact,
) -> Result<Option<StoredArtifact>, Fault> {
    let client = ground.s3(job).await?;
    Ok(keep::found(&client, job, output).await?.map(|kept| kept.artifact))
}
