//! Signatures as Standard Webhooks has them, so that subscribers check them with a library that they have.

use std::fmt;

use aws_smithy_types::base64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a key begins with as people hand it over.
const PREFIX: &str = "whsec_";

/// How many bytes a key may have.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What requests to a subscriber are signed with.
#[derive(Clone)]
pub struct Key(Vec<u8>);

/// A key is never printed.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Reads a key: `whsec_`, which may be left out, and its bytes in Base64. What is wrong is said without
    /// repeating the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bytes = base64::decode(text.strip_prefix(PREFIX).unwrap_or(text));
        let bytes = bytes.map_err(|_| "is not Base64 behind whsec_".to_owned())?;
        if !KEY_BYTES.contains(&bytes.len()) {
            let (least, most) = (KEY_BYTES.start(), KEY_BYTES.end());
            return Err(format!("has {} bytes; {least} to {most} are needed", bytes.len()));
        }
        Ok(Self(bytes))
    }

    /// Returns the signature of a message that is sent at a moment: `v1,` and a digest of all three.
    pub fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let mut digest = Hmac::<Sha256>::new_from_slice(&self.0)
            .expect("a key of this digest may have any length");
        for part in [id, ".", &seconds.to_string(), ".", body] {
            digest.update(part.as_bytes());
        }
        format!("v1,{}", base64::encode(digest.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published vector of Standard Webhooks (security §5.1).
    #[test]
    fn the_published_vector_is_met() {
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        for key in ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            let key = Key::parse(key).expect("a key");
            assert_eq!(
                key.sign(id, 1_614_265_330, r#"{"test": 2432232314}"#),
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
            );
        }
    }

    #[test]
    fn another_id_time_body_or_key_has_another_signature() {
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let other = Key::parse("whsec_AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let right = key.sign("a", 1, "b");
        for wrong in [
            key.sign("b", 1, "b"),
            key.sign("a", 2, "b"),
            key.sign("a", 1, "c"),
            other.sign("a", 1, "b"),
        ] {
            assert_ne!(right, wrong);
        }
    }

    #[test]
    fn a_weak_or_broken_key_is_refused_and_not_repeated() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "s3cr3t!", &base64::encode([7; 65])] {
            let wrong = Key::parse(text).expect_err(text);
            assert!(text.is_empty() || !wrong.contains(text), "{wrong}");
        }
        assert_eq!(format!("{:?}", Key::parse(&base64::encode([7; 32])).expect("a key")), "Key(…)");
    }
}
