//! The order of phases and commands, and what follows a failure.
//!
//! A failed `install` or `pre_build` ends the build; after a failed `build`, `post_build` still
//! runs. `on-failure` changes that, but a build in which a phase has failed has failed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use crate::build::report::{FailureKind, FailureReport, PhaseReport, PhaseStatus};
use crate::log::Log;
use crate::shell::{Legacy, Session, Setting, Step};
use crate::specification::{Buildspec, OnFailure, Phase, PhaseName, Version};
use crate::user;

/// How much of what a phase printed is searched for the expression of a `RETRY-regex`.
const SEARCHED_BYTES_MAX: u64 = 1024 * 1024;

/// What the phases have led to.
pub(super) struct Run {
    pub(super) outcome: Result<(), FailureReport>,
    pub(super) values: BTreeMap<String, String>,
    pub(super) phases: Vec<PhaseReport>,
}

/// Runs all phases and then asks the shell for the values of the `wanted` variables.
pub(super) fn run(
    buildspec: &Buildspec,
    setting: Setting,
    scratch: &Path,
    log: &mut Log,
    wanted: &BTreeSet<String>,
) -> Run {
    let mut runner = Runner {
        version: buildspec.version,
        setting,
        scratch,
        log,
        current: None,
        past: Vec::new(),
        legacy: Legacy::default(),
        is_succeeding: true,
    };
    let mut reports = Vec::new();
    let mut outcome = Ok(());
    for phase in &buildspec.phases {
        let started = Instant::now();
        runner.log.line(&format!("Phase {} begins", phase.name.title()));
        let ended = runner.run_phase(phase);
        let status = PhaseStatus::of(&ended);
        runner.log.line(&format!("Phase {} ends: {status}", phase.name.title()));
        let seconds = started.elapsed().as_secs_f64();
        reports.push(PhaseReport { name: phase.name.title().to_owned(), status, seconds });
        let Err(failure) = ended else { continue };
        let goes_on = failure.kind == FailureKind::Command && goes_on_after(phase);
        outcome = outcome.and(Err(failure));
        if !goes_on {
            break;
        }
    }
    let mut values = BTreeMap::new();
    let is_over = |failure: &FailureReport| failure.kind != FailureKind::Command;
    if !outcome.as_ref().is_err_and(is_over) {
        let ended = runner.capture(wanted).and_then(|found| {
            values = found;
            runner.finish()
        });
        outcome = outcome.and(ended);
    }
    Run { outcome, values, phases: reports }
}

/// Returns whether the next phase runs after this one has failed for good.
fn goes_on_after(phase: &Phase) -> bool {
    match &phase.on_failure {
        Some(OnFailure::Abort) => false,
        Some(OnFailure::Continue) => true,
        Some(OnFailure::Retry { .. }) | None => match phase.name {
            PhaseName::Install | PhaseName::PreBuild => false,
            PhaseName::Build | PhaseName::PostBuild => true,
        },
    }
}

/// The shells of a build. All of them, also the ended ones, are kept to the end, because what they
/// have left running in the background lives until then.
struct Runner<'a> {
    version: Version,
    setting: Setting<'a>,
    scratch: &'a Path,
    log: &'a mut Log,
    current: Option<Session>,
    past: Vec<Session>,
    legacy: Legacy,
    is_succeeding: bool,
}

impl Runner<'_> {
    /// Runs a phase, and runs it again as long as its `on-failure` says so.
    fn run_phase(&mut self, phase: &Phase) -> Result<(), FailureReport> {
        let (retries_max, pattern) = match &phase.on_failure {
            Some(OnFailure::Retry { retries_max, pattern }) => (*retries_max, pattern.as_deref()),
            Some(OnFailure::Abort | OnFailure::Continue) | None => (0, None),
        };
        let was_succeeding = self.is_succeeding;
        let mut retries = 0;
        loop {
            let start = self.log.length();
            let Err(failure) = self.attempt(phase) else { return Ok(()) };
            let is_retried = failure.kind == FailureKind::Command
                && retries < retries_max
                && self.printed(start, pattern);
            if !is_retried {
                return Err(failure);
            }
            retries += 1;
            self.is_succeeding = was_succeeding;
            let name = phase.name.title();
            self.log.line(&format!("Phase {name} is retried: {retries} of {retries_max}"));
        }
    }

    /// Returns whether the pattern occurs in the log since `start`.
    fn printed(&mut self, start: u64, pattern: Option<&str>) -> bool {
        let Some(pattern) = pattern else { return true };
        // It was compiled when the buildspec was read.
        let Ok(pattern) = regex::bytes::Regex::new(pattern) else { return false };
        match self.log.since(start, SEARCHED_BYTES_MAX) {
            Ok(bytes) => pattern.is_match(&bytes),
            Err(error) => {
                self.log.line(&format!("Note: no retry, for the log cannot be read: {error}"));
                false
            }
        }
    }

    fn attempt(&mut self, phase: &Phase) -> Result<(), FailureReport> {
        let outcome = self.run_commands(phase, &phase.commands);
        if outcome.as_ref().is_err_and(|failure| failure.kind != FailureKind::Command) {
            return outcome;
        }
        self.is_succeeding &= outcome.is_ok();
        let finally = self.run_commands(phase, &phase.finally);
        self.is_succeeding &= finally.is_ok();
        // Of two failures the first is the cause, unless the second has ended the build.
        match finally {
            Err(failure) if failure.kind != FailureKind::Command => Err(failure),
            finally => outcome.and(finally),
        }
    }

    fn run_commands(&mut self, phase: &Phase, commands: &[String]) -> Result<(), FailureReport> {
        for command in commands {
            self.log.line(&format!("Running command: {command}"));
            let ended = self.run_command(phase, command);
            self.log.hide();
            let step = ended.map_err(|error| report(phase, command, Err(&error)))?;
            match step {
                Step::Done(0) | Step::Ended(0) => {}
                Step::Done(_) | Step::Ended(_) | Step::TimedOut => {
                    let failure = report(phase, command, Ok(step));
                    self.log.line(&failure.message);
                    return Err(failure);
                }
            }
        }
        Ok(())
    }

    fn run_command(&mut self, phase: &Phase, command: &str) -> io::Result<Step> {
        let user = match &phase.run_as {
            Some(name) => user::run_as(name).map_err(io::Error::other)?,
            None => None,
        };
        if self.current.as_ref().is_some_and(|session| session.user != user) {
            self.retire();
        }
        let (is_succeeding, deadline) = (self.is_succeeding, self.setting.deadline);
        let step = self.session(user)?.run(command, is_succeeding, deadline)?;
        let is_alone = self.version == Version::SeparateShells;
        if matches!(step, Step::Ended(_)) || is_alone {
            if is_alone && matches!(step, Step::Done(_)) {
                self.finish_session();
            }
            self.retire();
        }
        Ok(step)
    }

    /// Returns the shell that runs, or starts one that goes on from the last.
    fn session(&mut self, user: Option<user::User>) -> io::Result<&mut Session> {
        let session = if let Some(session) = self.current.take() {
            session
        } else {
            let home = self.scratch.join(format!("shell-{}", self.past.len() + 1));
            Session::start(&self.setting, &home, &self.legacy, user, self.log)?
        };
        Ok(self.current.insert(session))
    }

    /// Puts the shell aside, keeping what it has left for the next one.
    fn retire(&mut self) {
        if let Some(session) = self.current.take() {
            if self.version == Version::OneShell {
                self.legacy = session.legacy(&self.legacy);
            }
            self.past.push(session);
        }
    }

    /// Lets the shell end by itself; returns whether it did in time.
    fn finish_session(&mut self) -> bool {
        let deadline = self.setting.deadline;
        let Some(session) = &mut self.current else { return true };
        session.finish(deadline) != Step::TimedOut
    }

    /// Lets the last shell end by itself, so that its traps run.
    fn finish(&mut self) -> Result<(), FailureReport> {
        if self.finish_session() {
            return Ok(());
        }
        Err(FailureReport {
            phase: "FINALIZING".to_owned(),
            command: None,
            exit_status: None,
            message: "the build took longer than it may: its shell did not end; \
                      look at its traps, or allow more time"
                .to_owned(),
            kind: FailureKind::TimedOut,
        })
    }

    /// Asks the shell for the values of variables. What is not set is absent.
    fn capture(
        &mut self,
        wanted: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, FailureReport> {
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        self.ask(wanted).map_err(|error| {
            let is_late = error.kind() == io::ErrorKind::TimedOut;
            let kind = if is_late { FailureKind::TimedOut } else { FailureKind::Machine };
            let message = format!("failed to read the values of the variables: {error}");
            FailureReport { phase: "FINALIZING".to_owned(), ..FailureReport::early(kind, message) }
        })
    }

    fn ask(&mut self, wanted: &BTreeSet<String>) -> io::Result<BTreeMap<String, String>> {
        let (is_succeeding, deadline) = (self.is_succeeding, self.setting.deadline);
        let user = self.current.as_ref().and_then(|session| session.user.clone());
        let session = self.session(user)?;
        let script: String = wanted.iter().map(|name| print_value(name)).collect();
        let step = session.run(&format!("{{\n{script}}} 2>/dev/null"), is_succeeding, deadline)?;
        if step == Step::TimedOut {
            let message = "the build took longer than it may";
            return Err(io::Error::new(io::ErrorKind::TimedOut, message));
        }
        let directory = session.directory().to_owned();
        let mut values = BTreeMap::new();
        for name in wanted {
            match fs::read(directory.join(format!("value-{name}"))) {
                Ok(bytes) => {
                    values.insert(name.clone(), String::from_utf8_lossy(&bytes).into_owned());
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(values)
    }
}

/// Returns shell that writes a variable's value into a file of its own, so that it may hold anything.
fn print_value(name: &str) -> String {
    format!(
        "if [ \"${{{name}+set}}\" = set ]; then \
         command printf %s \"${name}\" >|\"$_build_directory/value-{name}\"; fi\n"
    )
}

fn report(phase: &Phase, command: &str, ended: Result<Step, &io::Error>) -> FailureReport {
    let (kind, exit_status, what) = match ended {
        Ok(Step::Done(status) | Step::Ended(status)) => {
            (FailureKind::Command, Some(status), format!("ended with exit status {status}"))
        }
        Ok(Step::TimedOut) => (
            FailureKind::TimedOut,
            None,
            "was killed, because the build took longer than it may".to_owned(),
        ),
        Err(error) => (FailureKind::Machine, None, format!("could not be run: {error}")),
    };
    FailureReport {
        phase: phase.name.title().to_owned(),
        command: Some(command.to_owned()),
        exit_status,
        message: format!("command `{}` {what}", first_line(command)),
        kind,
    }
}

/// How much of a command a message shows.
const SHOWN_CHARACTERS_MAX: usize = 120;

/// Returns the beginning of a command, safe to show on a terminal.
fn first_line(command: &str) -> String {
    let line = command.trim_start().lines().next().unwrap_or_default();
    let shown: String =
        line.chars().filter(|shown| !shown.is_control()).take(SHOWN_CHARACTERS_MAX).collect();
    if shown.len() < command.trim().len() { format!("{shown}…") } else { shown }
}
