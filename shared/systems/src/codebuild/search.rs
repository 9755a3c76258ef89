//! Finds a build: by its id, or by what we wrote into its environment.

use aws_sdk_codebuild::Client;
use aws_sdk_codebuild::types::{ProjectEnvironment, SortOrderType};
use aws_smithy_types::DateTime;
use providers::Job;

use super::environment::MARK;
use super::order::Order;
use super::outcome::Seen;
use crate::fault::Fault;
use crate::halt::{self, Halt};

/// How many pages of a project's builds are looked at, each of at most 100.
const PAGES_MAX: usize = 10;

/// How much CodeBuild's clock and ours may differ.
const CLOCKS_DIFFER_MILLIS_MAX: i64 = 5 * 60 * 1000;

/// What a page of a project's builds says.
struct Page {
    /// The build that was looked for.
    found: Option<Seen>,
    /// Whether the page reaches back to before the attempt was asked for.
    is_last: bool,
    next: Option<String>,
}

/// Finds the build that was started for an attempt, newest first and back to when the attempt was asked
/// for.
pub(super) async fn find(client: &Client, job: &Job, order: &Order) -> Result<Option<Seen>, Halt> {
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let page = if order.is_batch {
            batches(client, job, order, token).await?
        } else {
            builds(client, job, order, token).await?
        };
        if page.found.is_some() {
            return Ok(page.found);
        }
        token = page.next;
        if page.is_last || token.is_none() {
            return Ok(None);
        }
    }
    Err(halt::job(format!(
        "nobody knows whether the build was started: the answer to the start was lost, and project {} \
         began more than {PAGES_MAX}00 builds since; look for the build whose {MARK} is {}, and retry \
         the stage",
        order.project, job.run_id
    )))
}

async fn builds(
    client: &Client,
    job: &Job,
    order: &Order,
    token: Option<String>,
) -> Result<Page, Halt> {
    let listed = client
        .list_builds_for_project()
        .project_name(&order.project)
        .sort_order(SortOrderType::Descending)
        .set_next_token(token)
        .send()
        .await
        .map_err(|error| {
            Fault::for_job(job, &error, "codebuild:ListBuildsForProject", &order.project)
        })?;
    let Some(ids) = listed.ids.filter(|ids| !ids.is_empty()) else {
        return Ok(Page { found: None, is_last: true, next: None });
    };
    let got =
        client.batch_get_builds().set_ids(Some(ids)).send().await.map_err(|error| {
            Fault::for_job(job, &error, "codebuild:BatchGetBuilds", &order.project)
        })?;
    let builds = got.builds();
    let found = builds.iter().find(|build| is_ours(build.environment.as_ref(), job));
    Ok(Page {
        found: found.map(Seen::of_build),
        is_last: reaches_back(builds.iter().map(|build| build.start_time.as_ref()), job),
        next: listed.next_token,
    })
}

async fn batches(
    client: &Client,
    job: &Job,
    order: &Order,
    token: Option<String>,
) -> Result<Page, Halt> {
    let listed = client
        .list_build_batches_for_project()
        .project_name(&order.project)
        .sort_order(SortOrderType::Descending)
        .set_next_token(token)
        .send()
        .await
        .map_err(|error| {
            Fault::for_job(job, &error, "codebuild:ListBuildBatchesForProject", &order.project)
        })?;
    let Some(ids) = listed.ids.filter(|ids| !ids.is_empty()) else {
        return Ok(Page { found: None, is_last: true, next: None });
    };
    let got =
        client.batch_get_build_batches().set_ids(Some(ids)).send().await.map_err(|error| {
            Fault::for_job(job, &error, "codebuild:BatchGetBuildBatches", &order.project)
        })?;
    let batches = got.build_batches();
    let found = batches.iter().find(|batch| is_ours(batch.environment.as_ref(), job));
    Ok(Page {
        found: found.map(|batch| Seen::of_batch(batch, &job.region)),
        is_last: reaches_back(batches.iter().map(|batch| batch.start_time.as_ref()), job),
        next: listed.next_token,
    })
}

fn is_ours(environment: Option<&ProjectEnvironment>, job: &Job) -> bool {
    let variables = environment.into_iter().flat_map(ProjectEnvironment::environment_variables);
    variables.into_iter().any(|variable| variable.name == MARK && variable.value == job.run_id)
}

fn reaches_back<'a>(starts: impl Iterator<Item = Option<&'a DateTime>>, job: &Job) -> bool {
    let oldest = starts.flatten().filter_map(|start| start.to_millis().ok()).min();
    oldest.is_some_and(|oldest| oldest + CLOCKS_DIFFER_MILLIS_MAX < job.requested_at_millis)
}

/// Returns a build by its id, if CodeBuild knows it.
pub(super) async fn build(client: &Client, job: &Job, id: &str) -> Result<Option<Seen>, Halt> {
    let got = client.batch_get_builds().ids(id).send().await;
    let got = got.map_err(|error| Fault::for_job(job, &error, "codebuild:BatchGetBuilds", id))?;
    Ok(got.builds().first().map(Seen::of_build))
}

/// Returns a batch by its id, if CodeBuild knows it.
pub(super) async fn batch(client: &Client, job: &Job, id: &str) -> Result<Option<Seen>, Halt> {
    let got = client.batch_get_build_batches().ids(id).send().await;
    let got =
        got.map_err(|error| Fault::for_job(job, &error, "codebuild:BatchGetBuildBatches", id))?;
    Ok(got.build_batches().first().map(|batch| Seen::of_batch(batch, &job.region)))
}
