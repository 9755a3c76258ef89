//! The `Install` event: from `files` and `permissions` to what is to be done on the host.

mod changes;
mod perform;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cap_std::fs::Dir;

use crate::accounts::Accounts;
use crate::fault::{Doing, Fault};
use crate::host::{Host, refuse_own};
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::{FileExistsBehavior, ServerSpec};
use changes::Change;

/// What is to be done, in order. Made before anything is touched.
#[derive(Debug, Default)]
struct Plan {
    steps: Vec<Step>,
    /// Destination to source, for every file and link that is copied.
    files: BTreeMap<String, String>,
    /// The directories that are made.
    directories: BTreeSet<String>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    MakeDirectory { path: String },
    Copy { source: String, destination: String },
}

/// Puts the revision's files in the place of the previous revision's.
pub(crate) fn install(
    host: &Host,
    ledger: &Ledger,
    revision: &Dir,
    spec: &ServerSpec,
    accounts: &Accounts,
    journal: Journal<'_>,
) -> Result<(), Fault> {
    let ours = ledger.paths()?;
    let planner = Planner {
        host,
        revision,
        ours: ours.iter().map(String::as_str).collect(),
        behavior: spec.file_exists_behavior,
    };
    let mut plan = Plan::default();
    for mapping in &spec.files {
        planner.plan_mapping(&mut plan, &mapping.source, &mapping.destination)?;
    }
    plan.changes = changes::plan(host, spec, &plan.files, &plan.directories)?;
    perform::perform(host, ledger, revision, &plan, ours.clone(), accounts, journal)
}

/// Looks at the host as it will be once the previous revision's files are gone.
struct Planner<'a> {
    host: &'a Host,
    revision: &'a Dir,
    ours: BTreeSet<&'a str>,
    behavior: FileExistsBehavior,
}

impl Planner<'_> {
    fn plan_mapping(&self, plan: &mut Plan, source: &str, destination: &str) -> Result<(), Fault> {
        let is_directory = source.is_empty()
            || self
                .revision
                .symlink_metadata(source)
                .map_err(|error| missing(source, &error))?
                .is_dir();
        if is_directory {
            self.plan_directory(plan, destination)?;
            return self.plan_content(plan, source, destination);
        }
        let name = source.rsplit_once('/').map_or(source, |(_, name)| name);
        self.plan_directory(plan, destination)?;
        self.plan_file(plan, source, &join(destination, name))
    }

    fn plan_content(&self, plan: &mut Plan, source: &str, destination: &str) -> Result<(), Fault> {
        let doing = || format!("read the directory /{source} of the revision");
        let here = if source.is_empty() { "." } else { source };
        let mut entries = Vec::new();
        for entry in self.revision.read_dir(here).doing(doing)? {
            let entry = entry.doing(doing)?;
            let is_directory = entry.file_type().doing(doing)?.is_dir();
            let name = entry.file_name().into_string().map_err(|name| {
                let shown = Path::new(source).join(name).display().to_string();
                Fault::new(format!("the file {shown} has a name that is not UTF-8; rename it"))
            })?;
            entries.push((name, is_directory));
        }
        // The order of a directory is nobody's promise; ours is.
        entries.sort();
        for (name, is_directory) in entries {
            let (source, destination) = (join(source, &name), join(destination, &name));
            if is_directory {
                self.plan_directory(plan, &destination)?;
                self.plan_content(plan, &source, &destination)?;
            } else {
                self.plan_file(plan, &source, &destination)?;
            }
        }
        Ok(())
    }

    /// Plans a directory and those above it that are missing.
    fn plan_directory(&self, plan: &mut Plan, path: &str) -> Result<(), Fault> {
        if path.is_empty() || plan.directories.contains(path) {
            return Ok(());
        }
        refuse_own(path)?;
        if let Some(source) = plan.files.get(path) {
            return Err(Fault::new(format!(
                "/{path} would be both a directory and the file {source}; change `files`"
            )));
        }
        let is_ours = self.ours.contains(path);
        if !is_ours && self.host.has_directory(path)? {
            return Ok(());
        }
        if !is_ours && self.host.has(path)? {
            return Err(Fault::new(format!(
                "/{path} exists on the host and is not a directory; remove it, or change the \
                 destination"
            )));
        }
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.plan_directory(plan, parent)?;
        plan.directories.insert(path.to_owned());
        plan.steps.push(Step::MakeDirectory { path: path.to_owned() });
        Ok(())
    }

    fn plan_file(&self, plan: &mut Plan, source: &str, destination: &str) -> Result<(), Fault> {
        refuse_own(destination)?;
        if let Some(other) = plan.files.get(destination) {
            return Err(Fault::new(format!(
                "both {other} and {source} would be copied to /{destination}; remove one of them \
                 from `files`"
            )));
        }
        if plan.directories.contains(destination) {
            return Err(Fault::new(format!(
                "/{destination} would be both a directory and the file {source}; change `files`"
            )));
        }
        if !self.ours.contains(destination)
            && let Some(found) = self.host.look(destination)?
        {
            match self.behavior {
                FileExistsBehavior::Disallow => {
                    return Err(Fault::new(format!(
                        "a file already exists at /{destination}, and no deployment put it there; \
                         remove it, or set `file_exists_behavior` to OVERWRITE or RETAIN"
                    )));
                }
                FileExistsBehavior::Retain => return Ok(()),
                FileExistsBehavior::Overwrite if found.is_dir() => {
                    return Err(Fault::new(format!(
                        "/{destination} is a directory on the host, which a file cannot \
                         overwrite; remove it, or change the destination"
                    )));
                }
                FileExistsBehavior::Overwrite => {}
            }
        }
        plan.files.insert(destination.to_owned(), source.to_owned());
        plan.steps
            .push(Step::Copy { source: source.to_owned(), destination: destination.to_owned() });
        Ok(())
    }
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

fn missing(source: &str, error: &std::io::Error) -> Fault {
    Fault::new(format!(
        "`files` names {source}, which cannot be read in the revision: {error}; correct the \
         source, which starts at the revision's root"
    ))
}
