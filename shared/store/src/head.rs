//! The newest record of a log, as far as a decision needs it.

use engine::State;

use crate::keys::LogKey;

/// What is true of a log, and therefore what the next record must follow.
///
/// Before the first record `state.sequence` is 0, and the state is empty and of the right scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which log.
    pub log: LogKey,
    /// What is true after its newest record.
    pub state: State,
}

impl Head {
    /// Returns the head of a log that has no record yet.
    pub(crate) fn empty(log: &LogKey) -> Self {
        Self { log: log.clone(), state: State::new(log.scope()) }
    }
}
