//! The only place that runs `git`.
//!
//! Two kinds of commands are told apart. Those that *talk* to another repository
//! ([`Git::talking`]: `ls-remote` and `fetch`) keep the user's own configuration, where credentials,
//! proxies and `safe.directory` are, and never run inside the other repository, so its configuration
//! and hooks are nobody's concern but the `git upload-pack` that serves it. Those that work *alone*
//! ([`Git::alone`]) run in repositories that we made, with nobody's configuration at all, so that the
//! same commit gives the same files on every machine.
//!
//! [`location`] says what may be talked to, [`cache`] holds what was fetched, [`commit`] reads it.

pub(crate) mod cache;
pub(crate) mod commit;
pub(crate) mod location;

use std::ffi::OsStr;
use std::process::Command;
use std::time::Duration;

use buildspec::ProcessGroup;
use model::outcome::Failure;

use crate::fault;
use crate::process::{Ending, Keep, Leftovers, Run, describe};
use location::Location;

/// Settings that no configuration overrides: nothing but the named repository is talked to, and no
/// program of anybody's runs.
const GUARDS: [&str; 16] = [
    "-c",
    "protocol.ext.allow=never",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "fetch.recurseSubmodules=false",
    "-c",
    "http.lowSpeedLimit=1",
    "-c",
    "http.lowSpeedTime=120",
];

/// What is kept of the caller's own `GIT_` variables: how to reach and trust servers. All others
/// would name another repository, as in a hook that starts us.
const KEPT: [&str; 7] = [
    "GIT_SSH",
    "GIT_SSL_",
    "GIT_PROXY_",
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

/// How to run `git`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Git {
    pub(crate) group: ProcessGroup,
    /// How long one command may take.
    pub(crate) deadline: Option<Duration>,
}

/// Why a command of `git` brought nothing.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It ended with this status, having said this last.
    Said { status: String, text: String },
    /// It took too long.
    TimedOut(Duration),
    /// It could not be started.
    Absent(std::io::Error),
}

impl Git {
    /// Starts a command that talks to another repository.
    pub(crate) fn talking() -> Command {
        let mut command = bare();
        // Nobody is there to answer a question, and one that nobody sees would hang.
        command.env("GIT_TERMINAL_PROMPT", "0").env("SSH_ASKPASS_REQUIRE", "force");
        command.env("SSH_ASKPASS", "false").args(GUARDS);
        command
    }

    /// Starts a command that works in repositories of ours only.
    pub(crate) fn alone() -> Command {
        let mut command = bare();
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_ATTR_NOSYSTEM", "1").env("XDG_CONFIG_HOME", "/dev/null").args(GUARDS);
        command
    }

    /// Runs a command and returns the beginning of what it printed.
    pub(crate) fn run(&self, command: Command, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
        let run = Run {
            command,
            stdin: Vec::new(),
            stdout: Keep::First(bytes_max),
            copy: None,
            stderr: None,
            group: self.group,
            leftovers: Leftovers::Leave,
            deadline: self.deadline,
        };
        match run.wait() {
            Ok(Ending::Exited { status, stdout, .. }) if status.success() => Ok(stdout.bytes),
            Ok(Ending::Exited { status, stderr, .. }) => {
                Err(Refusal::Said { status: describe(status), text: last_lines(&stderr.bytes) })
            }
            Ok(Ending::TimedOut) => Err(Refusal::TimedOut(self.deadline.unwrap_or_default())),
            Err(error) => Err(Refusal::Absent(error)),
        }
    }
}

impl Refusal {
    /// Makes a failure of it. What `git` says may hold the location, whose credentials are removed.
    pub(crate) fn failure(&self, doing: &str, location: Option<&Location>) -> Failure {
        match self {
            Self::Absent(error) => fault::machine(
                format!("run git ({doing}); install Git and put it on the PATH"),
                error,
            ),
            Self::TimedOut(deadline) => fault::unavailable(format!(
                "{doing}: git got no answer within {} seconds; see whether the repository can be \
                 reached",
                deadline.as_secs()
            )),
            Self::Said { status, text } => {
                let text = location.map_or_else(|| text.clone(), |location| location.redact(text));
                let hint = hint_of(&text, location);
                fault::unavailable(format!("{doing}: git ended with {status}: {text}{hint}"))
            }
        }
    }
}

fn bare() -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if is_foreign(&name) {
            command.env_remove(name);
        }
    }
    // Without this an object may be another one, and messages may be in another language.
    command.env("GIT_NO_REPLACE_OBJECTS", "1").env("LC_ALL", "C");
    command
}

fn is_foreign(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("GIT_") && !KEPT.iter().any(|kept| name.starts_with(kept))
}

/// Returns the last lines of what `git` said, on one line and without what could move a cursor.
fn last_lines(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(4)..].join("; ");
    let clean = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    fault::first_characters(&last.chars().map(clean).collect::<String>(), 1000)
}

/// Returns what to do about the refusals that people meet most.
fn hint_of(text: &str, location: Option<&Location>) -> String {
    let shown = location.map(Location::shown).unwrap_or_default();
    if text.contains("dubious ownership") {
        return format!(
            " (it belongs to another user; if you trust it: \
             git config --global --add safe.directory {shown})"
        );
    }
    if text.contains("could not read Username") || text.contains("Permission denied") {
        return " (Git has no credentials for it; make `git ls-remote` work without a question, \
                with a credential helper or an SSH agent)"
            .to_owned();
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_name_another_repository_are_not_passed_on() {
        for name in
            ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_COUNT", "GIT_EXEC_PATH"]
        {
            assert!(is_foreign(OsStr::new(name)), "{name}");
        }
        for name in ["GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_CONFIG_GLOBAL", "PATH", "HOME"] {
            assert!(!is_foreign(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn what_git_says_cannot_move_the_cursor() {
        let said = last_lines(b"remote: one\n\nfatal: \x1b[2Jtwo\n");
        assert_eq!(said, "remote: one; fatal: \u{fffd}[2Jtwo");
    }
}
