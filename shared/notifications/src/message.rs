//! What is sent: one document for a topic, and the bodies for subscribers of our own.

use serde::Serialize;
use serde_json::{Value, json};

use crate::meaning::Severity;
use crate::story::{self, Story};
use crate::text::clean;
use crate::{Notice, chat, machine, mail, slack, subject};

/// How large a document may be: SNS takes 256 KiB with its attributes.
pub const DOCUMENT_BYTES_MAX: usize = 250 * 1024;

/// How long the value of an attribute may be.
const ATTRIBUTE_CHARACTERS_MAX: usize = 256;

/// One message, in every channel's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// A mail's subject: ASCII, fewer than 100 characters.
    pub subject: String,
    /// A mail's text.
    pub mail: String,
    /// The chat schema of Amazon Q Developer, as JSON.
    pub chat: String,
    /// The event, as JSON.
    pub machine: String,
    /// Slack's blocks.
    pub slack: Value,
    /// What filter policies find, all of them texts.
    pub attributes: Vec<(&'static str, String)>,
    /// How much somebody should care.
    pub severity: Severity,
    /// The kind of event: `pipeline.execution.failed`.
    pub kind: String,
}

/// Which protocol of SNS gets which text.
///
/// - `email`: the mail.
/// - `https`: the chat's schema, because that is how Amazon Q Developer subscribes.
/// - `sms`: the subject alone.
/// - `default`, and so everything else (`lambda`, `sqs`, `firehose`, `http`, `email-json`, `application`): the
///   event. It stands here once, because every text counts towards the same 256 KiB.
#[derive(Serialize)]
struct Document<'a> {
    default: &'a str,
    email: &'a str,
    https: &'a str,
    sms: &'a str,
}

impl Message {
    /// Puts a message about one thing into words.
    pub(crate) fn of(notice: &Notice) -> Self {
        let story = story::tell(notice);
        Self {
            subject: subject::subject(notice, &story),
            mail: mail::mail(notice, &story),
            chat: chat::chat(notice, &story),
            machine: machine::machine(&notice.event),
            slack: slack::slack(&story),
            attributes: attributes(notice),
            severity: notice.meaning.severity(),
            kind: chat::event_type(notice),
        }
    }

    /// Puts a message about many things into words; `story` holds a line for each.
    pub(crate) fn of_many(notices: &[Notice], story: &Story, subject: &str, footer: &str) -> Self {
        let severity = notices.iter().map(|notice| notice.meaning.severity()).max();
        Self {
            subject: subject::ascii(subject),
            mail: mail::lay_out(&story.headline, &story.paragraphs, &story.steps, footer),
            chat: chat::chat_of_many(notices, story),
            machine: machine::machine_of_many(notices),
            slack: slack::slack(story),
            attributes: shared(notices),
            severity: severity.unwrap_or(Severity::Info),
            kind: "pipeline.digest".to_owned(),
        }
    }

    /// Returns the document that a topic takes with `MessageStructure` `json`.
    pub fn document(&self) -> String {
        let Self { subject, mail, chat, machine, .. } = self;
        let document = Document { default: machine, email: mail, https: chat, sms: subject };
        let text = serde_json::to_string(&document).expect("a document is plain texts");
        assert!(text.len() <= DOCUMENT_BYTES_MAX, "each text has a limit, and together they fit");
        text
    }

    /// Returns the body for a subscriber of our own that is a machine.
    pub fn body(&self, at: &str) -> String {
        let event: Value = serde_json::from_str(&self.machine).expect("it was written as JSON");
        let (subject, text) = (&self.subject, &self.mail);
        let body = json!({
            "type": self.kind,
            "timestamp": at,
            "data": event,
            "message": { "subject": subject, "text": text, "severity": self.severity.as_str() },
        });
        body.to_string()
    }
}

/// Returns what filter policies find. SNS refuses empty values, so what is not known is not there.
fn attributes(notice: &Notice) -> Vec<(&'static str, String)> {
    let event = &notice.event;
    let place = notice.place();
    let branch = notice.facts.execution.as_ref().and_then(|execution| execution.branch.as_deref());
    let branch = branch.or(event.branch.as_deref());
    let values = [
        ("pipeline", Some(event.pipeline.as_str())),
        ("stage", place.stage.as_deref()),
        ("action", place.action.as_deref()),
        ("level", Some(event.level.as_str())),
        ("state", Some(event.state.as_str())),
        ("severity", Some(notice.meaning.severity().as_str())),
        ("branch", branch),
        ("meaning", Some(notice.meaning.as_str())),
    ];
    let values = values.into_iter().filter_map(|(name, value)| Some((name, attribute(value?)?)));
    values.collect()
}

/// Returns the attributes that all have alike, with the highest severity.
fn shared(notices: &[Notice]) -> Vec<(&'static str, String)> {
    let Some((first, others)) = notices.split_first() else { return Vec::new() };
    let others: Vec<_> = others.iter().map(attributes).collect();
    let mut shared = attributes(first);
    shared.retain(|pair| pair.0 == "severity" || others.iter().all(|other| other.contains(pair)));
    let worst = notices.iter().map(|notice| notice.meaning.severity()).max();
    for (name, value) in &mut shared {
        if let ("severity", Some(worst)) = (*name, worst) {
            worst.as_str().clone_into(value);
        }
    }
    shared
}

fn attribute(value: &str) -> Option<String> {
    let value: String = clean(value).chars().take(ATTRIBUTE_CHARACTERS_MAX).collect();
    Some(value).filter(|value| !value.is_empty())
}
