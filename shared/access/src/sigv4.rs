//! Signature version 4, verified.
//!
//! The order matters. First the shape of the `Authorization` header, then what it claims to be for, then
//! the clock, then the body's digest; and only then the secret. Whoever has no key does not find out
//! whether somebody else has one: an unknown key costs the same work, with a secret that nobody knows.
//!
//! There is no memory of signatures seen: two honest attempts within one second have the same bytes.
//! What makes a repeated request harmless is that operations are idempotent by token and state.
//!
//! Signatures in the query are not taken. The `Host` header is signed, and which hosts are ours is the
//! server's to say.

mod authorization;
mod canonical;
pub(crate) mod moment;
mod payload;
mod signing_keys;

use std::sync::{Arc, LazyLock};

use http::request::Parts;
use model::time::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::keys::{Identity, Key, Keys, NoKey};
use authorization::Authorization;
use payload::Payload;
pub(crate) use signing_keys::SigningKeys;
use signing_keys::keyed_digest;

/// What a signature must be for.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    /// `codepipeline`, or `s3` for the artifacts' door.
    pub service: &'a str,
    /// The Regions that are served; empty for any.
    pub regions: &'a [String],
    /// Whether `x-amz-content-sha256: UNSIGNED-PAYLOAD` is taken: for artifacts only.
    pub takes_unsigned_payload: bool,
}

/// Who signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// With which key.
    pub access_key: String,
    /// Whose it is.
    pub identity: Identity,
    /// The Region of the signature's scope.
    pub region: String,
    /// What else the key is limited to, which is for the artifacts' door to check: with another service
    /// such a key is refused.
    pub scope: Option<String>,
}

/// Why a signature is not taken: AWS's error code, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// For example `InvalidSignatureException`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl Unsigned {
    fn missing(message: impl Into<String>) -> Self {
        Self { code: "MissingAuthenticationTokenException", message: message.into() }
    }

    fn incomplete(message: impl Into<String>) -> Self {
        Self { code: "IncompleteSignatureException", message: message.into() }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self { code: "InvalidSignatureException", message: message.into() }
    }
}

/// What a signature says about the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The body's SHA-256. Whoever reads the body must hold it against this.
    Sha256([u8; 32]),
    /// Nothing; the connection is trusted.
    Unsigned,
}

/// Stands in for the keys that nobody has.
static NOBODY: LazyLock<Arc<Key>> = LazyLock::new(|| {
    let identity = Identity {
        arn: String::new(),
        account: String::new(),
        name: String::new(),
        roles: Vec::new(),
    };
    Arc::new(Key::new("-".repeat(40), identity, None))
});

/// Returns the access key that a request claims to be signed with, for the log of calls. It is nobody's
/// word but the client's.
pub fn claimed_access_key(request: &Parts) -> Option<&str> {
    authorization::read(request).ok().map(|authorization| authorization.access_key)
}

/// Says who signed a request. `body` is the raw bytes as they came.
pub fn verify(
    request: &Parts,
    body: &[u8],
    keys: &dyn Keys,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Signed, Unsigned> {
    let authorization = authorization::read(request)?;
    let payload = payload::of_whole_body(request, body, expected.takes_unsigned_payload)?;
    check(request, &authorization, &payload, keys, expected, now)
}

/// Says who signed a request whose body is still to come, and what the signature says about that body.
/// The request must say it itself, in `x-amz-content-sha256`, as S3's clients do.
pub fn verify_head(
    request: &Parts,
    keys: &dyn Keys,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<(Signed, Claim), Unsigned> {
    let authorization = authorization::read(request)?;
    let payload = payload::claimed(request, expected.takes_unsigned_payload)?;
    let signed = check(request, &authorization, &payload, keys, expected, now)?;
    Ok((signed, payload.claim()))
}

fn check(
    request: &Parts,
    authorization: &Authorization<'_>,
    payload: &Payload,
    keys: &dyn Keys,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Signed, Unsigned> {
    authorization.check_scope(expected)?;
    authorization.check_signed_headers(request)?;
    let moment = moment::check(request, authorization.date, now)?;
    let session_token = authorization::single(request, "x-amz-security-token")?;

    let found = keys.find(authorization.access_key, session_token, now);
    let key = found.as_ref().unwrap_or(&NOBODY);
    let is_s3 = expected.service == "s3";
    let canonical = canonical::request(request, authorization, payload, is_s3);
    let string_to_sign = format!(
        "AWS4-HMAC-SHA256\n{moment}\n{}/{}/{}/aws4_request\n{}",
        authorization.date,
        authorization.region,
        authorization.service,
        hex::encode(Sha256::digest(canonical)),
    );
    let signing_key = key.signing().derive(&key.secret, authorization);
    let signature = keyed_digest(&signing_key, string_to_sign.as_bytes());
    let is_right = bool::from(signature.ct_eq(&authorization.signature));

    let key = found.map_err(|error| no_key(&error))?;
    if !is_right {
        return Err(Unsigned::invalid(
            "The signature does not match this request: check the secret access key, and that nothing \
             between client and server changes the request",
        ));
    }
    // A key for artifacts opens no other door, whatever its owner may do elsewhere.
    if key.scope.is_some() && !is_s3 {
        let message = "This access key is for artifacts only; use a key of your own".to_owned();
        return Err(Unsigned { code: "AccessDeniedException", message });
    }
    Ok(Signed {
        access_key: authorization.access_key.to_owned(),
        identity: key.identity.clone(),
        region: authorization.region.to_owned(),
        scope: key.scope.clone(),
    })
}

fn no_key(no_key: &NoKey) -> Unsigned {
    let (code, message) = match no_key {
        NoKey::Unknown => {
            ("UnrecognizedClientException", "There is no such access key here; check the profile")
        }
        NoKey::BadToken => (
            "UnrecognizedClientException",
            "The session token does not belong to this access key or was not issued here; get new \
             credentials",
        ),
        NoKey::Expired => ("ExpiredTokenException", "The session is over; get new credentials"),
    };
    Unsigned { code, message: message.to_owned() }
}
