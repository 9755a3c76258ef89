//! A record: `CloudTrail`'s members, then ours, in one line.

use std::borrow::Cow;
use std::fmt::Write;
use std::io;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Call;
use super::head::Newest;
use crate::keys::Identity;

/// A text that a client chose is cut to so many bytes.
pub(super) const TEXT_BYTES_MAX: usize = 1024;

/// So many policies are named.
const POLICIES_MAX: usize = 20;

/// What was asked, and what was answered, is cut to so many bytes each.
pub(super) const PARAMETERS_BYTES_MAX: usize = 16 * 1024;

/// No line is longer. Escapes make a byte six times as long.
pub(super) const LINE_BYTES_MAX: usize = 512 * 1024;

/// What the digest of a record stands behind.
pub(super) const HASH_MEMBER: &str = ",\"hash\":\"";

/// `CloudTrail`'s members.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape<'a> {
    event_version: &'static str,
    user_identity: Value,
    event_time: &'a str,
    event_source: &'static str,
    event_name: Cow<'a, str>,
    aws_region: Cow<'a, str>,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: Cow<'a, str>,
    user_agent: Cow<'a, str>,
    request_parameters: Cow<'a, Value>,
    response_elements: Cow<'a, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<Cow<'a, str>>,
    #[serde(rename = "requestID")]
    request_id: Cow<'a, str>,
    read_only: bool,
    event_type: &'static str,
    recipient_account_id: Cow<'a, str>,
    decision: Decision<'a>,
}

/// Ours: what was decided on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Decision<'a> {
    policy_ids: Vec<Cow<'a, str>>,
}

/// A record without its place in the chain.
pub(super) struct Prepared {
    /// A JSON object without its last brace.
    open: String,
    event_time: String,
}

impl Prepared {
    pub(super) fn new(call: &Call<'_>) -> Self {
        let event_time = moment(call.at);
        let shape = Shape {
            event_version: "1.11",
            user_identity: user_identity(call),
            event_time: &event_time,
            event_source: "codepipeline.amazonaws.com",
            event_name: cut(call.operation),
            aws_region: cut(call.region),
            source_ip_address: cut(call.source_ip),
            user_agent: cut(call.user_agent),
            request_parameters: bounded(call.request),
            response_elements: bounded(call.response),
            error_code: call.error.map(|(code, _)| cut(code)),
            error_message: call.error.map(|(_, message)| cut(message)),
            request_id: cut(call.request_id),
            read_only: call.is_read_only,
            event_type: "AwsApiCall",
            recipient_account_id: cut(call.account),
            decision: Decision {
                policy_ids: call
                    .policies
                    .iter()
                    .take(POLICIES_MAX)
                    .map(|policy| cut(policy))
                    .collect(),
            },
        };
        let mut open = serde_json::to_string(&shape).expect("texts and values become JSON");
        open.pop();
        Self { open: without_traps(open), event_time }
    }

    /// Returns the day of the record, which is the name of its file.
    pub(super) fn day(&self) -> &str {
        self.event_time.get(..10).unwrap_or(&self.event_time)
    }

    /// Takes its place after `before`: returns the line, and the record as the newest.
    pub(super) fn seal(&self, before: &Newest) -> (String, Newest) {
        let sequence = before.sequence + 1;
        let seed = format!("{sequence}:{}", before.hash);
        let event_id = Uuid::new_v5(&Uuid::NAMESPACE_OID, seed.as_bytes());
        let mut line = format!(
            "{},\"eventID\":\"{event_id}\",\"sequence\":{sequence},\"prevHash\":\"{}\"",
            self.open, before.hash
        );
        let hash = hash(&line);
        line.push_str(HASH_MEMBER);
        line.push_str(&hash);
        line.push_str("\"}\n");
        (line, Newest { sequence, hash })
    }
}

/// Digests a line up to its own digest.
pub(super) fn hash(line: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(line))
}

/// Returns a moment as `CloudTrail` has it: to the second, in UTC. Before 1970 is 1970, so that files sort.
fn moment(at: model::time::Timestamp) -> String {
    let seconds = at.millis().div_euclid(1000).clamp(0, Timestamp::MAX.as_second());
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX).to_string()
}

fn user_identity(call: &Call<'_>) -> Value {
    let access_key = call.access_key.map(cut);
    match call.who {
        None => json!({ "type": "Unknown", "accessKeyId": access_key }),
        Some(Identity { arn, account, name, roles: _ }) => json!({
            "type": if arn.contains(":assumed-role/") { "AssumedRole" } else { "IAMUser" },
            "principalId": cut(arn),
            "arn": cut(arn),
            "accountId": cut(account),
            "accessKeyId": access_key,
            "userName": cut(name),
        }),
    }
}

/// Cuts a text to [`TEXT_BYTES_MAX`], between two characters.
fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= TEXT_BYTES_MAX {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(TEXT_BYTES_MAX);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Replaces a value that would be too long by its beginning, as a text.
fn bounded(value: &Value) -> Cow<'_, Value> {
    let mut text = Beginning(Vec::new());
    if serde_json::to_writer(&mut text, value).is_ok() {
        return Cow::Borrowed(value);
    }
    let text = String::from_utf8_lossy(&text.0);
    let end = text.floor_char_boundary(PARAMETERS_BYTES_MAX);
    Cow::Owned(json!({ "cut": format!("{}…", &text[..end]) }))
}

/// Takes [`PARAMETERS_BYTES_MAX`] bytes and then no more.
struct Beginning(Vec<u8>);

impl io::Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PARAMETERS_BYTES_MAX - self.0.len();
        if room == 0 && !bytes.is_empty() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let taken = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Escapes what JSON would let through and a terminal or a log reader would act on: control characters,
/// separators of lines, and marks that turn the direction of text. They stand in strings only, so that
/// an escape means the same.
fn without_traps(line: String) -> String {
    if !line.chars().any(is_trap) {
        return line;
    }
    let mut plain = String::with_capacity(line.len() + 64);
    for letter in line.chars() {
        if is_trap(letter) {
            write!(plain, "\\u{:04x}", u32::from(letter)).expect("a text takes what is written");
        } else {
            plain.push(letter);
        }
    }
    plain
}

fn is_trap(letter: char) -> bool {
    matches!(
        letter,
        '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}
