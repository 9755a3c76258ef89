//! One record for each call, in `CloudTrail`'s shape, chained by digests (contract R95).
//!
//! A record is one line of JSON in the file of its day. It has a sequence number, the digest of the
//! record before it, and the digest of itself, so that no line can be changed, removed, added or moved
//! without breaking the chain. A small file beside them, the head, says which record is the newest, so
//! that the newest ones cannot be removed either. [`verify`] reads it all and says what is wrong.
//!
//! Where no process has a disk of its own, the lines go to a log instead ([`Audit::to`]), and each process
//! has a chain of its own. Such a chain begins after a digest that its process drew, so that chains can be
//! told apart; its end is known to nobody but that process.
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
mod files;
mod head;
mod record;
mod tail;
mod verify;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use model::time::Timestamp;
use serde_json::Value;

use crate::keys::Identity;
use files::Files;
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

/// Where lines go that no file of ours keeps.
pub trait Lines: Send + Sync + fmt::Debug {
    /// Takes one line, with its end.
    fn put(&self, line: &str) -> io::Result<()>;
}

/// The log of calls.
#[derive(Debug)]
pub struct Audit {
    writing: Mutex<Writing>,
}

#[derive(Debug)]
struct Writing {
    newest: Newest,
    place: Place,
}

/// Where records are kept.
#[derive(Debug)]
enum Place {
    Files(Files),
    Lines(Box<dyn Lines>),
}

impl Audit {
    /// Opens the log in a directory, which is made for this user only. One process writes to it.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let (files, newest) = Files::open(directory)?;
        Ok(Self { writing: Mutex::new(Writing { newest, place: Place::Files(files) }) })
    }

    /// Writes records as lines to somewhere else. `beginning` is drawn by the process: the first record
    /// names it as the digest before it, and no two processes have the same.
    pub fn to(lines: Box<dyn Lines>, beginning: u128) -> Self {
        let newest = Newest::drawn(beginning);
        Self { writing: Mutex::new(Writing { newest, place: Place::Lines(lines) }) }
    }

    /// Appends a record.
    pub fn append(&self, call: &Call<'_>) -> io::Result<()> {
        // What takes time is done before anybody has to wait for us.
        let prepared = record::Prepared::new(call);
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let writing = &mut *writing;
        let (line, newest) = prepared.seal(&writing.newest);
        match &mut writing.place {
            Place::Files(files) => {
                files.append(prepared.day(), &line)?;
                writing.newest = newest;
                files.note(&writing.newest)
            }
            Place::Lines(lines) => {
                lines.put(&line)?;
                writing.newest = newest;
                Ok(())
            }
        }
    }

    /// Returns the newest record, to be kept elsewhere.
    pub fn head(&self) -> Newest {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).newest.clone()
    }

    /// Waits until all that was appended is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        match &self.writing.lock().unwrap_or_else(PoisonError::into_inner).place {
            Place::Files(files) => files.sync(),
            Place::Lines(_) => Ok(()),
        }
    }
}
