//! Messages to webhooks, on their way from whoever proved their sender to whoever starts the pipeline.
//!
//! The only events that arrive from ourselves. They are written here as well ([`WebhookMessage::detail`]), so
//! that what is read and what is written cannot part. They are read as strictly as those of strangers: whoever
//! may put events onto the bus can write one.

use model::ids::{ActionName, PipelineName};
use model::time::Timestamp;
use serde_json::{Value, json};

use super::members::{check_members, check_name, short, text};
use super::start::Pinned;
use super::{Envelope, Nothing};
use crate::origin::SOURCE;

/// What the event is called; its source is [`SOURCE`].
pub const WEBHOOK_DETAIL_TYPE: &str = "Towpath Webhook Delivery";

/// How many marks a message may have: its sender's id of it, and its content.
const MARKS_MAX: usize = 8;

/// How many hexadecimal digits a mark has.
const MARK_DIGITS: usize = 64;

/// How many actions a message may pin.
const REVISIONS_MAX: usize = 50;

/// How long a revision may be.
const REVISION_CHARACTERS_MAX: usize = 1_500;

/// How long the name of an action or of a kind of revision may be.
const NAME_CHARACTERS_MAX: usize = 100;

/// A message that a webhook took: its sender proved itself, and the filters let it through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookMessage {
    /// The webhook's name.
    pub webhook: String,
    /// The pipeline that the webhook aimed at when the message came.
    pub pipeline: PipelineName,
    /// What the message is known by when it comes again: 64 hexadecimal digits each, one at least.
    pub marks: Vec<String>,
    /// What the execution is pinned to (R8).
    pub revisions: Vec<Pinned>,
    /// When it came. The event's own time says so, in seconds.
    pub at: Timestamp,
}

impl WebhookMessage {
    /// Returns the detail of the event that tells of the message.
    pub fn detail(&self) -> Value {
        let Self { webhook, pipeline, marks, revisions, at: _ } = self;
        let revision = |Pinned { action, kind, value }: &Pinned| json!({"actionName": action.as_str(), "revisionType": kind, "revisionValue": value});
        json!({
            "webhook": webhook,
            "pipeline": pipeline.as_str(),
            "marks": marks,
            "revisions": revisions.iter().map(revision).collect::<Vec<_>>(),
        })
    }
}

/// Reads an event of a webhook; `None` if it is about something else.
pub(super) fn read(envelope: &Envelope, detail: &Value) -> Option<Result<WebhookMessage, Nothing>> {
    let is_ours = (envelope.source.as_str(), envelope.detail_type.as_str());
    (is_ours == (SOURCE, WEBHOOK_DETAIL_TYPE)).then(|| message(envelope, detail))
}

fn message(envelope: &Envelope, detail: &Value) -> Result<WebhookMessage, Nothing> {
    if envelope.is_replayed {
        // Marks are kept for a day and archives for longer: what started then must not start again now.
        let reason = "a message that is replayed from an archive starts nothing".to_owned();
        return Err(Nothing::Passed(reason));
    }
    check_members(
        "the message of a webhook",
        detail,
        &["webhook", "pipeline", "marks", "revisions"],
    )?;
    let (webhook, pipeline) = (text(detail, &["webhook"])?, text(detail, &["pipeline"])?);
    check_name("a webhook", webhook)?;
    check_name("a pipeline", pipeline)?;
    let marks =
        some(detail, "marks", MARKS_MAX)?.iter().map(mark).collect::<Result<Vec<_>, _>>()?;
    if marks.is_empty() {
        let reason = "a message without a mark could start any number of executions";
        return Err(Nothing::Malformed(reason.to_owned()));
    }
    let revisions = some(detail, "revisions", REVISIONS_MAX)?;
    Ok(WebhookMessage {
        webhook: webhook.to_owned(),
        pipeline: PipelineName::from(pipeline),
        marks,
        revisions: revisions.iter().map(revision).collect::<Result<_, _>>()?,
        at: envelope
            .at
            .ok_or_else(|| Nothing::Malformed("time is missing or no time".to_owned()))?,
    })
}

fn mark(value: &Value) -> Result<String, Nothing> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_mark = |text: &&str| text.len() == MARK_DIGITS && text.bytes().all(is_digit);
    let mark = value.as_str().filter(is_mark).ok_or_else(|| {
        Nothing::Malformed(format!(
            "a mark must be {MARK_DIGITS} hexadecimal digits, in small letters"
        ))
    })?;
    Ok(mark.to_owned())
}

fn revision(value: &Value) -> Result<Pinned, Nothing> {
    check_members("a revision", value, &["actionName", "revisionType", "revisionValue"])?;
    let bounded = |name: &str, characters_max: usize| {
        let found = text(value, &[name])?;
        if found.chars().count() > characters_max {
            let reason =
                format!("{name} {} is longer than {characters_max} characters", short(found));
            return Err(Nothing::Malformed(reason));
        }
        Ok(found.to_owned())
    };
    let action = bounded("actionName", NAME_CHARACTERS_MAX)?;
    check_name("an action", &action)?;
    Ok(Pinned {
        action: ActionName::from(action.as_str()),
        kind: bounded("revisionType", NAME_CHARACTERS_MAX)?,
        value: bounded("revisionValue", REVISION_CHARACTERS_MAX)?,
    })
}

/// Returns the items of a list that must be there and must not be long.
fn some<'a>(detail: &'a Value, name: &str, items_max: usize) -> Result<&'a [Value], Nothing> {
    match detail.get(name) {
        Some(Value::Array(items)) if items.len() <= items_max => Ok(items),
        Some(Value::Array(_)) => {
            Err(Nothing::Malformed(format!("{name} has more than {items_max} items")))
        }
        Some(_) | None => Err(Nothing::Malformed(format!("{name} is missing or no list"))),
    }
}
