//! What we say about an appspec that we cannot take, and about one that we take with a remark.

use std::fmt;

/// Why an appspec was refused: all of its problems at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the appspec is refused: {}", DisplayProblems(problems))]
pub struct Refusal {
    /// At least one, in the order of the file.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with an appspec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is: `hooks.AfterInstall[1].timeout`; empty for the file as a whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        write!(formatter, "{} ({})", self.message, self.fix)
    }
}

/// Something that was accepted, and that the author should know of: it is ignored here or there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it is, as in [`Problem::path`].
    pub path: String,
    /// What happens, or does not.
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.message)
    }
}

struct DisplayProblems<'a>(&'a [Problem]);

impl fmt::Display for DisplayProblems<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}{problem}")?;
        }
        Ok(())
    }
}
