//! Whether a message starts the pipeline, and at which commit.

use http::HeaderMap;
use serde_json::Value;

use crate::event::{self, Event, Push};
use crate::filters::{Filters, Mismatch};

/// What the webhook's target action follows, as far as it follows anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// For example `owner/name`.
    pub repository: Option<String>,
    /// For example `main`.
    pub branch: Option<String>,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It starts an execution.
    Start {
        /// What happened.
        event: Event,
        /// The commit that the execution is to bring; none when it shall bring the newest.
        commit: Option<String>,
    },
    /// It starts none.
    Pass(Reason),
}

/// Why a message starts nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The host tries the URL.
    #[error("this is a ping; the webhook is there")]
    Ping,
    /// Something is gone (G11).
    #[error("a branch or a tag was deleted, which starts nothing")]
    Deletion,
    /// It is not meant.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// It is about something else. Two webhooks may share a secret, and a host may be told the wrong
    /// URL.
    #[error("the message is about another repository than the source action reads")]
    OtherRepository,
}

/// Judges a message.
pub fn judge(headers: &HeaderMap, payload: &Value, target: &Target, filters: &Filters) -> Verdict {
    let event = event::read(headers, payload, target.branch.as_deref());
    match &event {
        Event::Ping => return Verdict::Pass(Reason::Ping),
        Event::Deletion => return Verdict::Pass(Reason::Deletion),
        Event::Push(_) | Event::Other => {}
    }
    if let Some(mismatch) = filters.mismatch(payload) {
        return Verdict::Pass(Reason::Mismatch(mismatch));
    }
    let named = event::repository(payload).zip(target.repository.as_deref());
    // Hosts ignore case in names.
    if named.is_some_and(|(named, wanted)| !named.eq_ignore_ascii_case(wanted)) {
        return Verdict::Pass(Reason::OtherRepository);
    }
    let commit = pinned(&event, target, filters);
    Verdict::Start { event, commit }
}

/// Returns the pushed commit (R8), if what was pushed is the branch that is followed, or is named by a
/// filter. A commit of another branch is never brought into a pipeline that follows this one; the
/// execution then brings the newest of its own.
fn pinned(event: &Event, target: &Target, filters: &Filters) -> Option<String> {
    let Event::Push(Push { reference, commit, .. }) = event else { return None };
    let is_followed = reference
        .strip_prefix("refs/heads/")
        .is_some_and(|name| target.branch.as_deref() == Some(name));
    let name = reference.splitn(3, '/').nth(2).unwrap_or(reference);
    let is_named = filters.expects(reference) || filters.expects(name);
    (is_followed || is_named).then(|| commit.clone())
}
