//! An identity of IAM, proved to us without telling us its keys.
//!
//! AWS lets nobody check a signature but itself. So a client signs the question "who am I?" to STS, in
//! advance and without asking it, and sends us what it signed. We ask it; what STS answers is who the
//! client is. The client gets session keys of ours for that identity, and signs with them.
//!
//! Whoever lets clients say what is to be asked of STS has to be careful, and others were not. So:
//!
//! 1. We are given components, never a URL: a Region, which must be one of our partition, and a query.
//!    Host, scheme and path are ours ([`Question`]).
//! 2. The query is taken apart strictly, and put together again from what was understood. No parameter
//!    comes twice, however it is spelled, and there are none but those that are needed.
//! 3. The client signs for whom the question is meant, in the header `x-towpath-audience`. We send our
//!    own name there, so that a question that was meant for another deployment fails at STS.
//! 4. It was signed lately: at most 15 minutes ago, at most 5 minutes ahead.
//! 5. (How it is asked, without redirects and with bounds, is up to whoever asks.)
//! 6. Who somebody is, is what STS answered and nothing else ([`caller_of`]).
//! 7. One question is good for one key ([`Question::mark`]). A signature's moment is a whole second, so what is
//!    signed twice within one would be one question: the signed header `x-towpath-nonce` tells them apart.
//!
//! Everything here only computes. Start with [`check`].

mod answer;
mod partition;
mod query;

use std::ops::RangeInclusive;

use model::time::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::sigv4::moment;
pub use answer::caller_of;
pub use partition::Partition;
use query::Query;

/// A longer query is not looked into.
pub const QUERY_BYTES_MAX: usize = 4096;

/// A longer request is not looked into.
pub const REQUEST_BYTES_MAX: usize = QUERY_BYTES_MAX + 512;

/// A longer answer of STS is not read.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The signed header that says for whom a question is meant.
pub const AUDIENCE_HEADER: &str = "x-towpath-audience";

/// The signed header that tells questions of the same second apart.
pub const NONCE_HEADER: &str = "x-towpath-nonce";

/// How many letters and digits a nonce has. What is drawn is a UUID, or as good as one.
const NONCE_CHARACTERS: RangeInclusive<usize> = 16..=64;

/// How long after it was signed a question is taken. STS takes it as long, whatever it says itself.
pub const QUESTION_MINUTES_MAX: i64 = 15;

/// How far the client's clock may be ahead.
const AHEAD_MINUTES_MAX: i64 = 5;

/// What a question to this deployment must be.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The names of this deployment, any of which the client may have meant: its id, its host.
    pub audiences: &'a [&'a str],
    /// The Region of this deployment, which says which others there are.
    pub region: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// The question to STS, in parts that are ours.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// The host, for `https` and the path `/`.
    pub host: String,
    /// The query, spelled by us.
    pub query: String,
    /// What to send as [`AUDIENCE_HEADER`].
    pub audience: String,
    /// What to send as [`NONCE_HEADER`].
    pub nonce: String,
    /// Names this question and tells nothing of it: whoever takes one notes it.
    pub mark: String,
}

/// The query is as good as the right to be somebody.
impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question")
            .field("host", &self.host)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// Why nobody gets a key for something: an error's code, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `ValidationException`, `ExpiredTokenException` or `AccessDeniedException`.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Refusal {
    /// What was sent cannot be taken, whoever sent it.
    pub(crate) fn unfit(message: impl Into<String>) -> Self {
        Self { code: "ValidationException", message: message.into() }
    }

    fn late(message: impl Into<String>) -> Self {
        Self { code: "ExpiredTokenException", message: message.into() }
    }

    /// It can be taken, and the answer is no.
    pub fn denied(message: impl Into<String>) -> Self {
        Self { code: "AccessDeniedException", message: message.into() }
    }
}

/// What a client sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    region: String,
    query: String,
    audience: String,
    nonce: String,
}

/// Checks what a client sent, and returns what may be asked of STS for it.
pub fn check(body: &[u8], terms: &Terms<'_>) -> Result<Question, Refusal> {
    if body.len() > REQUEST_BYTES_MAX {
        let message = format!("the request is larger than {REQUEST_BYTES_MAX} bytes");
        return Err(Refusal::unfit(message));
    }
    let Request { region, query, audience, nonce } =
        serde_json::from_slice(body).map_err(|error| {
            Refusal::unfit(format!(
                "the request is not an object of `region`, `query`, `audience` and `nonce`: {error}"
            ))
        })?;
    let host = Partition::of(terms.region).sts_host(&region, terms.region).ok_or_else(|| {
        Refusal::unfit(
            "`region` is no Region of this deployment's partition; use one like us-east-1",
        )
    })?;
    if !terms.audiences.contains(&audience.as_str()) {
        return Err(Refusal::denied(
            "`audience` names another deployment; sign for the host that you send it to",
        ));
    }
    if !is_nonce(&nonce) {
        return Err(Refusal::unfit(
            "`nonce` must be 16 to 64 letters, digits and hyphens, drawn anew for each question",
        ));
    }
    let query = Query::read(&query)?;
    query.check_scope(&region)?;
    check_moment(&query, terms.now)?;
    let mark = hex::encode(Sha256::digest(query.signature()));
    Ok(Question { host, query: query.spell(), audience, nonce, mark })
}

/// Nothing that could end a header, and long enough to be drawn.
fn is_nonce(text: &str) -> bool {
    NONCE_CHARACTERS.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn check_moment(query: &Query, now: Timestamp) -> Result<(), Refusal> {
    let signed_at = moment::parse(query.date()).ok_or_else(|| {
        Refusal::unfit("X-Amz-Date in `query` must be a moment like 20150830T123600Z, in UTC")
    })?;
    let asked = i64::from(query.expires_seconds()?);
    let seconds = asked.min(QUESTION_MINUTES_MAX * 60);
    if now > signed_at.plus_millis(seconds * 1000) {
        return Err(Refusal::late("the question was signed too long ago; sign a new one"));
    }
    if signed_at > now.plus_minutes(AHEAD_MINUTES_MAX) {
        return Err(Refusal::late(
            "`X-Amz-Date` is more than 5 minutes ahead; set this machine's clock",
        ));
    }
    Ok(())
}
