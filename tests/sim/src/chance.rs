//! Chance, from one seed: a stream for each concern, so that one concern's draws do not move another's.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// Which world: pipelines, processes, fault classes.
    Shape,
    /// Which faults strike, and when.
    Faults,
    /// How long things take.
    Latency,
    /// What people do.
    People,
    /// What the providers' systems do.
    Work,
    /// What the programs draw: ids, secrets, numbers of turns.
    Programs,
}

/// One stream of chance.
#[derive(Clone, Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// Opens the stream of a concern.
    pub fn new(seed: u64, concern: Concern) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(concern as u64);
        Self(stream)
    }

    /// Draws whether something of the given probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        // Drawn also where it cannot happen, so that switching a class off moves nothing else.
        let drawn: f64 = self.0.random();
        drawn < probability
    }

    /// Draws a number from `from` to `to`, both included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        self.0.random_range(from..=to)
    }

    /// Draws a place in a list of the given length, which must not be empty.
    pub fn place(&mut self, length: usize) -> usize {
        self.0.random_range(0..length)
    }

    /// Draws a number between two, the logarithm of which is evenly spread.
    pub fn spread(&mut self, from: f64, to: f64) -> f64 {
        let drawn: f64 = self.0.random();
        from * (to / from).powf(drawn)
    }

    /// Draws a time with the given mean; most are shorter, a few much longer.
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a simulated world")]
    pub fn time_millis(&mut self, mean: f64) -> i64 {
        let drawn: f64 = self.0.random();
        (-mean * (1.0 - drawn).ln()) as i64
    }

    /// Draws 128 bits.
    pub fn bits(&mut self) -> u128 {
        u128::from(self.0.next_u64()) << 64 | u128::from(self.0.next_u64())
    }
}
