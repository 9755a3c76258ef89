//! The head: which record is the newest.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use serde::{Deserialize, Serialize};

pub(super) const NAME: &str = "head";

/// The head is of this length, always, so that writing it never leaves a piece of an older one.
const BYTES: usize = 110;

/// How often the head is read at most until it holds still.
const READS_MAX: usize = 64;

/// What comes before the first record.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The newest record: its number and its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Counts from 1.
    pub sequence: u64,
    /// SHA-256, in hexadecimal digits.
    pub hash: String,
}

/// Before the first record.
impl Default for Newest {
    fn default() -> Self {
        Self { sequence: 0, hash: NOTHING.to_owned() }
    }
}

impl Newest {
    /// Begins a chain that can be told from all others.
    pub(super) fn drawn(beginning: u128) -> Self {
        Self { sequence: 0, hash: format!("{beginning:064x}") }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    sequence: String,
    hash: String,
}

/// The file, open and locked as long as this lives.
#[derive(Debug)]
pub(super) struct HeadFile(File);

impl HeadFile {
    /// Opens it, and says what it knows; nothing if it is new or no longer readable.
    pub(super) fn open(directory: &Path) -> io::Result<(Self, Option<Newest>)> {
        let path = directory.join(NAME);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let sentence = format!(
                    "{} is written to by another process; end that one first",
                    directory.display()
                );
                return Err(io::Error::new(ErrorKind::ResourceBusy, sentence));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let known = parse(&file)?;
        Ok((Self(file), known))
    }

    /// Says that this record is the newest from now on.
    pub(super) fn write(&self, newest: &Newest) -> io::Result<()> {
        self.0.write_all_at(render(newest).as_bytes(), 0)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Reads the head of a log that somebody else may be writing.
pub(super) fn read(directory: &Path) -> io::Result<Option<Newest>> {
    match File::open(directory.join(NAME)) {
        Ok(file) => parse(&file),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A read may see the beginning of one head and the end of the next, so two that follow one another
/// must agree.
fn parse(file: &File) -> io::Result<Option<Newest>> {
    let mut bytes = at_once(file)?;
    for _ in 1..READS_MAX {
        let again = at_once(file)?;
        if again == bytes {
            break;
        }
        bytes = again;
    }
    let Ok(Contents { sequence, hash }) = serde_json::from_slice(&bytes) else { return Ok(None) };
    let newest = sequence.parse().map(|sequence| Newest { sequence, hash });
    // Only what we would have written ourselves counts.
    Ok(newest.ok().filter(|newest| render(newest).as_bytes() == bytes))
}

/// Reads the file with one request, and a byte more than it should have.
fn at_once(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; BYTES + 1];
    let length = file.read_at(&mut bytes, 0)?;
    bytes.truncate(length);
    Ok(bytes)
}

fn render(newest: &Newest) -> String {
    let Newest { sequence, hash } = newest;
    format!("{{\"sequence\":\"{sequence:020}\",\"hash\":\"{hash}\"}}\n")
}
