//! A place to unpack into, with a witness that nothing happened around it.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use artifacts::archive::{Limits, Unpacked, unpack};
use artifacts::{Error, digest};
use tempfile::TempDir;

/// A temporary directory with an archive, and a directory to unpack it into.
pub(crate) struct Scratch {
    directory: TempDir,
}

impl Scratch {
    /// Writes an archive of these bytes.
    pub(crate) fn with(archive: &[u8]) -> Scratch {
        let scratch = Scratch { directory: tempfile::tempdir().unwrap() };
        fs::write(scratch.archive(), archive).unwrap();
        scratch
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.path().join("archive.zip")
    }

    pub(crate) fn unpacked(&self) -> PathBuf {
        self.path().join("into")
    }

    /// Unpacks, and checks that nothing but the directory to unpack into has changed.
    pub(crate) fn unpack(&self, limits: &Limits) -> Result<Unpacked, Error> {
        let before = digest::sha256_of_file(&self.archive()).unwrap();
        let unpacked = unpack(&self.archive(), &self.unpacked(), limits);
        assert_eq!(digest::sha256_of_file(&self.archive()).unwrap(), before);
        for found in fs::read_dir(self.path()).unwrap() {
            let name = found.unwrap().file_name().into_string().unwrap();
            assert!(name == "archive.zip" || name == "into", "{name:?} came from nowhere");
        }
        unpacked
    }

    /// Unpacks with the usual limits, and returns why that was refused before anything was written.
    #[track_caller]
    pub(crate) fn refusal(&self) -> String {
        let error = self.unpack(&Limits::default()).expect_err("the archive is unpacked");
        assert!(!self.unpacked().exists(), "something was written before: {error}");
        error.to_string()
    }
}
