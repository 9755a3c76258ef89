//! The key that a secret makes for one day, Region and service.

use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::authorization::Authorization;

/// A client signs for one Region and service, and for two days around midnight.
const SCOPES_MAX: usize = 4;

/// What one secret was made into, newest last.
#[derive(Default)]
pub(crate) struct SigningKeys(Mutex<Vec<(String, [u8; 32])>>);

impl SigningKeys {
    /// Returns the signing key for the scope of a signature.
    pub(super) fn derive(&self, secret: &str, authorization: &Authorization<'_>) -> [u8; 32] {
        let Authorization { date, region, service, .. } = authorization;
        let scope = format!("{date}/{region}/{service}");
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, key)) = known.iter().find(|(known, _)| *known == scope) {
            return *key;
        }
        let mut key = keyed_digest(format!("AWS4{secret}").as_bytes(), date.as_bytes());
        for part in [region, service, "aws4_request"] {
            key = keyed_digest(&key, part.as_bytes());
        }
        if known.len() >= SCOPES_MAX {
            known.remove(0);
        }
        known.push((scope, key));
        key
    }
}

/// HMAC-SHA256.
pub(super) fn keyed_digest(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut digest =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("a key of any length is taken");
    digest.update(message);
    digest.finalize().into_bytes().into()
}
