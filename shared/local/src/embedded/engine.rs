//! The thread that owns the database.
//!
//! SQLite takes one writer at a time and waits for the disk at every commit. A disk's sync takes
//! milliseconds, and one sync is enough for everything written before it. So the thread takes all
//! requests that wait, answers the reads, makes the writes one by one without waiting for the disk,
//! brings them to the disk with one sync of the write-ahead log, and only then answers them. That is
//! what SQLite does by itself for one write (`synchronous=FULL`), shared by many.
//!
//! A read is never shown a write that is not on the disk yet: writes are made after the batch's reads
//! and are durable before the next batch.
//!
//! When the disk refuses to sync, what it holds is unknown, and asking again could be answered
//! wrongly. From then on every request is refused until the process starts again and reads what is
//! really there.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use dynoxide::storage::Storage;
use tokio::sync::oneshot;

use super::Error;
use super::lock::DirectoryLock;
use super::meter::{Count, Meter};
use super::operation::{Operation, Outcome};

/// How many requests are taken together at most, so that the first does not wait for ever.
const BATCH_REQUESTS_MAX: usize = 512;

/// The engine's thread, ended and waited for when this is dropped.
#[derive(Debug)]
pub(super) struct Engine {
    requests: Requests,
    thread: Option<JoinHandle<()>>,
}

/// The way to the engine's thread.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    sender: Sender<Message>,
    meter: Arc<Mutex<Meter>>,
}

#[derive(Debug)]
enum Message {
    Ask(Operation, oneshot::Sender<Outcome>),
    Stop,
}

/// What the thread owns.
struct Worker {
    storage: Storage,
    /// The write-ahead log, through a handle of our own; none for a database in memory.
    log: Option<File>,
    /// Why nothing can be done any more.
    broken: Option<String>,
    /// Given back only when the database is closed.
    _lock: Option<DirectoryLock>,
}

impl Engine {
    /// Opens the database in `directory`.
    pub(super) fn open(directory: &Path) -> Result<Self, Error> {
        let lock = DirectoryLock::take(directory)?;
        let path = directory.join("towpath.db");
        let storage = open_storage(&path)?;
        let log_path = directory.join("towpath.db-wal");
        let fail = |doing, path: &Path| {
            let path = path.to_path_buf();
            move |source| Error::File { doing, path, source }
        };
        let log = File::options()
            .read(true)
            .write(true)
            .open(&log_path)
            .map_err(fail("open the write-ahead log", &log_path))?;
        // New files are durable only once their directory is.
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(fail("sync the directory", directory))?;
        Self::start(Worker { storage, log: Some(log), broken: None, _lock: Some(lock) })
    }

    /// Makes a database in memory.
    pub(super) fn in_memory() -> Result<Self, Error> {
        let path = PathBuf::from(":memory:");
        let storage = Storage::memory()
            .map_err(|error| Error::Database { path, reason: error.to_string() })?;
        Self::start(Worker { storage, log: None, broken: None, _lock: None })
    }

    /// Returns a way to the thread.
    pub(super) fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// Returns what was asked so far.
    pub(super) fn meter(&self) -> Meter {
        self.requests.meter.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn start(mut worker: Worker) -> Result<Self, Error> {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || worker.serve(&receiver))
            .map_err(|source| Error::File {
                doing: "start the thread of",
                path: "the database".into(),
                source,
            })?;
        let requests = Requests { sender, meter: Arc::default() };
        Ok(Self { requests, thread: Some(thread) })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It fails only when the thread is gone already.
        let _ = self.requests.sender.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Requests {
    /// Has an operation done; `None` when the engine is gone.
    pub(super) async fn ask(&self, operation: Operation) -> Option<Outcome> {
        let (sender, answer) = oneshot::channel();
        self.sender.send(Message::Ask(operation, sender)).ok()?;
        answer.await.ok()
    }

    /// Counts a request.
    pub(super) fn count(&self, operation: &str, count: Count) {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner).add(operation, count);
    }
}

impl Worker {
    fn serve(&mut self, receiver: &Receiver<Message>) {
        while let Ok(first) = receiver.recv() {
            let mut writes = Vec::new();
            for message in std::iter::once(first).chain(receiver.try_iter()) {
                match message {
                    Message::Stop => return,
                    Message::Ask(operation, caller) if operation.is_write => {
                        writes.push((operation, caller));
                        if writes.len() == BATCH_REQUESTS_MAX {
                            break;
                        }
                    }
                    // Everything that is there to read is on the disk.
                    Message::Ask(operation, caller) => answer(caller, self.run(operation)),
                }
            }
            self.write(writes);
        }
    }

    fn write(&mut self, writes: Vec<(Operation, oneshot::Sender<Outcome>)>) {
        if writes.is_empty() {
            return;
        }
        let outcomes: Vec<_> =
            writes.into_iter().map(|(operation, caller)| (self.run(operation), caller)).collect();
        if let Err(error) = self.sync() {
            self.broken = Some(format!(
                "the disk failed to sync ({error}); restart to continue with what it holds"
            ));
        }
        for (outcome, caller) in outcomes {
            let broken = self.broken.as_deref().map(Outcome::broken);
            answer(caller, broken.unwrap_or(outcome));
        }
    }

    fn run(&self, operation: Operation) -> Outcome {
        match &self.broken {
            Some(reason) => Outcome::broken(reason),
            None => operation.run(&self.storage),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.log.as_ref().map_or(Ok(()), File::sync_data)
    }
}

/// Answers, unless the caller has lost interest.
fn answer(caller: oneshot::Sender<Outcome>, outcome: Outcome) {
    let _ = caller.send(outcome);
}

fn open_storage(path: &Path) -> Result<Storage, Error> {
    let fail = |reason: String| Error::Database { path: path.to_path_buf(), reason };
    let name = path.to_str().ok_or_else(|| fail("its path is not UTF-8".to_owned()))?;
    let storage = Storage::new(name).map_err(|error| fail(error.to_string()))?;
    // The log is ours to sync (see above); checkpoints still sync both files by themselves.
    storage
        .conn()
        .execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;")
        .map_err(|error| fail(error.to_string()))?;
    let mode: String = storage
        .conn()
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .map_err(|error| fail(error.to_string()))?;
    if mode != "wal" {
        let reason = format!("its file system allows journal mode {mode} only, and we need wal");
        return Err(fail(reason));
    }
    Ok(storage)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"{
        "TableName": "towpath", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "PK", "AttributeType": "S" }]
    }"#;
    const KEY: &str = r#"{ "TableName": "towpath", "Key": { "PK": { "S": "a" } } }"#;
    const ITEM: &str = r#"{ "TableName": "towpath", "Item": { "PK": { "S": "a" } } }"#;

    async fn ask(engine: &Engine, name: &str, body: &str) -> (u16, String) {
        let operation = Operation::parse(name, body.as_bytes()).unwrap();
        let (answer, _) = engine.requests().ask(operation).await.unwrap().into_answer();
        (answer.status, String::from_utf8(answer.body).unwrap())
    }

    #[tokio::test]
    async fn after_a_sync_that_failed_nothing_is_answered_any_more() {
        let storage = Storage::memory().unwrap();
        // This device takes writes and refuses to sync.
        let log = Some(File::open("/dev/null").unwrap());
        let engine = Engine::start(Worker { storage, log, broken: None, _lock: None }).unwrap();
        assert_eq!(ask(&engine, "GetItem", KEY).await.0, 400, "there is no table yet");
        for (name, body) in [("CreateTable", TABLE), ("PutItem", ITEM), ("GetItem", KEY)] {
            let (status, answer) = ask(&engine, name, body).await;
            assert_eq!(status, 500, "{name}: {answer}");
            assert!(answer.contains("failed to sync"), "{name}: {answer}");
        }
    }

    #[tokio::test]
    async fn an_engine_that_is_gone_answers_nobody() {
        let engine = Engine::in_memory().unwrap();
        let requests = engine.requests();
        drop(engine);
        let operation = Operation::parse("GetItem", KEY.as_bytes()).unwrap();
        assert!(requests.ask(operation).await.is_none());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn many_writes_share_a_sync_and_all_are_answered() {
        let directory = tempfile::tempdir().unwrap();
        let engine = Arc::new(Engine::open(directory.path()).unwrap());
        assert_eq!(ask(&engine, "CreateTable", TABLE).await.0, 200);
        let writers: Vec<_> = (0..2 * BATCH_REQUESTS_MAX)
            .map(|number| {
                let engine = engine.clone();
                let item = ITEM.replace("\"a\"", &format!("\"{number}\""));
                tokio::spawn(async move { ask(&engine, "PutItem", &item).await.0 })
            })
            .collect();
        for writer in writers {
            assert_eq!(writer.await.unwrap(), 200);
        }
        for number in 0..2 * BATCH_REQUESTS_MAX {
            let key = KEY.replace("\"a\"", &format!("\"{number}\""));
            assert!(ask(&engine, "GetItem", &key).await.1.contains("Item"), "{number}");
        }
    }
}
