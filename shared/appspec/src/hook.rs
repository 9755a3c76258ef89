//! Runs the scripts of an event.

mod orphan;
mod running;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use std::os::unix::process::{CommandExt, ExitStatusExt};

use cap_std::fs::{Dir, MetadataExt, Permissions, PermissionsExt};

use crate::accounts::{Accounts, is_root};
use crate::fault::{Cause, Doing, Fault};
use crate::journal::Journal;
use crate::{EVENT_SECONDS_MAX, Script};
pub use orphan::stop_hook;
pub(crate) use orphan::stop_orphan;
use running::{Ending, Running};

/// The directories of programs that a script finds: those of a daemon on Linux. The caller may
/// name others in the deployment's environment.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Waits for a word before it becomes the script, so that the script does not run a moment before
/// we have written down its process group; if we die first, it never runs. The shell runs a
/// script without `#!` itself, as the agent does.
const GATE: &str = "read -r go && exec \"$0\" </dev/null";

/// Everything that the scripts of one event share.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    /// The revision that the scripts are in, and its place in the real file system.
    pub(crate) revision: &'a Dir,
    pub(crate) revision_path: &'a Path,
    /// Where they start.
    pub(crate) host_path: &'a Path,
    /// Where the running script is written down.
    pub(crate) records: &'a Dir,
    pub(crate) environment: &'a BTreeMap<String, String>,
    pub(crate) accounts: &'a Accounts,
    pub(crate) journal: Journal<'a>,
}

impl Event<'_> {
    /// Runs the scripts one after the other, up to the first that fails.
    pub(crate) fn run(&self, scripts: &[Script]) -> Result<(), Fault> {
        let deadline = Instant::now() + Duration::from_secs(EVENT_SECONDS_MAX);
        for script in scripts {
            self.journal.line(format_args!("Script - {}", script.location));
            self.make_executable(script)?;
            let wanted = script.timeout_seconds.unwrap_or(EVENT_SECONDS_MAX);
            let left = deadline.saturating_duration_since(Instant::now());
            self.run_script(script, Duration::from_secs(wanted).min(left))?;
        }
        Ok(())
    }

    fn make_executable(&self, script: &Script) -> Result<(), Fault> {
        let location = &script.location;
        let found = self.revision.metadata(location).ok().filter(cap_std::fs::Metadata::is_file);
        let Some(metadata) = found else {
            let message = format!(
                "Script does not exist at specified location: {location}; add it to the \
                 revision, or correct the location, which starts at the revision's root"
            );
            return Err(Fault::of_script(Cause::ScriptMissing, location, message));
        };
        let mode = metadata.mode();
        if mode & 0o111 != 0 {
            return Ok(());
        }
        self.journal.line(format_args!(
            "Script at specified location: {location} is not executable. Making it executable."
        ));
        let permissions = Permissions::from_mode((mode & 0o7777) | 0o111);
        self.revision.set_permissions(location, permissions).map_err(|error| {
            let message = format!(
                "Unable to set script at specified location: {location} as executable: {error}"
            );
            Fault::of_script(Cause::ScriptNotExecutable, location, message)
        })
    }

    fn run_script(&self, script: &Script, limit: Duration) -> Result<(), Fault> {
        let location = &script.location;
        let running = Running::start(self.command(script)?, self.records).map_err(|error| {
            let message =
                format!("Script at specified location: {location} could not be started: {error}");
            Fault::of_script(Cause::ScriptNotExecutable, location, message)
        })?;
        let status = match running.wait(limit) {
            Ending::Exited(status) => status,
            Ending::TimedOut => {
                let message = format!(
                    "Script at specified location: {location} failed to complete in {} seconds",
                    limit.as_secs()
                );
                return Err(Fault::of_script(Cause::ScriptTimedOut, location, message));
            }
        };
        if status.success() {
            return Ok(());
        }
        let how = match (status.code(), status.signal()) {
            (Some(code), _) => format!("with exit code {code}"),
            (None, Some(signal)) => format!("by signal {signal}"),
            (None, None) => "for an unknown reason".to_owned(),
        };
        let user = script.runas.as_ref().map(|user| format!(" run as user {user}"));
        let user = user.unwrap_or_default();
        let message = format!("Script at specified location: {location}{user} failed {how}");
        let mut fault = Fault::of_script(Cause::ScriptFailed, location, message);
        fault.exit_status = status.code();
        Err(fault)
    }

    fn command(&self, script: &Script) -> Result<Command, Fault> {
        let log = || "give the script its log".to_owned();
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", GATE])
            .arg(self.revision_path.join(&script.location))
            .current_dir(self.host_path)
            .stdin(Stdio::piped())
            .stdout(self.journal.for_child().doing(log)?)
            .stderr(self.journal.for_child().doing(log)?)
            .process_group(0)
            .env_clear()
            .env("PATH", PATH)
            .env("SHELL", "/bin/sh");
        let own = self.accounts.own();
        let user = match &script.runas {
            Some(name) => Some(may_run_as(self.accounts, script, name)?),
            None => own,
        };
        if let Some(user) = user {
            command.env("HOME", &user.home).env("USER", &user.name).env("LOGNAME", &user.name);
            if own != Some(user) {
                command.uid(user.id).gid(user.group_id);
            }
        }
        command.envs(self.environment);
        Ok(command)
    }
}

/// Returns the user that a script wants to run as, if we may become that user.
pub(crate) fn may_run_as<'a>(
    accounts: &'a Accounts,
    script: &Script,
    name: &str,
) -> Result<&'a crate::accounts::User, Fault> {
    let location = &script.location;
    let refuse = |message: String| Fault::of_script(Cause::ScriptNotExecutable, location, message);
    let own = accounts.own();
    match accounts.user(name) {
        Some(user) if is_root() || own == Some(user) => Ok(user),
        Some(_) => {
            let own = own.map_or("an unknown user", |user| &user.name);
            Err(refuse(format!(
                "the script {location} asks for `runas: {name}`, and only root may run it as \
                 another user than {own}; deploy as root, in a container for example, or remove \
                 `runas`"
            )))
        }
        None => Err(refuse(format!(
            "the script {location} asks for `runas: {name}`, and this machine has no such user in \
             /etc/passwd; create the user, or remove `runas`"
        ))),
    }
}
