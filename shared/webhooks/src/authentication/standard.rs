//! Standard Webhooks (standardwebhooks.com), as GitLab sends them since 2026: id, moment and body are
//! signed together, so a message is neither altered nor kept for later.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::header::once;
use super::{CLOCKS_APART_SECONDS_MAX, Proof, Refusal, Request, Secret};

const ID: &str = "webhook-id";
const MOMENT: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// The key's bytes, at least.
const KEY_BYTES_MIN: usize = 16;
/// Signatures that one message may carry while its sender changes secrets.
const SIGNATURES_MAX: usize = 16;

/// Checks the three headers of the scheme, if any of them is there.
pub(super) fn check(secrets: &[Secret], request: &Request<'_>) -> Result<Option<Proof>, Refusal> {
    let id = once(request.headers, ID)?;
    let moment = once(request.headers, MOMENT)?;
    let signatures = once(request.headers, SIGNATURE)?;
    let (id, moment, signatures) = match (id, moment, signatures) {
        (None, None, None) => return Ok(None),
        (None, ..) => return Err(Refusal::Missing(ID)),
        (_, None, _) => return Err(Refusal::Missing(MOMENT)),
        (.., None) => return Err(Refusal::Missing(SIGNATURE)),
        (Some(id), Some(moment), Some(signatures)) => (id, moment, signatures),
    };
    // A dot in the id would let two different messages have one signed text.
    if id.is_empty() || id.contains('.') {
        return Err(Refusal::Malformed(ID));
    }
    let is_number = !moment.is_empty() && moment.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = moment.parse::<i64>().ok().filter(|_| is_number);
    let seconds = seconds.ok_or(Refusal::Malformed(MOMENT))?;
    check_signatures(secrets, &[id, moment], request.body, signatures)?;
    // The moment is looked at last: until the signature is good, it is anybody's claim.
    let apart = request.now_seconds.abs_diff(seconds);
    if apart > CLOCKS_APART_SECONDS_MAX {
        return Err(Refusal::Stale(apart));
    }
    Ok(Some(Proof::SignedDelivery))
}

fn check_signatures(
    secrets: &[Secret],
    before: &[&str],
    body: &[u8],
    signatures: &str,
) -> Result<(), Refusal> {
    let offered: Vec<Vec<u8>> = signatures
        .split(' ')
        .take(SIGNATURES_MAX)
        // Other versions are signatures by other means; they neither help nor harm.
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .map(|signature| STANDARD.decode(signature).map_err(|_| Refusal::Malformed(SIGNATURE)))
        .collect::<Result<_, _>>()?;
    if offered.is_empty() {
        return Err(Refusal::Malformed(SIGNATURE));
    }
    let keys: Vec<Vec<u8>> = secrets.iter().filter_map(key).collect();
    if keys.is_empty() {
        return Err(Refusal::UnfitSecret);
    }
    let mut is_good = false;
    for key in &keys {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key).expect("a key of this digest may have any length");
        for part in before {
            mac.update(part.as_bytes());
            mac.update(b".");
        }
        mac.update(body);
        for signature in &offered {
            is_good |= mac.clone().verify_slice(signature).is_ok();
        }
    }
    if is_good { Ok(()) } else { Err(Refusal::Wrong(SIGNATURE)) }
}

/// Returns the key that a secret stands for. A short one is none: `whsec_` alone would be an empty
/// key, which everybody knows.
fn key(secret: &Secret) -> Option<Vec<u8>> {
    let text = secret.reveal();
    let text = text.strip_prefix("whsec_").unwrap_or(text);
    STANDARD.decode(text).ok().filter(|key| key.len() >= KEY_BYTES_MIN)
}
