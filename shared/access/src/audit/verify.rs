//! Whether the log is as it was written.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;

use super::days;
use super::head::{self, NAME, Newest};
use super::record::{HASH_MEMBER, LINE_BYTES_MAX, hash};

/// So many findings are reported; whoever has so many has the message.
const FINDINGS_MAX: usize = 1000;

/// A log in which everything is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many records it has.
    pub records: u64,
    /// How many files.
    pub files: u64,
    /// The newest record, to compare with what was kept elsewhere.
    pub newest: Newest,
    /// Whether a writer died, or is at work, between the newest record and the head.
    pub is_head_behind: bool,
    /// Whether the last line was never finished; the next start cuts it off.
    pub is_end_torn: bool,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which file.
    pub file: String,
    /// Which line of it, from 1; nothing if it is about the file, or about what is not there.
    pub line: Option<u64>,
    /// Which record: the number that it has or should have.
    pub sequence: Option<u64>,
    /// What is wrong.
    pub sentence: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.sentence)
    }
}

/// What a line says about itself.
pub(super) struct Line {
    pub(super) sequence: u64,
    pub(super) stated_hash: String,
    before: String,
    event_time: String,
    is_true: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    sequence: u64,
    prev_hash: String,
    hash: String,
    event_time: String,
}

impl Line {
    /// Reads a line, without its end; nothing if it is no record.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let Members { sequence, prev_hash, hash: stated, event_time } =
            serde_json::from_slice(line).ok()?;
        let end = format!("{HASH_MEMBER}{stated}\"}}");
        let body = line.strip_suffix(end.as_bytes())?;
        let is_true = hash(body) == stated;
        Some(Self { sequence, stated_hash: stated, before: prev_hash, event_time, is_true })
    }
}

/// Reads a whole log, line by line. `Err` has what is wrong, the oldest first. A writer may be at work.
pub fn verify(directory: &Path) -> Result<Report, Vec<Finding>> {
    let mut walk = Walk::default();
    match walk.all(directory) {
        Ok(report) if walk.findings.is_empty() => return Ok(report),
        Ok(_) => {}
        Err(error) => {
            let sentence = format!("cannot be read: {error}");
            walk.add(&directory.display().to_string(), None, None, sentence);
        }
    }
    Err(walk.findings)
}

#[derive(Default)]
struct Walk {
    /// The record that the head called the newest when we began.
    known: Option<Newest>,
    /// The last record that was read, by its own word.
    newest: Newest,
    records: u64,
    is_end_torn: bool,
    is_first_of_file: bool,
    findings: Vec<Finding>,
}

impl Walk {
    fn all(&mut self, directory: &Path) -> io::Result<Report> {
        // What the head knew before must be there; what it knows afterwards may be newer.
        self.known = head::read(directory)?;
        let days = days::list(directory)?;
        for (number, day) in (1..).zip(&days) {
            self.file(directory, day, number == days.len())?;
        }
        let is_head_behind = self.head(head::read(directory)?);
        Ok(Report {
            records: self.records,
            files: days.len() as u64,
            newest: self.newest.clone(),
            is_head_behind,
            is_end_torn: self.is_end_torn,
        })
    }

    fn add(&mut self, file: &str, line: Option<u64>, sequence: Option<u64>, sentence: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { file: file.to_owned(), line, sequence, sentence });
        }
    }

    fn file(&mut self, directory: &Path, day: &str, is_last_file: bool) -> io::Result<()> {
        let path = days::path(directory, day);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = File::open(&path)?;
        // A line that is being written while we read it must not look like one that others followed: only
        // what is there now is read.
        let length = file.metadata()?.len();
        let mut reader = BufReader::new(file.take(length));
        self.is_first_of_file = true;
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            let bound = LINE_BYTES_MAX as u64 + 1;
            (&mut reader).take(bound).read_until(b'\n', &mut bytes)?;
            if bytes.is_empty() {
                break;
            }
            if bytes.pop_if(|byte| *byte == b'\n').is_none() {
                let is_torn = is_last_file && reader.fill_buf()?.is_empty();
                if is_torn {
                    self.is_end_torn = true;
                } else {
                    let sentence = "the line is cut short or too long to be a record".to_owned();
                    self.add(&name, Some(number), None, sentence);
                    skip_line(&mut reader)?;
                }
                continue;
            }
            self.line(&name, day, number, &bytes);
        }
        Ok(())
    }

    fn line(&mut self, name: &str, day: &str, number: u64, bytes: &[u8]) {
        let due = self.newest.sequence + 1;
        let Some(line) = Line::parse(bytes) else {
            self.add(
                name,
                Some(number),
                Some(due),
                format!("this is no record; record {due} should be here"),
            );
            return;
        };
        // Where its digest is wrong, its place says more about a record than its number.
        let sequence = if line.is_true { line.sequence } else { due };
        for sentence in self.wrong(&line, day) {
            self.add(name, Some(number), Some(sequence), sentence);
        }
        self.is_first_of_file = false;
        self.records += 1;
        self.newest = Newest { sequence, hash: line.stated_hash };
    }

    /// Says what is wrong with a record where it stands.
    fn wrong(&self, line: &Line, day: &str) -> Vec<String> {
        let (due, sequence) = (self.newest.sequence + 1, line.sequence);
        let mut wrong = Vec::new();
        if !line.is_true {
            wrong.push(format!("record {due} was changed: its digest is another"));
        } else if sequence < due {
            wrong.push(format!("record {sequence} stands where record {due} should"));
        } else if sequence == due + 1 {
            wrong.push(format!("record {due} is missing"));
        } else if sequence > due {
            wrong.push(format!("records {due} to {} are missing", sequence - 1));
        } else if line.before != self.newest.hash {
            wrong.push(format!("record {sequence} follows another record than the one before it"));
        }
        if self.is_first_of_file && line.event_time.get(..10) != Some(day) {
            wrong.push(format!("record {sequence} is the first of a file of another day"));
        }
        let is_known = |known: &Newest| known.sequence == sequence;
        if self
            .known
            .as_ref()
            .is_some_and(|known| is_known(known) && known.hash != line.stated_hash)
        {
            wrong.push(format!("record {sequence} is not the one that the head knows"));
        }
        wrong
    }

    /// Holds the newest record against the head, as it was before and as it is now; says whether the head
    /// is behind by what a killed writer, or one at work, may leave.
    fn head(&mut self, now: Option<Newest>) -> bool {
        let newest = self.newest.sequence;
        let known = self.known.clone().unwrap_or_default();
        let Some(now) = now else {
            if self.records > 0 || self.is_end_torn || known.sequence > 0 {
                self.add(NAME, None, None, "the head is missing or not readable".into());
            }
            return false;
        };
        if newest < known.sequence {
            let (from, to) = (newest + 1, known.sequence);
            let sentence = format!("the newest records are missing: {from} to {to}");
            self.add(NAME, None, Some(from), sentence);
        } else if newest > now.sequence + 1 {
            let sentence =
                format!("it stopped at record {}, and there are newer ones", now.sequence);
            self.add(NAME, None, Some(now.sequence), sentence);
        }
        newest > now.sequence
    }
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    reader.skip_until(b'\n').map(drop)
}
