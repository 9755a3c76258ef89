//! The archive of a commit, made an artifact of.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use artifacts::archive::{self, Limits};
use walkdir::WalkDir;

use crate::artifact;
use crate::fault::{Fault, chain};

/// How many bytes the files of a commit may have together (contract §1.6).
const FILES_BYTES_MAX: u64 = 1_000_000_000;

/// Unpacks a fetched archive, which may come from anybody, and packs what is below its one top folder.
pub(super) fn repack(fetched: &Path, place: &Path, shown: &str) -> Result<PathBuf, Fault> {
    let files = place.join("files");
    let limits = Limits {
        entry_bytes_max: FILES_BYTES_MAX,
        total_bytes_max: FILES_BYTES_MAX,
        ..Limits::default()
    };
    archive::unpack(fetched, &files, &limits).map_err(|error| refused(shown, &error))?;
    let top = top(&files).ok_or_else(|| {
        Fault::job_failed(format!(
            "the archive of {shown} has not its files in one folder, as archives of commits have; see \
             that the connection's secret names a code host"
        ))
    })?;
    settle_permissions(&top).map_err(|error| artifact::disk("set permissions", &error))?;
    let packed = place.join("source.zip");
    archive::pack_tree(&top, &packed).map_err(|error| refused(shown, &error))?;
    Ok(packed)
}

/// Returns the one folder that everything is in.
fn top(files: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(files).ok()?;
    let top = entries.next()?.ok()?;
    let is_alone = entries.next().is_none();
    (is_alone && top.file_type().ok()?.is_dir()).then(|| top.path())
}

/// Gives files the permissions that Git keeps, so that one commit makes the same archive everywhere.
fn settle_permissions(directory: &Path) -> std::io::Result<()> {
    for entry in WalkDir::new(directory).min_depth(1) {
        let entry = entry?;
        let mode = if entry.file_type().is_dir() {
            0o755
        } else if entry.file_type().is_file() {
            let mode = entry.metadata()?.permissions().mode();
            if mode & 0o100 == 0 { 0o644 } else { 0o755 }
        } else {
            continue;
        };
        fs::set_permissions(entry.path(), Permissions::from_mode(mode))?;
    }
    Ok(())
}

fn refused(shown: &str, error: &artifacts::Error) -> Fault {
    Fault::job_failed(format!("{shown} cannot become an artifact: failed to {}", chain(error)))
}
