//! Writes state-change events as JSON lines, in order and without gaps.
//!
//! The log is the outbox: what was appended and not yet written is found there after a crash. The
//! file itself says how far it came, so an event is written once however often we start over.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use engine::change::{Change, PipelineChange};
use events::Event;
use model::ids::PipelineName;
use runtime::App;
use runtime::publish::publish;
use store::LogKey;
use tokio::sync::mpsc;

use crate::bus::chain;
use crate::trouble::{About, Troubles};
use crate::world::Appended;

/// A file of events.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
    /// How many bytes of it are whole lines.
    whole: u64,
    /// The number of the last event of each execution that is in the file.
    written: BTreeMap<String, u32>,
}

impl EventFile {
    /// Opens a file of events, reading how far it came. A line that a crash cut short is taken out.
    pub fn open(path: &Path) -> io::Result<Self> {
        // What is no plain file never ends, or cannot be read back: it cannot say how far it came.
        let is_plain = std::fs::metadata(path).map_or(true, |found| found.is_file());
        if !is_plain {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is no plain file; name one, so that it can be read back after a restart",
            ));
        }
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        let mut written = BTreeMap::new();
        let mut whole = 0;
        let mut reader = BufReader::new(&mut file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            if line.last() != Some(&b'\n') {
                break;
            }
            whole += line.len() as u64;
            if let Some((execution, sequence)) = place_of(&line) {
                let last = written.entry(execution).or_insert(0);
                *last = sequence.max(*last);
            }
            line.clear();
        }
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { path: path.to_owned(), file, whole, written })
    }

    fn write(&mut self, event: &Event) -> io::Result<()> {
        let execution = event.execution.to_string();
        if self.written.get(&execution).is_some_and(|last| event.sequence <= *last) {
            return Ok(());
        }
        let mut line = event.to_json_line();
        line.push('\n');
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // A part of a line must not stand before the whole one. Should this fail too, opening
            // the file again takes it out.
            let _ = self.file.set_len(self.whole);
            let _ = self.file.seek(SeekFrom::Start(self.whole));
            return Err(error);
        }
        self.whole += line.len() as u64;
        self.written.insert(execution, event.sequence);
        Ok(())
    }
}

/// Returns the execution and number that a line was written for.
fn place_of(line: &[u8]) -> Option<(String, u32)> {
    let value: serde_json::Value = serde_json::from_slice(line).ok()?;
    let execution = value.get("detail")?.get("execution-id")?.as_str()?.to_owned();
    let sequence = value.get("towpath")?.get("sequence")?.as_u64()?;
    Some((execution, u32::try_from(sequence).ok()?))
}

/// Publishes what this process appends, and passes it on to whoever shows it.
pub struct Publisher {
    app: App,
    file: Option<EventFile>,
    reached: BTreeMap<LogKey, u64>,
    viewer: mpsc::UnboundedSender<Appended>,
    troubles: Troubles,
    is_late: bool,
}

impl Publisher {
    /// Makes a publisher; without a file, appended records are only passed on.
    pub fn new(
        app: App,
        file: Option<EventFile>,
        viewer: mpsc::UnboundedSender<Appended>,
        troubles: Troubles,
    ) -> Self {
        Self { app, file, reached: BTreeMap::new(), viewer, troubles, is_late: false }
    }

    /// Publishes what an earlier process appended and did not publish.
    pub async fn catch_up(&mut self, pipelines: &[PipelineName]) {
        for pipeline in pipelines {
            self.advance(&LogKey::Pipeline(pipeline.clone())).await;
        }
    }

    /// Publishes until every sender is gone.
    pub async fn run(mut self, mut appended: mpsc::UnboundedReceiver<Appended>) {
        while let Some(appended) = appended.recv().await {
            let log = appended.before.log.clone();
            self.advance(&log).await;
            // Nobody watches any more only while the process ends.
            let _ = self.viewer.send(appended);
        }
    }

    /// Publishes the log from where it was left, and the logs of executions that it admitted.
    async fn advance(&mut self, log: &LogKey) {
        if self.file.is_none() {
            return;
        }
        let mut logs = vec![log.clone()];
        while let Some(log) = logs.pop() {
            match self.advance_one(&log).await {
                Ok(admitted) => logs.extend(admitted),
                Err(error) => {
                    self.is_late = true;
                    let message = format!("{error}; the events are written later, none is lost");
                    self.troubles.tell(About::Events, message);
                    return;
                }
            }
        }
        if std::mem::take(&mut self.is_late) {
            self.troubles.is_over(About::Events);
        }
    }

    async fn advance_one(&mut self, log: &LogKey) -> Result<Vec<LogKey>, String> {
        let mut admitted = Vec::new();
        loop {
            let reached = self.reached.get(log).copied().unwrap_or(0);
            let published =
                publish(&self.app, log, reached).await.map_err(|error| chain(&error))?;
            if published.reached == reached {
                return Ok(admitted);
            }
            if let Some(file) = &mut self.file {
                let path = file.path.display().to_string();
                let written = published.events.iter().try_for_each(|event| file.write(event));
                written.map_err(|error| format!("{path}: {error}"))?;
            }
            admitted.extend(self.admitted(log, reached + 1, published.reached).await?);
            self.reached.insert(log.clone(), published.reached);
        }
    }

    async fn admitted(&self, log: &LogKey, from: u64, to: u64) -> Result<Vec<LogKey>, String> {
        let mut admitted = Vec::new();
        for sequence in from..=to {
            let record =
                self.app.store.record(log, sequence).await.map_err(|error| chain(&error))?;
            let changes = record.iter().flat_map(|record| &record.changes);
            admitted.extend(changes.filter_map(|change| match change {
                Change::Pipeline(PipelineChange::Admitted { execution, .. }) => {
                    Some(LogKey::Execution(log.pipeline().clone(), *execution))
                }
                Change::Pipeline(_) | Change::Execution { .. } => None,
            }));
        }
        Ok(admitted)
    }
}
