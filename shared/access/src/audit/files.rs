//! Records in files of a directory: one for each day, and the head.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::head::{HeadFile, Newest};
use super::{days, tail};

/// The directory, which nobody else writes to.
#[derive(Debug)]
pub(super) struct Files {
    directory: PathBuf,
    head: HeadFile,
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

impl Files {
    /// Opens the directory, and says which record the next one follows.
    pub(super) fn open(directory: &Path) -> io::Result<(Self, Newest)> {
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
        Ok((Self { directory: directory.to_owned(), head, day }, newest))
    }

    /// Appends a line to the file of its day.
    pub(super) fn append(&mut self, day: &str, line: &str) -> io::Result<()> {
        // A clock that steps back over midnight does not open yesterday's file again.
        let is_open = self.day.as_ref().is_some_and(|open| open.name.as_str() >= day);
        if !is_open {
            self.day = Some(Day::open(&self.directory, day)?);
        }
        self.day.as_mut().expect("it was opened just now").append(line)
    }

    /// Notes which record is the newest.
    pub(super) fn note(&self, newest: &Newest) -> io::Result<()> {
        self.head.write(newest)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        if let Some(day) = &self.day {
            day.file.sync_data()?;
        }
        self.head.sync()
    }
}
