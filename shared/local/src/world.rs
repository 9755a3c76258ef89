//! Time and chance of this machine, and whoever listens to what is appended.

use std::sync::Arc;
use std::time::SystemTime;

use model::time::Timestamp;
use runtime::app::World;
use store::{Committed, Head, Record};
use tokio::sync::mpsc;

/// A record that this process appended.
#[derive(Clone, Debug)]
pub struct Appended {
    /// The state before.
    pub before: Arc<Head>,
    /// The record.
    pub record: Arc<Record>,
}

/// This machine's clock and entropy.
#[derive(Debug)]
pub struct Machine {
    listener: mpsc::UnboundedSender<Appended>,
}

impl Machine {
    /// Makes a world whose appended records are told to `listener`.
    pub fn new(listener: mpsc::UnboundedSender<Appended>) -> Self {
        Self { listener }
    }
}

/// Reads this machine's clock.
#[expect(clippy::disallowed_methods, reason = "the one place on this machine that reads the clock")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    Timestamp::from_millis(millis)
}

/// Draws what nobody else draws.
pub fn draw() -> u128 {
    rand::random()
}

impl World for Machine {
    fn now(&self) -> Timestamp {
        now()
    }

    fn draw(&self) -> u128 {
        draw()
    }

    fn appended(&self, committed: &Committed) {
        let appended =
            Appended { before: committed.before().clone(), record: committed.record().clone() };
        // Nobody listens any more only while the process ends.
        let _ = self.listener.send(appended);
    }
}
