//! Tokens that only we can read and nobody can alter.
//!
//! A token is the base64url text of a nonce of 24 bytes and what XChaCha20-Poly1305 makes of the
//! content. The purpose is authenticated along with it, so that a token for one purpose is nothing for
//! another. Of the nonce, 16 bytes are the caller's draw and 8 bytes are a keyed digest of purpose and
//! content: if the draw were ever repeated, two different contents would still not share a nonce.
//!
//! Keys can be replaced. What is sealed is sealed with the newest one; what earlier ones sealed still
//! opens while they are kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The bytes of a nonce.
const NONCE_BYTES: usize = 24;

/// What every purpose is prefixed with, so that the same key may serve elsewhere.
const LABEL: &str = "towpath token 1:";

/// Seals and opens tokens with a key of this deployment.
#[derive(Clone)]
pub struct Sealer {
    key: [u8; 32],
    earlier: Vec<[u8; 32]>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// Takes the key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, earlier: Vec::new() }
    }

    /// Opens what an earlier key sealed as well; nothing more is sealed with it.
    #[must_use]
    pub fn and_earlier(mut self, key: [u8; 32]) -> Self {
        self.earlier.push(key);
        self
    }

    /// Seals `content` for one purpose: an operation with its resource and filter, for example.
    /// `nonce` must never come twice; it is drawn by the caller.
    pub fn seal(&self, purpose: &str, content: &[u8], nonce: u128) -> String {
        let mut token = [0; NONCE_BYTES].to_vec();
        token[..16].copy_from_slice(&nonce.to_be_bytes());
        token[16..].copy_from_slice(&self.digest(purpose, content));
        let associated = associated(purpose);
        let payload = Payload { msg: content, aad: associated.as_bytes() };
        let sealed = cipher(&self.key)
            .encrypt(&nonce_of(&token), payload)
            .expect("a content that fits into memory is far from the cipher's limit");
        token.extend_from_slice(&sealed);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Opens what was sealed for the same purpose; nothing else opens.
    pub fn open(&self, purpose: &str, token: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let (nonce, associated) = (nonce_of(nonce), associated(purpose));
        let payload = || Payload { msg: sealed, aad: associated.as_bytes() };
        let mut keys = std::iter::once(&self.key).chain(&self.earlier);
        keys.find_map(|key| cipher(key).decrypt(&nonce, payload()).ok())
    }

    /// A plain digest would let anybody check a guess of the content.
    fn digest(&self, purpose: &str, content: &[u8]) -> [u8; 8] {
        let mut digest = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key)
            .expect("a key of any length is taken");
        let length = (purpose.len() as u64).to_be_bytes();
        for part in [LABEL.as_bytes(), &length, purpose.as_bytes(), content] {
            digest.update(part);
        }
        let digest = digest.finalize().into_bytes();
        std::array::from_fn(|index| digest[index])
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key).into())
}

fn associated(purpose: &str) -> String {
    format!("{LABEL}{purpose}")
}

fn nonce_of(bytes: &[u8]) -> XNonce {
    let nonce: [u8; NONCE_BYTES] = std::array::from_fn(|index| bytes[index]);
    nonce.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_key_opens_what_it_sealed_until_it_is_gone() {
        let old = Sealer::new([1; 32]);
        let token = old.seal("page", b"content", 7);
        let both = Sealer::new([2; 32]).and_earlier([1; 32]);
        assert_eq!(both.open("page", &token).as_deref(), Some(&b"content"[..]));
        assert_eq!(both.open("session", &token), None, "the purpose counts for earlier keys too");
        assert_eq!(Sealer::new([2; 32]).open("page", &token), None);
        let newer = both.seal("page", b"content", 8);
        assert_eq!(old.open("page", &newer), None, "nothing more is sealed with the earlier key");
    }
}
