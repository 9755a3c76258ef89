//! What is out of order, gathered before the test fails.

use std::fmt::Display;

/// What one rule found.
#[derive(Default)]
pub(crate) struct Findings(Vec<String>);

impl Findings {
    /// Adds something that is out of order: where, what, and how to put it right.
    pub(crate) fn add(&mut self, place: impl Display, sentence: impl Display) {
        self.0.push(format!("{place}: {sentence}"));
    }

    /// Adds it if `is_wrong`.
    pub(crate) fn add_if(&mut self, is_wrong: bool, place: impl Display, sentence: impl Display) {
        if is_wrong {
            self.add(place, sentence);
        }
    }

    /// Fails with everything that was found, if anything was.
    #[track_caller]
    pub(crate) fn conclude(self) {
        let count = self.0.len();
        assert!(count == 0, "{count} out of order:\n  {}", self.0.join("\n  "));
    }

    /// Says whether something containing `part` was found; for the tests of the rules themselves.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.0.iter().any(|finding| finding.contains(part))
    }

    /// How much was found.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}
