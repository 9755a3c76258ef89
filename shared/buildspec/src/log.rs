//! The log of a build: what the commands print, and between it lines of ours.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A shorter value is not hidden: it would stand in half of all lines by chance.
const HIDDEN_BYTES_MIN: usize = 4;

/// How much of the log is searched at once for what must be hidden.
const PIECE_BYTES: usize = 256 * 1024;

/// A log that is appended to, by us and by the commands at once.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    broken: Option<io::Error>,
    /// What must not stay in it, the longest first.
    secrets: Vec<Vec<u8>>,
    /// Up to where it was searched for them.
    hidden: u64,
}

impl Log {
    /// Opens the log, making it if there is none. Only its owner may read it.
    pub(crate) fn open(path: &Path) -> io::Result<Log> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let hidden = file.metadata()?.len();
        Ok(Log { path: path.to_owned(), file, broken: None, secrets: Vec::new(), hidden })
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

    /// Has values hidden from now on, line by line, so that the log keeps its lines.
    pub(crate) fn keep_secret<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        let lines = values.into_iter().flat_map(str::lines);
        let long = lines.filter(|line| line.len() >= HIDDEN_BYTES_MIN);
        self.secrets.extend(long.map(|line| line.as_bytes().to_vec()));
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// Overwrites with asterisks what commands printed of the secret values, as many as there were
    /// bytes: whoever reads along goes on at the same place. Commands write into the file themselves,
    /// so this comes after them.
    pub(crate) fn hide(&mut self) {
        if let Err(error) = self.try_to_hide() {
            self.broken.get_or_insert(error);
        }
    }

    fn try_to_hide(&mut self) -> io::Result<()> {
        let Some(longest) = self.secrets.first().map(Vec::len) else { return Ok(()) };
        let file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        let mut piece = vec![0; PIECE_BYTES + longest];
        // A value may have been printed in part when the log was searched last.
        let overlap = u64::try_from(longest - 1).unwrap_or(0);
        let mut start = self.hidden.saturating_sub(overlap);
        loop {
            let length = fill(&file, &mut piece, start)?;
            for (place, secret) in found(&piece[..length], &self.secrets) {
                let at = start + u64::try_from(place).unwrap_or(0);
                file.write_all_at(&vec![b'*'; secret.len()], at)?;
            }
            let end = start + u64::try_from(length).unwrap_or(0);
            if length < piece.len() {
                self.hidden = end;
                return Ok(());
            }
            start = end - overlap;
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

/// Reads from `start` until the piece is full or the file ends.
fn fill(file: &File, piece: &mut [u8], start: u64) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        let at = start + u64::try_from(length).unwrap_or(0);
        match file.read_at(&mut piece[length..], at) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Finds where secret values stand.
fn found<'a>(bytes: &[u8], secrets: &'a [Vec<u8>]) -> Vec<(usize, &'a [u8])> {
    let mut places = Vec::new();
    for secret in secrets {
        let all = bytes.windows(secret.len()).enumerate();
        let same = all.filter(|(_, window)| window[0] == secret[0] && *window == secret.as_slice());
        places.extend(same.map(|(place, _)| (place, secret.as_slice())));
    }
    places
}
