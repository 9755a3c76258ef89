//! The ids under which workers know jobs.

use std::fmt;
use std::str::FromStr;

use model::ids::ActionRunId;
use uuid::{Builder, Uuid, Variant, Version};

/// How many bytes of a job's id say to which attempt it belongs.
const OWN_BYTES: usize = 12;

/// The id of one job: which attempt, and the how-manieth of its chain of continuations.
///
/// The first 12 bytes are derived from the attempt and name the row; the last four count. So every job
/// of a chain has an id of its own, as the API wants, and all of them lead to the one row, without an
/// index. 90 bits of a digest keep two attempts apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(Uuid);

impl JobId {
    /// Returns the id of an attempt's job.
    pub fn of(run: ActionRunId, number: u32) -> Self {
        let mut bytes = *Uuid::new_v5(&run.uuid(), b"job").as_bytes();
        bytes[OWN_BYTES..].copy_from_slice(&number.to_be_bytes());
        let builder = Builder::from_bytes(bytes);
        // Version 8 is for ids of a make of one's own.
        Self(builder.with_variant(Variant::RFC4122).with_version(Version::Custom).into_uuid())
    }

    /// Returns how many jobs of the same attempt came before it.
    pub fn number(self) -> u32 {
        let [.., a, b, c, d] = *self.0.as_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// Returns the partition of the row that all jobs of the attempt share.
    pub(super) fn partition(self) -> String {
        let digits: String = self.to_string().chars().filter(|digit| *digit != '-').collect();
        format!("JOB#{}", &digits[..2 * OWN_BYTES])
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for JobId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_of_one_attempt_share_a_row_and_no_id() {
        let run = |number| ActionRunId::new(Uuid::from_u128(number));
        let first = JobId::of(run(1), 0);
        let second = JobId::of(run(1), 1);
        assert_ne!(first, second);
        assert_eq!((first.number(), second.number()), (0, 1));
        assert_eq!(first.partition(), second.partition());
        assert_ne!(first.partition(), JobId::of(run(2), 0).partition());
        assert_eq!(second.to_string().parse(), Ok(second));
        assert_eq!(JobId::of(run(1), u32::MAX).number(), u32::MAX);
    }
}
