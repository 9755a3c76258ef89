//! The directory of one attempt, and what its files mean.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use executors::Site;
use model::outcome::Outcome;
use providers::Job;
use rustix::process::{Pid, Signal, kill_process_group};

/// How long a stopped run may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// How far a run is, as its files tell.
#[derive(Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing has begun.
    Absent,
    /// A living process does it.
    Running,
    /// It ended.
    Ended(Outcome),
    /// It began, and nobody is there to end it.
    Lost,
}

/// The directory of one attempt.
#[derive(Clone, Debug)]
pub struct RunDirectory(PathBuf);

impl RunDirectory {
    /// Names the directory of an attempt. Run ids are UUIDs, so the name is a safe one.
    pub fn new(runs: &Path, run_id: &str) -> Self {
        Self(runs.join(run_id))
    }

    /// Takes a directory by its path.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns a file of the directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Says how far the run is.
    pub fn look(&self) -> io::Result<Stage> {
        if let Some(outcome) = self.outcome()? {
            return Ok(Stage::Ended(outcome));
        }
        if !self.file("job.json").exists() {
            return Ok(Stage::Absent);
        }
        match self.try_lock()? {
            None => Ok(Stage::Running),
            // Whoever held the lock may have ended since we looked for the result.
            Some(_held) => match self.outcome()? {
                Some(outcome) => Ok(Stage::Ended(outcome)),
                None if self.file("started").exists() => Ok(Stage::Lost),
                None => Ok(Stage::Absent),
            },
        }
    }

    /// Writes down what to do. Doing it again writes the same.
    pub fn prepare(&self, job: &Job, site: &Site) -> io::Result<()> {
        fs::create_dir_all(self.file("work"))?;
        OpenOptions::new().create(true).append(true).open(self.file("log"))?;
        self.write_whole("site.json", &serde_json::to_vec(site)?)?;
        self.write_whole("job.json", &serde_json::to_vec(job)?)
    }

    /// Returns what was to be done, if anything was.
    pub fn asked(&self) -> io::Result<Option<(Job, Site)>> {
        match (fs::read(self.file("job.json")), fs::read(self.file("site.json"))) {
            (Ok(job), Ok(site)) => {
                Ok(Some((serde_json::from_slice(&job)?, serde_json::from_slice(&site)?)))
            }
            (Err(error), _) | (_, Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    /// Writes a file that appears whole or not at all, and is still there after a power cut.
    pub fn write_whole(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let draft = self.file(&format!("{name}.{}", std::process::id()));
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, self.file(name))?;
        File::open(&self.0)?.sync_all()
    }

    /// Takes the run's lock, unless a living process holds it.
    pub fn try_lock(&self) -> io::Result<Option<File>> {
        let file = self.open_lock()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Takes the run's lock, waiting for whoever holds it.
    pub fn lock(&self) -> io::Result<File> {
        let file = self.open_lock()?;
        file.lock()?;
        Ok(file)
    }

    /// Marks the run as begun, once. Only whoever holds the lock may ask; `false` means that it had
    /// begun before.
    pub fn begin(&self) -> io::Result<bool> {
        let started = OpenOptions::new().write(true).create_new(true).open(self.file("started"));
        match started {
            Ok(mut file) => {
                write!(file, "{}", std::process::id())?;
                file.sync_all()?;
                File::open(&self.0)?.sync_all()?;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Waits until nobody does the run.
    pub fn wait(&self) {
        // A lock that cannot be opened or taken is not held by anybody who works.
        if let Ok(file) = self.open_lock() {
            let _ = file.lock();
        }
    }

    /// Stops the run: asks its process group to end, and kills what is left after a grace period. A
    /// run that had not begun never will.
    pub fn stop(&self) -> io::Result<()> {
        if !self.0.exists() {
            fs::create_dir_all(&self.0)?;
        }
        if let Some(_held) = self.try_lock()? {
            self.begin()?;
            return Ok(());
        }
        self.signal(Signal::TERM);
        let lock = self.open_lock()?;
        let (done, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let _ = lock.lock();
            // Nobody listens after the grace period; then the kill below has ended it.
            let _ = done.send(());
        });
        // The group is killed in any case: the leader may be gone and its children not.
        let _ = ended.recv_timeout(GRACE);
        self.signal(Signal::KILL);
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        let leader = fs::read_to_string(self.file("started")).ok();
        let leader = leader.and_then(|text| text.trim().parse().ok()).and_then(Pid::from_raw);
        if let Some(leader) = leader {
            // A group that is gone needs no signal.
            let _ = kill_process_group(leader, signal);
        }
    }

    fn open_lock(&self) -> io::Result<File> {
        OpenOptions::new().create(true).truncate(false).write(true).open(self.file("lock"))
    }

    fn outcome(&self) -> io::Result<Option<Outcome>> {
        match fs::read(self.file("result.json")) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
