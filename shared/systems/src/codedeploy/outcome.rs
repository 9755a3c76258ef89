//! How far a deployment is, and how it ended.

use aws_sdk_codedeploy::Client;
use aws_sdk_codedeploy::types::{
    DeploymentInfo, DeploymentStatus, DeploymentTarget, ErrorCode, LifecycleEvent,
    LifecycleEventStatus, TargetFilterName, TargetStatus,
};
use model::outcome::{Failure, Outcome, Success};
use model::status::FailureType;
use providers::{Job, Progress};

use super::running;
use crate::console;
use crate::fault::first_characters;
use crate::halt::Halt;

/// How many failed machines are looked at for what went wrong.
const TARGETS_MAX: usize = 25;

/// How much of a script's last words a message shows.
const LOG_CHARACTERS_MAX: usize = 1000;

/// Where people look at a deployment.
pub(super) fn link(job: &Job, id: &str) -> String {
    let region = &job.region;
    let host = console::host(region);
    format!("https://{host}/codesuite/codedeploy/deployments/{id}?region={region}")
}

/// Says how far a deployment is.
pub(super) async fn progress(
    client: &Client,
    job: &Job,
    id: &str,
    info: &DeploymentInfo,
) -> Result<Progress, Halt> {
    let link = link(job, id);
    let outcome = match &info.status {
        Some(DeploymentStatus::Succeeded) => Outcome::Succeeded(Success {
            external_id: Some(id.to_owned()),
            external_url: Some(link),
            ..Success::default()
        }),
        Some(DeploymentStatus::Failed) => {
            let broken = first_broken(client, id).await;
            Outcome::Failed(failure(id, info, &link, broken.as_deref()))
        }
        Some(DeploymentStatus::Stopped) => Outcome::Failed(failure(id, info, &link, None)),
        // A word that is new to us ends nothing.
        _ => return Ok(running(job, id.to_owned())),
    };
    Ok(Progress::Done(outcome))
}

/// Says what failed first, then what CodeDeploy made of it, then where to look.
fn failure(id: &str, info: &DeploymentInfo, link: &str, broken: Option<&str>) -> Failure {
    let error = info.error_information.as_ref();
    let code = match error.and_then(|error| error.code.as_ref()) {
        Some(ErrorCode::IamRoleMissing | ErrorCode::IamRolePermissions) => {
            FailureType::PermissionError
        }
        _ => FailureType::JobFailed,
    };
    let said = error.and_then(|error| error.message.clone()).filter(|said| !said.is_empty());
    let said = said.unwrap_or_else(|| match &info.status {
        Some(DeploymentStatus::Stopped) => {
            "somebody stopped the deployment; retry the stage".to_owned()
        }
        _ => "the deployment failed".to_owned(),
    });
    let cause = match broken {
        Some(broken) => format!("{broken}. {said}"),
        None => said,
    };
    let undone = info.rollback_info.as_ref().and_then(|undone| {
        let undoing = undone.rollback_deployment_id.as_ref()?;
        Some(format!("; CodeDeploy rolls back with {undoing}"))
    });
    let undone = undone.unwrap_or_default();
    Failure {
        external_id: Some(id.to_owned()),
        external_url: Some(link.to_owned()),
        ..Failure::new(code, format!("{cause} (deployment {id}{undone}; {link})"))
    }
}

/// Says which step failed on which machine. That is for people only: whoever may not see it, or finds
/// nothing, gets what CodeDeploy says of the whole.
async fn first_broken(client: &Client, id: &str) -> Option<String> {
    let failed = vec![TargetStatus::Failed.as_str().to_owned()];
    let listed = client
        .list_deployment_targets()
        .deployment_id(id)
        .target_filters(TargetFilterName::TargetStatus, failed)
        .send()
        .await;
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            tracing::info!(deployment = id, %error, "what went wrong on a machine is not told");
            return None;
        }
    };
    let ids: Vec<_> = listed.target_ids().iter().take(TARGETS_MAX).cloned().collect();
    if ids.is_empty() {
        return None;
    }
    let got = client.batch_get_deployment_targets().deployment_id(id).set_target_ids(Some(ids));
    let got = got.send().await.ok()?;
    let broken = got.deployment_targets().iter().filter_map(broken_of);
    // The one that failed first: what failed after may be only a consequence.
    broken.min_by_key(|(ended, _)| *ended).map(|(_, words)| words)
}

/// Returns when a target failed, and the words for it.
fn broken_of(target: &DeploymentTarget) -> Option<(i64, String)> {
    let (name, events) = if let Some(target) = &target.instance_target {
        (&target.target_id, target.lifecycle_events())
    } else if let Some(target) = &target.ecs_target {
        (&target.target_id, target.lifecycle_events())
    } else if let Some(target) = &target.lambda_target {
        (&target.target_id, target.lifecycle_events())
    } else {
        return None;
    };
    let failed = |event: &&LifecycleEvent| event.status == Some(LifecycleEventStatus::Failed);
    let event = events.iter().find(failed)?;
    let ended = event.end_time.as_ref().and_then(|ended| ended.to_millis().ok());
    Some((ended.unwrap_or(i64::MAX), words(name.as_deref().unwrap_or("a machine"), event)))
}

fn words(target: &str, event: &LifecycleEvent) -> String {
    let name = event.lifecycle_event_name.as_deref().unwrap_or("a lifecycle event");
    // An instance is named by its ARN where it is on premises.
    let target = target.rsplit('/').next().unwrap_or(target);
    let mut words = format!("{name} failed on {target}");
    let Some(diagnostics) = &event.diagnostics else { return words };
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    if let Some(message) = filled(&diagnostics.message) {
        words = format!("{words}: {}", message.trim().trim_end_matches('.'));
    }
    if let Some(script) = filled(&diagnostics.script_name) {
        words = format!("{words} (script {script})");
    }
    if let Some(log) = filled(&diagnostics.log_tail) {
        let tail: Vec<char> = log.trim().chars().rev().take(LOG_CHARACTERS_MAX).collect();
        let tail: String = tail.into_iter().rev().collect();
        words = format!("{words}. Its last words: {}", first_characters(&tail, LOG_CHARACTERS_MAX));
    }
    words
}
