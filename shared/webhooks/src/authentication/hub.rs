//! Signatures of the body, as GitHub, Bitbucket and Gitea send them: `sha256=` and hexadecimal digits.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use super::header::once;
use super::{Proof, Refusal, Request, Secret};

const NEWER: &str = "x-hub-signature-256";
const OLDER: &str = "x-hub-signature";

/// Checks `X-Hub-Signature-256`, if it is there.
pub(super) fn check_sha256(
    secrets: &[Secret],
    request: &Request<'_>,
) -> Result<Option<Proof>, Refusal> {
    let Some(value) = once(request.headers, NEWER)? else { return Ok(None) };
    let digits = value.strip_prefix("sha256=").ok_or(Refusal::Malformed(NEWER))?;
    check::<Hmac<Sha256>>(secrets, request.body, digits, NEWER)?;
    Ok(Some(Proof::SignedBody))
}

/// Checks `X-Hub-Signature`, if it is there. Bitbucket signs with SHA-256 under this name. GitHub
/// signs with SHA-1 under it, beside the better signature; that one is looked at only where it is
/// taken at all.
pub(super) fn check_older(
    secrets: &[Secret],
    request: &Request<'_>,
) -> Result<Option<Proof>, Refusal> {
    let Some(value) = once(request.headers, OLDER)? else { return Ok(None) };
    if let Some(digits) = value.strip_prefix("sha256=") {
        check::<Hmac<Sha256>>(secrets, request.body, digits, OLDER)?;
        return Ok(Some(Proof::SignedBody));
    }
    let digits = value.strip_prefix("sha1=").ok_or(Refusal::Malformed(OLDER))?;
    if request.takes_sha1 {
        check::<Hmac<Sha1>>(secrets, request.body, digits, OLDER)?;
        return Ok(Some(Proof::SignedBodyWithSha1));
    }
    let is_alone = !request.headers.contains_key(NEWER);
    if is_alone { Err(Refusal::OnlySha1) } else { Ok(None) }
}

/// Compares in constant time, against each of the secrets. Hexadecimal digits of both cases are
/// taken: they stand for the same bytes, and it is the bytes that are compared.
fn check<M: Mac + KeyInit>(
    secrets: &[Secret],
    body: &[u8],
    digits: &str,
    header: &'static str,
) -> Result<(), Refusal> {
    let signature = hex::decode(digits).map_err(|_| Refusal::Malformed(header))?;
    let is_good = secrets.iter().fold(false, |is_good, secret| {
        let mut mac = <M as KeyInit>::new_from_slice(secret.reveal().as_bytes())
            .expect("a key of this digest may have any length");
        mac.update(body);
        mac.verify_slice(&signature).is_ok() | is_good
    });
    if is_good { Ok(()) } else { Err(Refusal::Wrong(header)) }
}
