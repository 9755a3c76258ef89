//! The systems that do the work, as badly behaved as real ones.
//!
//! A system honours one promise, which every provider of ours must make: a job that was started is not
//! started again under the same id. It may be slow, never end, say that a job runs which is over,
//! answer an error to a start that it makes, or change its mind about the end.

use std::collections::BTreeMap;

use model::outcome::{Failure, Outcome, SourceRevision, StoredArtifact, Success};
use model::status::FailureType;
use providers::{Job, Progress};

use crate::chance::Chance;
use crate::gate::Answer;
use crate::settings::{Faults, Settings};

/// Everything that was ever asked of the systems.
#[derive(Debug, Default)]
pub struct Work {
    tasks: BTreeMap<String, Task>,
}

/// One job in its system.
#[derive(Clone, Debug)]
pub struct Task {
    /// The job as it was started.
    pub job: Job,
    /// How often it really began. More than once is a broken promise.
    pub starts: u32,
    /// When it ends; never when `None`.
    pub ends_at: Option<i64>,
    /// When its system admits that.
    pub told_at: i64,
    /// Whether it succeeds.
    pub succeeds: bool,
    /// Whether the system says the opposite the second time.
    pub flips: bool,
    /// What the system has said of its end so far.
    pub told: Vec<bool>,
    /// Whether anybody looks after it.
    pub care: Care,
}

/// Whether anybody looks after a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Its attempt was in progress when it began.
    Asked,
    /// Its attempt was given up when it began: the start was under way.
    Orphan,
    /// It was told to stop.
    Cancelled,
}

/// What became of a start.
#[derive(Debug)]
pub struct Begun {
    /// What the system answers.
    pub answer: Answer,
    /// Whether work began just now, and when it ends.
    pub began: Option<Option<i64>>,
}

impl Work {
    /// Starts a job unless it was started, and answers.
    pub fn start(
        &mut self,
        job: &Job,
        now: i64,
        settings: &Settings,
        faults: &Faults,
        chance: &mut Chance,
        is_forgetful: bool,
    ) -> Begun {
        let is_known = self.tasks.contains_key(&job.run_id);
        if is_known && !is_forgetful {
            return Begun { answer: self.progress(&job.run_id, now), began: None };
        }
        if chance.happens(faults.refused) && !is_known {
            return Begun { answer: Answer::Refused("it may not be done".to_owned()), began: None };
        }
        let is_instant = chance.happens(0.15);
        let takes = if is_instant { 0 } else { 1 + chance.time_millis(settings.job_millis) };
        let is_stalled = chance.happens(faults.stalled);
        let ends_at = (!is_stalled).then_some(now + takes);
        let lag = chance.time_millis(settings.job_millis);
        let lies = chance.happens(faults.lied);
        let fresh = Task {
            job: job.clone(),
            starts: 0,
            ends_at,
            told_at: ends_at.map_or(i64::MAX, |ends| if lies { ends + lag } else { ends }),
            succeeds: !chance.happens(settings.job_fails),
            flips: chance.happens(faults.flipped),
            told: Vec::new(),
            care: Care::Asked,
        };
        self.tasks.entry(job.run_id.clone()).or_insert(fresh).starts += 1;
        let errs = chance.happens(faults.started_and_failed);
        let answer = if errs { Answer::None } else { self.progress(&job.run_id, now) };
        Begun { answer, began: Some(ends_at) }
    }

    /// Says how far a job is.
    pub fn progress(&mut self, run_id: &str, now: i64) -> Answer {
        let Some(task) = self.tasks.get_mut(run_id) else {
            return Answer::Progress(Progress::Unknown);
        };
        if now < task.told_at {
            return Answer::Progress(Progress::Running {
                external_id: Some(format!("job-{run_id}")),
                external_url: None,
                ask_again_seconds: None,
            });
        }
        let is_success = task.succeeds != (task.flips && !task.told.is_empty());
        task.told.push(is_success);
        Answer::Progress(Progress::Done(outcome(&task.job, is_success)))
    }

    /// Stops a job.
    pub fn cancel(&mut self, run_id: &str, now: i64) {
        if let Some(task) = self.tasks.get_mut(run_id) {
            task.care = Care::Cancelled;
            if task.ends_at.is_none_or(|ends| ends > now) {
                (task.ends_at, task.told_at, task.succeeds) = (Some(now), now, false);
            }
        }
    }

    /// Takes note of a job that began when its attempt was given up already.
    pub fn orphan(&mut self, run_id: &str) {
        if let Some(task) = self.tasks.get_mut(run_id) {
            task.care = Care::Orphan;
        }
    }

    /// Returns a job's task, if it was ever started.
    pub fn task(&self, run_id: &str) -> Option<&Task> {
        self.tasks.get(run_id)
    }

    /// Returns every task.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }
}

/// Returns the value that a successful job leaves behind for later ones.
pub fn value_of(run_id: &str) -> String {
    format!("value-{run_id}")
}

fn outcome(job: &Job, is_success: bool) -> Outcome {
    if !is_success {
        return Outcome::Failed(Failure::new(FailureType::JobFailed, "it broke"));
    }
    let artifacts = job.outputs.iter().map(|output| StoredArtifact {
        name: output.name.clone(),
        bucket: output.bucket.clone(),
        key: output.key.clone(),
        sha256: format!("sha-{}-{}", output.name, job.run_id),
        size_bytes: 1,
    });
    let revision = (job.category == "Source").then(|| SourceRevision {
        id: format!("commit-{}", job.run_id),
        ..SourceRevision::default()
    });
    Outcome::Succeeded(Success {
        external_id: Some(format!("job-{}", job.run_id)),
        variables: BTreeMap::from([("VALUE".to_owned(), value_of(&job.run_id))]),
        artifacts: artifacts.collect(),
        revision,
        ..Success::default()
    })
}
