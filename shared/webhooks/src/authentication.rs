//! Whose message it is.

mod gitlab;
mod header;
mod hub;
pub mod slack;
mod standard;

use std::fmt;
use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// How far a sender's clock may be from ours, in seconds, where its scheme tells the time.
pub const CLOCKS_APART_SECONDS_MAX: u64 = 300;

/// A text that must not be shown. Printing it for debugging shows that it is there.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text as it is. An empty or blank one is nobody's secret.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (!text.trim().is_empty()).then_some(Self(text))
    }

    /// Returns the text, for whoever keeps or compares it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

/// What a webhook asks of its callers (W2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// `GITHUB_HMAC`: they know one of these secrets. There is more than one while secrets are
    /// changed.
    Secret(Vec<Secret>),
    /// `IP`: they call from these addresses.
    Address(IpNet),
    /// `UNAUTHENTICATED`: nothing.
    Nothing,
}

/// Why a webhook cannot ask this of its callers. The message names the member and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(String);

impl Authentication {
    /// Takes the members of a webhook's definition, which must fit together (W2).
    pub fn new(
        kind: &str,
        secret_token: Option<&str>,
        allowed_ip_range: Option<&str>,
    ) -> Result<Self, Unfit> {
        let unfit = |message: String| Err(Unfit(message));
        match (kind, secret_token, allowed_ip_range) {
            ("GITHUB_HMAC", Some(secret), None) => match Secret::new(secret) {
                Some(secret) => Ok(Self::Secret(vec![secret])),
                None => unfit(
                    "authenticationConfiguration.SecretToken is blank, so anybody would know it. \
                     Draw a secret of at least 16 characters for this webhook alone."
                        .to_owned(),
                ),
            },
            ("IP", None, Some(range)) => match range.trim().parse::<IpNet>() {
                Ok(range) => Ok(Self::Address(range.trunc())),
                Err(_) => unfit(format!(
                    "authenticationConfiguration.AllowedIPRange {range:?} is not a range of \
                     addresses. Write it with its length, as in 192.0.2.0/24 or 2001:db8::/32."
                )),
            },
            ("UNAUTHENTICATED", None, None) => Ok(Self::Nothing),
            ("GITHUB_HMAC", ..) => unfit(
                "With authentication GITHUB_HMAC, authenticationConfiguration holds exactly \
                 SecretToken."
                    .to_owned(),
            ),
            ("IP", ..) => unfit(
                "With authentication IP, authenticationConfiguration holds exactly AllowedIPRange."
                    .to_owned(),
            ),
            ("UNAUTHENTICATED", ..) => unfit(
                "With authentication UNAUTHENTICATED, authenticationConfiguration holds nothing."
                    .to_owned(),
            ),
            (other, ..) => unfit(format!(
                "authentication {other:?} does not exist. Use GITHUB_HMAC, IP or UNAUTHENTICATED."
            )),
        }
    }

    /// Returns what stands for a webhook that does not exist, so that asking for one takes the same
    /// work as a wrong signature. Whatever it says must not be believed.
    pub fn decoy() -> Self {
        Self::Secret(vec![Secret("a webhook that does not exist".to_owned())])
    }
}

/// A message, as it came.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its headers. A `HeaderMap` cannot hold line breaks, so no value can smuggle another header in.
    pub headers: &'a HeaderMap,
    /// Its raw bytes.
    pub body: &'a [u8],
    /// The address at the other end of the connection; never one that a header claims.
    pub peer: IpAddr,
    /// The moment, in seconds since 1970.
    pub now_seconds: i64,
    /// Whether a signature with SHA-1 alone is enough. Hosts from before 2020 have no other.
    pub takes_sha1: bool,
}

/// How the sender proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It signed the body with SHA-256. The message may be replayed: nothing in it is a moment.
    SignedBody,
    /// It signed the body with SHA-1, likewise.
    SignedBodyWithSha1,
    /// It signed id, moment and body.
    SignedDelivery,
    /// It sent the secret itself. The body is not protected.
    Token,
    /// It calls from an address that is expected.
    Address,
    /// Nothing was asked.
    Nothing,
}

/// Why the message is not taken. This is for the log; the sender learns only that it is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no proof.
    #[error(
        "the request is not signed: it has none of X-Hub-Signature-256, X-Hub-Signature, \
         X-Gitlab-Token and webhook-signature; give the sender the webhook's secret"
    )]
    Unsigned,
    /// A header that must come once comes more often.
    #[error("the header {0} comes more than once")]
    Repeated(&'static str),
    /// A header that belongs to another one is missing.
    #[error("the header {0} is missing, and the signature covers it")]
    Missing(&'static str),
    /// A header is not what its scheme says.
    #[error("the header {0} is not of the form that its scheme gives it")]
    Malformed(&'static str),
    /// The proof does not fit the secret and the body.
    #[error("the header {0} does not fit the webhook's secret and the body")]
    Wrong(&'static str),
    /// The only signature is one with SHA-1.
    #[error("the only signature is made with SHA-1, and this server does not take those")]
    OnlySha1,
    /// The message is too old, or from the future.
    #[error("the message was signed {0} s from now, and {CLOCKS_APART_SECONDS_MAX} s are allowed")]
    Stale(u64),
    /// The secret cannot be the key of this scheme.
    #[error(
        "the webhook's secret is no key for webhook-signature: that takes whsec_ and at least 16 \
         bytes in base64"
    )]
    UnfitSecret,
    /// It comes from elsewhere.
    #[error("it comes from {0}, which is outside of the allowed range")]
    Elsewhere(IpAddr),
}

/// Says how the sender proved itself, or why it did not.
pub fn authenticate(
    authentication: &Authentication,
    request: &Request<'_>,
) -> Result<Proof, Refusal> {
    match authentication {
        Authentication::Nothing => Ok(Proof::Nothing),
        Authentication::Address(range) => {
            // A socket that serves both families shows IPv4 addresses inside of IPv6 ones.
            let peer = request.peer.to_canonical();
            if range.contains(&peer) { Ok(Proof::Address) } else { Err(Refusal::Elsewhere(peer)) }
        }
        Authentication::Secret(secrets) => check_secret(secrets, request),
    }
}

/// Checks every proof that the message carries. All must be good, and there must be one.
fn check_secret(secrets: &[Secret], request: &Request<'_>) -> Result<Proof, Refusal> {
    let proofs = [
        standard::check(secrets, request)?,
        hub::check_sha256(secrets, request)?,
        hub::check_older(secrets, request)?,
        gitlab::check(secrets, request)?,
    ];
    // The strongest stands first.
    proofs.into_iter().flatten().next().ok_or(Refusal::Unsigned)
}
