//! What becomes of a delivery after an answer. A function of its arguments.

use std::fmt;

/// How long the first pause is at most.
const FIRST_PAUSE_SECONDS: u32 = 10;
/// How long any pause is at most.
const PAUSE_SECONDS_MAX: u32 = 900;
/// How long a pause is at least, so that nobody is asked twice in the same moment.
const PAUSE_SECONDS_MIN: u32 = 1;

/// What became of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status, and how many seconds to wait where the subscriber said so.
    Status(u16, Option<u32>),
    /// There was no answer.
    Unreachable(String),
    /// The address leads where nobody is to be led.
    Refused(String),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status @ 300..=399, _) => {
                write!(f, "status {status}; moves are not followed")
            }
            Self::Status(status, _) => write!(f, "status {status}"),
            Self::Unreachable(reason) => write!(f, "no answer: {reason}"),
            Self::Refused(reason) => write!(f, "not asked: {reason}"),
        }
    }
}

/// What is to be done with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Taken,
    /// The subscriber wants nothing any more, for good (410).
    Unwanted,
    /// It is tried again after some seconds. The queue counts, and gives up after its last try.
    Again {
        /// How many.
        seconds: u32,
    },
}

/// Returns what is to be done after the given number of tries. `chance` spreads those who failed together.
///
/// Everything but a success is tried again, a refusal too: whoever mends an address or a key gets what was missed.
pub fn verdict(answer: &Answer, tries: u32, chance: u32) -> Verdict {
    let seconds = pause_seconds(tries, chance);
    match answer {
        Answer::Status(200..=299, _) => Verdict::Taken,
        Answer::Status(410, _) => Verdict::Unwanted,
        Answer::Status(_, Some(asked)) => {
            Verdict::Again { seconds: seconds.max((*asked).min(PAUSE_SECONDS_MAX)) }
        }
        Answer::Status(_, None) | Answer::Unreachable(_) | Answer::Refused(_) => {
            Verdict::Again { seconds }
        }
    }
}

/// Returns a pause between nothing and twice as much as after the try before.
fn pause_seconds(tries: u32, chance: u32) -> u32 {
    let doubled = FIRST_PAUSE_SECONDS.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let most = doubled.min(PAUSE_SECONDS_MAX);
    PAUSE_SECONDS_MIN + chance % most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(answer: &Answer, tries: u32, chance: u32) -> u32 {
        match verdict(answer, tries, chance) {
            Verdict::Again { seconds } => seconds,
            Verdict::Taken | Verdict::Unwanted => panic!("{answer} is tried again"),
        }
    }

    #[test]
    fn a_success_is_taken_and_only_a_subscriber_that_is_gone_is_given_up_at_once() {
        for status in [200, 202, 204] {
            assert_eq!(verdict(&Answer::Status(status, None), 1, 0), Verdict::Taken);
        }
        assert_eq!(verdict(&Answer::Status(410, None), 1, 0), Verdict::Unwanted);
        for status in [301, 302, 307, 400, 401, 403, 404, 413, 429, 500, 502, 503] {
            seconds(&Answer::Status(status, None), 1, 0);
        }
        seconds(&Answer::Unreachable("no route".to_owned()), 1, 0);
        seconds(&Answer::Refused("10.0.0.1 is private".to_owned()), 1, 0);
    }

    #[test]
    fn pauses_grow_by_chance_and_have_an_end() {
        let failed = Answer::Status(500, None);
        for (tries, most) in
            [(0, 10), (1, 10), (2, 20), (3, 40), (7, 640), (8, 900), (12, 900), (u32::MAX, 900)]
        {
            assert_eq!(seconds(&failed, tries, 0), 1, "after {tries} tries at least");
            assert_eq!(seconds(&failed, tries, most - 1), most, "after {tries} tries at most");
            for chance in [1, 77, 12_345, u32::MAX] {
                assert!((1..=most).contains(&seconds(&failed, tries, chance)));
            }
        }
    }

    #[test]
    fn whoever_asks_for_time_gets_it_within_reason() {
        assert_eq!(seconds(&Answer::Status(429, Some(120)), 1, 0), 120);
        assert_eq!(seconds(&Answer::Status(503, Some(1_000_000)), 1, 0), PAUSE_SECONDS_MAX);
        assert_eq!(seconds(&Answer::Status(429, Some(0)), 3, 30), 31, "our own pause is longer");
    }
}
