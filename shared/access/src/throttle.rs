//! How much one key may ask (contract P9).

use std::sync::{Mutex, PoisonError};

use model::time::Timestamp;

use crate::remembered::Remembered;

/// So many keys are watched at once. One that was silent while so many others asked starts afresh.
const KEYS_MAX: usize = 20_000;

/// A request costs so much, so that a millisecond refills a whole number.
const COST: u64 = 1000;

/// A token bucket for each key.
#[derive(Debug)]
pub struct Throttle {
    per_second: u32,
    burst: u32,
    buckets: Mutex<Remembered<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: u64,
    at: Timestamp,
}

impl Throttle {
    /// Lets each key ask `burst` times at once, and `per_second` times a second in the long run.
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second, burst, buckets: Mutex::new(Remembered::new(KEYS_MAX)) }
    }

    /// Takes one request of a key into account; false when it is one too many.
    pub fn admit(&self, access_key: &str, now: Timestamp) -> bool {
        let full = u64::from(self.burst) * COST;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let (access_key, mut bucket) = buckets
            .take(&access_key.to_owned())
            .unwrap_or_else(|| (access_key.to_owned(), Bucket { level: full, at: now }));
        // A thousandth of a request each millisecond is a request each second. A clock that steps
        // back refills nothing, and nothing twice.
        let millis = u64::try_from(now.millis_since(bucket.at)).unwrap_or_default();
        let refill = millis.saturating_mul(u64::from(self.per_second));
        bucket.level = bucket.level.saturating_add(refill).min(full);
        bucket.at = bucket.at.max(now);
        let admitted = bucket.level.checked_sub(COST);
        bucket.level = admitted.unwrap_or(bucket.level);
        buckets.put(access_key, bucket);
        admitted.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn admitted(throttle: &Throttle, key: &str, times: usize, now: Timestamp) -> usize {
        (0..times).filter(|_| throttle.admit(key, now)).count()
    }

    #[test]
    fn a_key_has_its_burst_and_then_its_rate() {
        let throttle = Throttle::new(10, 20);
        assert_eq!(admitted(&throttle, "A", 100, at(0)), 20);
        assert_eq!(admitted(&throttle, "A", 1, at(99)), 0, "a request takes 100 ms to come back");
        assert_eq!(admitted(&throttle, "A", 2, at(100)), 1);
        assert_eq!(admitted(&throttle, "A", 100, at(1_100)), 10);
        assert_eq!(admitted(&throttle, "A", 100, at(3_600_000)), 20, "silence saves one burst");
    }

    #[test]
    fn asking_in_vain_costs_nothing() {
        let throttle = Throttle::new(1, 1);
        assert!(throttle.admit("A", at(0)));
        for millis in 1..1_000 {
            assert!(!throttle.admit("A", at(millis)), "at {millis} ms");
        }
        assert!(throttle.admit("A", at(1_000)));
    }

    #[test]
    fn one_key_does_not_use_up_anothers_bucket() {
        let throttle = Throttle::new(1, 5);
        assert_eq!(admitted(&throttle, "loud", 1_000, at(0)), 5);
        assert_eq!(admitted(&throttle, "quiet", 5, at(0)), 5);
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_away() {
        let throttle = Throttle::new(10, 1);
        assert!(throttle.admit("A", at(10_000)));
        for _ in 0..100 {
            assert!(!throttle.admit("A", at(0)));
            assert!(!throttle.admit("A", at(10_000)));
        }
        assert!(throttle.admit("A", at(10_100)));
    }

    #[test]
    fn a_flood_of_strangers_does_not_forgive_who_keeps_asking() {
        let throttle = Throttle::new(1, 1);
        assert!(throttle.admit("A", at(0)));
        for stranger in 0..50_000 {
            assert!(throttle.admit(&format!("stranger {stranger}"), at(0)));
            assert!(!throttle.admit("A", at(0)));
        }
    }
}
