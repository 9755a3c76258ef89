//! One record for each call, in `CloudTrail`'s shape, chained by digests (contract R95).
//!
//! A record is one line of JSON in the file of its day. It has a sequence number, the digest of the
//! record before it, and the digest of itself, so that no line can be changed, removed, added or moved
//! without breaking the chain. A small file beside them, the head, says which record is the newest, so
//! that the newest ones cannot be removed either. [`verify`] reads it all and says what is wrong.
//!
//! Whoever can write here can also compute digests, and make a new chain. Against that, the head has to
//! be kept where they cannot write; [`Audit::head`] gives it out.
//!
//! # What survives what
//!
//! The line is written in one piece, then the head. A process that is killed between the two leaves a
//! newest record that the head does not know, which is no finding; in the middle of a line, a torn end,
//! which is cut off at the next start. Nothing is synchronized to the disk for each call: that would
//! make every read as slow as a disk. [`Audit::sync`] does it, for whoever calls it now and then and at
//! the end. After a power failure the newest records may be gone, and that is found and reported, since
//! nobody can tell it from a theft.

mod days;
mod head;
mod record;
mod tail;
mod verify;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use model::time::Timestamp;
use serde_json::Value;

use crate::keys::Identity;
use head::HeadFile;
pub use head::Newest;
pub use verify::{Finding, Report, verify};

/// A call that was answered.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// When.
    pub at: Timestamp,
    /// Who, if the signature was good.
    pub who: Option<&'a Identity>,
    /// With which key, as far as the request said.
    pub access_key: Option<&'a str>,
    /// For example `GetPipeline`; empty when no operation could be recognized.
    pub operation: &'a str,
    /// Whether the operation changes nothing.
    pub is_read_only: bool,
    /// The Region.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    /// Where it came from.
    pub source_ip: &'a str,
    /// The client's own words.
    pub user_agent: &'a str,
    /// What was asked, secrets masked.
    pub request: &'a Value,
    /// What was answered, secrets masked; null for operations that only read.
    pub response: &'a Value,
    /// The error's code and message.
    pub error: Option<(&'a str, &'a str)>,
    /// The answer's request id.
    pub request_id: &'a str,
    /// The policies that decided.
    pub policies: &'a [String],
}

/// The log of calls.
#[derive(Debug)]
pub struct Audit {
    directory: PathBuf,
    writing: Mutex<Writing>,
}

#[derive(Debug)]
struct Writing {
    head: HeadFile,
    newest: Newest,
    /// The file that is written to; none before the first record.
    day: Option<Day>,
}

#[derive(Debug)]
struct Day {
    name: String,
    file: File,
    length: u64,
}

impl Day {
    fn open(directory: &Path, name: &str) -> io::Result<Self> {
        let file = days::open(directory, name)?;
        let length = file.metadata()?.len();
        Ok(Self { name: name.to_owned(), file, length })
    }

    /// Appends a line, or nothing: half a line would make the next one unreadable. If even cutting it
    /// off fails, the next start does it.
    fn append(&mut self, line: &str) -> io::Result<()> {
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            self.file.set_len(self.length).ok();
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

impl Audit {
    /// Opens the log in a directory, which is made for this user only. One process writes to it.
    pub fn open(directory: &Path) -> io::Result<Self> {
        days::make_directory(directory)?;
        let (head, known) = HeadFile::open(directory)?;
        let mut days = days::list(directory)?;
        let written = tail::newest(directory, &days)?;
        let newest = match (known, written) {
            (Some(known), Some(written)) if written.sequence >= known.sequence => written,
            // Records that the head knows are missing. The chain goes on after them, so that the gap
            // stays to be seen.
            (Some(known), Some(_) | None) => known,
            // The head is missing. One number is left out, so that this is seen as well.
            (None, Some(written)) => Newest { sequence: written.sequence + 1, ..written },
            (None, None) => Newest::default(),
        };
        let day = days.pop().map(|day| Day::open(directory, &day)).transpose()?;
        let writing = Mutex::new(Writing { head, newest, day });
        Ok(Self { directory: directory.to_owned(), writing })
    }

    /// Appends a record.
    pub fn append(&self, call: &Call<'_>) -> io::Result<()> {
        // What takes time is done before anybody has to wait for us.
        let prepared = record::Prepared::new(call);
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let writing = &mut *writing;
        let (line, newest) = prepared.seal(&writing.newest);
        let day = prepared.day();
        // A clock that steps back over midnight does not open yesterday's file again.
        let is_open = writing.day.as_ref().is_some_and(|open| open.name.as_str() >= day);
        if !is_open {
            writing.day = Some(Day::open(&self.directory, day)?);
        }
        writing.day.as_mut().expect("it was opened just now").append(&line)?;
        writing.newest = newest;
        writing.head.write(&writing.newest)
    }

    /// Returns the newest record, to be kept elsewhere.
    pub fn head(&self) -> Newest {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).newest.clone()
    }

    /// Waits until all that was appended is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(day) = &writing.day {
            day.file.sync_data()?;
        }
        writing.head.sync()
    }
}
