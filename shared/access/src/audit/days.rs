//! The files: one for each day, in a directory for one user.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const ENDING: &str = ".jsonl";

pub(super) fn make_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    // One that was there already becomes ours alone.
    if fs::metadata(directory)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Returns the days that have a file, the oldest first.
pub(super) fn list(directory: &Path) -> io::Result<Vec<String>> {
    let mut days = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let day = name.to_str().and_then(|name| name.strip_suffix(ENDING));
        days.extend(day.filter(|day| is_day(day)).map(str::to_owned));
    }
    days.sort();
    Ok(days)
}

/// Whether a file's name is that of a day: `2026-11-26`. Years of more digits do not sort, and do not come.
pub(super) fn is_day(name: &str) -> bool {
    let has_form = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    name.len() == 10 && name.bytes().enumerate().all(has_form)
}

pub(super) fn path(directory: &Path, day: &str) -> PathBuf {
    directory.join(format!("{day}{ENDING}"))
}

/// Opens the file of a day to append to it.
pub(super) fn open(directory: &Path, day: &str) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path(directory, day))
}
