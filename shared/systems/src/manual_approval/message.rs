//! The words of the message: CodePipeline's, so that whoever reads it by a program goes on reading it.

use providers::job::ApprovalRequest;
use providers::{Job, Settings};
use serde::Serialize;

use crate::fault::Fault;

/// How many characters SNS takes for a subject.
const SUBJECT_CHARACTERS_MAX: usize = 100;

/// How long people have when nothing else is said (contract §9).
const DEFAULT_MILLIS: i64 = 7 * 24 * 60 * 60 * 1000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    region: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    console_link: Option<&'a str>,
    approval: Question<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    pipeline_name: &'a str,
    stage_name: &'a str,
    action_name: &'a str,
    token: &'a str,
    expires: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_entity_link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_review_link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_data: Option<&'a str>,
}

/// Returns the message's text.
pub(super) fn text(job: &Job, approval: &ApprovalRequest) -> Result<String, Fault> {
    let settings = Settings::of(job);
    let message = Message {
        region: &job.region,
        console_link: approval.pipeline_url.as_deref(),
        approval: Question {
            pipeline_name: &job.pipeline,
            stage_name: &job.stage,
            action_name: &job.action,
            token: &approval.token,
            expires: expires(job)?,
            external_entity_link: settings.optional("ExternalEntityLink"),
            approval_review_link: approval.review_url.as_deref(),
            custom_data: settings.optional("CustomData"),
        },
    };
    serde_json::to_string(&message)
        .map_err(|error| Fault::job_failed(format!("failed to write the message: {error}")))
}

/// Returns the message's subject. Names consist of ASCII, so characters are bytes here.
pub(super) fn subject(job: &Job) -> String {
    let Job { pipeline, action, .. } = job;
    let subject = format!("APPROVAL NEEDED: AWS CodePipeline {pipeline} for action {action}");
    if subject.chars().count() <= SUBJECT_CHARACTERS_MAX {
        return subject;
    }
    // Three dots rather than one character, because a subject that is all ASCII passes every mail server.
    let mut cut: String = subject.chars().take(SUBJECT_CHARACTERS_MAX - 3).collect();
    cut.push_str("...");
    cut
}

/// Returns until when an answer counts, to the minute.
fn expires(job: &Job) -> Result<String, Fault> {
    let millis = job.deadline_millis.unwrap_or(job.requested_at_millis + DEFAULT_MILLIS);
    let moment = jiff::Timestamp::from_millisecond(millis)
        .map_err(|_| Fault::job_failed("the approval's deadline lies beyond the calendar"))?;
    Ok(moment.strftime("%Y-%m-%dT%H:%MZ").to_string())
}
