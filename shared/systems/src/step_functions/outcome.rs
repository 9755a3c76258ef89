//! How far an execution is, and how it ended.

use std::collections::BTreeMap;

use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::ExecutionStatus;
use model::outcome::{Failure, Outcome, StoredArtifact, Success};
use model::status::FailureType;
use providers::{Job, Progress};
use serde::Deserialize;

use super::order::Order;
use super::{link, running};
use crate::fault::first_characters;
use crate::halt::Halt;
use crate::{Ground, artifact};

/// The file of the output artifact.
const OUTPUT_FILE: &str = "output.json";

/// How much of a cause a message shows.
const CAUSE_CHARACTERS_MAX: usize = 3000;

/// Says how far an execution is.
#[expect(clippy::wildcard_enum_match_arm, reason = "AWS adds statuses")]
pub(super) async fn progress(
    ground: &Ground,
    job: &Job,
    order: &Order,
    found: &DescribeExecutionOutput,
) -> Result<Progress, Halt> {
    let outcome = match &found.status {
        ExecutionStatus::Succeeded => {
            let mut artifacts = Vec::new();
            for output in &job.outputs {
                let content = artifact::pack_one(
                    OUTPUT_FILE,
                    found.output.as_deref().unwrap_or_default().as_bytes(),
                )
                .await?;
                artifacts.push(artifact::write(ground, job, output, content).await?);
            }
            success(job, order, &found.execution_arn, artifacts)
        }
        ExecutionStatus::Failed | ExecutionStatus::TimedOut | ExecutionStatus::Aborted => {
            Outcome::Failed(failure(job, found))
        }
        // Running, about to be driven again, or a word that is new to us.
        _ => return Ok(running(job, &found.execution_arn)),
    };
    Ok(Progress::Done(outcome))
}

/// Ends the action of an express execution, which nobody waits for.
pub(super) fn begun(job: &Job, order: &Order, execution: &str) -> Progress {
    Progress::Done(success(job, order, execution, Vec::new()))
}

fn success(job: &Job, order: &Order, execution: &str, artifacts: Vec<StoredArtifact>) -> Outcome {
    Outcome::Succeeded(Success {
        external_id: Some(execution.to_owned()),
        external_url: Some(link(job, execution)),
        variables: BTreeMap::from([
            ("StateMachineArn".to_owned(), order.state_machine.clone()),
            ("ExecutionArn".to_owned(), execution.to_owned()),
        ]),
        artifacts,
        ..Success::default()
    })
}

/// What a function that failed inside of an execution says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionError {
    error_message: String,
}

/// Says what failed first, then what kind of error that is, then where to look.
#[expect(clippy::wildcard_enum_match_arm, reason = "AWS adds statuses")]
fn failure(job: &Job, found: &DescribeExecutionOutput) -> Failure {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let cause =
        filled(&found.cause).map(|cause| match serde_json::from_str::<FunctionError>(&cause) {
            Ok(FunctionError { error_message }) => error_message,
            Err(_) => cause,
        });
    let cause = cause.map(|cause| first_characters(cause.trim(), CAUSE_CHARACTERS_MAX));
    let error = filled(&found.error).map(|error| first_characters(&error, CAUSE_CHARACTERS_MAX));
    let otherwise = match &found.status {
        ExecutionStatus::TimedOut => {
            "the execution took longer than its state machine allows (TimeoutSeconds); raise that, or \
             make the work shorter"
        }
        ExecutionStatus::Aborted => "somebody stopped the execution; retry the stage",
        _ => "the execution failed",
    };
    let cause = match (&found.status, cause) {
        (ExecutionStatus::Failed, Some(cause)) => cause,
        (_, Some(cause)) => format!("{otherwise}: {cause}"),
        (_, None) => otherwise.to_owned(),
    };
    let error = error.map(|error| format!("{error}; ")).unwrap_or_default();
    let execution = &found.execution_arn;
    let link = link(job, execution);
    let message = format!("{cause} ({error}execution {execution}; {link})");
    Failure {
        external_id: Some(execution.clone()),
        external_url: Some(link),
        ..Failure::new(FailureType::JobFailed, first_characters(&message, 5000))
    }
}
