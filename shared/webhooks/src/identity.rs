//! Which messages are the same one, delivered again (W5).
//!
//! A message is the same as another of the last 24 hours when any of its marks is the same. Its
//! sender's own id is one. Ids in headers are not covered by a signature of the body, so whoever
//! recorded a signed message could send it again under a new id: the signed bytes are a mark as well.
//! A push without either is known by what moved from where to where.

use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::authentication::Proof;
use crate::event::{Event, Push};

/// Headers that name a delivery, and keep their value when it is tried again. GitLab's event id is
/// the last of its kind to be asked: everything that one event causes shares it.
const IDS: [&str; 7] = [
    "webhook-id",
    "x-github-delivery",
    "x-gitea-delivery",
    "idempotency-key",
    "x-request-uuid",
    "x-gitlab-event-uuid",
    "x-request-id",
];

/// The longest id that is taken for one.
const ID_BYTES_MAX: usize = 256;

/// Returns the sender's own id of a delivery.
pub fn delivery_id(headers: &HeaderMap) -> Option<&str> {
    let id = |name| headers.get(name)?.to_str().ok().map(str::trim);
    IDS.into_iter().find_map(|name| id(name).filter(|id| is_id(id)))
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= ID_BYTES_MAX
}

/// Returns the marks of a message to one webhook, as hexadecimal digits. A message without any is
/// new each time.
pub fn marks(
    webhook_id: &str,
    headers: &HeaderMap,
    body: &[u8],
    proof: Proof,
    event: &Event,
) -> Vec<String> {
    let delivery = delivery_id(headers);
    let mut marks: Vec<String> =
        delivery.iter().map(|id| mark(webhook_id, "delivery", &[id.as_bytes()])).collect();
    match proof {
        Proof::SignedBody | Proof::SignedBodyWithSha1 => {
            marks.push(mark(webhook_id, "body", &[body]));
        }
        // The id is signed, so the first mark holds.
        Proof::SignedDelivery => {}
        // Whoever can send these can send anything; marks only keep honest repetitions apart.
        Proof::Token | Proof::Address | Proof::Nothing => {
            if let (None, Event::Push(Push { repository, reference, before, commit })) =
                (delivery, event)
            {
                let parts = [repository, before].map(|part| part.as_deref().unwrap_or(""));
                let parts = [parts[0], reference, parts[1], commit].map(str::as_bytes);
                marks.push(mark(webhook_id, "push", &parts));
            }
        }
    }
    marks
}

fn mark(webhook_id: &str, kind: &str, parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in [webhook_id.as_bytes(), kind.as_bytes()].into_iter().chain(parts.iter().copied()) {
        // With its length before it, no part can pass for the end of the one before.
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    hex::encode(digest.finalize())
}
