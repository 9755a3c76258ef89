//! How far a build is, and how it ended.

use std::collections::BTreeMap;

use aws_sdk_codebuild::types::{Build, BuildBatch, PhaseContext, StatusType};
use model::outcome::{Failure, Outcome, Success};
use model::status::FailureType;
use providers::{Job, Progress};

use super::running;
use crate::halt::Halt;
use crate::{Ground, artifact, console};

/// What we look at in a build, or in a batch of them.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) id: String,
    status: StatusType,
    /// The first thing that went wrong.
    cause: Option<Cause>,
    link: Option<String>,
    variables: BTreeMap<String, String>,
    timeout_minutes: Option<i32>,
}

/// What went wrong, and where.
#[derive(Debug)]
struct Cause {
    place: String,
    message: Option<String>,
}

impl Seen {
    pub(super) fn of_build(build: &Build) -> Self {
        let logs = build.logs.as_ref();
        let exported = build.exported_environment_variables().iter();
        let causes = build.phases().iter().filter_map(|phase| {
            let kind = phase.phase_type.as_ref().map_or("unknown", |kind| kind.as_str());
            cause(format!("phase {kind}"), phase.phase_status.as_ref(), phase.contexts())
        });
        Self {
            id: build.id.clone().unwrap_or_default(),
            status: build.build_status.clone().unwrap_or(StatusType::InProgress),
            cause: first(causes),
            link: logs.and_then(|logs| logs.deep_link.clone()),
            variables: exported
                .filter_map(|variable| Some((variable.name.clone()?, variable.value.clone()?)))
                .collect(),
            timeout_minutes: build.timeout_in_minutes,
        }
    }

    pub(super) fn of_batch(batch: &BuildBatch, region: &str) -> Self {
        let id = batch.id.clone().unwrap_or_default();
        let failed = batch.build_groups().iter().filter_map(|group| {
            let summary = group.current_build_summary.as_ref()?;
            let name = group.identifier.as_deref().unwrap_or("without a name");
            cause(format!("build {name} of the batch"), summary.build_status.as_ref(), &[])
        });
        let phases = batch.phases().iter().filter_map(|phase| {
            let kind = phase.phase_type.as_ref().map_or("unknown", |kind| kind.as_str());
            cause(format!("phase {kind}"), phase.phase_status.as_ref(), phase.contexts())
        });
        let project = batch.project_name.as_deref().unwrap_or_default();
        let account = batch.arn.as_deref().and_then(|arn| arn.split(':').nth(4));
        Self {
            status: batch.build_batch_status.clone().unwrap_or(StatusType::InProgress),
            cause: first(failed.chain(phases)),
            link: account.map(|account| {
                format!(
                    "https://{}/codesuite/codebuild/{account}/projects/{project}/batch/{}?region={region}",
                    console::host(region),
                    id.replace(':', "%3A"),
                )
            }),
            variables: BTreeMap::new(),
            timeout_minutes: batch.build_timeout_in_minutes,
            id,
        }
    }
}

/// Returns what a part that did not go well says of it.
fn cause(place: String, status: Option<&StatusType>, contexts: &[PhaseContext]) -> Option<Cause> {
    let went_wrong = matches!(
        status?,
        StatusType::Failed | StatusType::Fault | StatusType::TimedOut | StatusType::Stopped
    );
    let messages = contexts.iter().filter_map(|context| context.message.clone());
    let message = messages.map(|message| message.trim().to_owned()).find(|text| !text.is_empty());
    went_wrong.then_some(Cause { place, message })
}

/// Returns the first cause that says anything, else the first.
fn first(causes: impl Iterator<Item = Cause>) -> Option<Cause> {
    let mut silent = None;
    for cause in causes {
        if cause.message.is_some() {
            return Some(cause);
        }
        silent = silent.or(Some(cause));
    }
    silent
}

/// Says how far a build is; one that succeeded is done when what it had to make is there.
#[expect(clippy::wildcard_enum_match_arm, reason = "AWS adds statuses")]
pub(super) async fn progress(ground: &Ground, job: &Job, seen: Seen) -> Result<Progress, Halt> {
    let ended = match &seen.status {
        StatusType::Succeeded => success(ground, job, seen).await?,
        StatusType::Failed | StatusType::Fault | StatusType::TimedOut | StatusType::Stopped => {
            Outcome::Failed(failure(job, seen))
        }
        // A word that is new to us ends nothing.
        _ => return Ok(running(job, Some(seen.id), seen.link)),
    };
    Ok(Progress::Done(ended))
}

async fn success(ground: &Ground, job: &Job, seen: Seen) -> Result<Outcome, Halt> {
    let mut artifacts = Vec::with_capacity(job.outputs.len());
    for output in &job.outputs {
        let Some(artifact) = artifact::adopt(ground, job, output).await? else {
            let section = match job.outputs.as_slice() {
                [_] => "artifacts".to_owned(),
                _ => format!("artifacts: secondary-artifacts: {}", output.name),
            };
            return Ok(Outcome::Failed(Failure {
                external_id: Some(seen.id.clone()),
                external_url: seen.link.clone(),
                ..Failure::new(
                    FailureType::JobFailed,
                    format!(
                        "the build succeeded and left no output artifact {} at {}/{}; list its files \
                         in the buildspec under `{section}`, or take it out of outputArtifacts",
                        output.name, output.bucket, output.key
                    ),
                )
            }));
        };
        artifacts.push(artifact);
    }
    Ok(Outcome::Succeeded(Success {
        external_id: Some(seen.id),
        external_url: seen.link,
        variables: seen.variables,
        artifacts,
        ..Success::default()
    }))
}

/// Says what failed first, then where, then what to do.
#[expect(clippy::wildcard_enum_match_arm, reason = "AWS adds statuses")]
fn failure(job: &Job, seen: Seen) -> Failure {
    let Seen { id, status, cause, link, variables: _, timeout_minutes } = seen;
    let (code, otherwise) = match status {
        StatusType::Fault => (
            FailureType::SystemUnavailable,
            "CodeBuild could not run the build; retry the stage".to_owned(),
        ),
        StatusType::TimedOut => (FailureType::JobFailed, timed_out(timeout_minutes)),
        StatusType::Stopped => {
            (FailureType::JobFailed, "somebody stopped the build; retry the stage".to_owned())
        }
        _ => (FailureType::JobFailed, "the build failed".to_owned()),
    };
    let place = cause.as_ref().map(|cause| cause.place.clone());
    let said = cause.and_then(|cause| cause.message);
    let mut message = match (&status, said) {
        (StatusType::Failed, Some(said)) => said,
        (_, Some(said)) => format!("{otherwise}: {said}"),
        (_, None) => otherwise,
    };
    if let Some(advice) = advice(job, place.as_deref(), &message) {
        message = format!("{message}. {advice}");
    }
    let place = place.map(|place| format!("{place} of ")).unwrap_or_default();
    let log = link.as_ref().map(|link| format!("; the log: {link}")).unwrap_or_default();
    Failure {
        external_id: Some(id.clone()),
        external_url: link,
        ..Failure::new(code, format!("{message} ({place}build {id}{log})"))
    }
}

fn timed_out(minutes: Option<i32>) -> String {
    let after = minutes.map(|minutes| format!(" after {minutes} minutes")).unwrap_or_default();
    format!(
        "the build was stopped{after}, the limit of its project; raise the project's timeout, or make \
         the build shorter"
    )
}

/// Says what a project that was made for CodePipeline lacks: its role may use CodePipeline's bucket, and
/// perhaps not ours.
fn advice(job: &Job, place: Option<&str>, message: &str) -> Option<String> {
    let is_denied = ["AccessDenied", "Access Denied", "status code: 403", "not authorized"];
    if !is_denied.iter().any(|words| message.contains(words)) {
        return None;
    }
    let (permission, bucket) = match place? {
        "phase DOWNLOAD_SOURCE" => ("s3:GetObject", &job.inputs.first()?.bucket),
        "phase UPLOAD_ARTIFACTS" => ("s3:PutObject", &job.outputs.first()?.bucket),
        _ => return None,
    };
    Some(format!(
        "Allow {permission} on arn:aws:s3:::{bucket}/* in the service role of the project, and the use \
         of the bucket's KMS key if it has one"
    ))
}
