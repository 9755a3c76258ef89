//! One process for one directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process;

use super::Error;

/// The right to work in a directory. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct DirectoryLock {
    /// Held, never read: closing it gives the lock back.
    _file: File,
}

/// How much of the file may be read for a message.
const HOLDER_BYTES_MAX: u64 = 64;

impl DirectoryLock {
    /// Takes the directory for this process, creating it if it is not there.
    pub(super) fn take(directory: &Path) -> Result<Self, Error> {
        let fail = |doing, path: &Path| {
            let path = path.to_path_buf();
            move |source| Error::File { doing, path, source }
        };
        fs::create_dir_all(directory).map_err(fail("create the directory", directory))?;
        let path = directory.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(fail("open the lock file", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = holder(&mut file);
                return Err(Error::InUse { directory: directory.to_path_buf(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(fail("lock", &path)(error)),
        }
        sign(&mut file).map_err(fail("write the lock file", &path))?;
        Ok(Self { _file: file })
    }
}

/// Leaves our process's id for others to read.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", process::id())
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    // The text is a courtesy. Who cannot be named is still there.
    let read = file.take(HOLDER_BYTES_MAX).read_to_string(&mut text);
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(id)) => format!("process {id}"),
        (Ok(_) | Err(_), _) => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_given_out_once_and_again_when_it_is_given_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        let lock = DirectoryLock::take(&path).unwrap();
        // A lock belongs to the open file, so a second attempt fails in the same process as well.
        let message = DirectoryLock::take(&path).unwrap_err().to_string();
        assert!(message.contains(&format!("process {}", process::id())), "{message}");
        assert!(message.contains(&path.display().to_string()), "{message}");
        drop(lock);
        DirectoryLock::take(&path).unwrap();
    }

    #[test]
    fn a_place_that_cannot_be_a_directory_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "").unwrap();
        let message = DirectoryLock::take(&path).unwrap_err().to_string();
        assert!(message.contains(&path.display().to_string()), "{message}");
    }
}
