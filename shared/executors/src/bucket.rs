//! Buckets: directories or S3-compatible endpoints that stand for them.

mod directory;
mod endpoint;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use model::outcome::Failure;

use crate::{Site, fault};
use directory::DirectoryBucket;
use endpoint::EndpointBucket;

/// The directory at the top of a bucket that is ours.
const OURS: &str = ".towpath";

/// The longest key, in bytes, as in S3.
const KEY_BYTES_MAX: usize = 1024;

/// What stands for a bucket.
#[derive(Debug)]
pub(crate) enum Bucket {
    /// A directory of this machine.
    Directory(DirectoryBucket),
    /// A server that speaks S3.
    Endpoint(Box<EndpointBucket>),
}

/// An object as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// What tells it from what was under its key before and what comes after it.
    pub(crate) version: String,
    /// What tells its bytes from others.
    pub(crate) etag: String,
}

/// What an object has besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Note {
    /// Pairs of a setting and its value.
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// The name of an object, which is also a path below the bucket's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    /// Reads a key; `setting` is where it stands.
    pub(crate) fn parse(setting: &str, key: &str) -> Result<Key, Failure> {
        let problem = if key.is_empty() || key.len() > KEY_BYTES_MAX {
            "a key has 1 to 1024 bytes"
        } else if key.contains('\0') {
            "a file's name holds no NUL"
        } else if key.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
            "no part of it between slashes may be empty, `.` or `..`, since the bucket is a directory"
        } else if key.split('/').next() == Some(OURS) {
            "`.towpath` in a bucket is where Towpath keeps its own notes"
        } else {
            return Ok(Key(key.to_owned()));
        };
        Err(fault::configuration(format!(
            "{setting}: {key:?} cannot be the key of an object here: {problem}"
        )))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key below a prefix.
    pub(crate) fn below(prefix: Option<&Key>, name: &str) -> Result<Key, Failure> {
        let key = prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}/{name}"));
        Key::parse("ObjectKey", &key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Bucket {
    /// Finds what stands for a bucket.
    pub(crate) fn find(site: &Site, name: &str) -> Result<Bucket, Failure> {
        let Some(place) = site.buckets.get(name) else {
            return Err(fault::configuration(format!(
                "nothing on this machine stands for the bucket {name:?}; say what does with \
                 `--bucket {name}=DIR` or `--bucket {name}=http://HOST:PORT`"
            )));
        };
        if place.contains("://") {
            return EndpointBucket::open(name, place).map(Box::new).map(Bucket::Endpoint);
        }
        DirectoryBucket::open(name, place).map(Bucket::Directory)
    }

    /// Returns the nearest directory that is there on the way to an object; `None` when only asking
    /// tells of a change.
    pub(crate) fn watch_path(&self, key: &Key) -> Option<PathBuf> {
        match self {
            Bucket::Directory(directory) => Some(directory.watch_path(key)),
            Bucket::Endpoint(_) => None,
        }
    }

    /// Returns the version that an object has now.
    pub(crate) fn version_of(&self, key: &Key) -> Result<String, Failure> {
        match self {
            Bucket::Directory(directory) => directory.version_of(key),
            Bucket::Endpoint(endpoint) => endpoint.find(key).map(|found| found.version),
        }
    }

    /// Copies an object to a file of ours: this version of it, or the newest.
    pub(crate) fn copy_out(
        &self,
        key: &Key,
        version: Option<&str>,
        to: &Path,
    ) -> Result<Found, Failure> {
        let found = match self {
            Bucket::Directory(directory) => directory.copy_out(key, to)?,
            Bucket::Endpoint(endpoint) => endpoint.copy_out(key, version, to)?,
        };
        match version {
            Some(wanted) if wanted != found.version => Err(fault::out_of_sync(format!(
                "the object {key} is version {} now, and {wanted} was asked for; earlier versions \
                 are not kept there: start the pipeline at the newest version",
                found.version
            ))),
            Some(_) | None => Ok(found),
        }
    }

    /// Puts an object in: it appears whole or not at all.
    pub(crate) fn put(&self, key: &Key, from: File, note: &Note) -> Result<(), Failure> {
        match self {
            Bucket::Directory(directory) => directory.put(key, from, note),
            Bucket::Endpoint(endpoint) => endpoint.put(key, &from, note),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_could_leave_the_bucket_is_refused() {
        for key in
            ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.", "a/", "a\0", ".towpath/x"]
        {
            assert!(Key::parse("ObjectKey", key).is_err(), "{key:?}");
        }
        for key in ["a", "a/b.zip", "a b/ü", "...", "x/.towpath"] {
            assert_eq!(Key::parse("ObjectKey", key).unwrap().as_str(), key);
        }
    }

    #[test]
    fn an_unknown_bucket_and_a_place_that_cannot_be_one_are_refused_with_a_way_out() {
        let mut site = Site::default();
        assert!(Bucket::find(&site, "b").unwrap_err().message.contains("--bucket b=DIR"));
        for place in ["https://localhost:9000", "s3://b", "http://"] {
            site.buckets.insert("b".to_owned(), place.to_owned());
            let message = Bucket::find(&site, "b").unwrap_err().message;
            assert!(message.contains("--bucket b=http://HOST:PORT"), "{message}");
        }
        site.buckets.insert("b".to_owned(), "/no/such/directory".to_owned());
        assert!(Bucket::find(&site, "b").unwrap_err().message.contains("cannot be opened"));
    }
}
