//! Where an artifact lies in its store (contract §1.6).
//!
//! The place follows from what the artifact is, so whoever starts an action, whoever reads its output
//! and whoever announces it name the same object without asking one another.

use sha2::{Digest, Sha256};

use crate::ids::{ActionRunId, ArtifactName, PipelineName};
use crate::pipeline::{ArtifactStore, Pipeline};

/// How much of the pipeline's name a key shows.
const PIPELINE_CHARACTERS_MAX: usize = 20;

/// How much of the artifact's name a key shows.
const ARTIFACT_CHARACTERS_MAX: usize = 10;

/// How much of the digest a key holds: 128 bits, so that no two attempts ever share a key.
const DIGEST_BYTES: usize = 16;

/// Returns the key under which one attempt of an action stores one of its outputs.
///
/// The shortened names are for people; the digest of the attempt and the artifact's full name is the
/// identity. The key is at most 64 characters long, and each of its three parts is a plain file name,
/// so that it is safe as a path too, even for a pipeline whose name is `..`.
pub fn artifact_key(pipeline: &PipelineName, artifact: &ArtifactName, run: ActionRunId) -> String {
    let digest = Sha256::new()
        .chain_update(run.uuid().as_bytes())
        .chain_update(artifact.as_str().as_bytes())
        .finalize();
    format!(
        "{}/{}/{}",
        shown(pipeline.as_str(), PIPELINE_CHARACTERS_MAX),
        shown(artifact.as_str(), ARTIFACT_CHARACTERS_MAX),
        hex::encode(&digest[..DIGEST_BYTES])
    )
}

/// Returns the bucket that holds the artifacts of actions in a Region: the store declared for that
/// Region, else the store declared without one, else the only one there is.
pub fn artifact_bucket<'a>(pipeline: &'a Pipeline, region: &str) -> Option<&'a str> {
    artifact_store(pipeline, region).map(|store| store.location.as_str())
}

/// Returns the store whose bucket [`artifact_bucket`] names.
pub fn artifact_store<'a>(pipeline: &'a Pipeline, region: &str) -> Option<&'a ArtifactStore> {
    let stores = &pipeline.artifact_stores;
    let only = || stores.values().next().filter(|_| stores.len() == 1);
    stores.get(region).or_else(|| stores.get("")).or_else(only)
}

/// Shortens a name to what a key shows of it, with `_` for whatever could mean something in a path.
fn shown(name: &str, characters_max: usize) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_@.".contains(c);
    let plain = |c: char| if is_plain(c) { c } else { '_' };
    let shown: String = name.chars().take(characters_max).map(plain).collect();
    if shown.bytes().all(|byte| byte == b'.') { "_".repeat(shown.len().max(1)) } else { shown }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::status::{ExecutionMode, PipelineType};

    const RUN: ActionRunId = ActionRunId::new(Uuid::from_u128(7));

    fn key(pipeline: &str, artifact: &str) -> String {
        artifact_key(&pipeline.into(), &artifact.into(), RUN)
    }

    fn names(key: &str) -> &str {
        key.rsplit_once('/').map_or(key, |(names, _)| names)
    }

    #[test]
    fn a_key_shows_the_first_characters_of_both_names() {
        assert_eq!(names(&key("myPipeline", "SourceArtifact")), "myPipeline/SourceArti");
        let key = key(&"p".repeat(100), &"a".repeat(100));
        assert_eq!(names(&key), format!("{}/{}", "p".repeat(20), "a".repeat(10)));
        assert!(key.len() <= 100, "contract §1.6: S3Location.key is at most 100 characters");
    }

    #[test]
    fn every_attempt_and_every_artifact_has_its_own_key_and_the_same_one_each_time() {
        assert_eq!(key("web", "Source"), key("web", "Source"));
        // They differ only behind the tenth character.
        assert_ne!(key("web", "SourceArtifactA"), key("web", "SourceArtifactB"));
        let second = ActionRunId::new(Uuid::from_u128(8));
        assert_ne!(key("web", "Source"), artifact_key(&"web".into(), &"Source".into(), second));
    }

    #[test]
    fn a_name_that_means_something_in_a_path_does_not_in_a_key() {
        for (pipeline, artifact, expected) in [
            ("..", "Source", "__/Source"),
            (".", "..", "_/__"),
            ("", "", "_/_"),
            ("a/../../etc", "x\\y\0z", "a_.._.._etc/x_y_z"),
            ("größer.1", "€", "gr__er.1/_"),
        ] {
            assert_eq!(names(&key(pipeline, artifact)), expected);
        }
    }

    #[test]
    fn the_bucket_is_that_of_the_region_else_the_one_without_else_the_only_one() {
        let with_stores = |stores: &[(&str, &str)]| Pipeline {
            name: "web".into(),
            role_arn: String::new(),
            pipeline_type: PipelineType::V2,
            execution_mode: ExecutionMode::Superseded,
            artifact_stores: stores
                .iter()
                .map(|(region, bucket)| {
                    let location = (*bucket).to_owned();
                    ((*region).to_owned(), ArtifactStore { location, encryption_key: None })
                })
                .collect::<BTreeMap<_, _>>(),
            stages: vec![],
            variables: vec![],
        };
        let both = with_stores(&[("eu-west-1", "ireland"), ("us-east-1", "virginia")]);
        assert_eq!(artifact_bucket(&both, "us-east-1"), Some("virginia"));
        assert_eq!(artifact_bucket(&both, "ap-south-1"), None);
        assert_eq!(artifact_bucket(&with_stores(&[("", "own")]), "us-east-1"), Some("own"));
        assert_eq!(artifact_bucket(&with_stores(&[("eu-west-1", "b")]), "us-east-1"), Some("b"));
        assert_eq!(artifact_bucket(&with_stores(&[]), "us-east-1"), None);
    }
}
