//! The log of a deployment: our lines among those of the scripts.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};

/// Writes lines to the log that the scripts write to as well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Journal<'a> {
    log: &'a File,
}

impl<'a> Journal<'a> {
    pub(crate) fn new(log: &'a File) -> Self {
        Self { log }
    }

    /// Writes one line.
    pub(crate) fn line(self, line: impl Display) {
        let line = format!("{line}\n");
        let mut log = self.log;
        // A log that cannot be written (a full disk) is no reason to leave a host half deployed.
        let _ = log.write_all(line.as_bytes());
    }

    /// Returns the same log for a child's output.
    pub(crate) fn for_child(self) -> io::Result<File> {
        self.log.try_clone()
    }
}
