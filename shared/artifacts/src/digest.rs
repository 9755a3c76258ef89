//! SHA-256 of files, streamed.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::Error;

/// How many bytes are held in memory while a file streams.
pub(crate) const BUFFER_BYTES: usize = 64 * 1024;

/// Returns the SHA-256 of a file, in lower-case hex, and its size in bytes.
pub fn sha256_of_file(path: &Path) -> Result<(String, u64), Error> {
    let file = open_regular(path)?;
    copy(&file, &mut io::sink()).map_err(Error::file("read", path))
}

/// Copies everything from `from` to `to` and returns the SHA-256 and the number of bytes copied.
pub(crate) fn copy(mut from: impl Read, to: &mut impl Write) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut size_bytes = 0;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok((hex::encode(hasher.finalize()), size_bytes)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        size_bytes += count as u64;
    }
}

/// Opens a file for reading, unless opening it could block or its bytes could never end.
pub(crate) fn open_regular(path: &Path) -> Result<File, Error> {
    let metadata = fs::metadata(path).map_err(Error::file("find", path))?;
    if !metadata.is_file() {
        let found = if metadata.is_dir() { "a directory" } else { "a device, pipe or socket" };
        return Err(Error::NotAFile { path: path.to_owned(), found });
    }
    File::open(path).map_err(Error::file("open", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_file_is_lower_case_hex_and_counts_bytes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("abc");
        fs::write(&path, "abc").unwrap();
        let (sha256, size_bytes) = sha256_of_file(&path).unwrap();
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(size_bytes, 3);
    }

    #[test]
    fn a_directory_or_a_device_has_no_digest() {
        let directory = tempfile::tempdir().unwrap();
        for path in [directory.path(), Path::new("/dev/zero")] {
            assert!(matches!(sha256_of_file(path), Err(Error::NotAFile { .. })), "{path:?}");
        }
        let absent = directory.path().join("absent");
        assert!(sha256_of_file(&absent).unwrap_err().to_string().contains("absent"));
    }
}
