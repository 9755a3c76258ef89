//! Chance, seeded.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Returns what fills buffers with the bytes of a seed.
pub(crate) fn draw(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    move |buffer| random.fill_bytes(buffer)
}
