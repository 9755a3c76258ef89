//! Failures, made in one place so that each has its code and none is longer than it may be.

use std::error::Error;

use model::outcome::Failure;
use model::status::FailureType;

/// How long a message may be, in characters.
const MESSAGE_CHARACTERS_MAX: usize = 5000;

/// The settings, or what they name on this machine, are wrong: whoever wrote them can mend it.
pub(crate) fn configuration(message: impl AsRef<str>) -> Failure {
    Failure::new(FailureType::ConfigurationError, cut(message.as_ref()))
}

/// The work itself failed.
pub(crate) fn job(message: impl AsRef<str>) -> Failure {
    Failure::new(FailureType::JobFailed, cut(message.as_ref()))
}

/// Something that was asked for is not there, or is not what it was.
pub(crate) fn unavailable(message: impl AsRef<str>) -> Failure {
    Failure::new(FailureType::RevisionUnavailable, cut(message.as_ref()))
}

/// What is there is not the revision that was asked for.
pub(crate) fn out_of_sync(message: impl AsRef<str>) -> Failure {
    Failure::new(FailureType::RevisionOutOfSync, cut(message.as_ref()))
}

/// The machine refused: no disk, no program, no permission.
pub(crate) fn machine(doing: impl AsRef<str>, error: &dyn Error) -> Failure {
    let message = format!("failed to {}: {}", doing.as_ref(), chain(error));
    Failure::new(FailureType::SystemUnavailable, cut(&message))
}

/// Returns an error's message followed by those of its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    message
}

/// Cuts a message to what a failure may hold.
pub(crate) fn cut(message: &str) -> String {
    first_characters(message, MESSAGE_CHARACTERS_MAX)
}

/// Returns the first characters of a text; a text that is cut ends with `…`.
pub(crate) fn first_characters(text: &str, characters_max: usize) -> String {
    if text.chars().nth(characters_max).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(characters_max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_between_characters_and_says_so() {
        assert_eq!(first_characters("äöü", 3), "äöü");
        assert_eq!(first_characters("äöüß", 3), "äö…");
        let long = configuration("ß".repeat(6000)).message;
        assert_eq!(long.chars().count(), MESSAGE_CHARACTERS_MAX);
    }
}
