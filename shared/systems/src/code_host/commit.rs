//! What a host says of a commit.

use serde_json::Value;

use super::Trouble;
use super::host::{Host, Kind};
use super::settings::Source;
use super::web::{Missing, Web};
use crate::fault::Fault;

/// How much of a message is kept (contract §5.1).
const MESSAGE_BYTES_MAX: usize = 100 * 1024;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    /// All digits of its id.
    pub(super) id: String,
    /// The first 100 KB of the message.
    pub(super) message: String,
    /// When it was written, in UTC; absent when the host says no sensible time.
    pub(super) author_date: Option<String>,
    /// When it was committed; absent where the host does not tell.
    pub(super) committer_date: Option<String>,
}

/// Finds the commit of this id, or else the head of the branch.
pub(super) async fn find(
    web: &Web<'_>,
    host: &Host,
    source: &Source<'_>,
    id: Option<&str>,
) -> Result<Commit, Trouble> {
    let Source { repository, branch, .. } = source;
    let (url, missing) = match id {
        Some(id) => (
            host.commit_url(repository, id),
            Missing::Revision(format!(
                "{} has no commit {id} of {repository}, or the token may not see it; start the pipeline \
                 with a commit that was pushed there",
                host.name()
            )),
        ),
        None => (
            host.branch_url(repository, branch),
            Missing::Configuration(format!(
                "{} has no branch {branch} of {repository}, or the token may not see the repository; \
                 correct the names of both, which tell large letters from small ones, or let the token \
                 of {} read it",
                host.name(),
                web.secret()
            )),
        ),
    };
    let answer = web.json(url, repository, &missing).await?;
    let commit = read(host.kind(), &answer, id.is_none());
    let commit = commit.ok_or_else(|| unreadable(host))?;
    match id {
        // A host that answers with another commit than the one it was asked for is not believed.
        Some(id) if commit.id != id => Err(unreadable(host).into()),
        Some(_) | None => Ok(commit),
    }
}

fn unreadable(host: &Host) -> Fault {
    Fault::job_failed(format!(
        "{} answers, but not as the API of its kind does; see that the secret's kind and host are right",
        host.name()
    ))
}

fn read(kind: Kind, answer: &Value, is_branch: bool) -> Option<Commit> {
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str);
    let (id, message, author, committer) = match (kind, is_branch) {
        (Kind::GitHub, _) => (
            text("/sha"),
            text("/commit/message"),
            text("/commit/author/date"),
            text("/commit/committer/date"),
        ),
        (Kind::Bitbucket, true) => {
            (text("/target/hash"), text("/target/message"), text("/target/date"), None)
        }
        (Kind::Bitbucket, false) => (text("/hash"), text("/message"), text("/date"), None),
        (Kind::GitLab, true) => (
            text("/commit/id"),
            text("/commit/message"),
            text("/commit/authored_date"),
            text("/commit/committed_date"),
        ),
        (Kind::GitLab, false) => {
            (text("/id"), text("/message"), text("/authored_date"), text("/committed_date"))
        }
    };
    let id = id?.to_ascii_lowercase();
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|it| it.is_ascii_hexdigit());
    let message = first_bytes(message.unwrap_or_default(), MESSAGE_BYTES_MAX).trim_end();
    is_id.then(|| Commit {
        id,
        message: message.to_owned(),
        author_date: author.and_then(in_utc),
        committer_date: committer.and_then(in_utc),
    })
}

/// Returns a date as every source tells it: in UTC, to the second.
fn in_utc(date: &str) -> Option<String> {
    let moment = date.parse::<jiff::Timestamp>().ok()?;
    Some(jiff::Timestamp::from_second(moment.as_second()).ok()?.to_string())
}

/// Returns the beginning of a text, cut between two characters.
fn first_bytes(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
