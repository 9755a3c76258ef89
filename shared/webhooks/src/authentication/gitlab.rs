//! GitLab's older scheme: the secret itself, in a header. It says nothing of the body.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::header::once;
use super::{Proof, Refusal, Request, Secret};

const TOKEN: &str = "x-gitlab-token";

/// Checks `X-Gitlab-Token`, if it is there.
pub(super) fn check(secrets: &[Secret], request: &Request<'_>) -> Result<Option<Proof>, Refusal> {
    let Some(token) = once(request.headers, TOKEN)? else { return Ok(None) };
    // Digests have one length, so the time tells nothing of the secret's length either.
    let token = Sha256::digest(token.as_bytes());
    let is_good = secrets.iter().fold(false, |is_good, secret| {
        let secret = Sha256::digest(secret.reveal().as_bytes());
        bool::from(secret.as_slice().ct_eq(token.as_slice())) | is_good
    });
    if is_good { Ok(Some(Proof::Token)) } else { Err(Refusal::Wrong(TOKEN)) }
}
