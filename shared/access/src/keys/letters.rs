//! How keys are spelled.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Draw;

/// The letters of base 32, as RFC 4648 has them.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Ours begin like this, and never like AWS's own, so that nobody takes one for the other.
const PREFIX: &str = "TOWP";

/// Draws an access key: the prefix and 16 letters.
pub(super) fn draw_access_key(draw: Draw<'_>) -> String {
    // 10 bytes are exactly 16 letters of 5 bits.
    let mut bytes = [0; 10];
    draw(&mut bytes);
    let mut access_key = String::from(PREFIX);
    for half in bytes.chunks(5) {
        let bits = half.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for letter in (0..8).rev() {
            let index = usize::try_from((bits >> (letter * 5)) & 31).expect("five bits are few");
            access_key.push(char::from(BASE32[index]));
        }
    }
    access_key
}

/// Draws a secret of 40 characters, each of 6 random bits.
pub(super) fn draw_secret(draw: Draw<'_>) -> String {
    let mut bytes = [0; 30];
    draw(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_keys_and_secrets_are_spelled_from_exactly_the_bytes_drawn() {
        let mut next = 0_u8;
        let mut count = |buffer: &mut [u8]| {
            for byte in buffer {
                *byte = next;
                next += 1;
            }
        };
        // Python's base64.b32encode(bytes(range(10))) says the same.
        assert_eq!(draw_access_key(&mut count), "TOWPAAAQEAYEAUDAOCAJ");
        assert_eq!(draw_secret(&mut count), "CgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYn");
    }
}
