//! What can go wrong, as fragments that complete "failed to …".

use std::io;
use std::path::{Path, PathBuf};

/// Says why bytes could not be stored, fetched, packed or unpacked.
///
/// Names that come out of archives are quoted with escapes, so that a hostile name cannot forge a
/// line of a log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("{doing} {}", path.display())]
    File {
        /// What was being done, as a verb.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The file system's answer.
        #[source]
        source: io::Error,
    },
    /// The file is not a regular file, so its bytes could change or never end.
    #[error("read {}: it is {found}, and only a regular file is read", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What is there instead.
        found: &'static str,
    },
    /// The name cannot be a bucket.
    #[error("use bucket {bucket:?}: a bucket is named with 3 to 63 letters, digits, `.` or `-`")]
    Bucket {
        /// The name.
        bucket: String,
    },
    /// The key cannot be a place below its bucket.
    #[error("use key {key:?}: {reason}")]
    Key {
        /// The key.
        key: String,
        /// What is wrong with it, and the fix.
        reason: &'static str,
    },
    /// Other bytes already have this key, and an artifact is never rewritten (law S12).
    #[error(
        "store {bucket}/{key}: the key already holds other bytes (stored {stored}, offered {offered}); \
         store each attempt's output under a new key"
    )]
    AlreadyStored {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// The SHA-256 of what is stored.
        stored: String,
        /// The SHA-256 of what was offered.
        offered: String,
    },
    /// Nothing is stored there.
    #[error("fetch {bucket}/{key}: nothing is stored under this key")]
    NotStored {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// The stored bytes are not the ones that were recorded.
    #[error(
        "fetch {bucket}/{key}: the bytes have changed since they were stored \
         (recorded SHA-256 {recorded}, found {found}); run the action that makes them again"
    )]
    Tampered {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// The SHA-256 that was recorded.
        recorded: String,
        /// The SHA-256 of the bytes that are there.
        found: String,
    },
    /// Something cannot be put into an archive.
    #[error("pack {}: {reason}", path.display())]
    Pack {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it, and the fix.
        reason: String,
    },
    /// The archive as a whole is not one that is read.
    #[error("read archive {}: {reason}", archive.display())]
    Archive {
        /// The archive.
        archive: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// One entry of the archive is refused.
    #[error("read entry {entry:?} of {}: {reason}", archive.display())]
    Entry {
        /// The archive.
        archive: PathBuf,
        /// The entry, by the name that the archive gives it.
        entry: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The archive is larger than its reader allows.
    #[error(
        "read archive {}: its {measure} would be {found}, and at most {allowed} is allowed",
        archive.display()
    )]
    Limit {
        /// The archive.
        archive: PathBuf,
        /// What was measured.
        measure: String,
        /// How much of it the archive holds, as far as it was read.
        found: u64,
        /// How much of it is allowed.
        allowed: u64,
    },
}

/// Says whether doing the same again may help.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retry {
    /// The world failed, and may recover.
    Again,
    /// The answer will be the same.
    Never,
}

impl Error {
    /// Returns whether doing the same again may help.
    pub fn retry(&self) -> Retry {
        match self {
            Error::File { .. } => Retry::Again,
            Error::NotAFile { .. }
            | Error::Bucket { .. }
            | Error::Key { .. }
            | Error::AlreadyStored { .. }
            | Error::NotStored { .. }
            | Error::Tampered { .. }
            | Error::Pack { .. }
            | Error::Archive { .. }
            | Error::Entry { .. }
            | Error::Limit { .. } => Retry::Never,
        }
    }

    /// Returns a function that says what was being done to `path` when the file system refused.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::File { doing, path: path.to_owned(), source }
    }
}
