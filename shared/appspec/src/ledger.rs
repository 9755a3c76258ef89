//! What we remember of a deployment group on a host, in `.towpath/<application>/<group>/`.
//!
//! - `lock`: held while a deployment runs.
//! - `state.json`: which revisions count ([`State`]).
//! - `installed.json`: every path that we created and have not removed, in the order of creation.
//! - `revisions/<deployment id>/`: the revisions themselves.
//! - `hook.json`: the script that runs now.
//!
//! Invariant: a path is in `installed.json` before it is on the host, and until it is not.
//! Invariant: what `state.json` names as installed or last good is a complete revision.

mod archive;
pub(crate) mod record;

use std::collections::BTreeMap;
use std::path::PathBuf;

use cap_std::fs::Dir;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::BundleSource;
use crate::fault::{Doing, Fault};
use crate::host::{Host, OWN_DIRECTORY};
pub(crate) use archive::{check_link, copy_file};

const REVISIONS: &str = "revisions";
const STATE: &str = "state.json";
const INSTALLED: &str = "installed.json";
const SCHEMA: u32 = 1;

/// Which revisions count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    v: u32,
    /// The deployment whose revision was installed last: its scripts stop the application.
    #[serde(default)]
    pub(crate) installed: Option<String>,
    /// The last deployment that succeeded as a whole: what a rollback returns to.
    #[serde(default)]
    pub(crate) last_good: Option<String>,
    /// Where the revisions came from, for their scripts.
    #[serde(default)]
    pub(crate) sources: BTreeMap<String, BundleSource>,
}

/// The records of one deployment group on one host, locked for us.
#[derive(Debug)]
pub(crate) struct Ledger {
    directory: Dir,
    path: PathBuf,
    state: State,
    _lock: Lock,
}

/// Held while it lives, and freed by our death too.
#[derive(Debug)]
struct Lock(cap_std::fs::File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a process that another thread is just starting shares the file
        // until it becomes its program. What cannot be unlocked is freed with the file.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

impl Ledger {
    /// Opens the records, and waits for nobody: a second deployment at the same time is refused.
    pub(crate) fn open(host: &Host, application: &str, group: &str) -> Result<Self, Fault> {
        let inside = directory_of(application, group)?;
        let path = host.path.join(&inside);
        let doing = || format!("open the deployment records in {}", path.display());
        host.root.create_dir_all(format!("{inside}/{REVISIONS}")).doing(doing)?;
        let directory = host.root.open_dir(&inside).doing(doing)?;
        let lock = Lock(directory.create("lock").doing(doing)?);
        if flock(&lock.0, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(Fault::new(format!(
                "another deployment to {group} of {application} is running on this host; wait \
                 for it to end"
            )));
        }
        let empty = State { v: SCHEMA, installed: None, last_good: None, sources: BTreeMap::new() };
        let state = record::load(&directory, &path, STATE)?.unwrap_or(empty);
        if state.v > SCHEMA {
            return Err(Fault::new(format!(
                "{} was written by a newer version; deploy with that one",
                path.join(STATE).display()
            )));
        }
        Ok(Self { directory, path, state, _lock: lock })
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn directory(&self) -> &Dir {
        &self.directory
    }

    /// Records that the revision's files are in place.
    pub(crate) fn set_installed(&mut self, id: &str) -> Result<(), Fault> {
        self.state.installed = Some(id.to_owned());
        record::save(&self.directory, STATE, &self.state)
    }

    /// Records that the revision works.
    pub(crate) fn set_last_good(&mut self, id: &str) -> Result<(), Fault> {
        self.state.last_good = Some(id.to_owned());
        record::save(&self.directory, STATE, &self.state)
    }

    /// Records where a revision came from.
    pub(crate) fn set_source(&mut self, id: &str, source: &BundleSource) -> Result<(), Fault> {
        self.state.sources.insert(id.to_owned(), source.clone());
        record::save(&self.directory, STATE, &self.state)
    }

    /// Returns every path of ours on the host, in the order of creation.
    pub(crate) fn paths(&self) -> Result<Vec<String>, Fault> {
        Ok(record::load(&self.directory, &self.path, INSTALLED)?.unwrap_or_default())
    }

    /// Replaces the list of our paths.
    pub(crate) fn set_paths(&self, paths: &[String]) -> Result<(), Fault> {
        record::save(&self.directory, INSTALLED, &paths)
    }

    /// Keeps a copy of the revision under the deployment's id, unless there is one.
    pub(crate) fn keep_revision(&self, id: &str, bundle: &Dir) -> Result<(), Fault> {
        let revisions = self.directory.open_dir(REVISIONS).doing(opening_revisions)?;
        archive::keep(&revisions, &file_name(id), bundle)
    }

    /// Opens a revision that was kept; `None` if somebody removed it.
    pub(crate) fn revision(&self, id: &str) -> Result<Option<Dir>, Fault> {
        let revisions = self.directory.open_dir(REVISIONS).doing(opening_revisions)?;
        match revisions.open_dir(file_name(id)) {
            Ok(revision) => Ok(Some(revision)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).doing(|| format!("open the revision of deployment {id}")),
        }
    }

    /// Returns the revision's place in the real file system.
    pub(crate) fn revision_path(&self, id: &str) -> PathBuf {
        self.path.join(REVISIONS).join(file_name(id))
    }

    /// Removes the revisions that nothing can ask for any more.
    pub(crate) fn prune(&mut self) -> Result<(), Fault> {
        let needed: Vec<String> =
            [&self.state.installed, &self.state.last_good].into_iter().flatten().cloned().collect();
        self.state.sources.retain(|id, _| needed.contains(id));
        record::save(&self.directory, STATE, &self.state)?;
        let names: Vec<String> = needed.iter().map(|id| file_name(id)).collect();
        let revisions = self.directory.open_dir(REVISIONS).doing(opening_revisions)?;
        for entry in revisions.entries().doing(opening_revisions)? {
            let name = entry.doing(opening_revisions)?.file_name();
            if !names.iter().any(|needed| name == needed.as_str()) {
                revisions
                    .remove_dir_all(&name)
                    .doing(|| format!("remove the old revision {}", name.display()))?;
            }
        }
        Ok(())
    }
}

fn opening_revisions() -> String {
    "open the kept revisions".to_owned()
}

/// Returns the group's directory on the host.
pub(crate) fn directory_of(application: &str, group: &str) -> Result<String, Fault> {
    for (what, name) in [("application", application), ("deployment group", group)] {
        if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX {
            return Err(Fault::new(format!(
                "the name of the {what} has to have 1 to {NAME_CHARACTERS_MAX} characters"
            )));
        }
    }
    Ok(format!("{OWN_DIRECTORY}/{}/{}", file_name(application), file_name(group)))
}

/// `CodeDeploy`'s limit for names of applications and deployment groups.
const NAME_CHARACTERS_MAX: usize = 100;

/// Returns a file name that is different for every name, and harmless.
fn file_name(name: &str) -> String {
    let encode = |(index, byte): (usize, u8)| {
        let is_harmless = byte.is_ascii_alphanumeric()
            || byte == b'-'
            || byte == b'_'
            || (byte == b'.' && index > 0);
        if is_harmless { char::from(byte).to_string() } else { format!("%{byte:02x}") }
    };
    name.bytes().enumerate().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_become_file_names_that_cannot_climb_or_collide() {
        let cases = [
            ("web", "web"),
            ("..", "%2e."),
            ("a/b", "a%2fb"),
            ("a%2fb", "a%252fb"),
            ("v1.2", "v1.2"),
            ("ä b", "%c3%a4%20b"),
        ];
        for (name, expected) in cases {
            assert_eq!(file_name(name), expected);
        }
    }
}
