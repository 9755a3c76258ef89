//! Several places where keys are found, asked in order.

use std::fmt;
use std::sync::Arc;

use model::time::Timestamp;

use super::{Key, Keys, NoKey};

/// Asks each place in turn. The first that knows the key has the last word, even if its word is no.
#[derive(Clone)]
pub struct AnyOf(Vec<Arc<dyn Keys>>);

impl AnyOf {
    /// Takes the places, the first one first.
    pub fn new(places: Vec<Arc<dyn Keys>>) -> Self {
        Self(places)
    }
}

impl fmt::Debug for AnyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyOf({} places)", self.0.len())
    }
}

impl Keys for AnyOf {
    fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Key>, NoKey> {
        self.0
            .iter()
            .map(|place| place.find(access_key, session_token, now))
            .find(|answer| !matches!(answer, Err(NoKey::Unknown)))
            .unwrap_or(Err(NoKey::Unknown))
    }
}
