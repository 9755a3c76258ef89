//! Starts what a webhook's message asks for, once for each message, however often it comes (W4, W5).
//!
//! Whoever took the message proved its sender and judged it. On one machine that is who starts the pipeline
//! too: [`start()`]. In AWS the message travels on the bus first, and whoever reads it there looks at the
//! webhook again ([`follow()`]): an event says where to look, and the webhook as it is now says what it is for.

use std::collections::BTreeMap;

use engine::input::{Revision, Trigger};
use events::Origin;
use model::ids::{ExecutionId, PipelineName};
use model::status::TriggerType;
use store::{Claim, Webhook};

pub use events::arrival::{Pinned, WebhookMessage};

use crate::App;
use crate::app::Place;
use crate::start::{self, Known};

/// What every mark stands for: the same whatever the message says, since the mark names the message.
const PARAMETERS: &str = "webhook";

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is an execution for it.
    Started {
        /// Which.
        execution: ExecutionId,
        /// Whether an earlier delivery of the same message started it.
        is_repeated: bool,
    },
    /// It starts none, and would not if it came again; why, in words.
    NotStarted(String),
    /// One of its marks stands for something that was no message.
    Contradicted,
}

/// The world failed. Whatever asked may ask again, and starts nothing twice by it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be used.
    #[error("failed to look up what a webhook starts")]
    Store(#[from] store::Error),
    /// The start could not be made.
    #[error("failed to start what a webhook asks for")]
    Start(#[from] start::Error),
}

/// Returns the ARN of a webhook (P6), which is what its executions say of their cause.
pub fn arn(place: &Place, name: &str) -> String {
    let webhook = PipelineName::from(format!("webhook:{name}").as_str());
    Origin::new(&place.account, &place.region).pipeline_arn(&webhook)
}

/// Starts what a message asks for that came by the bus, if its webhook still is what it was.
pub async fn follow(app: &App, message: &WebhookMessage) -> Result<Answer, Error> {
    let WebhookMessage { webhook: name, pipeline, marks, revisions, at } = message;
    let Some(webhook) = app.store.webhook(name).await? else {
        return Ok(Answer::NotStarted("the webhook is gone".to_owned()));
    };
    let target = &webhook.definition;
    if target.pipeline != pipeline.as_str() {
        let reason = format!("the webhook starts {} now", target.pipeline);
        return Ok(Answer::NotStarted(reason));
    }
    let is_aimed = |pinned: &Pinned| target.action == pinned.action.as_str();
    if !revisions.iter().all(is_aimed) {
        let reason = format!("the webhook tells action {} now", target.action);
        return Ok(Answer::NotStarted(reason));
    }
    // Events know seconds. Another one of the same name never took this message, nor saw its proof.
    if webhook.created_at.millis().div_euclid(1000) > at.millis().div_euclid(1000) {
        let reason = "the webhook was made after the message came".to_owned();
        return Ok(Answer::NotStarted(reason));
    }
    start(app, &webhook, marks, revisions).await
}

/// Starts the pipeline that a webhook aims at, once for each message: for all that have one of these marks.
pub async fn start(
    app: &App,
    webhook: &Webhook,
    marks: &[String],
    revisions: &[Pinned],
) -> Result<Answer, Error> {
    let pipeline = PipelineName::from(webhook.definition.pipeline.as_str());
    let drawn = app.draw_execution_id();
    let Some(execution) = claim(app, &pipeline, marks, drawn).await? else {
        return Ok(Answer::Contradicted);
    };
    let is_repeated = execution != drawn;
    if is_repeated && let Some(answer) = recall(app, &pipeline, execution, is_repeated).await? {
        return Ok(answer);
    }
    let revision = |Pinned { action, kind, value }: &Pinned| Revision {
        action: action.clone(),
        kind: kind.clone(),
        value: value.clone(),
    };
    let request = start::Request {
        execution: Some(execution),
        trigger: Trigger { kind: TriggerType::Webhook, detail: arn(&app.place, &webhook.name) },
        variables: BTreeMap::new(),
        revisions: revisions.iter().map(revision).collect(),
        client_request_token: None,
    };
    match start::start(app, &pipeline, &request).await? {
        start::Answer::Started(_) => {}
        start::Answer::TokenMismatch => unreachable!("there was no token"),
        start::Answer::Refused(rejection) => {
            return Ok(Answer::NotStarted(format!("the pipeline refuses it: {rejection}")));
        }
    }
    let answer = recall(app, &pipeline, execution, is_repeated).await?;
    let answer = answer.unwrap_or(Answer::Started { execution, is_repeated });
    if matches!(answer, Answer::Started { .. })
        && let Err(error) = app.store.note_triggered(webhook, app.world.now()).await
    {
        // The execution is there; when the webhook was triggered last is for people.
        tracing::warn!(webhook = %webhook.name, %error, "a delivery is not noted");
    }
    Ok(answer)
}

/// Returns what became of the start under this id, if there was one: a start that nobody waits for may be
/// written down and not granted.
async fn recall(
    app: &App,
    pipeline: &PipelineName,
    execution: ExecutionId,
    is_repeated: bool,
) -> Result<Option<Answer>, store::Error> {
    let known = start::known(app, pipeline, execution).await?;
    Ok(known.map(|known| match known {
        Known::Started => Answer::Started { execution, is_repeated },
        Known::NotGranted { reason } => {
            Answer::NotStarted(format!("the pipeline does not take it now: {reason}"))
        }
    }))
}

/// Lets every mark of the message stand for one execution: the one that an earlier delivery started, if any
/// mark was seen in the last 24 hours. `None` if a mark stands for something that was no message.
async fn claim(
    app: &App,
    pipeline: &PipelineName,
    marks: &[String],
    drawn: ExecutionId,
) -> Result<Option<ExecutionId>, store::Error> {
    let (mut execution, now) = (drawn, app.world.now());
    for mark in marks {
        // The slash keeps it apart from tokens of people, which cannot have one.
        let token = format!("webhook/{mark}");
        match app.store.claim_token(pipeline, &token, PARAMETERS, execution, now).await? {
            Claim::New => {}
            Claim::Same(earlier) => execution = earlier,
            Claim::Other => return Ok(None),
        }
    }
    Ok(Some(execution))
}
