//! Remembers which commit an artifact was made of, so that a build of its files can be told
//! (`CODEBUILD_RESOLVED_SOURCE_VERSION`): the archive itself does not say.
//!
//! One small file for each artifact of a Git source, named by the artifact's place and digest. An
//! artifact without such a file merely has no known origin.

use std::fs;
use std::path::{Path, PathBuf};

use model::outcome::{Failure, StoredArtifact};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Site, fault};

/// Where an artifact's files come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The commit.
    pub(crate) commit: String,
    /// The repository, as people may see it.
    pub(crate) repository: String,
}

impl Origin {
    /// Writes down the origin of an artifact. Doing it again writes the same.
    pub(crate) fn remember(&self, site: &Site, artifact: &StoredArtifact) -> Result<(), Failure> {
        let path = place(site, artifact);
        let parent = path.parent().unwrap_or(Path::new(""));
        let draft = path.with_extension(format!("draft-{}", std::process::id()));
        let written = fs::create_dir_all(parent)
            .and_then(|()| fs::write(&draft, serde_json::to_vec(self)?))
            .and_then(|()| fs::rename(&draft, &path));
        written.map_err(|error| fault::machine(format!("write {}", path.display()), &error))
    }

    /// Returns the origin of an artifact, if it is known.
    pub(crate) fn recall(site: &Site, artifact: &StoredArtifact) -> Option<Origin> {
        serde_json::from_slice(&fs::read(place(site, artifact)).ok()?).ok()
    }
}

fn place(site: &Site, artifact: &StoredArtifact) -> PathBuf {
    let StoredArtifact { name: _, bucket, key, sha256, size_bytes: _ } = artifact;
    let name = format!("{bucket} {key} {sha256}");
    let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
    let parent = site.artifacts.parent().unwrap_or(Path::new(""));
    parent.join("repositories").join("origins").join(format!("{name}.json"))
}
