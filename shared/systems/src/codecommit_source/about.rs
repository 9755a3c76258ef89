//! What a commit says of itself.

use aws_sdk_codecommit::types::{Commit, UserInfo};

/// How much of a message is kept (contract §5.1).
const MESSAGE_BYTES_MAX: usize = 100 * 1024;

/// What a commit says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct About {
    /// Its full id.
    pub(super) commit: String,
    /// The first 100 KB of the message.
    pub(super) message: String,
    /// When it was written, in UTC as ISO 8601; absent when the commit holds no sensible time.
    pub(super) author_date: Option<String>,
    /// When it was committed.
    pub(super) committer_date: Option<String>,
}

impl About {
    /// Reads a commit as CodeCommit describes it.
    pub(super) fn read(id: &str, commit: Option<&Commit>) -> About {
        let message = commit.and_then(Commit::message).unwrap_or_default();
        let date = |who: Option<&UserInfo>| date(who?.date()?);
        About {
            commit: id.to_owned(),
            message: first_bytes(message, MESSAGE_BYTES_MAX).trim_end().to_owned(),
            author_date: date(commit.and_then(Commit::author)),
            committer_date: date(commit.and_then(Commit::committer)),
        }
    }
}

/// Reads a time as Git keeps it, which is how CodeCommit gives it: seconds, then the author's zone.
fn date(text: &str) -> Option<String> {
    let seconds = text.split_whitespace().next()?.parse().ok()?;
    Some(jiff::Timestamp::from_second(seconds).ok()?.to_string())
}

/// Returns the beginning of a text, cut between two characters.
fn first_bytes(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_between_characters_and_dates_are_in_utc() {
        let author = UserInfo::builder().date("1572319941 -0700").build();
        let message = format!("a{}", "ß".repeat(60_000));
        let commit = Commit::builder().message(message).author(author).build();
        let about = About::read("c0ffee", Some(&commit));
        assert_eq!(about.author_date.as_deref(), Some("2019-10-29T03:32:21Z"));
        assert_eq!(about.committer_date, None);
        assert_eq!(about.message.len(), MESSAGE_BYTES_MAX - 1);
    }

    #[test]
    fn a_commit_without_sensible_times_has_none() {
        let nobody = UserInfo::builder().date("99999999999999999 +0000").build();
        let commit = Commit::builder().message("fix\n").author(nobody).build();
        let about = About::read("c0ffee", Some(&commit));
        assert_eq!((about.author_date, about.message.as_str()), (None, "fix"));
        assert_eq!(About::read("c0ffee", None).message, "");
    }
}
