//! Work of providers that may have ended (contract §5.2–5.6).
//!
//! Such an event is a hint and no more: it names an id, and whoever started something under that id asks
//! the provider. So nothing of its status is handed on. A status that says "still going on" is not even
//! worth the question.

use model::attempt_name::AttemptName;
use serde_json::Value;

use super::members::{short, text, text_if_any};
use super::{Envelope, Nothing};

/// The variable in a build's environment that names its attempt.
const ATTEMPT: &str = "TOWPATH_ATTEMPT";

/// Something that ended, or may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The provider, as actions name it. Where several kinds of actions use one system, it is the one that
    /// is called like the system: a build is looked for under `CodeBuild` whoever started it.
    pub provider: &'static str,
    /// Under which ids the work may be known, the likeliest first.
    pub ids: Vec<String>,
    /// The attempt that did the work, where the event repeats what we gave the work to know.
    pub attempt: Option<AttemptName>,
    /// What the event says of itself.
    pub envelope: Envelope,
}

type Read = Result<Completion, Nothing>;

/// Reads an event of a provider; `None` if it is about something else.
pub(super) fn read(envelope: &Envelope, detail: &Value) -> Option<Read> {
    let read = match (envelope.source.as_str(), envelope.detail_type.as_str()) {
        ("aws.codebuild", "CodeBuild Build State Change") => code_build,
        ("aws.codedeploy", "CodeDeploy Deployment State-change Notification") => code_deploy,
        ("aws.cloudformation", "CloudFormation Stack Status Change") => stack,
        ("aws.cloudformation", "CloudFormation StackSet Operation Status Change") => stack_set,
        ("aws.states", "Step Functions Execution Status Change") => step_functions,
        ("aws.ecs", "ECS Deployment State Change") => ecs,
        ("aws.elasticbeanstalk", "Elastic Beanstalk resource status change") => beanstalk,
        (
            "aws.ssm",
            "EC2 Command Status-change Notification"
            | "EC2 Command Invocation Status-change Notification",
        ) => command,
        ("aws.cloudwatch", "CloudWatch Alarm State Change") => alarm,
        _ => return None,
    };
    Some(read(detail, envelope).map(|(provider, ids)| Completion {
        provider,
        ids,
        attempt: if provider == "CodeBuild" { named(detail) } else { None },
        envelope: envelope.clone(),
    }))
}

type Ids = Result<(&'static str, Vec<String>), Nothing>;

fn code_build(detail: &Value, _: &Envelope) -> Ids {
    still_running(text(detail, &["build-status"])?, &["IN_PROGRESS"])?;
    // The event has the ARN, where the API answers with what follows the last slash.
    let arn = text(detail, &["build-id"])?;
    match arn.rsplit_once('/') {
        Some((_, id)) => Ok(known_as("CodeBuild", [id, arn])),
        None => Ok(known_as("CodeBuild", [arn])),
    }
}

/// Returns the attempt that a build's environment names. A build that names none is somebody else's, or older.
fn named(detail: &Value) -> Option<AttemptName> {
    let environment = detail.get("additional-information")?.get("environment")?;
    let variables = environment.get("environment-variables")?.as_array()?;
    let is_ours = |variable: &&Value| text_if_any(variable, &["name"]) == Some(ATTEMPT);
    // Of two with one name the later counts, as in the build.
    text_if_any(variables.iter().rfind(is_ours)?, &["value"])?.parse().ok()
}

fn code_deploy(detail: &Value, _: &Envelope) -> Ids {
    still_running(text(detail, &["state"])?, &["START"])?;
    Ok(known_as("CodeDeploy", [text(detail, &["deploymentId"])?]))
}

fn stack(detail: &Value, _: &Envelope) -> Ids {
    let status = text(detail, &["status-details", "status"])?;
    // Cleaning up comes after what counts.
    if status.ends_with("_IN_PROGRESS") && !status.ends_with("_CLEANUP_IN_PROGRESS") {
        return going_on(status);
    }
    let token = text_if_any(detail, &["client-request-token"]);
    Ok(known_as("CloudFormation", [text(detail, &["stack-id"])?].into_iter().chain(token)))
}

fn stack_set(detail: &Value, _: &Envelope) -> Ids {
    let status = text(detail, &["status-details", "status"])?;
    still_running(status, &["RUNNING", "STOPPING", "QUEUED"])?;
    Ok(known_as("CloudFormationStackSet", [text(detail, &["stack-set-operation-id"])?]))
}

fn step_functions(detail: &Value, _: &Envelope) -> Ids {
    still_running(text(detail, &["status"])?, &["RUNNING", "PENDING_REDRIVE"])?;
    Ok(known_as("StepFunctions", [text(detail, &["executionArn"])?]))
}

fn ecs(detail: &Value, _: &Envelope) -> Ids {
    still_running(text(detail, &["eventName"])?, &["SERVICE_DEPLOYMENT_IN_PROGRESS"])?;
    Ok(known_as("ECS", [text(detail, &["deploymentId"])?]))
}

fn beanstalk(detail: &Value, _: &Envelope) -> Ids {
    let status = text(detail, &["Status"])?;
    if !["Environment update successful", "Environment update failed"].contains(&status) {
        return going_on(status);
    }
    // The event has no id of the update, so the environment stands for what is done to it.
    Ok(known_as("ElasticBeanstalk", [text(detail, &["EnvironmentName"])?]))
}

fn command(detail: &Value, _: &Envelope) -> Ids {
    let status = text(detail, &["status"])?;
    still_running(status, &["Pending", "InProgress", "Delayed", "Cancelling"])?;
    Ok(known_as("EC2", [text(detail, &["command-id"])?]))
}

fn alarm(detail: &Value, envelope: &Envelope) -> Ids {
    let arn = envelope.resources.first().map(String::as_str);
    Ok(known_as("CloudWatchAlarm", [text(detail, &["alarmName"])?].into_iter().chain(arn)))
}

fn known_as<'a>(
    provider: &'static str,
    ids: impl IntoIterator<Item = &'a str>,
) -> (&'static str, Vec<String>) {
    (provider, ids.into_iter().map(str::to_owned).collect())
}

fn still_running(status: &str, running: &[&str]) -> Result<(), Nothing> {
    if running.contains(&status) { going_on(status).map(|_| ()) } else { Ok(()) }
}

fn going_on(status: &str) -> Ids {
    Err(Nothing::Passed(format!("{} ends nothing", short(status))))
}
