//! Carries out a plan. May be cut off anywhere: the list of our paths is always ahead of the host.

use std::collections::BTreeSet;
use std::path::Path;

use cap_std::fs::{Dir, Permissions, PermissionsExt};
use rustix::fs::{AtFlags, Gid, Uid, chownat};

use super::{Change, Plan, Step};
use crate::accounts::{Accounts, is_root};
use crate::fault::{Doing, Fault};
use crate::host::{Host, Removal};
use crate::journal::Journal;
use crate::ledger::{Ledger, check_link, copy_file};

pub(super) fn perform(
    host: &Host,
    ledger: &Ledger,
    revision: &Dir,
    plan: &Plan,
    ours: Vec<String>,
    accounts: &Accounts,
    journal: Journal<'_>,
) -> Result<(), Fault> {
    let kept = remove_ours(host, ours)?;
    let mut listed: BTreeSet<&str> = kept.iter().map(String::as_str).collect();
    let mut paths = kept.clone();
    for step in &plan.steps {
        let path = step.path();
        if listed.insert(path) {
            paths.push(path.to_owned());
        }
    }
    // Invariant: listed before it exists. What is listed and does not exist costs nothing.
    ledger.set_paths(&paths)?;
    for step in &plan.steps {
        take(host, revision, step)?;
    }
    for change in &plan.changes {
        apply(host, change, accounts, journal)?;
    }
    Ok(())
}

impl Step {
    fn path(&self) -> &str {
        match self {
            Self::MakeDirectory { path } | Self::Copy { destination: path, .. } => path,
        }
    }
}

/// Removes what earlier deployments installed, and returns the directories of ours that stay
/// because they hold what is not ours.
fn remove_ours(host: &Host, ours: Vec<String>) -> Result<Vec<String>, Fault> {
    let mut kept = Vec::new();
    for path in ours.into_iter().rev() {
        match host.remove(&path)? {
            Removal::Gone => {}
            Removal::Kept => kept.push(path),
        }
    }
    kept.reverse();
    Ok(kept)
}

fn take(host: &Host, revision: &Dir, step: &Step) -> Result<(), Fault> {
    match step {
        Step::MakeDirectory { path } => {
            host.guard(path)?;
            if host.has_directory(path)? {
                return Ok(());
            }
            host.root.create_dir(path).doing(|| format!("make the directory /{path}"))
        }
        Step::Copy { source, destination } => {
            host.guard(destination)?;
            if host.has(destination)? {
                let doing = || format!("replace /{destination} on the host");
                host.root.remove_file(destination).doing(doing)?;
            }
            let target = Path::new(destination);
            let copy = copy_file(revision, Path::new(source), &host.root, target)?;
            match copy {
                Some(_) => Ok(()),
                None => check_installed_link(host, target),
            }
        }
    }
}

/// A link that stays inside the revision may still leave the host, seen from its new place.
fn check_installed_link(host: &Host, link: &Path) -> Result<(), Fault> {
    let doing = || format!("read the link /{}", link.display());
    let content = host.root.read_link_contents(link).doing(doing)?;
    let checked = check_link(&host.root, link, &content, "the host directory");
    if checked.is_err() {
        host.root.remove_file(link).doing(|| format!("remove the link /{}", link.display()))?;
    }
    checked
}

fn apply(
    host: &Host,
    change: &Change,
    accounts: &Accounts,
    journal: Journal<'_>,
) -> Result<(), Fault> {
    let path = &change.path;
    if change.owner.is_some() || change.group.is_some() {
        change_owner(host, change, accounts, journal)?;
    }
    // After the owner, for a change of owner clears the set-user-id bit.
    if let Some(mode) = change.mode {
        host.root
            .set_permissions(path, Permissions::from_mode(mode))
            .doing(|| format!("set the mode of /{path}"))?;
    }
    Ok(())
}

/// Changes the owner if we may and the names exist; else says so and leaves it, as a directory
/// that stands for a host has this machine's users.
fn change_owner(
    host: &Host,
    change: &Change,
    accounts: &Accounts,
    journal: Journal<'_>,
) -> Result<(), Fault> {
    let path = &change.path;
    if !is_root() {
        journal.line(format_args!(
            "Note: the owner and group of /{path} stay as they are; only root may change them"
        ));
        return Ok(());
    }
    let user = change.owner.as_deref().map(|name| (name, accounts.user(name).map(|user| user.id)));
    let group = change.group.as_deref().map(|name| (name, accounts.group_id(name)));
    for (what, named) in [("user", user), ("group", group)] {
        if let Some((name, None)) = named {
            journal.line(format_args!(
                "Note: /{path} does not go to the {what} {name}, which this machine does not have"
            ));
        }
    }
    let user = user.and_then(|(_, id)| id).map(Uid::from_raw);
    let group = group.and_then(|(_, id)| id).map(Gid::from_raw);
    let (parent, name) = path.rsplit_once('/').unwrap_or((".", path));
    let doing = || format!("change the owner of /{path}");
    let parent = host.root.open_dir(parent).doing(doing)?;
    chownat(&parent, name, user, group, AtFlags::SYMLINK_NOFOLLOW).doing(doing)
}
