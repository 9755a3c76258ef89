//! What a success leaves behind: the stack's outputs, as variables and in a file.

use std::collections::BTreeMap;

use model::outcome::{Outcome, StoredArtifact, Success};
use providers::Progress;

use super::{Task, stack};
use crate::fault::Fault;
use crate::{artifact, console};

/// Ends a job that brought a stack to where it should be.
pub(super) async fn deployed(
    task: &Task<'_>,
    stack_id: &str,
    summary: Option<&str>,
) -> Result<Progress, Fault> {
    // Asked again, since the outputs belong to the end and not to the moment before.
    let stack = stack::find(task, stack_id).await?;
    let outputs = stack.map(|stack| stack.outputs).unwrap_or_default();
    succeeded(task, Some(stack_id), summary, outputs).await
}

/// Ends a job that prepared a change set. The outputs are those of the stack as it still is.
pub(super) async fn prepared(
    task: &Task<'_>,
    change_set_id: &str,
    summary: &str,
) -> Result<Progress, Fault> {
    let stack = stack::find(task, task.settings.stack).await?;
    let outputs = stack.map(|stack| stack.outputs).unwrap_or_default();
    succeeded(task, Some(change_set_id), Some(summary), outputs).await
}

/// Ends a job that deleted a stack.
pub(super) async fn deleted(task: &Task<'_>, stack_id: Option<&str>) -> Result<Progress, Fault> {
    let summary = stack_id.is_none().then_some("there was no such stack");
    succeeded(task, stack_id, summary, BTreeMap::new()).await
}

async fn succeeded(
    task: &Task<'_>,
    id: Option<&str>,
    summary: Option<&str>,
    outputs: BTreeMap<String, String>,
) -> Result<Progress, Fault> {
    let artifacts = artifacts(task, &outputs).await?;
    Ok(Progress::Done(Outcome::Succeeded(Success {
        external_id: id.map(str::to_owned),
        external_url: id.map(|id| page_of(id, &task.job.region)),
        summary: summary.map(str::to_owned),
        variables: outputs,
        artifacts,
        revision: None,
    })))
}

/// Stores the file of outputs, where the action is to make one.
async fn artifacts(
    task: &Task<'_>,
    outputs: &BTreeMap<String, String>,
) -> Result<Vec<StoredArtifact>, Fault> {
    let Some(output) = task.job.outputs.first() else { return Ok(Vec::new()) };
    let Some(name) = task.settings.output_file else {
        return Err(Fault::configuration(format!(
            "the action has the output artifact {} and no OutputFileName; name the file for the \
             stack's outputs, or take the artifact out",
            output.name
        )));
    };
    let text = serde_json::to_vec_pretty(outputs)
        .map_err(|error| Fault::job_failed(format!("failed to write the outputs: {error}")))?;
    let content = artifact::pack_one(name, &text).await?;
    Ok(vec![artifact::write(task.ground, task.job, output, content).await?])
}

/// Returns CloudFormation's page of a stack or a change set.
pub(super) fn page_of(arn: &str, region: &str) -> String {
    let console = console::host(region);
    let (page, key) = if arn.contains(":changeSet/") {
        ("stacks/changesets/changes", "changeSetId")
    } else {
        ("stacks/stackinfo", "stackId")
    };
    let arn: String = url::form_urlencoded::byte_serialize(arn.as_bytes()).collect();
    format!("https://{console}/cloudformation/home?region={region}#/{page}?{key}={arn}")
}
