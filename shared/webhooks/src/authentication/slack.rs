//! Slack's signatures, for messages that come back from chat.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

use super::header::once;
use super::{CLOCKS_APART_SECONDS_MAX, Refusal, Secret};

const MOMENT: &str = "x-slack-request-timestamp";
const SIGNATURE: &str = "x-slack-signature";

/// Says whether Slack sent this body within the last five minutes.
pub fn verify(
    secret: &Secret,
    headers: &HeaderMap,
    body: &[u8],
    now_seconds: i64,
) -> Result<(), Refusal> {
    let moment = once(headers, MOMENT)?.ok_or(Refusal::Missing(MOMENT))?;
    let signature = once(headers, SIGNATURE)?.ok_or(Refusal::Unsigned)?;
    let is_number = !moment.is_empty() && moment.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = moment.parse::<i64>().ok().filter(|_| is_number);
    let seconds = seconds.ok_or(Refusal::Malformed(MOMENT))?;
    let digits = signature.strip_prefix("v0=").ok_or(Refusal::Malformed(SIGNATURE))?;
    let signature = hex::decode(digits).map_err(|_| Refusal::Malformed(SIGNATURE))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes())
        .expect("a key of this digest may have any length");
    mac.update(b"v0:");
    mac.update(moment.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.verify_slice(&signature).map_err(|_| Refusal::Wrong(SIGNATURE))?;
    let apart = now_seconds.abs_diff(seconds);
    if apart > CLOCKS_APART_SECONDS_MAX { Err(Refusal::Stale(apart)) } else { Ok(()) }
}
