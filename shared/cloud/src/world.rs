//! Time and chance.

use std::time::SystemTime;

use model::time::Timestamp;
use runtime::app::World;
use store::Committed;

/// Lambda's clock and entropy. What is appended is told by the table's stream.
#[derive(Clone, Debug, Default)]
pub struct Lambda {
    /// Where people reach this deployment's pages.
    pub public_url: Option<String>,
}

/// Reads the clock.
#[expect(clippy::disallowed_methods, reason = "the one place in a function that reads the clock")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    Timestamp::from_millis(millis)
}

impl World for Lambda {
    fn now(&self) -> Timestamp {
        now()
    }

    fn draw(&self) -> u128 {
        rand::random()
    }

    fn appended(&self, _: &Committed) {}

    fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }
}
