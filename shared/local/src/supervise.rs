//! Actions in processes of their own, started at most once for each attempt.
//!
//! Every attempt has a directory, named by its run id:
//!
//! ```text
//! runs/<run id>/job.json     what to do; written before anything else
//!               lock         held by the process that does it, for as long as it lives
//!               started      written once, by whoever holds the lock, before the work begins
//!               log          what the work prints
//!               result.json  how it ended; appears whole or not at all
//!               work/        the work's own directory
//! ```
//!
//! The process that does the work (the supervisor) is not killed with us, so a restart finds it
//! running and waits for it. The order of the files decides every other case: without `started`
//! nothing has happened and it may be started; with `result.json` it ended; with `started`, no result
//! and a free lock, the work died with its machine or was killed, and the attempt fails rather than
//! run twice.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use executors::{Site, can_perform};
use model::outcome::{Failure, Outcome};
use model::status::FailureType;
use providers::{Error, Job, Progress, Provider};

use crate::supervise::run::RunDirectory;

pub mod run;
mod worker;

pub use worker::work;

/// Called when an attempt's process has ended.
pub type Ended = Arc<dyn Fn(&Job) + Send + Sync>;

/// Runs actions as processes on this machine.
pub struct Supervised {
    runs: PathBuf,
    site: Site,
    program: PathBuf,
    ended: Ended,
    waited_for: Arc<Mutex<BTreeSet<String>>>,
}

impl Supervised {
    /// Makes a provider that keeps its runs below `runs` and starts `program perform DIRECTORY` for
    /// each of them. `ended` hears when one has ended.
    pub fn new(runs: PathBuf, site: Site, program: PathBuf, ended: Ended) -> Self {
        Self { runs, site, program, ended, waited_for: Arc::default() }
    }

    /// Says whether this machine can do the job.
    pub fn can_do(&self, job: &Job) -> Result<(), String> {
        can_perform(job, &self.site)
    }

    /// Returns the file that collects what an attempt prints.
    pub fn log_of(runs: &Path, run_id: &str) -> PathBuf {
        runs.join(run_id).join("log")
    }

    /// Waits for a process, in the background, unless somebody waits for it already.
    fn wait(&self, job: &Job, directory: RunDirectory) {
        let mut waited_for =
            self.waited_for.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !waited_for.insert(job.run_id.clone()) {
            return;
        }
        let (job, ended, all) = (job.clone(), self.ended.clone(), self.waited_for.clone());
        tokio::task::spawn_blocking(move || {
            directory.wait();
            all.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&job.run_id);
            ended(&job);
        });
    }

    fn spawn(&self, job: &Job, directory: &RunDirectory) -> Result<(), Error> {
        let mut command = tokio::process::Command::new(&self.program);
        command.arg("perform").arg(directory.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // A group of its own: a signal to ours does not reach it, and one to it reaches all of its children.
        command.process_group(0).kill_on_drop(false);
        let mut child = command.spawn().map_err(|error| {
            Error::Unreachable(format!("{} could not be started: {error}", self.program.display()))
        })?;
        let (job, ended) = (job.clone(), self.ended.clone());
        tokio::spawn(async move {
            // Only its end matters; how it ended is in the directory.
            let _ = child.wait().await;
            ended(&job);
        });
        Ok(())
    }
}

#[async_trait]
impl Provider for Supervised {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        let directory = RunDirectory::new(&self.runs, &job.run_id);
        match look(&directory)? {
            run::Stage::Ended(outcome) => Ok(Progress::Done(outcome)),
            run::Stage::Lost => Ok(Progress::Done(lost(job, &directory))),
            run::Stage::Running => {
                self.wait(job, directory);
                Ok(running())
            }
            run::Stage::Absent => {
                let written = directory.prepare(job, &self.site);
                written.map_err(|error| unreachable(directory.path(), &error))?;
                self.spawn(job, &directory)?;
                Ok(running())
            }
        }
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        let directory = RunDirectory::new(&self.runs, &job.run_id);
        match look(&directory)? {
            run::Stage::Ended(outcome) => Ok(Progress::Done(outcome)),
            run::Stage::Lost => Ok(Progress::Done(lost(job, &directory))),
            run::Stage::Running => {
                self.wait(job, directory);
                Ok(running())
            }
            run::Stage::Absent => Ok(Progress::Unknown),
        }
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        let directory = RunDirectory::new(&self.runs, &job.run_id);
        let stopped = tokio::task::spawn_blocking(move || stop(&directory)).await;
        match stopped {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::Unreachable(format!("it could not be stopped: {error}"))),
            Err(error) => Err(Error::Unreachable(format!("it could not be stopped: {error}"))),
        }
    }
}

/// Stops a run, and whatever it left running outside of its process group.
fn stop(directory: &RunDirectory) -> std::io::Result<()> {
    directory.stop()?;
    // What was asked is read from the run itself: whoever cancels no longer knows its settings.
    let Some((job, site)) = directory.asked()? else { return Ok(()) };
    executors::after_stop(&job, &site);
    match fs::remove_dir_all(directory.file("work")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn running() -> Progress {
    Progress::Running { external_id: None, external_url: None, ask_again_seconds: None }
}

fn look(directory: &RunDirectory) -> Result<run::Stage, Error> {
    directory.look().map_err(|error| unreachable(directory.path(), &error))
}

/// Ends what a killed run left running, and says how the attempt ended.
fn lost(job: &Job, directory: &RunDirectory) -> Outcome {
    if let Ok(Some((asked, site))) = directory.asked() {
        executors::after_stop(&asked, &site);
    }
    let message = format!(
        "the process of {}/{} was killed, or its machine stopped, before it ended; \
         it is not run twice by itself: retry the stage",
        job.stage, job.action
    );
    Outcome::Failed(Failure::new(FailureType::SystemUnavailable, message))
}

fn unreachable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unreachable(format!("{}: {error}", path.display()))
}

/// Stops every run that goes on although nobody asks for it any more: whoever was to stop it was
/// killed in between.
pub fn stop_unwanted(runs: &Path, wanted: &BTreeSet<String>) -> std::io::Result<()> {
    let Ok(entries) = fs::read_dir(runs) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let directory = RunDirectory::at(&entry.path());
        let is_wanted = wanted.contains(entry.file_name().to_string_lossy().as_ref());
        if !is_wanted && directory.look()? == run::Stage::Running {
            stop(&directory)?;
        }
    }
    Ok(())
}

/// Removes the oldest run directories beyond a number, sparing those that `keep` still wants.
pub fn tidy(runs: &Path, kept_max: usize, keep: &dyn Fn(&str) -> bool) -> std::io::Result<()> {
    let Ok(entries) = fs::read_dir(runs) else { return Ok(()) };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        found.push((entry.metadata()?.modified()?, entry.path(), entry.file_name()));
    }
    found.sort();
    let surplus = found.len().saturating_sub(kept_max);
    for (_, path, name) in found.into_iter().take(surplus) {
        if !keep(&name.to_string_lossy()) {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}
