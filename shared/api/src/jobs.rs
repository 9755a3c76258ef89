//! What the calls of job workers have in common (contract §6).

mod data;

use std::collections::BTreeMap;

use model::outcome::{Failure, SourceRevision, StoredArtifact, Success};
use model::status::FailureType;
use protocol::Fault;
use runtime::jobs::{self, Caller, Content, Refused, Report};
use serde::Deserialize;
use store::{JobId, Progress, WorkerJob};

use crate::call::Call;
use crate::faults::failed;
use crate::operations::Empty;

pub(crate) use data::{JobData, job_data};

/// How many bytes the output variables of a job may have (J8).
const OUTPUT_VARIABLES_BYTES_MAX: usize = runtime::action::OUTPUT_VARIABLES_BYTES_MAX;

/// What a source's worker brought (J13).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CurrentRevision {
    revision: String,
    revision_summary: Option<String>,
}

/// What there is to say of the work.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExecutionDetails {
    summary: Option<String>,
    external_execution_id: Option<String>,
    percent_complete: Option<u8>,
}

/// Why the work failed (J10).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailureDetails {
    #[serde(rename = "type")]
    kind: String,
    message: String,
    external_execution_id: Option<String>,
}

/// What a worker says when its job went well.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) current_revision: Option<CurrentRevision>,
    pub(crate) continuation_token: Option<String>,
    pub(crate) execution_details: Option<ExecutionDetails>,
    pub(crate) output_variables: BTreeMap<String, String>,
}

/// Reads a job's id. One that is no id is none of ours.
pub(crate) fn job_id(text: &str) -> Result<JobId, Fault> {
    text.parse().map_err(|_| {
        Fault::new("JobNotFoundException", format!("there is no job '{text}'; poll for jobs"))
    })
}

/// Takes a worker's word that its job went well, or goes on.
pub(crate) async fn succeed<O>(
    call: &Call<'_, O>,
    id: JobId,
    caller: Caller<'_>,
    said: Said,
) -> Result<Empty, Fault> {
    let app = &call.api.app;
    let job = jobs::reportable(app, id, caller).await.map_err(|error| refused(&error))?;
    let Said { current_revision, continuation_token, execution_details, output_variables } = said;
    let details = execution_details.unwrap_or_default();
    let progress = Progress {
        external_id: details.external_execution_id,
        external_url: None,
        summary: details.summary,
        percent: details.percent_complete,
    };
    let report = match continuation_token {
        Some(_) if !output_variables.is_empty() => {
            return Err(Fault::validation(
                "outputVariables cannot be given with a continuationToken: give them with the call \
                 that ends the work",
            ));
        }
        Some(token) => Report::Continues { token, progress },
        None => {
            check_size(&output_variables)?;
            let content = Content::of(&job).map_err(|error| refused(&error))?;
            match artifacts(call, &content).await? {
                Ok(artifacts) => {
                    let revision = current_revision
                        .filter(|_| content.job.category == "Source")
                        .map(|CurrentRevision { revision, revision_summary }| SourceRevision {
                            id: revision,
                            summary: revision_summary,
                            url: None,
                        });
                    let variables = output_variables;
                    let success = Success { variables, artifacts, revision, ..Success::default() };
                    Report::Succeeded { success, progress }
                }
                Err(failure) => {
                    Report::Failed(Failure { external_id: progress.external_id, ..failure })
                }
            }
        }
    };
    finish(call, job, caller, &report).await
}

/// Takes a worker's word that its job failed.
pub(crate) async fn fail<O>(
    call: &Call<'_, O>,
    id: JobId,
    caller: Caller<'_>,
    details: FailureDetails,
) -> Result<Empty, Fault> {
    let app = &call.api.app;
    let job = jobs::reportable(app, id, caller).await.map_err(|error| refused(&error))?;
    let FailureDetails { kind, message, external_execution_id } = details;
    let failure =
        Failure { code: kind, message, external_id: external_execution_id, external_url: None };
    finish(call, job, caller, &Report::Failed(failure)).await
}

async fn finish<O>(
    call: &Call<'_, O>,
    job: WorkerJob,
    caller: Caller<'_>,
    report: &Report,
) -> Result<Empty, Fault> {
    let reported = jobs::report(&call.api.app, job, caller, report).await;
    reported.map_err(|error| refused(&error))?;
    Ok(Empty {})
}

fn check_size(variables: &BTreeMap<String, String>) -> Result<(), Fault> {
    let bytes: usize = variables.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes <= OUTPUT_VARIABLES_BYTES_MAX {
        return Ok(());
    }
    Err(Fault::new(
        "OutputVariablesSizeExceededException",
        format!(
            "outputVariables have {bytes} bytes and may have {OUTPUT_VARIABLES_BYTES_MAX}: give fewer \
             or shorter ones, or use an artifact"
        ),
    ))
}

/// Finds every artifact that a job had to store; says which one is missing (J12).
async fn artifacts<O>(
    call: &Call<'_, O>,
    content: &Content,
) -> Result<Result<Vec<StoredArtifact>, Failure>, Fault> {
    let mut artifacts = Vec::with_capacity(content.job.outputs.len());
    for output in &content.job.outputs {
        let stored = call.api.home.stored(&output.bucket, &output.key).await;
        let stored = stored.map_err(|reason| {
            tracing::error!(reason, "an artifact could not be looked for");
            Fault::internal("the artifacts could not be looked for; report again")
        })?;
        let Some(stored) = stored else {
            return Ok(Err(Failure::new(
                FailureType::JobFailed,
                format!(
                    "the worker reported success, but output artifact {} is not at {}/{}: upload it \
                     there before reporting",
                    output.name, output.bucket, output.key
                ),
            )));
        };
        artifacts.push(StoredArtifact {
            name: output.name.clone(),
            bucket: output.bucket.clone(),
            key: output.key.clone(),
            sha256: stored.sha256,
            size_bytes: stored.size_bytes,
        });
    }
    Ok(Ok(artifacts))
}

/// Returns the fault that a refusal is.
pub(crate) fn refused(error: &jobs::Error) -> Fault {
    match error {
        jobs::Error::Refused(refused) => {
            let code = match refused {
                Refused::NotFound(_) => "JobNotFoundException",
                Refused::InvalidClientToken => "InvalidClientTokenException",
                Refused::InvalidNonce(_) => "InvalidNonceException",
                Refused::InvalidState { .. } => "InvalidJobStateException",
            };
            Fault::new(code, refused.to_string())
        }
        jobs::Error::Store(_) | jobs::Error::Unreadable { .. } | jobs::Error::Contended(_) => {
            failed(error)
        }
    }
}
