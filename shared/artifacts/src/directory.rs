//! The home of artifacts on one machine: a folder for each bucket, a file for each key.

mod place;

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::digest::{self, sha256_of_file};
use crate::error::Error;
use place::Place;

/// A directory that holds artifacts which are written once.
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
}

/// What is known of bytes once they are stored: what a later [`Directory::fetch`] must find.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stored {
    /// The SHA-256 of the bytes, in lower-case hex.
    pub sha256: String,
    /// How many bytes there are.
    pub size_bytes: u64,
}

impl Directory {
    /// Opens the directory, and makes it (for this user only) if it is not there.
    pub fn open(root: &Path) -> Result<Directory, Error> {
        make_directory(root)?;
        let root = root.canonicalize().map_err(Error::file("open", root))?;
        if let Some(parent) = root.parent() {
            sync_directory(parent)?;
        }
        Ok(Directory { root })
    }

    /// Stores a copy of `file` under a key, durably, and says its digest.
    ///
    /// To store the same bytes again is fine and changes nothing. Other bytes under a key that is
    /// taken are refused (law S12): of two that race for a key, one is stored and the other is told.
    pub fn store(&self, bucket: &str, key: &str, file: &Path) -> Result<Stored, Error> {
        let place = Place::new(bucket, key)?;
        let path = place.path_below(&self.root);
        let parent = place.parent_below(&self.root);
        make_directory(&parent)?;

        let mut copy = tempfile::Builder::new()
            .prefix(place::PARTIAL_PREFIX)
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(&parent)
            .map_err(Error::file("write into", &parent))?;
        let offered = digest::open_regular(file)?;
        let (sha256, size_bytes) =
            digest::copy(&offered, copy.as_file_mut()).map_err(Error::file("copy", file))?;
        let stored = Stored { sha256, size_bytes };
        copy.as_file()
            .set_permissions(Permissions::from_mode(0o400))
            .and_then(|()| copy.as_file().sync_all())
            .map_err(Error::file("write", copy.path()))?;

        // The rename does not replace: whoever comes second finds the key taken.
        if let Err(refused) = copy.persist_noclobber(&path) {
            if refused.error.kind() != io::ErrorKind::AlreadyExists {
                return Err(Error::file("store", &path)(refused.error));
            }
            let (sha256, _) = sha256_of_file(&path)?;
            if sha256 != stored.sha256 {
                return Err(Error::AlreadyStored {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                    stored: sha256,
                    offered: stored.sha256,
                });
            }
        }
        // Also when bytes or directories were there already: whoever made them may have died before
        // making them durable.
        for made in parent.ancestors().take_while(|path| path.starts_with(&self.root)) {
            sync_directory(made)?;
        }
        Ok(stored)
    }

    /// Returns the path of the stored file, having read it all and found that it is what was stored.
    ///
    /// `sha256` is the digest that [`Directory::store`] returned. The file is for reading: it belongs
    /// to everybody who fetches it.
    pub fn fetch(&self, bucket: &str, key: &str, sha256: &str) -> Result<PathBuf, Error> {
        let path = Place::new(bucket, key)?.path_below(&self.root);
        let file = self.open_stored(bucket, key)?;
        let copied = digest::copy(&file, &mut io::sink());
        let (found, _) = copied.map_err(Error::file("read", &path))?;
        if found == sha256 {
            return Ok(path);
        }
        Err(Error::Tampered {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            recorded: sha256.to_owned(),
            found,
        })
    }

    /// Opens what is stored under a key, for whoever has no digest to hold it against.
    pub fn open_stored(&self, bucket: &str, key: &str) -> Result<File, Error> {
        let path = Place::new(bucket, key)?.path_below(&self.root);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => digest::open_regular(&path),
            Ok(_) => Err(Error::NotAFile { path, found: "a directory or a link" }),
            Err(error) if is_absent(&error) => {
                Err(Error::NotStored { bucket: bucket.to_owned(), key: key.to_owned() })
            }
            Err(error) => Err(Error::file("find", &path)(error)),
        }
    }

    /// Looks for what is stored under a key, and reads it all.
    pub fn look(&self, bucket: &str, key: &str) -> Result<Option<Stored>, Error> {
        match self.open_stored(bucket, key) {
            Ok(file) => {
                let copied = digest::copy(&file, &mut io::sink());
                let path = Place::new(bucket, key)?.path_below(&self.root);
                let (sha256, size_bytes) = copied.map_err(Error::file("read", &path))?;
                Ok(Some(Stored { sha256, size_bytes }))
            }
            Err(Error::NotStored { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes what is stored under a key; if nothing is, nothing happens.
    pub fn remove(&self, bucket: &str, key: &str) -> Result<(), Error> {
        let place = Place::new(bucket, key)?;
        let path = place.path_below(&self.root);
        match fs::remove_file(&path) {
            Ok(()) => sync_directory(&place.parent_below(&self.root)),
            Err(error) if is_absent(&error) => Ok(()),
            Err(error) => Err(Error::file("remove", &path)(error)),
        }
    }
}

fn make_directory(path: &Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(Error::file("make", path))
}

fn sync_directory(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(Error::file("make durable", path))
}

/// Says whether nothing is there, be it that a directory on the way is missing, too.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
