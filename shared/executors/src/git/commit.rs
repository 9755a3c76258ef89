//! What a commit says of itself.

use model::outcome::Failure;

use super::Git;
use super::cache::Cache;

/// How much of a message is kept (contract §5.1).
const MESSAGE_BYTES_MAX: usize = 100 * 1024;

/// What a commit says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// The first 100 KB of the message.
    pub(crate) message: String,
    /// When it was written, in UTC as ISO 8601; absent when the commit holds no sensible time.
    pub(crate) author_date: Option<String>,
    /// When it was committed.
    pub(crate) committer_date: Option<String>,
}

impl About {
    /// Reads a commit of the cache.
    pub(crate) fn read(git: &Git, cache: &Cache, commit: &str) -> Result<About, Failure> {
        let mut command = Git::alone();
        command.arg("--git-dir").arg(cache.path());
        command.args(["log", "-1", "--no-show-signature", "--no-color", "--format=%at%n%ct%n%B"]);
        command.args([commit, "--"]);
        // Some bytes more than are kept, for the dates.
        let printed = git.run(command, MESSAGE_BYTES_MAX + 100);
        let doing = format!("reading commit {commit}");
        Ok(parse(&printed.map_err(|refusal| refusal.failure(&doing, None))?))
    }
}

fn parse(printed: &[u8]) -> About {
    let text = String::from_utf8_lossy(printed);
    let mut parts = text.splitn(3, '\n');
    let mut date = || {
        let seconds = parts.next()?.trim().parse().ok()?;
        Some(jiff::Timestamp::from_second(seconds).ok()?.to_string())
    };
    let (author_date, committer_date) = (date(), date());
    let message = first_bytes(parts.next().unwrap_or_default(), MESSAGE_BYTES_MAX).trim_end();
    About { message: message.to_owned(), author_date, committer_date }
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
        let text = format!("1572319941\n1572319941\na{}", "ß".repeat(60_000));
        let about = parse(text.as_bytes());
        assert_eq!(about.author_date.as_deref(), Some("2019-10-29T03:32:21Z"));
        assert_eq!(about.committer_date.as_deref(), Some("2019-10-29T03:32:21Z"));
        assert_eq!(about.message.len(), MESSAGE_BYTES_MAX - 1);
    }

    #[test]
    fn a_commit_without_sensible_times_has_none() {
        let about = parse(b"\n99999999999999999\nfix\n");
        assert_eq!((about.author_date, about.committer_date), (None, None));
        assert_eq!(about.message, "fix");
        assert_eq!(parse(b"").message, "");
    }
}
