//! One file out of an artifact.

use artifacts::archive;
use model::outcome::StoredArtifact;
use providers::Job;
use providers::clone_reference::{self, CloneReference};
use providers::job::OutputArtifact;

use super::stream::{blocking, disk};
use crate::Ground;
use crate::fault::{Fault, chain};

/// Reads one file out of an artifact.
pub(super) async fn read(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
    name: &str,
    bytes_max: u64,
) -> Result<Option<Vec<u8>>, Fault> {
    let wanted = vec![(name.to_owned(), bytes_max)];
    let (reference, mut found) = look(ground, job, artifact, wanted).await?;
    if let Some(reference) = reference
        && is_of_a_source(ground, job, artifact, &reference).await?
    {
        return Err(Fault::configuration(clone_reference::refusal(&artifact.name)));
    }
    Ok(found.pop().flatten())
}

/// Returns what an artifact refers to; none if it holds files, or is no archive at all.
pub(super) async fn clone_reference(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
) -> Result<Option<CloneReference>, Fault> {
    // Such an archive is small; a large one need not be read to know that it is none.
    if artifact.size_bytes > clone_reference::BYTES_MAX {
        return Ok(None);
    }
    let (reference, _) = look(ground, job, artifact, Vec::new()).await?;
    match reference {
        Some(reference) if is_of_a_source(ground, job, artifact, &reference).await? => {
            Ok(Some(reference))
        }
        Some(_) | None => Ok(None),
    }
}

/// Whether a source of ours wrote the reference, and not whoever may push to a repository: sources note
/// the commit beside the artifact, and no file can hold the id of the commit that holds it.
async fn is_of_a_source(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
    reference: &CloneReference,
) -> Result<bool, Fault> {
    let artifact = Box::pin(super::local::place(ground, job, artifact)).await?;
    let StoredArtifact { name, bucket, key, .. } = artifact;
    let place = OutputArtifact { name, files: Vec::new(), bucket, key };
    let kept = super::kept(ground, job, &place).await?;
    Ok(kept.is_some_and(|kept| kept.note.as_ref() == Some(&reference.commit)))
}

async fn look(
    ground: &Ground,
    job: &Job,
    artifact: &StoredArtifact,
    wanted: Vec<(String, u64)>,
) -> Result<(Option<CloneReference>, Vec<Option<Vec<u8>>>), Fault> {
    let directory = tempfile::tempdir().map_err(|error| disk("make a directory", &error))?;
    let path = directory.path().join("artifact.zip");
    super::fetch(ground, job, artifact, &path).await?;
    let name = artifact.name.clone();
    blocking(move || {
        let refused = |error: &artifacts::Error| {
            Fault::job_failed(format!("input artifact {name}: failed to {}", chain(error)))
        };
        let read =
            archive::read_entry(&path, clone_reference::FILE_NAME, clone_reference::BYTES_MAX);
        // What is no ZIP is no reference either.
        let reference = read.ok().flatten().and_then(|text| CloneReference::parse(&text));
        let mut found = Vec::new();
        for (entry, bytes_max) in &wanted {
            found.push(archive::read_entry(&path, entry, *bytes_max).map_err(|it| refused(&it))?);
        }
        Ok((reference, found))
    })
    .await?
}
