//! What is checked while the application still runs, so that a revision that cannot be deployed
//! here does not stop it.

use std::io;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::accounts::Accounts;
use crate::fault::{Doing, Fault};
use crate::hook::may_run_as;
use crate::journal::Journal;
use crate::{Appspec, OperatingSystem, ServerSpec, read};

/// The names of an appspec, the agent's first choice first.
const APPSPEC_NAMES: [&str; 2] = ["appspec.yml", "appspec.yaml"];

pub(super) fn check(bundle: &Path, accounts: &Accounts, journal: Journal<'_>) -> Result<(), Fault> {
    let spec = read_server_spec(&open_bundle(bundle)?)?;
    for note in &spec.notes {
        journal.line(format_args!("Note: appspec: {note}"));
    }
    for script in spec.hooks.values().flatten() {
        if let Some(name) = &script.runas {
            may_run_as(accounts, script, name)?;
        }
    }
    Ok(())
}

/// Opens the unpacked revision.
pub(super) fn open_bundle(bundle: &Path) -> Result<Dir, Fault> {
    Dir::open_ambient_dir(bundle, ambient_authority())
        .doing(|| format!("open the revision {}", bundle.display()))
}

/// Reads the appspec at the root of a revision, if it is one for this machine.
pub(super) fn read_server_spec(revision: &Dir) -> Result<ServerSpec, Fault> {
    let (name, text) = find_appspec(revision)?;
    let appspec = read(&text).map_err(|refusal| Fault::new(format!("{name}: {refusal}")))?;
    if let Some(reason) = appspec.needs_endpoint() {
        return Err(Fault::new(format!("{name}: {reason}")));
    }
    match appspec {
        Appspec::Server(spec) if spec.os == OperatingSystem::Linux => Ok(spec),
        Appspec::Server(_) => Err(Fault::new(format!(
            "{name}: os: is windows, and this machine cannot run its scripts; deploy a revision \
             with `os: linux`"
        ))),
        Appspec::Lambda(_) | Appspec::Ecs(_) => {
            Err(Fault::new(format!("{name}: is not for a server")))
        }
    }
}

fn find_appspec(revision: &Dir) -> Result<(&'static str, String), Fault> {
    for name in APPSPEC_NAMES {
        match revision.read_to_string(name) {
            Ok(text) => return Ok((name, text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).doing(|| format!("read {name} at the root of the revision"));
            }
        }
    }
    Err(Fault::new(
        "the revision has no appspec.yml at its root; add one, and see that it is among the files \
         of the artifact",
    ))
}
