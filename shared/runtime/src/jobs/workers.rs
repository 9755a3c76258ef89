//! The provider of actions that job workers do.

use std::sync::Arc;

use async_trait::async_trait;
use engine::state::RunKey;
use model::declaration::ActionTypeDeclaration;
use model::outcome::{Failure, Outcome};
use model::status::FailureType;
use model::time::Timestamp;
use model::validation::is_queryable_value;
use providers::{Error, Job, Provider};
use store::{ActionTypeRow, JobId, JobState, Progress, Queue, QueueEntry, Store, WorkerJob};

use super::action_types::listed_of;
use super::content::forget_secrets;
use super::{Content, TRIES_MAX};
use crate::app::World;

/// Puts jobs into the queues of their types, and looks how far they are.
#[derive(Clone)]
pub struct JobWorkers {
    store: Store,
    world: Arc<dyn World>,
    otherwise: Otherwise,
}

/// Says what else helps where nobody declared the type of a job.
pub type Otherwise = Arc<dyn Fn(&Job) -> Option<String> + Send + Sync>;

impl JobWorkers {
    /// Makes the provider.
    pub fn new(store: Store, world: Arc<dyn World>) -> Self {
        Self { store, world, otherwise: Arc::new(|_| None) }
    }

    /// Has it say what else helps where nobody declared the type of a job.
    #[must_use]
    pub fn otherwise(self, otherwise: Otherwise) -> Self {
        Self { otherwise, ..self }
    }

    /// Reads the work of an attempt.
    async fn find(&self, job: &Job) -> Result<Option<WorkerJob>, Error> {
        let run = run_of(job)?;
        self.store.worker_job(JobId::of(run.id(), 0)).await.map_err(|error| unreachable(&error))
    }

    /// Makes the row of a job that was not asked for before, or says why it cannot be done.
    async fn first(&self, job: &Job) -> Result<Result<WorkerJob, Failure>, Error> {
        let type_id = type_of(job);
        let name = model::catalog::custom::type_name(&type_id);
        let row = self.store.action_type(&name).await.map_err(|error| unreachable(&error))?;
        let Some(row) = row.filter(|row| !row.is_deleted) else {
            return Ok(Err(self.unknown(&name, job)));
        };
        Ok(asked_for(job, &row, self.world.now()))
    }

    fn unknown(&self, name: &str, job: &Job) -> Failure {
        let way_out = match job.owner.as_str() {
            "Custom" => "declare it with CreateCustomActionType and run a job worker for it",
            _ => "register it where Towpath is started, and run a job worker for it",
        };
        let message = match (self.otherwise)(job) {
            Some(reason) => format!("{reason}; or {way_out}"),
            None => {
                format!("there is no action type {name}, or it was deleted: {way_out}")
            }
        };
        Failure::new(FailureType::ConfigurationError, message)
    }
}

#[async_trait]
impl Provider for JobWorkers {
    async fn start(&self, job: &Job) -> Result<providers::Progress, Error> {
        if let Some(there) = self.find(job).await? {
            return Ok(progress_of(&there));
        }
        let asked = match self.first(job).await? {
            Ok(asked) => asked,
            Err(failure) => return Ok(providers::Progress::Done(Outcome::Failed(failure))),
        };
        // Ahead of the job, so that no crash leaves one that no worker can find.
        let entry = QueueEntry::of(&asked, asked.created_at);
        let entered = self.store.put_queue_entry(&asked.queue, &entry).await;
        entered.map_err(|error| unreachable(&error))?;
        let swapped = self.store.swap_worker_job(&asked).await;
        if swapped.map_err(|error| unreachable(&error))? {
            return Ok(progress_of(&asked));
        }
        // Somebody else started it at the same time.
        Ok(self.find(job).await?.map_or(providers::Progress::Unknown, |job| progress_of(&job)))
    }

    async fn poll(&self, job: &Job) -> Result<providers::Progress, Error> {
        let there = self.find(job).await?;
        Ok(there.map_or(providers::Progress::Unknown, |job| progress_of(&job)))
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        for _ in 0..TRIES_MAX {
            let Some(mut there) = self.find(job).await?.filter(|there| !there.is_over()) else {
                return Ok(());
            };
            let entry = QueueEntry::of(&there, Timestamp::from_millis(i64::MAX));
            there.state = JobState::Closed;
            there.updated_at = self.world.now();
            forget_secrets(&mut there).map_err(|error| Error::Refused(error.to_string()))?;
            let swapped = self.store.swap_worker_job(&there).await;
            if swapped.map_err(|error| unreachable(&error))? {
                let taken = self.store.delete_queue_entry(&there.queue, &entry).await;
                return taken.map_err(|error| unreachable(&error));
            }
        }
        Err(Error::Unreachable("others changed the job every time".to_owned()))
    }
}

/// Makes the row of the first job of an attempt.
fn asked_for(job: &Job, row: &ActionTypeRow, now: Timestamp) -> Result<WorkerJob, Failure> {
    let configuration = |message| Failure::new(FailureType::ConfigurationError, message);
    let listed = listed_of(row).map_err(|error| {
        configuration(format!("the definition of {} cannot be read: {error}", row.name))
    })?;
    // A partner's worker cannot ask by value.
    let value = match listed.queryable().filter(|_| row.client.is_none()) {
        None => None,
        Some(property) => {
            let value = job.configuration.get(&property.name).cloned().unwrap_or_default();
            if !is_queryable_value(&value) {
                return Err(configuration(format!(
                    "no worker can ask for this job: the value of {} must be 1 to 50 letters, \
                     digits, hyphens and underscores",
                    property.name
                )));
            }
            Some(value)
        }
    };
    let run = run_of(job).map_err(|error| configuration(error.to_string()))?;
    let secrets = listed.action_configuration_properties.iter();
    let secrets = secrets.filter(|property| property.secret).map(|property| property.name.clone());
    let secrets = secrets.collect();
    Ok(WorkerJob {
        pipeline: job.pipeline.as_str().into(),
        run,
        queue: Queue { action_type: row.name.clone(), value },
        number: 0,
        state: JobState::Queued,
        continuation_token: None,
        progress: Progress::default(),
        data: Content { job: job.clone(), links: listed.settings }.render(),
        secrets,
        created_at: now,
        updated_at: now,
        revision: 0,
    })
}

pub(super) fn progress_of(job: &WorkerJob) -> providers::Progress {
    match &job.state {
        JobState::Queued | JobState::Dispatched { .. } | JobState::InProgress { .. } => {
            providers::Progress::Running {
                external_id: job.progress.external_id.clone(),
                external_url: job.progress.external_url.clone(),
                ask_again_seconds: None,
            }
        }
        JobState::Done(outcome) => providers::Progress::Done(outcome.clone()),
        JobState::Closed => providers::Progress::Done(Outcome::Failed(Failure::new(
            FailureType::JobFailed,
            "the job was closed before a worker reported about it",
        ))),
    }
}

/// Returns a job's action type.
pub(super) fn type_of(job: &Job) -> ActionTypeDeclaration {
    let Job { category, owner, provider, version, .. } = job;
    ActionTypeDeclaration {
        category: category.clone(),
        owner: owner.clone(),
        provider: provider.clone(),
        version: version.clone(),
    }
}

pub(super) fn run_of(job: &Job) -> Result<RunKey, Error> {
    let execution = job.execution_id.parse();
    let execution =
        execution.map_err(|_| Error::Refused("the job's execution is not an id".to_owned()))?;
    Ok(RunKey {
        execution,
        stage: job.stage.as_str().into(),
        action: job.action.as_str().into(),
        attempt: job.attempt,
    })
}

pub(super) fn unreachable(error: &store::Error) -> Error {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    Error::Unreachable(format!("{error}{}", cause.unwrap_or_default()))
}
