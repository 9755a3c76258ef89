//! Finds a deployment by the attempt that its description names.

use aws_sdk_codedeploy::Client;
use aws_sdk_codedeploy::types::TimeRange;
use aws_smithy_types::DateTime;
use providers::Job;

use super::Target;
use crate::fault::Fault;
use crate::halt::{self, Halt};

/// How many pages of a group's deployments are looked at.
const PAGES_MAX: usize = 10;

/// How many deployments CodeDeploy describes at once.
const BATCH_MAX: usize = 25;

/// How much CodeDeploy's clock and ours may differ.
const CLOCKS_DIFFER_MILLIS_MAX: i64 = 5 * 60 * 1000;

/// Finds the deployment that was begun for an attempt since `begun_at_millis`.
pub(super) async fn find(
    client: &Client,
    job: &Job,
    target: &Target<'_>,
    begun_at_millis: i64,
) -> Result<Option<String>, Halt> {
    let Target { application, group } = target;
    let subject = format!("{application}/{group}");
    let since = DateTime::from_millis(begun_at_millis - CLOCKS_DIFFER_MILLIS_MAX);
    let since = TimeRange::builder().start(since).build();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let listed = client
            .list_deployments()
            .application_name(*application)
            .deployment_group_name(*group)
            .create_time_range(since.clone())
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| Fault::for_job(job, &error, "codedeploy:ListDeployments", &subject))?;
        for ids in listed.deployments().chunks(BATCH_MAX) {
            if let Some(id) = among(client, job, ids).await? {
                return Ok(Some(id));
            }
        }
        token = listed.next_token;
        if token.is_none() {
            return Ok(None);
        }
    }
    Err(halt::job(format!(
        "nobody knows whether the deployment began: the answer to the start was lost, and {subject} has \
         too many deployments since to look through; look for the one whose description names {}, and \
         retry the stage",
        job.run_id
    )))
}

async fn among(client: &Client, job: &Job, ids: &[String]) -> Result<Option<String>, Halt> {
    let got = client.batch_get_deployments().set_deployment_ids(Some(ids.to_vec())).send().await;
    let got = got.map_err(|error| {
        Fault::for_job(job, &error, "codedeploy:BatchGetDeployments", &ids.join(", "))
    })?;
    let ours = got.deployments_info().iter().find(|info| {
        info.description.as_deref().is_some_and(|description| description.contains(&job.run_id))
    });
    Ok(ours.and_then(|info| info.deployment_id.clone()))
}
