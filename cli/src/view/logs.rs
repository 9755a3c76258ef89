//! The logs of running actions, followed as they grow.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use engine::change::{Change, ExecutionChange};
use engine::state::RunKey;
use local::supervise::Supervised;
use store::Record;

use crate::view::text::shown;

/// How many lines of a failed action's log are shown at the end.
const LOG_LINES: usize = 20;

/// How much of a log's end is read to find them.
const LOG_TAIL_BYTES: u64 = 64 * 1024;

/// How much of a log's end is read to find its last line.
const LAST_LINE_BYTES: u64 = 4 * 1024;

/// How much is read of one log before the others have their turn.
const PIECE_BYTES: u64 = 256 * 1024;

/// How long a line may become before it is shown without its end.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogLine {
    pub(crate) number: u64,
    pub(crate) run: RunKey,
    pub(crate) text: String,
}

/// The logs of what runs.
#[derive(Debug)]
pub(crate) struct Logs {
    runs: PathBuf,
    followed: BTreeMap<RunKey, Followed>,
}

#[derive(Debug)]
struct Followed {
    number: u64,
    offset: u64,
    /// The beginning of a line whose end is not there yet.
    begun: Vec<u8>,
}

impl LogLine {
    /// Returns the line as people see it.
    pub(crate) fn render(&self) -> String {
        let RunKey { stage, action, .. } = &self.run;
        format!("#{} {stage}/{action} │ {}", self.number, self.text)
    }
}

impl Logs {
    pub(crate) fn new(runs: PathBuf) -> Self {
        Self { runs, followed: BTreeMap::new() }
    }

    /// Follows what an earlier process started, from here on.
    pub(crate) fn recall(&mut self, records: &[std::sync::Arc<Record>]) {
        for record in records {
            drop(self.take(record));
        }
        for (run, followed) in &mut self.followed {
            let log = Supervised::log_of(&self.runs, &run.id().to_string());
            followed.offset = std::fs::metadata(log).map_or(0, |found| found.len());
        }
    }

    /// Follows what a record starts, and returns the rest of what it ends.
    pub(crate) fn take(&mut self, record: &Record) -> Vec<LogLine> {
        let mut lines = Vec::new();
        for change in &record.changes {
            let Change::Execution { id, number, change, .. } = change else { continue };
            let (stage, action, attempt, is_begun) = match change {
                ExecutionChange::ActionRequested { stage, action, attempt } => {
                    (stage, action, attempt, true)
                }
                ExecutionChange::ActionSucceeded { stage, action, attempt, .. }
                | ExecutionChange::ActionFailed { stage, action, attempt, .. }
                | ExecutionChange::ActionAbandoned { stage, action, attempt } => {
                    (stage, action, attempt, false)
                }
                ExecutionChange::Started(_)
                | ExecutionChange::Waited { .. }
                | ExecutionChange::Entered { .. }
                | ExecutionChange::Superseded { .. }
                | ExecutionChange::StageSucceeded { .. }
                | ExecutionChange::StageFailed { .. }
                | ExecutionChange::StageStopping { .. }
                | ExecutionChange::StageStopped { .. }
                | ExecutionChange::StageCancelled { .. }
                | ExecutionChange::StageResumed { .. }
                | ExecutionChange::Succeeded
                | ExecutionChange::Failed
                | ExecutionChange::Stopping { .. }
                | ExecutionChange::StopEscalated
                | ExecutionChange::Stopped
                | ExecutionChange::CancelRequested
                | ExecutionChange::Cancelled { .. }
                | ExecutionChange::Resumed { .. } => continue,
            };
            let (stage, action) = (stage.clone(), action.clone());
            let run = RunKey { execution: *id, stage, action, attempt: *attempt };
            if is_begun {
                let followed = Followed { number: *number, offset: 0, begun: Vec::new() };
                self.followed.insert(run, followed);
            } else if let Some(followed) = self.followed.remove(&run) {
                lines.extend(followed.rest(&self.runs, &run));
            }
        }
        lines
    }

    /// Returns what was printed since the last look.
    pub(crate) fn look(&mut self) -> Vec<LogLine> {
        let mut lines = Vec::new();
        for (run, followed) in &mut self.followed {
            lines.extend(followed.more(&self.runs, run));
        }
        lines
    }
}

impl Followed {
    fn more(&mut self, runs: &Path, run: &RunKey) -> Vec<LogLine> {
        let log = Supervised::log_of(runs, &run.id().to_string());
        // A run that has not begun has no log.
        let Ok(bytes) = read(&log, self.offset, PIECE_BYTES) else { return Vec::new() };
        self.offset += bytes.len() as u64;
        self.begun.extend_from_slice(&bytes);
        let mut lines = Vec::new();
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let rest = self.begun.split_off(end + 1);
            lines.push(self.line(run, &self.begun[..end]));
            self.begun = rest;
        }
        if self.begun.len() > LINE_BYTES_MAX {
            lines.push(self.line(run, &self.begun));
            self.begun.clear();
        }
        lines
    }

    fn rest(mut self, runs: &Path, run: &RunKey) -> Vec<LogLine> {
        let mut lines = Vec::new();
        loop {
            let before = self.offset;
            lines.extend(self.more(runs, run));
            if self.offset == before {
                break;
            }
        }
        if !self.begun.is_empty() {
            lines.push(self.line(run, &self.begun));
        }
        lines
    }

    fn line(&self, run: &RunKey, bytes: &[u8]) -> LogLine {
        let text = shown(&String::from_utf8_lossy(bytes));
        LogLine { number: self.number, run: run.clone(), text }
    }
}

/// Returns the last lines of a log, however long it is.
pub(crate) fn tail(path: &Path) -> Vec<String> {
    last_lines(path, LOG_TAIL_BYTES, LOG_LINES)
}

/// Returns the last line that an attempt printed.
pub(crate) fn last_line(runs: &Path, run: &RunKey) -> String {
    let log = Supervised::log_of(runs, &run.id().to_string());
    let line = last_lines(&log, LAST_LINE_BYTES, 1).pop().unwrap_or_default();
    // When it was printed is seen from its being here.
    let text = line.strip_prefix('[').and_then(|line| Some(line.split_once("] ")?.1.to_owned()));
    text.unwrap_or(line)
}

fn last_lines(path: &Path, bytes_max: u64, lines_max: usize) -> Vec<String> {
    let end = std::fs::metadata(path).map_or(0, |found| found.len());
    // A run that never began has no log.
    let read = read(path, end.saturating_sub(bytes_max), bytes_max).unwrap_or_default();
    let text = String::from_utf8_lossy(&read);
    let lines: Vec<_> = text.lines().map(shown).collect();
    lines[lines.len().saturating_sub(lines_max)..].to_vec()
}

fn read(path: &Path, offset: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}
