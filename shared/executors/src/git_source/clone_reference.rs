//! An artifact that holds no files, only where to clone them from (contract §1.6).

use std::fs;
use std::path::Path;

use artifacts::archive;
use model::outcome::Failure;
pub(crate) use providers::clone_reference::CloneReference;
use providers::clone_reference::{BYTES_MAX, FILE_NAME};

use crate::fault;

/// Writes the archive that holds a reference.
pub(crate) fn write(
    reference: &CloneReference,
    directory: &Path,
    archive: &Path,
) -> Result<(), Failure> {
    let file = directory.join(FILE_NAME);
    let written = fs::write(&file, reference.render());
    written.map_err(|error| fault::machine(format!("write {}", file.display()), &error))?;
    archive::pack_tree(directory, archive)
        .map_err(|error| fault::machine("pack the reference", &error))
}

/// Reads the reference that an archive holds; `None` if it holds files.
pub(crate) fn read(archive: &Path) -> Result<Option<CloneReference>, artifacts::Error> {
    let entry = archive::read_entry(archive, FILE_NAME, BYTES_MAX)?;
    Ok(entry.and_then(|text| CloneReference::parse(&text)))
}
