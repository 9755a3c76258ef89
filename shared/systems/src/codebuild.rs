//! A build of a CodeBuild project (contract §5.2).
//!
//! The project stays as it is declared. Each build is told otherwise where a project that was made for
//! CodePipeline would ask CodePipeline: its sources are the input artifacts' objects, and what it makes
//! goes under the output artifacts' own keys (PR6 to PR8, [`request`]).
//!
//! **A repeated start.** CodeBuild honours a token for five minutes. While the log's request is younger
//! than four, whoever started before used the token within its life, so the same call is the same build.
//! Later we look for the build first, by a variable in its environment that names the attempt
//! ([`search`]), and call only if there is none. The token goes along then too, for those who look at the
//! same moment.
//!
//! What the build's own environment shows beyond the action's variables: `TOWPATH_ACTION_EXECUTION_ID`
//! names the attempt, and so does `TOWPATH_ATTEMPT`, by the names that people gave: CodeBuild repeats a build's
//! variables in its events, and by this one the attempt is found without looking it up. `CODEBUILD_INITIATOR` names our role, since CodeBuild writes it.

mod environment;
mod order;
mod outcome;
mod request;
mod search;
mod sources;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_codebuild::Client;
use providers::{Error, Job, Memory, Progress, Provider};

use crate::fault::Fault;
use crate::halt::{self, Halt, settle};
use crate::{Ground, waiting};
pub(crate) use order::Order;
use outcome::Seen;
use request::Sent;
use sources::Sources;

/// For how long after the log asked for an attempt the token alone makes a repeated start the same start.
/// The token lives for five minutes; one is for clocks that differ and calls that take long.
const TOKEN_TRUSTED_MILLIS: i64 = 4 * 60 * 1000;

/// For how long CodeBuild may not know a build that it said it started.
const UNSEEN_MILLIS_MAX: i64 = 10 * 60 * 1000;

/// How soon a batch is asked after, of whose end no event tells us (PR5).
const BATCH_ASKED_SECONDS: u32 = 15;

/// A build of a CodeBuild project.
pub(crate) struct CodeBuild {
    builds: Builds,
}

impl CodeBuild {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { builds: Builds { ground } }
    }
}

#[async_trait]
impl Provider for CodeBuild {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        let begun = async { self.builds.start(job, &Order::of(job)?).await };
        settle(begun.await)
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        settle(self.builds.poll(job, order::is_batch(job)).await)
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        halt::stopped(self.builds.stop(job, order::is_batch(job)).await)
    }

    fn memory(&self) -> Memory {
        Memory::Named
    }
}

/// Builds, for whichever action has them made.
pub(crate) struct Builds {
    pub(crate) ground: Ground,
}

impl Builds {
    async fn client(&self, job: &Job) -> Result<Client, Error> {
        Ok(Client::new(&self.ground.of(job).await?))
    }

    /// Starts a build unless it was started before.
    pub(crate) async fn start(&self, job: &Job, order: &Order) -> Result<Progress, Halt> {
        if job.external_id.is_some() {
            return self.poll(job, order.is_batch).await;
        }
        let client = self.client(job).await?;
        let age = (self.ground.now)().millis() - job.requested_at_millis;
        if age >= TOKEN_TRUSTED_MILLIS
            && let Some(seen) = search::find(&client, job, order).await?
        {
            return outcome::progress(&self.ground, job, seen).await;
        }
        let sources = Sources::of(&self.ground, job, order).await?;
        match request::send(&client, job, order, sources).await? {
            Sent::Started(seen) => outcome::progress(&self.ground, job, seen).await,
            Sent::NoRoom(fault) => waiting::for_room(&self.ground, job, fault),
        }
    }

    /// Says how far the build is.
    pub(crate) async fn poll(&self, job: &Job, is_batch: bool) -> Result<Progress, Halt> {
        let Some(id) = &job.external_id else { return Ok(Progress::Unknown) };
        let client = self.client(job).await?;
        let seen = if is_batch {
            search::batch(&client, job, id).await?
        } else {
            search::build(&client, job, id).await?
        };
        if let Some(seen) = seen {
            return outcome::progress(&self.ground, job, seen).await;
        }
        let age = (self.ground.now)().millis() - job.requested_at_millis;
        if age < UNSEEN_MILLIS_MAX {
            return Ok(running(job, Some(id.clone()), None));
        }
        Err(halt::job(format!(
            "CodeBuild does not know build {id} any more, so nobody can say how it ended: it was \
             deleted while it was waited for; retry the stage"
        )))
    }

    /// Asks for the build to be stopped.
    pub(crate) async fn stop(&self, job: &Job, is_batch: bool) -> Result<(), Halt> {
        let client = self.client(job).await?;
        let id = match (&job.external_id, Order::of(job)) {
            (Some(id), _) => id.clone(),
            (None, Ok(order)) => match search::find(&client, job, &order).await? {
                Some(Seen { id, .. }) => id,
                None => return Ok(()),
            },
            // It was never started, or nobody knows where to look.
            (None, Err(_)) => return Ok(()),
        };
        if is_batch {
            let stopped = client.stop_build_batch().id(&id).send().await;
            stopped
                .map_err(|error| Fault::for_job(job, &error, "codebuild:StopBuildBatch", &id))?;
        } else {
            let stopped = client.stop_build().id(&id).send().await;
            stopped.map_err(|error| Fault::for_job(job, &error, "codebuild:StopBuild", &id))?;
        }
        Ok(())
    }
}

fn running(job: &Job, external_id: Option<String>, external_url: Option<String>) -> Progress {
    // An event tells of a build's end, and the sweep asks in case it does not (ADR 16).
    let ask_again_seconds = order::is_batch(job).then_some(BATCH_ASKED_SECONDS);
    Progress::Running { external_id, external_url, ask_again_seconds }
}
