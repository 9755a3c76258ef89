//! One process for one directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::Error;

/// The right to work in a directory. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct DirectoryLock {
    /// Held, never read: closing it gives the lock back.
    _file: File,
}

/// How long a dead process's lock may live on in a process that it started.
const INHERITED: Duration = Duration::from_secs(5);

/// How long to wait before looking again.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

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
        match wait_for_the_dead(&mut file) {
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

/// Takes the lock. One that a dead process holds is waited for: a process that was killed while it
/// started another leaves its lock to that one, for the moment until the other has begun.
fn wait_for_the_dead(file: &mut File) -> Result<(), TryLockError> {
    let until = Instant::now() + INHERITED;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until && !is_alive(file) => {
                std::thread::park_timeout(BETWEEN_TRIES);
            }
            taken => return taken,
        }
    }
}

/// Whether whoever signed last lives, as far as can be told.
fn is_alive(file: &mut File) -> bool {
    match holder_id(file).filter(|id| *id > 0).and_then(Pid::from_raw) {
        Some(id) => test_kill_process(id) != Err(Errno::SRCH),
        None => true,
    }
}

/// Leaves our process's id for others to read.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", process::id())
}

fn holder(file: &mut File) -> String {
    match holder_id(file) {
        Some(id) => format!("process {id}"),
        None => "another process".to_owned(),
    }
}

/// Reads who signed. The text is a courtesy: who cannot be named is still there.
fn holder_id(file: &mut File) -> Option<i32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(HOLDER_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
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
    fn a_lock_that_a_dead_process_left_to_another_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let lock = DirectoryLock::take(directory.path()).unwrap();
        // A process that has ended stands for the one that was killed.
        let mut dead = process::Command::new("true").spawn().unwrap();
        dead.wait().unwrap();
        fs::write(directory.path().join("lock"), format!("{}\n", dead.id())).unwrap();
        let other = std::thread::spawn({
            let path = directory.path().to_owned();
            move || DirectoryLock::take(&path).map(drop)
        });
        std::thread::park_timeout(BETWEEN_TRIES * 10);
        assert!(!other.is_finished(), "it was not waited for");
        drop(lock);
        other.join().unwrap().unwrap();
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
