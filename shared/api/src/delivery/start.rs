//! From a message that matches to the one execution that it stands for.

use std::collections::BTreeMap;

use engine::input::{Revision, Trigger};
use http::StatusCode;
use model::ids::{ExecutionId, PipelineName};
use model::pipeline::Action;
use model::status::{ActionOwner, TriggerType};
use runtime::start::{self, Answer, Known};
use store::Claim;
use webhooks::{Event, identity};

use super::{Delivered, Message, NotStarted, Started, not_started, refuse, unavailable};
use crate::Api;

/// What every mark stands for: the same whatever the message says, since the mark names the message.
const PARAMETERS: &str = "webhook";

/// Starts an execution, once for each message, however often it is delivered (W5).
pub(super) async fn start(
    api: &Api,
    message: &Message<'_>,
    event: &Event,
    revisions: &[Revision],
) -> Delivered {
    let Message { webhook, parts, body, proof, now } = message;
    let pipeline = PipelineName::from(webhook.definition.pipeline.as_str());
    let marks = identity::marks(&webhook.id, &parts.headers, body, *proof, event);
    let drawn = api.app.draw_execution_id();
    let execution = claim(api, message, &pipeline, &marks, drawn).await?;
    let is_repeated = execution != drawn;
    if is_repeated && let Some(answer) = recall(api, &pipeline, execution, is_repeated).await? {
        return answer;
    }
    let request = start::Request {
        execution: Some(execution),
        trigger: Trigger { kind: TriggerType::Webhook, detail: api.webhook_arn(&webhook.name) },
        variables: BTreeMap::new(),
        revisions: revisions.to_vec(),
        client_request_token: None,
    };
    let started = start::start(&api.app, &pipeline, &request).await;
    match started.map_err(|error| unavailable(&error))? {
        Answer::Started(_) => {}
        Answer::TokenMismatch => unreachable!("there was no token"),
        Answer::Refused(rejection) => {
            let reason = format!("the pipeline refuses it: {rejection}");
            return refuse(StatusCode::OK, reason);
        }
    }
    let answer = recall(api, &pipeline, execution, is_repeated).await?;
    let answer =
        answer.unwrap_or_else(|| Ok(Started { execution: execution.to_string(), is_repeated }));
    if answer.is_ok()
        && let Err(error) = api.app.store.note_triggered(webhook, *now).await
    {
        // The execution is there; when the webhook was triggered last is for people.
        tracing::warn!(webhook = %webhook.name, %error, "a delivery is not noted");
    }
    answer
}

/// Returns what became of the start under this id, if there was one: a start that nobody waits for may be
/// written down and not granted.
async fn recall(
    api: &Api,
    pipeline: &PipelineName,
    execution: ExecutionId,
    is_repeated: bool,
) -> Result<Option<Delivered>, NotStarted> {
    let known = start::known(&api.app, pipeline, execution).await;
    let known = known.map_err(|error| unavailable(&error))?;
    Ok(known.map(|known| match known {
        Known::Started => Ok(Started { execution: execution.to_string(), is_repeated }),
        Known::NotGranted { reason } => {
            refuse(StatusCode::OK, format!("the pipeline does not take it now: {reason}"))
        }
    }))
}

/// Lets every mark of the message stand for one execution: the one that an earlier delivery started,
/// if any mark was seen in the last 24 hours.
async fn claim(
    api: &Api,
    message: &Message<'_>,
    pipeline: &PipelineName,
    marks: &[String],
    drawn: ExecutionId,
) -> Result<ExecutionId, NotStarted> {
    let mut execution = drawn;
    for mark in marks {
        // The slash keeps it apart from tokens of people, which cannot have one.
        let token = format!("webhook/{mark}");
        let (store, now) = (&api.app.store, message.now);
        let claimed = store.claim_token(pipeline, &token, PARAMETERS, execution, now).await;
        match claimed.map_err(|error| unavailable(&error))? {
            Claim::New => {}
            Claim::Same(earlier) => execution = earlier,
            Claim::Other => {
                let reason = "the message's mark stands for something else";
                return Err(not_started(StatusCode::CONFLICT, reason));
            }
        }
    }
    Ok(execution)
}

/// Returns what the execution is pinned to (R8): the commit, where the action takes commits.
pub(super) fn pinned(action: &Action, commit: Option<String>) -> Vec<Revision> {
    let takes_commits = match action.type_id.owner {
        // What a job worker brings is its own affair.
        ActionOwner::Custom => false,
        ActionOwner::Aws | ActionOwner::ThirdParty => {
            !["S3", "ECR"].contains(&action.type_id.provider.as_str())
        }
    };
    let revision =
        |value| Revision { action: action.name.clone(), kind: "COMMIT_ID".to_owned(), value };
    commit.filter(|_| takes_commits).map(revision).into_iter().collect()
}
