//! The inputs of a build: unpacked or cloned, one of them the primary one (PR7).

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use buildspec::Buildspec;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use model::outcome::{Failure, StoredArtifact};
use providers::Job;

use super::Directories;
use crate::fault;
use crate::git::Git;
use crate::git::cache::Cache;
use crate::git_source::clone_reference::{self, CloneReference};
use crate::git_source::settings;
use crate::origin::Origin;
use crate::task::Task;
use providers::Settings;

/// The longest buildspec that is read.
const BUILDSPEC_BYTES_MAX: u64 = 1024 * 1024;

/// Where a buildspec is when the project says nothing.
const BUILDSPEC_NAMES: [&str; 2] = ["buildspec.yml", "buildspec.yaml"];

/// The inputs of a build, ready to be built.
pub(crate) struct Sources {
    pub(crate) primary: PathBuf,
    pub(crate) secondary: Directories,
    /// What the primary input was made of, when that is known.
    pub(crate) origin: Option<Origin>,
}

/// Returns the primary input: the one that `PrimarySource` names, or the only one.
pub(crate) fn primary(job: &Job) -> Result<&StoredArtifact, Failure> {
    let named = Settings::new(&job.provider, &job.configuration).optional("PrimarySource");
    let names: Vec<_> = job.inputs.iter().map(|input| input.name.as_str()).collect();
    let names = names.join(", ");
    match (named, job.inputs.as_slice()) {
        (_, []) => Err(fault::configuration(
            "the action has no input artifact, and a build needs one; add it to inputArtifacts",
        )),
        (None, [only]) => Ok(only),
        (None, _) => Err(fault::configuration(format!(
            "the action has several input artifacts ({names}) and no PrimarySource; set \
             PrimarySource to the one that holds the buildspec"
        ))),
        (Some(named), inputs) => inputs.iter().find(|input| input.name == named).ok_or_else(|| {
            fault::configuration(format!(
                "PrimarySource is {named:?}, which is no input artifact of the action ({names})"
            ))
        }),
    }
}

impl Sources {
    /// Unpacks or clones every input.
    pub(crate) fn prepare(task: &Task) -> Result<Sources, Failure> {
        let primary = primary(task.job)?;
        let (directory, origin) = Self::place(task, primary)?;
        let mut sources = Sources { primary: directory, secondary: Directories::new(), origin };
        for input in task.job.inputs.iter().filter(|input| input.name != primary.name) {
            let (directory, _) = Self::place(task, input)?;
            sources.secondary.insert(input.name.clone(), directory);
        }
        Ok(sources)
    }

    fn place(task: &Task, input: &StoredArtifact) -> Result<(PathBuf, Option<Origin>), Failure> {
        let archive = task.fetch_any(input)?;
        let reference = clone_reference::read(&archive).map_err(|error| {
            fault::job(format!("input artifact {}: failed to {}", input.name, fault::chain(&error)))
        })?;
        match reference {
            Some(reference) => {
                let into = task.place_of(input, "src")?;
                let cloned = clone(task, &reference, &into)?;
                Ok((into, Some(cloned)))
            }
            None => Ok((task.unpack(input, "src")?, Origin::recall(task.site, input))),
        }
    }

    /// Finds and reads the buildspec.
    pub(crate) fn buildspec(&self, task: &Task, project: &str) -> Result<Buildspec, Failure> {
        let named =
            task.site.projects.get(project).and_then(|project| project.buildspec.as_deref());
        let (name, text) = match named {
            Some(text) if text.contains('\n') => {
                ("the project's buildspec".into(), text.to_owned())
            }
            Some(path) if Path::new(path).is_absolute() => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    fault::configuration(format!("the buildspec {path} of {project}: {error}"))
                })?;
                (path.to_owned(), text)
            }
            Some(path) => self.find(&[path])?,
            None => self.find(&BUILDSPEC_NAMES)?,
        };
        task.say(&format!("Buildspec: {name}"));
        buildspec::read(&text)
            .map_err(|refusal| fault::configuration(format!("{name} is refused: {refusal}")))
    }

    /// Reads the first of these files that is there. The source may come from anybody, so no link in
    /// it leads out of it.
    fn find(&self, names: &[&str]) -> Result<(String, String), Failure> {
        let opened = Dir::open_ambient_dir(&self.primary, ambient_authority());
        let source = opened.map_err(|error| fault::machine("open the primary source", &error))?;
        for name in names {
            match read_text(&source, name) {
                Ok(text) => return Ok(((*name).to_owned(), text)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(fault::configuration(format!(
                        "the buildspec {name} of the source cannot be read: {error}"
                    )));
                }
            }
        }
        let names = names.join(" or ");
        Err(fault::configuration(format!(
            "the primary source has no {names}; add it at the root of the repository, or name \
             another file for the project with `--buildspec PROJECT=PATH`"
        )))
    }
}

fn read_text(source: &Dir, name: &str) -> std::io::Result<String> {
    if !source.metadata(name)?.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    let mut text = String::new();
    source.open(name)?.take(BUILDSPEC_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > BUILDSPEC_BYTES_MAX {
        return Err(std::io::Error::other("it is longer than 1 MB"));
    }
    Ok(text)
}

/// Clones what an artifact refers to, with its whole history.
fn clone(task: &Task, reference: &CloneReference, into: &Path) -> Result<Origin, Failure> {
    let git = Git { group: task.group, deadline: None };
    let CloneReference { repository, branch, commit, .. } = reference;
    let location = settings::find(task.site, repository)?;
    let cache = Cache::open(&git, task.site, &location)?;
    let commit = cache.bring(&git, &location, repository, commit)?;
    if let Err(refusal) = cache.bring_all(&git, &location) {
        // The commit and its history are there; only other branches may be older than they are.
        let failure = refusal.failure("fetching branches and tags", Some(&location));
        task.say(&format!("Note: {}", failure.message));
    }
    std::fs::create_dir_all(into)
        .map_err(|error| fault::machine(format!("make {}", into.display()), &error))?;
    cache.clone_into(&git, &commit, &location, into)?;
    task.say(&format!("Cloned {repository}, branch {branch}, at commit {commit}"));
    Ok(Origin { commit, repository: location.shown() })
}
