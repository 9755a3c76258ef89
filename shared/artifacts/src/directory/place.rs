//! Buckets and keys that are safe as paths.

use std::path::{Path, PathBuf};

use crate::Error;

/// How files begin that are not yet stored; no part of a key may begin so.
pub(super) const PARTIAL_PREFIX: &str = ".partial-";

/// How long a key may be, as in S3.
const KEY_BYTES_MAX: usize = 1024;

/// How long a part of a key may be, as in file systems.
const SEGMENT_BYTES_MAX: usize = 255;

/// A bucket and a key that stay below the root, whatever they are called.
pub(super) struct Place<'a> {
    bucket: &'a str,
    key: &'a str,
}

impl<'a> Place<'a> {
    /// Refuses a bucket or key that could mean something else to a file system.
    pub(super) fn new(bucket: &'a str, key: &'a str) -> Result<Place<'a>, Error> {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(is_legal) {
            return Err(Error::Bucket { bucket: bucket.to_owned() });
        }
        match fault_of_key(key) {
            Some(reason) => Err(Error::Key { key: key.to_owned(), reason }),
            None => Ok(Place { bucket, key }),
        }
    }

    pub(super) fn path_below(&self, root: &Path) -> PathBuf {
        root.join(self.bucket).join(self.key)
    }

    pub(super) fn parent_below(&self, root: &Path) -> PathBuf {
        let bucket = root.join(self.bucket);
        match self.key.rsplit_once('/') {
            Some((folders, _)) => bucket.join(folders),
            None => bucket,
        }
    }
}

fn fault_of_key(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        return Some("it is empty");
    }
    if key.len() > KEY_BYTES_MAX {
        return Some("it is longer than 1024 bytes");
    }
    if key.contains(['\\', '\0']) {
        return Some("it has a backslash or a NUL; separate its parts by `/`");
    }
    key.split('/').find_map(|segment| match segment {
        "" => Some("it begins or ends with `/`, or has two in a row"),
        "." | ".." => Some("it has `.` or `..` as a part; name the place itself"),
        long if long.len() > SEGMENT_BYTES_MAX => Some("a part of it is longer than 255 bytes"),
        partial if partial.starts_with(PARTIAL_PREFIX) => {
            Some("a part of it begins with `.partial-`, as files do that are not yet stored")
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_three_to_sixty_three_letters_digits_dots_and_hyphens() {
        let longest = "a".repeat(63);
        for bucket in ["abc", "My.Bucket-1", "...", &longest] {
            assert!(Place::new(bucket, "key").is_ok(), "{bucket}");
        }
        let too_long = "a".repeat(64);
        for bucket in ["", "ab", "..", "a/b", "a_b", "../..", "a\\bc", "abc\0", "bücket", &too_long]
        {
            assert!(matches!(Place::new(bucket, "key"), Err(Error::Bucket { .. })), "{bucket}");
        }
    }

    #[test]
    fn keys_never_climb_and_never_mean_two_things() {
        let root = Path::new("/bucket-home");
        for key in ["key", "web/Source/1", "...", "a/..b/c..", ".hidden", "with space/ü"] {
            let place = Place::new("abc", key).unwrap();
            assert_eq!(place.path_below(root), Path::new("/bucket-home/abc").join(key));
            assert_eq!(place.path_below(root).parent().unwrap(), place.parent_below(root));
        }
        let segment = "a".repeat(256);
        let long = ["a"; 600].join("/");
        for key in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "./a",
            "a/.",
            "a/..",
            "../a",
            "a/../b",
            "a\\b",
            "a\0b",
            ".partial-x",
            "a/.partial-",
            &segment,
            &long,
        ] {
            assert!(matches!(Place::new("abc", key), Err(Error::Key { .. })), "{key}");
        }
    }
}
