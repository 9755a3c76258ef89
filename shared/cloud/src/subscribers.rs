//! Subscribers of a deployment's own: webhooks of Slack, and machines that take signed requests.
//!
//! Their addresses are secrets (whoever has the address of a Slack webhook may write into the channel), and so are
//! the keys that requests are signed with. So the whole list is one secret of Secrets Manager, which the setting
//! `TOWPATH_SUBSCRIBERS` names by its ARN, and it is in no template, no queue and no log:
//!
//! ```json
//! [{"name": "releases", "kind": "slack", "url": "https://hooks.slack.com/services/…",
//!   "severities": ["error", "action-needed"], "pipelines": ["payments", "web-*"]},
//!  {"name": "audit", "kind": "https", "url": "https://example.com/towpath", "secret": "whsec_…"}]
//! ```

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::SdkConfig;
use model::time::Timestamp;
use notifications::Severity;
use serde::Deserialize;

use crate::deliver::address::{Address, Reach};
use crate::deliver::signature::Key;

/// How long a list is used before it is read again. A key that was changed counts from then on.
const REMEMBERED_MINUTES: i64 = 5;

/// How many subscribers a list may have: each message goes to each of them.
const SUBSCRIBERS_MAX: usize = 50;

/// What a subscriber understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Slack's blocks.
    Slack,
    /// The event, in a request that is signed.
    Https,
}

/// A subscriber.
#[derive(Clone)]
pub struct Subscriber {
    /// Names it in the queue and in logs.
    pub name: String,
    /// What it understands.
    pub kind: Kind,
    /// Where it listens.
    pub address: Address,
    /// What its requests are signed with.
    pub key: Option<Key>,
    /// What it wants to hear of; everything unless told.
    severities: Vec<String>,
    /// The pipelines it wants to hear of, a `*` at the end standing for any ending; all unless told.
    pipelines: Vec<String>,
}

/// A subscriber's address and key are secrets.
impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, severities, pipelines, address: _, key: _ } = self;
        let mut debug = f.debug_struct("Subscriber");
        let debug = debug.field("name", name).field("kind", kind);
        debug.field("severities", severities).field("pipelines", pipelines).finish_non_exhaustive()
    }
}

impl Subscriber {
    /// Whether it wants to hear of something.
    pub fn wants(&self, pipeline: &str, severity: Severity) -> bool {
        let matches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => pipeline.starts_with(beginning),
            None => pipeline == pattern,
        };
        let is_severe = |wanted: &String| wanted == severity.as_str();
        (self.severities.is_empty() || self.severities.iter().any(is_severe))
            && (self.pipelines.is_empty() || self.pipelines.iter().any(matches))
    }
}

/// Why there is no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Secrets Manager did not hand it over.
    #[error("the secret that TOWPATH_SUBSCRIBERS names cannot be read: {0}")]
    Unread(String),
    /// It is not what it should be.
    #[error("the secret that TOWPATH_SUBSCRIBERS names holds no list of subscribers: {0}")]
    Wrong(String),
}

impl Trouble {
    /// Whether trying again may help without anybody changing the list.
    pub const fn is_of_others(&self) -> bool {
        matches!(self, Self::Unread(_))
    }
}

/// What was read, and when.
type Known = Option<(Timestamp, Arc<Vec<Subscriber>>)>;

/// The list, as it was last read.
#[derive(Debug)]
pub struct Subscribers {
    client: Client,
    secret: String,
    reach: Reach,
    known: Mutex<Known>,
}

impl Subscribers {
    /// Takes the ARN of the secret.
    pub fn new(own: &SdkConfig, secret: impl Into<String>, reach: Reach) -> Self {
        let client = Client::new(own);
        Self { client, secret: secret.into(), reach, known: Mutex::default() }
    }

    /// Takes `TOWPATH_SUBSCRIBERS`; there are none where it is not set.
    pub fn read(own: &SdkConfig) -> Option<Self> {
        let secret = crate::settings::optional("TOWPATH_SUBSCRIBERS")?;
        Some(Self::new(own, secret, Reach::read()))
    }

    /// Returns the subscribers.
    pub async fn list(&self, now: Timestamp) -> Result<Arc<Vec<Subscriber>>, Trouble> {
        if let Some((read_at, list)) = &*self.lock()
            && now < read_at.plus_minutes(REMEMBERED_MINUTES)
        {
            return Ok(list.clone());
        }
        let answer = self.client.get_secret_value().secret_id(&self.secret).send().await;
        let answer =
            answer.map_err(|error| Trouble::Unread(DisplayErrorContext(error).to_string()))?;
        let text = answer.secret_string().unwrap_or_default();
        let list = Arc::new(parse(text, self.reach).map_err(Trouble::Wrong)?);
        *self.lock() = Some((now, list.clone()));
        Ok(list)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        // What is in it is replaced as a whole, so a panic elsewhere spoils nothing.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    kind: Kind,
    url: String,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    severities: Vec<String>,
    #[serde(default)]
    pipelines: Vec<String>,
}

/// Reads a list. What is wrong is said without repeating what is secret.
pub fn parse(text: &str, reach: Reach) -> Result<Vec<Subscriber>, String> {
    let written: Vec<Written> = serde_json::from_str(text).map_err(|error| {
        format!(
            "line {}, column {}: it is not a list as it should be",
            error.line(),
            error.column()
        )
    })?;
    if written.len() > SUBSCRIBERS_MAX {
        return Err(format!("it has {} members; {SUBSCRIBERS_MAX} may be", written.len()));
    }
    let mut list: Vec<Subscriber> = Vec::new();
    for (index, written) in written.into_iter().enumerate() {
        let wrong = |reason: String| format!("member {index}: {reason}");
        let subscriber = subscriber(written, reach).map_err(wrong)?;
        if list.iter().any(|other| other.name == subscriber.name) {
            return Err(wrong(format!("name {:?} stands there twice", subscriber.name)));
        }
        list.push(subscriber);
    }
    Ok(list)
}

fn subscriber(written: Written, reach: Reach) -> Result<Subscriber, String> {
    let Written { name, kind, url, secret, severities, pipelines } = written;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_name) {
        return Err("name takes 1 to 64 letters, digits, dots, dashes and underscores".to_owned());
    }
    let known = [Severity::Info, Severity::Warn, Severity::Error, Severity::ActionNeeded];
    if let Some(other) =
        severities.iter().find(|it| !known.iter().any(|known| known.as_str() == it.as_str()))
    {
        return Err(format!("severities takes info, warn, error and action-needed, not {other:?}"));
    }
    let address = Address::parse(&url, reach).map_err(|reason| format!("url {reason}"))?;
    let key = match (kind, secret) {
        (Kind::Https, Some(secret)) => {
            Some(Key::parse(&secret).map_err(|reason| format!("secret {reason}"))?)
        }
        (Kind::Https, None) => {
            return Err(
                "secret is missing; requests of kind https are signed with it: whsec_ and 24 to 64 bytes in \
                 Base64"
                    .to_owned(),
            );
        }
        (Kind::Slack, None) => None,
        (Kind::Slack, Some(_)) => {
            return Err("secret is for kind https; Slack checks no signature of ours".to_owned());
        }
    };
    Ok(Subscriber { name, kind, address, key, severities, pipelines })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn list(json: &str) -> Result<Vec<Subscriber>, String> {
        parse(json, Reach::Public)
    }

    #[test]
    fn subscribers_hear_what_they_want_to_hear() {
        let list = list(
            r#"[{"name":"a","kind":"slack","url":"https://hooks.slack.com/services/T/B/x",
                 "severities":["error","action-needed"],"pipelines":["payments","web-*"]}]"#,
        );
        let subscriber = &list.expect("a list")[0];
        for (pipeline, severity, expected) in [
            ("payments", Severity::Error, true),
            ("web-shop", Severity::ActionNeeded, true),
            ("payments", Severity::Info, false),
            ("payments-eu", Severity::Error, false),
            ("web", Severity::Error, false),
        ] {
            assert_eq!(subscriber.wants(pipeline, severity), expected, "{pipeline} {severity:?}");
        }
    }

    #[test]
    fn whoever_says_nothing_hears_everything() {
        let text = format!(
            r#"[{{"name":"a","kind":"https","url":"https://example.com/x","secret":"{KEY}"}}]"#
        );
        assert!(list(&text).expect("a list")[0].wants("any", Severity::Info));
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_secret_is_repeated() {
        for (text, expected) in [
            ("", "line 1"),
            ("{}", "line 1"),
            (r#"[{"name":"a"}]"#, "line 1"),
            (r#"[{"name":"a","kind":"pager","url":"x"}]"#, "line 1"),
            (r#"[{"name":"a b","kind":"slack","url":"https://s3cr3t.example"}]"#, "member 0: name"),
            (r#"[{"name":"a","kind":"slack","url":"http://s3cr3t.example"}]"#, "member 0: url"),
            (
                r#"[{"name":"a","kind":"https","url":"https://s3cr3t.example"}]"#,
                "member 0: secret is missing",
            ),
            (
                r#"[{"name":"a","kind":"https","url":"https://s3cr3t.example","secret":"s3cr3t"}]"#,
                "member 0: secret",
            ),
            (
                r#"[{"name":"a","kind":"slack","url":"https://s3cr3t.example","secret":"s3cr3t"}]"#,
                "member 0: secret is for kind https",
            ),
            (
                r#"[{"name":"a","kind":"slack","url":"https://s3cr3t.example","severities":["bad"]}]"#,
                "severities takes",
            ),
            (
                r#"[{"name":"a","kind":"slack","url":"https://s3cr3t.example"},
                    {"name":"a","kind":"slack","url":"https://s3cr3t.example"}]"#,
                "member 1: name \"a\" stands there twice",
            ),
        ] {
            let wrong = list(text).expect_err(text);
            assert!(wrong.contains(expected), "{wrong}");
            assert!(!wrong.contains("s3cr3t"), "{wrong}");
        }
    }

    #[test]
    fn a_subscriber_is_printed_without_its_secrets() {
        let text = format!(
            r#"[{{"name":"a","kind":"https","url":"https://s3cr3t.example/x","secret":"{KEY}"}}]"#
        );
        let printed = format!("{:?}", list(&text).expect("a list"));
        assert!(
            printed.contains("\"a\"") && !printed.contains("s3cr3t") && !printed.contains("MfKQ")
        );
    }
}
