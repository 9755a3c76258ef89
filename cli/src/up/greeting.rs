//! What `towpath up` says.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::Path;

use local::trouble::{About, Trouble};
use tokio::sync::mpsc;

use crate::up::directory::{Directory, PROFILE};
use crate::view::text::safe_lines;

/// Says where the server is and what to type next. On a terminal what is for people stands out; a
/// program finds the same lines.
pub(super) fn greet(endpoint: &str, directory: &Directory, region: &str) {
    let (bold, plain) = if std::io::stdout().is_terminal() && !is_colourless() {
        ("\u{1b}[1m", "\u{1b}[0m")
    } else {
        ("", "")
    };
    let credentials = directory.credentials();
    let credentials = shell_word(&credentials.display().to_string());
    say(&format!(
        "{bold}Towpath serves CodePipeline at {endpoint}{plain}
  data         {}
  credentials  {credentials} (profile {PROFILE})

In another terminal:
  export AWS_ENDPOINT_URL_CODEPIPELINE={endpoint}
  export AWS_SHARED_CREDENTIALS_FILE={credentials} AWS_PROFILE={PROFILE}
  export AWS_REGION={region} AWS_DEFAULT_REGION={region}
  aws codepipeline create-pipeline --cli-input-json file://pipeline.json
  aws codepipeline get-pipeline-state --name NAME

Ctrl-C ends the server; what runs goes on, and so does everything when you start it again.",
        directory.path().display(),
    ));
}

/// Says that a profile was written to a file of the user's own.
pub(super) fn say_profile(name: &str, path: &Path) {
    say(&format!("profile {name} was written to {}", path.display()));
}

/// Says that others' rights were taken away.
pub(super) fn say_mended(path: &Path) {
    warn(&format!("{} was open to others; it is for you alone now", path.display()));
}

/// Says that the end was an orderly one.
pub(super) fn bid_farewell() {
    say("the server has ended; what runs is not stopped and goes on when you start it again");
}

/// Says what does not work, and what works again; once, not at every attempt.
pub(super) async fn tell_troubles(mut troubles: mpsc::UnboundedReceiver<Trouble>) {
    let mut told: BTreeMap<About, String> = BTreeMap::new();
    while let Some(Trouble { about, message }) = troubles.recv().await {
        let what = match about {
            About::Work => "the work is held up",
            About::Sources => "a source cannot be looked at",
            About::Events => "events cannot be written",
        };
        match message {
            Some(message) if told.get(&about) != Some(&message) => {
                warn(&format!("{what}: {message}"));
                told.insert(about, message);
            }
            Some(_) => {}
            None => {
                if told.remove(&about).is_some() {
                    warn(&format!("no longer: {what}"));
                }
            }
        }
    }
}

/// Whoever reads us may have gone; then there is nobody to tell.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "towpath: {}", safe_lines(text));
}

#[expect(clippy::disallowed_methods, reason = "the one look at this variable by this verb")]
fn is_colourless() -> bool {
    std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty())
}

/// Quotes a word for a shell where it needs it.
fn shell_word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+@%".contains(letter);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_typed_as_a_shell_reads_it() {
        assert_eq!(shell_word("/home/ada/.towpath/credentials"), "/home/ada/.towpath/credentials");
        assert_eq!(shell_word("/my data/$x"), "'/my data/$x'");
        assert_eq!(shell_word("/it's"), r"'/it'\''s'");
    }
}
