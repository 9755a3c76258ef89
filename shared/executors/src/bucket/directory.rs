//! A directory that stands for a bucket.
//!
//! All work goes through a handle that cannot leave the directory, so neither `..` nor a link leads
//! out of it. `.towpath` at its top is ours: what a directory cannot hold of an object, such as its
//! cache control, is written down there.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use model::outcome::Failure;
use sha2::{Digest as _, Sha256};

use super::{Found, Key, Note, OURS};
use crate::fault;

/// A directory that stands for a bucket.
#[derive(Debug)]
pub(crate) struct DirectoryBucket {
    name: String,
    path: PathBuf,
    directory: Dir,
}

impl DirectoryBucket {
    /// Opens the directory that stands for a bucket.
    pub(super) fn open(name: &str, place: &str) -> Result<DirectoryBucket, Failure> {
        let path = PathBuf::from(place);
        let directory = Dir::open_ambient_dir(&path, ambient_authority()).map_err(|error| {
            fault::configuration(format!(
                "the directory {place:?} that stands for the bucket {name:?} cannot be opened: \
                 {error}; make it, or correct `--bucket {name}=DIR`"
            ))
        })?;
        Ok(DirectoryBucket { name: name.to_owned(), path, directory })
    }

    /// Returns the nearest directory that is there on the way to an object.
    pub(super) fn watch_path(&self, key: &Key) -> PathBuf {
        let parents = Path::new(key.as_str()).ancestors().skip(1);
        let found = parents.map(|parent| self.path.join(parent)).find(|parent| parent.is_dir());
        found.unwrap_or_else(|| self.path.clone())
    }

    /// Returns the version that an object has now: the digest of its bytes.
    pub(super) fn version_of(&self, key: &Key) -> Result<String, Failure> {
        let copied = copy(&mut self.open_object(key)?, &mut io::sink());
        copied.map_err(|error| self.failed("read", key, &error))
    }

    /// Copies an object to a file of ours. The version is that of the copy, so a file that changes
    /// meanwhile cannot pass for another.
    pub(super) fn copy_out(&self, key: &Key, to: &Path) -> Result<Found, Failure> {
        let mut file = self.open_object(key)?;
        let copied = File::create(to).and_then(|mut to| copy(&mut file, &mut to));
        let version = copied.map_err(|error| self.failed("copy", key, &error))?;
        Ok(Found { etag: version.clone(), version })
    }

    /// Puts an object in, and writes down what a file cannot hold of it.
    pub(super) fn put(&self, key: &Key, mut from: File, note: &Note) -> Result<(), Failure> {
        let written = self.write(key.as_str(), &mut from);
        written.map_err(|error| self.failed("write", key, &error))?;
        let noted = self.note(key, note);
        noted.map_err(|error| self.failed("write the notes of", key, &error))
    }

    fn note(&self, key: &Key, note: &Note) -> io::Result<()> {
        let path = format!("{OURS}/metadata/{key}.json");
        if note.settings.is_empty() {
            return match self.directory.remove_file(&path) {
                Err(error) if !is_absent(&error) => Err(error),
                Ok(()) | Err(_) => Ok(()),
            };
        }
        let members = note.settings.iter();
        let members = members.map(|(key, value)| ((*key).to_owned(), value.as_str().into()));
        let members: serde_json::Map<String, serde_json::Value> = members.collect();
        self.write(&path, &mut serde_json::Value::from(members).to_string().as_bytes())
    }

    fn write(&self, path: &str, from: &mut impl Read) -> io::Result<()> {
        let path = Path::new(path);
        if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
            self.directory.create_dir_all(parent)?;
        }
        self.directory.create_dir_all(OURS)?;
        // In a place of ours, so that nobody watches or lists half an object. One process writes it.
        let draft = format!("{OURS}/draft-{}", std::process::id());
        let mut file = self.directory.create(&draft)?;
        let written = io::copy(from, &mut file).and_then(|_| file.sync_all());
        let renamed = written.and_then(|()| self.directory.rename(&draft, &self.directory, path));
        if renamed.is_err() {
            // The first error counts; a draft that stays is overwritten by the next one.
            let _ = self.directory.remove_file(&draft);
        }
        renamed
    }

    fn open_object(&self, key: &Key) -> Result<cap_std::fs::File, Failure> {
        let metadata = self.directory.metadata(key.as_str());
        let metadata = metadata.map_err(|error| self.failed("find", key, &error))?;
        if !metadata.is_file() {
            // To open a pipe would wait for somebody to write.
            let error = io::Error::other("it is not a regular file");
            return Err(self.failed("read", key, &error));
        }
        self.directory.open(key.as_str()).map_err(|error| self.failed("open", key, &error))
    }

    fn failed(&self, doing: &str, key: &Key, error: &dyn std::error::Error) -> Failure {
        fault::unavailable(format!(
            "failed to {doing} the object {key} of bucket {} ({}): {}",
            self.name,
            self.path.display(),
            fault::chain(error)
        ))
    }
}

/// Copies bytes, and returns the SHA-256 of what was copied, in lower-case hex.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(hex::encode(hasher.finalize())),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
