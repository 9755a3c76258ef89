//! Git repositories as sources: CodeCommit, GitHub (version 1) and connections (contract §5.1).
//!
//! What they have in common is here: a repository that stands for the one that the pipeline names, a
//! branch, one exact commit (R7, R8), and an archive of its files or a reference to it.

pub(crate) mod clone_reference;
pub(crate) mod settings;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use artifacts::archive;
use model::outcome::{Failure, SourceRevision, Success};
use providers::Job;
use providers::revision::{self, SUMMARY_CHARACTERS_MAX};
use walkdir::WalkDir;

use crate::git::Git;
use crate::git::cache::{self, Cache};
use crate::git::commit::About;
use crate::origin::Origin;
use crate::task::Task;
use crate::{Site, fault};
use clone_reference::CloneReference;
use providers::Settings;
use settings::{Format, GitSource};

/// Finds what would stop the job before it begins.
pub(crate) fn check(job: &Job, site: &Site) -> Result<(), Failure> {
    let source = GitSource::read(Settings::new(&job.provider, &job.configuration))?;
    source.location(site)?;
    revision::commit(job).map(drop)
}

/// Brings in a commit.
pub(crate) fn perform(task: &Task) -> Result<Success, Failure> {
    let git = Git { group: task.group, deadline: None };
    let source = GitSource::read(task.settings())?;
    let output = task.output()?;
    let location = source.location(task.site)?;
    let repository = &source.repository;
    task.say(&format!("Source {repository}, branch {}, at {}", source.branch, location.shown()));

    let wanted = match revision::commit(task.job)? {
        Some(commit) => commit,
        None => cache::head(&git, &location, repository, &source.branch)?,
    };
    let cache = Cache::open(&git, task.site, &location)?;
    let commit = cache.bring(&git, &location, repository, &wanted)?;
    let about = About::read(&git, &cache, &commit)?;
    task.say(&format!("Commit {commit}"));

    let directory = task.directory("source")?;
    let archive = task.workplace.directory.join("source.zip");
    match source.format {
        Format::CodeZip => {
            cache.export(&git, &commit, &task.workplace.directory.join("index"), &directory)?;
            settle_permissions(&directory)?;
            if fs::symlink_metadata(directory.join(".gitmodules")).is_ok() {
                task.say("Note: submodules are not brought in, as in CodePipeline; their directories are empty");
            }
            archive::pack_tree(&directory, &archive).map_err(|error| {
                fault::job(format!(
                    "commit {commit} of {repository} cannot become an artifact: failed to {}",
                    fault::chain(&error)
                ))
            })?;
        }
        Format::CloneReference => {
            let reference = CloneReference::new(repository, &source.branch, &commit);
            clone_reference::write(&reference, &directory, &archive)?;
        }
    }
    let stored = task.store(output, &archive)?;
    let origin = Origin { commit: commit.clone(), repository: location.shown() };
    origin.remember(task.site, &stored)?;
    let page = source.page_of(&commit, &location);
    Ok(Success {
        external_id: Some(commit.clone()),
        external_url: page.clone(),
        variables: source.variables(&commit, &about),
        artifacts: vec![stored],
        revision: Some(SourceRevision {
            id: commit,
            summary: summary(&source, &location, &about),
            url: page,
        }),
        ..Success::default()
    })
}

/// Gives files the permissions that Git keeps, whatever this process's mask is, so that one commit
/// makes the same archive everywhere.
fn settle_permissions(directory: &Path) -> Result<(), Failure> {
    for entry in WalkDir::new(directory).min_depth(1) {
        let entry =
            entry.map_err(|error| fault::machine("list the files of the commit", &error))?;
        let mode = if entry.file_type().is_dir() {
            0o755
        } else if entry.file_type().is_file() {
            let metadata = entry.metadata();
            let metadata = metadata.map_err(|error| fault::machine("look at a file", &error))?;
            if metadata.permissions().mode() & 0o100 == 0 { 0o644 } else { 0o755 }
        } else {
            continue;
        };
        fs::set_permissions(entry.path(), Permissions::from_mode(mode)).map_err(|error| {
            fault::machine(format!("set permissions of {}", entry.path().display()), &error)
        })?;
    }
    Ok(())
}

/// Returns the line that people see of the revision: for connections JSON, as AWS has it, which must
/// stay JSON when it is cut.
fn summary(
    source: &GitSource,
    location: &crate::git::location::Location,
    about: &About,
) -> Option<String> {
    let message = about.message.as_str();
    let Some(provider) = source.provider_type(location) else {
        let cut = fault::first_characters(message, SUMMARY_CHARACTERS_MAX);
        return (!cut.is_empty()).then_some(cut);
    };
    let mut characters = SUMMARY_CHARACTERS_MAX;
    loop {
        let message = fault::first_characters(message, characters);
        let object = serde_json::json!({ "ProviderType": provider, "CommitMessage": message });
        let text = object.to_string();
        let length = text.chars().count();
        if length <= SUMMARY_CHARACTERS_MAX {
            return Some(text);
        }
        characters = characters.saturating_sub((length - SUMMARY_CHARACTERS_MAX).div_ceil(6));
    }
}
