//! The provider of actions that invoke a function, which reports about its job by itself (contract §5.4,
//! §6.3).
//!
//! The job lies in a row as a worker's does, and is in no queue: we bring it to the function. The row goes
//! from `Queued` to `Dispatched` before the function is invoked, so of two who come at once one invokes; and
//! on to `InProgress` when Lambda took the invocation over. Who dies in between leaves a lease that runs
//! out, and the same job, with the same id, is brought again: **at least once**, and the function can tell
//! by the id. `PutJobSuccessResult` and `PutJobFailureResult` end it ([`super::report()`]).
//!
//! A function that goes on leaves a token (J9). Its next job is `Queued`, and brought after half a minute.
//! One that says nothing for twenty minutes has failed; the token starts these minutes anew. That all of it
//! takes a day at most is the engine's timeout.

use std::sync::Arc;

use async_trait::async_trait;
use model::catalog::custom::Links;
use model::outcome::{Failure, Outcome};
use model::status::FailureType;
use providers::invoke::{Invocation, Invoke, Invoked};
use providers::{Error, Job, Progress, Provider};
use store::{JobId, JobState, Queue, Store, WorkerJob};

use super::content::forget_secrets;
use super::workers::{progress_of, run_of, unreachable};
use super::{Content, LEASE_MINUTES, TRIES_MAX};
use crate::app::World;

/// What stands in the place of a queue's action type. Nobody can poll for it (J4).
const ACTION_TYPE: &str = "AWS/Invoke/Lambda/1";

/// How long after its token a function is invoked again.
pub(super) const PAUSE_SECONDS: u32 = 30;

/// How long a function may say nothing.
const SILENCE_MILLIS_MAX: i64 = 20 * 60 * 1000;

/// Whether a function does a job, and no worker.
pub(super) fn is_invocation(job: &WorkerJob) -> bool {
    job.queue.action_type == ACTION_TYPE
}

/// Invokes functions, and looks how far their jobs are.
#[derive(Clone)]
pub struct Invocations {
    store: Store,
    world: Arc<dyn World>,
    account: String,
    functions: Arc<dyn Invoke>,
}

impl Invocations {
    /// Makes the provider. `account` is the pipelines' own.
    pub fn new(
        store: Store,
        world: Arc<dyn World>,
        account: impl Into<String>,
        functions: Arc<dyn Invoke>,
    ) -> Self {
        Self { store, world, account: account.into(), functions }
    }

    async fn find(&self, job: &Job) -> Result<Option<WorkerJob>, Error> {
        let id = JobId::of(run_of(job)?.id(), 0);
        self.store.worker_job(id).await.map_err(|error| unreachable(&error))
    }

    /// Writes a row that was seen before, and says whether nobody was faster.
    async fn write(&self, mut row: WorkerJob) -> Result<Option<WorkerJob>, Error> {
        row.updated_at = self.world.now();
        if row.is_over() {
            forget_secrets(&mut row).map_err(|error| Error::Refused(error.to_string()))?;
        }
        let swapped = self.store.swap_worker_job(&row).await;
        let is_ours = swapped.map_err(|error| unreachable(&error))?;
        row.revision += 1;
        Ok(is_ours.then_some(row))
    }

    /// Takes the job as far as it goes.
    async fn go_on(&self, job: &Job, mut row: WorkerJob) -> Result<Progress, Error> {
        for _ in 0..TRIES_MAX {
            match self.next(&row) {
                Next::Say(progress) => return Ok(progress),
                Next::Invoke => {
                    if let Some(progress) = self.bring(job, row).await? {
                        return Ok(progress);
                    }
                }
            }
            // Somebody else goes on with it, or the function was fast.
            match self.find(job).await? {
                Some(there) => row = there,
                None => return Ok(Progress::Unknown),
            }
        }
        Err(Error::Unreachable("others changed the job every time".to_owned()))
    }

    /// Says what is to be done about a job.
    fn next(&self, row: &WorkerJob) -> Next {
        let now = self.world.now();
        let rest_millis = match &row.state {
            JobState::Done(_) | JobState::Closed => return Next::Say(progress_of(row)),
            JobState::InProgress { .. } => {
                if now.millis_since(row.updated_at) >= SILENCE_MILLIS_MAX {
                    return Next::Say(Progress::Done(Outcome::Failed(silent(row))));
                }
                return Next::Say(progress_of(row));
            }
            JobState::Dispatched { until, .. } => until.millis_since(now),
            JobState::Queued if row.number == 0 => 0,
            JobState::Queued => i64::from(PAUSE_SECONDS) * 1000 - now.millis_since(row.updated_at),
        };
        if rest_millis <= 0 {
            return Next::Invoke;
        }
        let rest_seconds = u32::try_from(rest_millis / 1000 + 1).unwrap_or(PAUSE_SECONDS);
        Next::Say(Progress::Running {
            external_id: row.progress.external_id.clone(),
            external_url: row.progress.external_url.clone(),
            ask_again_seconds: Some(rest_seconds),
        })
    }

    /// Brings the job to its function. Answers nothing where the row must be looked at again.
    async fn bring(&self, job: &Job, mut row: WorkerJob) -> Result<Option<Progress>, Error> {
        let nonce = format!("{:032x}", self.world.draw());
        row.state = JobState::Dispatched {
            nonce: nonce.clone(),
            worker: String::new(),
            until: self.world.now().plus_minutes(LEASE_MINUTES),
        };
        let Some(mut row) = self.write(row).await? else { return Ok(None) };
        let invocation = Invocation {
            id: row.id().to_string(),
            account: self.account.clone(),
            continuation_token: row.continuation_token.clone(),
        };
        match self.functions.invoke(job, &invocation).await {
            Ok(Invoked::HandedOver) => {
                row.state = JobState::InProgress { nonce, worker: String::new() };
            }
            Ok(Invoked::Succeeded(success)) => {
                row.state = JobState::Done(Outcome::Succeeded(success));
            }
            Ok(Invoked::Failed(failure)) => row.state = JobState::Done(Outcome::Failed(failure)),
            Ok(Invoked::Continues(token)) => {
                row.continuation_token = Some(token);
                row.number += 1;
                row.state = JobState::Queued;
            }
            Err(error) => {
                // Nobody has to wait until the lease runs out.
                row.state = JobState::Queued;
                self.write(row).await?;
                return Err(error);
            }
        }
        let Some(row) = self.write(row).await? else { return Ok(None) };
        Ok(match self.next(&row) {
            Next::Say(progress) => Some(progress),
            Next::Invoke => None,
        })
    }

    /// Makes the row of an attempt that was not asked for before.
    fn first(&self, job: &Job) -> Result<WorkerJob, Error> {
        let now = self.world.now();
        Ok(WorkerJob {
            pipeline: job.pipeline.as_str().into(),
            run: run_of(job)?,
            queue: Queue { action_type: ACTION_TYPE.to_owned(), value: None },
            number: 0,
            state: JobState::Queued,
            continuation_token: None,
            progress: store::Progress::default(),
            data: Content { job: job.clone(), links: Links::default() }.render(),
            secrets: Vec::new(),
            created_at: now,
            updated_at: now,
            revision: 0,
        })
    }
}

/// What is to be done about a job.
enum Next {
    /// Nothing but to say how far it is.
    Say(Progress),
    /// The function is to be invoked.
    Invoke,
}

fn silent(row: &WorkerJob) -> Failure {
    Failure::new(
        FailureType::JobFailed,
        format!(
            "the function said nothing about job {} for 20 minutes; let it call PutJobSuccessResult or \
             PutJobFailureResult of Towpath's API with this id (AWS_ENDPOINT_URL_CODEPIPELINE in its \
             environment), with a continuationToken where it needs longer, and look at its log",
            row.id()
        ),
    )
}

#[async_trait]
impl Provider for Invocations {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        if let Some(there) = self.find(job).await? {
            return self.go_on(job, there).await;
        }
        match self.write(self.first(job)?).await? {
            Some(row) => self.go_on(job, row).await,
            // Somebody else started it at the same time.
            None => match self.find(job).await? {
                Some(there) => self.go_on(job, there).await,
                None => Ok(Progress::Unknown),
            },
        }
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        match self.find(job).await? {
            Some(there) => self.go_on(job, there).await,
            None => Ok(Progress::Unknown),
        }
    }

    /// Lambda cannot stop an invocation. What the function reports from now on is refused (J15).
    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        for _ in 0..TRIES_MAX {
            let Some(mut there) = self.find(job).await?.filter(|there| !there.is_over()) else {
                return Ok(());
            };
            there.state = JobState::Closed;
            if self.write(there).await?.is_some() {
                return Ok(());
            }
        }
        Err(Error::Unreachable("others changed the job every time".to_owned()))
    }
}
