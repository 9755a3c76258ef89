//! Makes an archive of files that are held in memory or lie on the disk.

use std::path::Path;

use artifacts::archive;
pub(crate) use artifacts::archive::Entry;

use super::stream::{blocking, disk};
use crate::fault::{Fault, chain};

/// Packs entries into an archive. The same entries make the same bytes.
pub(crate) async fn pack(entries: Vec<Entry>, to: &Path) -> Result<(), Fault> {
    let to = to.to_owned();
    let packed = blocking(move || archive::pack(&entries, &to)).await?;
    packed.map_err(|error| {
        Fault::job_failed(format!(
            "the files cannot become an artifact: failed to {}",
            chain(&error)
        ))
    })
}

/// Returns the archive that holds one file.
pub(crate) async fn pack_one(name: &str, content: &[u8]) -> Result<Vec<u8>, Fault> {
    let directory = tempfile::tempdir().map_err(|error| disk("make a directory", &error))?;
    let (file, archive) = (directory.path().join("file"), directory.path().join("archive"));
    std::fs::write(&file, content).map_err(|error| disk("write a file", &error))?;
    pack(vec![Entry { name: name.to_owned(), source: file }], &archive).await?;
    std::fs::read(&archive).map_err(|error| disk("read an archive", &error))
}
