//! An artifact that holds no files, only where to clone them from (contract §1.6).
//!
//! It names the repository as the pipeline does, not where it lies: that is looked up again when it
//! is cloned, so that no archive can send us anywhere else.

use std::fs;
use std::path::Path;

use artifacts::archive;
use model::outcome::Failure;
use serde::{Deserialize, Serialize};

use crate::fault;

/// The only file of such an archive.
const FILE_NAME: &str = "codebuild-clone-reference.json";

/// The longest reference that is read.
const BYTES_MAX: u64 = 64 * 1024;

/// A commit to clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloneReference {
    v: u32,
    /// The repository, as the source action names it.
    pub(crate) repository: String,
    /// The branch of the source action.
    pub(crate) branch: String,
    /// The commit.
    pub(crate) commit: String,
}

impl CloneReference {
    /// Refers to a commit.
    pub(crate) fn new(repository: &str, branch: &str, commit: &str) -> CloneReference {
        CloneReference {
            v: 1,
            repository: repository.to_owned(),
            branch: branch.to_owned(),
            commit: commit.to_owned(),
        }
    }

    /// Writes the archive that holds the reference.
    pub(crate) fn write(&self, directory: &Path, archive: &Path) -> Result<(), Failure> {
        let file = directory.join(FILE_NAME);
        let written = serde_json::to_vec(self).map_err(Into::into);
        let written = written.and_then(|bytes| fs::write(&file, bytes));
        written.map_err(|error| fault::machine(format!("write {}", file.display()), &error))?;
        archive::pack_tree(directory, archive)
            .map_err(|error| fault::machine("pack the reference", &error))
    }
}

/// Reads the reference that an archive holds; `None` if it holds files.
pub(crate) fn read(archive: &Path) -> Result<Option<CloneReference>, artifacts::Error> {
    let entry = archive::read_entry(archive, FILE_NAME, BYTES_MAX)?;
    // A repository may have a file of that name and be none the worse for it.
    let reference = entry.and_then(|bytes| serde_json::from_slice::<CloneReference>(&bytes).ok());
    let is_id = |id: &str| id.len() >= 40 && id.bytes().all(|it| it.is_ascii_hexdigit());
    Ok(reference.filter(|reference| reference.v == 1 && is_id(&reference.commit)))
}
