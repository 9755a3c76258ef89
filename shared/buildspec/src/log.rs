//! The log of a build: what the commands print, and between it lines of ours.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A log that is appended to, by us and by the commands at once.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    broken: Option<io::Error>,
}

impl Log {
    /// Opens the log, making it if there is none. Only its owner may read it.
    pub(crate) fn open(path: &Path) -> io::Result<Log> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        Ok(Log { path: path.to_owned(), file, broken: None })
    }

    /// Returns the file for a command to print into.
    pub(crate) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Writes a text of ours, each line of it marked as ours. What a user wrote is written as it is;
    /// readers make it safe to show.
    pub(crate) fn line(&mut self, text: &str) {
        let mark = format!("[build {:.3}] ", jiff::Timestamp::now());
        let marked = text.trim_end().replace('\n', &format!("\n{mark}"));
        // One write, so that it does not mix with what commands print meanwhile.
        if let Err(error) = self.file.write_all(format!("{mark}{marked}\n").as_bytes()) {
            self.broken.get_or_insert(error);
        }
    }

    /// Returns why a line of ours could not be written, if one could not.
    pub(crate) fn broken(&self) -> Option<&io::Error> {
        self.broken.as_ref()
    }

    /// Returns how many bytes the log has.
    pub(crate) fn length(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Returns the last bytes since `start`, at most `bytes_max` of them.
    pub(crate) fn since(&self, start: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(start.max(length.saturating_sub(bytes_max))))?;
        let mut bytes = Vec::new();
        file.take(bytes_max).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
