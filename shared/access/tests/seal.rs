//! Sealed tokens: they open as they were sealed, or not at all.

use access::seal::Sealer;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PURPOSE: &str = "ListPipelineExecutions:my-app";
const CONTENT: &[u8] = br#"{"after":"0190b5a0-0000-7000-8000-000000000000"}"#;

fn sealer() -> Sealer {
    Sealer::new([7; 32])
}

#[test]
fn a_token_opens_for_its_purpose_with_its_key() {
    for content in [&b""[..], b"x", CONTENT, &vec![0; 100_000]] {
        let token = sealer().seal(PURPOSE, content, 1);
        assert_eq!(sealer().open(PURPOSE, &token).as_deref(), Some(content));
        let is_url_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!(token.bytes().all(is_url_safe));
    }
}

#[test]
fn another_purpose_or_another_key_opens_nothing() {
    let token = sealer().seal(PURPOSE, CONTENT, 1);
    let purposes = ["", "ListPipelineExecutions", "ListPipelineExecutions:my-apq", "session-key"];
    for purpose in purposes {
        assert_eq!(sealer().open(purpose, &token), None, "{purpose}");
    }
    for place in 0..32 {
        let mut key = [7; 32];
        key[place] ^= 1;
        assert_eq!(Sealer::new(key).open(PURPOSE, &token), None);
    }
}

/// Goal: a hundred thousand altered tokens, and none opens. Method: every cut, and seeded flips of bits in
/// the bytes and of letters in the text.
#[test]
fn no_altered_token_opens() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let sealer = sealer();
    let token = sealer.seal(PURPOSE, CONTENT, 0x1234_5678);
    for length in 0..token.len() {
        assert_eq!(sealer.open(PURPOSE, &token[..length]), None);
        assert_eq!(sealer.open(PURPOSE, &token[token.len() - length..]), None);
    }
    let mut altered = 2 * token.len();
    while altered < 100_000 {
        let mut bytes = token.clone().into_bytes();
        for _ in 0..random.random_range(1..=3) {
            let place = random.random_range(0..bytes.len());
            bytes[place] ^= 1 << random.random_range(0..8);
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if text == token {
            continue;
        }
        assert_eq!(sealer.open(PURPOSE, &text), None, "{text}");
        altered += 1;
    }
    for text in [format!("{token}="), format!("{token}A"), format!(" {token}"), token.repeat(2)] {
        assert_eq!(sealer.open(PURPOSE, &text), None, "{text}");
    }
}

/// A nonce that is drawn twice is a mistake of the caller; it must not give two contents away.
#[test]
fn two_contents_never_share_a_nonce() {
    let sealer = sealer();
    let nonce = |purpose: &str, content: &[u8]| sealer.seal(purpose, content, 5)[..32].to_owned();
    assert_ne!(nonce(PURPOSE, b"one"), nonce(PURPOSE, b"two"));
    assert_ne!(nonce("a", b"bc"), nonce("ab", b"c"));
    assert_ne!(sealer.seal(PURPOSE, b"one", 5), sealer.seal(PURPOSE, b"one", 6));
}

#[test]
fn the_sealer_does_not_print_its_key() {
    assert_eq!(format!("{:?}", sealer()), "Sealer");
}
