//! Small JSON files that are replaced in one step.

use std::io;
use std::path::Path;

use cap_std::fs::Dir;
use rustix::fs::{Mode, OFlags, fsync, openat};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::{Doing, Fault};

/// Reads a record; `None` if there is none yet.
pub(super) fn load<T: DeserializeOwned>(
    directory: &Dir,
    path: &Path,
    name: &str,
) -> Result<Option<T>, Fault> {
    let shown = || path.join(name).display().to_string();
    let text = match directory.read(name) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).doing(|| format!("read {}", shown())),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        Fault::new(format!(
            "{} is damaged ({error}); restore it, or remove it to forget what was deployed here",
            shown()
        ))
    })
}

/// Writes a record beside the old one, and then in its place. Durable when it returns.
pub(crate) fn save<T: Serialize>(directory: &Dir, name: &str, record: &T) -> Result<(), Fault> {
    let doing = || format!("write the deployment record {name}");
    let text = serde_json::to_vec(record).map_err(io::Error::other).doing(doing)?;
    let new = format!("{name}.new");
    directory.write(&new, text).doing(doing)?;
    directory.open(&new).and_then(|file| file.sync_all()).doing(doing)?;
    directory.rename(&new, directory, name).doing(doing)?;
    sync(directory).doing(doing)
}

/// Makes names in the directory durable.
pub(super) fn sync(directory: &Dir) -> io::Result<()> {
    // The handle that we hold names a place and cannot be synced; this one can.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let readable = openat(directory, ".", flags, Mode::empty())?;
    Ok(fsync(&readable)?)
}
