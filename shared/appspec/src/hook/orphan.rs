//! Scripts that outlived the deployment that started them, because it was killed.

use std::path::Path;
use std::{fs, io};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};

use crate::ledger::{directory_of, record::save};

const HOOK: &str = "hook.json";

/// The script that runs now: its process, and when that started, for numbers are used again.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    v: u32,
    process: u32,
    started: String,
}

pub(super) fn record(records: &Dir, process: u32) -> io::Result<()> {
    let started = started(process).unwrap_or_default();
    let row = Row { v: 1, process, started };
    save(records, HOOK, &row).map_err(|fault| io::Error::other(fault.message))
}

pub(super) fn forget(records: &Dir) {
    // A row that stays is harmless: its process is gone.
    let _ = records.remove_file(HOOK);
}

/// Kills the script that the last run left behind, with its process group. Says whether there was
/// one.
pub(crate) fn stop_orphan(records: &Dir) -> bool {
    let Ok(text) = records.read(HOOK) else { return false };
    let Ok(row) = serde_json::from_slice::<Row>(&text) else { return false };
    let is_alive = !row.started.is_empty() && started(row.process).as_ref() == Some(&row.started);
    let group = i32::try_from(row.process).ok().and_then(Pid::from_raw);
    let is_killed = match group {
        Some(group) if is_alive => kill_process_group(group, Signal::KILL).is_ok(),
        Some(_) | None => false,
    };
    forget(records);
    is_killed
}

/// Kills the script that a deployment is running now, with its process group, and says whether
/// there was one. For the one who stops a deployment by killing the process that runs it: scripts
/// have process groups of their own. Stop the deployment first, or it takes this for a failure
/// and rolls back.
pub fn stop_hook(host: &Path, application: &str, deployment_group: &str) -> io::Result<bool> {
    let inside = directory_of(application, deployment_group)
        .map_err(|fault| io::Error::new(io::ErrorKind::InvalidInput, fault.message))?;
    let opened =
        Dir::open_ambient_dir(host, ambient_authority()).and_then(|root| root.open_dir(inside));
    match opened {
        Ok(records) => Ok(stop_orphan(&records)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns when a process that lives started, in the kernel's own count.
fn started(process: u32) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in parentheses, may contain anything.
    let (_, fields) = status.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let is_zombie = fields.next()? == "Z";
    let started = fields.nth(18)?.to_owned();
    (!is_zombie).then_some(started)
}
