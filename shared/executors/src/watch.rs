//! What a source shows right now, and where to look for a change.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use buildspec::ProcessGroup;
use model::outcome::Failure;

use crate::bucket::{Bucket, Key};
use crate::git::{Git, cache};
use crate::git_source::settings::GitSource;
use crate::{Site, s3_source};
use providers::Settings;

/// How long a repository may take to say what it has.
const ANSWER_SECONDS_MAX: u64 = 20;

/// A source that can be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// A change below one of these paths may be a new revision; empty when only asking helps.
    pub paths: Vec<PathBuf>,
}

/// Says how to watch a source action; `None` when its settings say not to (`PollForSourceChanges`,
/// `DetectChanges`) or when its provider is not watched on one machine.
pub fn watched(
    provider: &str,
    configuration: &BTreeMap<String, String>,
    site: &Site,
) -> Result<Option<Watched>, String> {
    watch(provider, configuration, site).map_err(|failure| failure.message)
}

/// Returns the newest revision of a source action: a commit id, or the version of an object. `None`
/// when its provider cannot be asked on one machine.
pub fn newest_revision(
    provider: &str,
    configuration: &BTreeMap<String, String>,
    site: &Site,
) -> Result<Option<String>, String> {
    newest(provider, configuration, site).map_err(|failure| failure.message)
}

fn watch(
    provider: &str,
    configuration: &BTreeMap<String, String>,
    site: &Site,
) -> Result<Option<Watched>, Failure> {
    let settings = Settings::new(provider, configuration);
    if !is_known(provider) || !GitSource::is_watched(settings)? {
        return Ok(None);
    }
    if provider == "S3" {
        let key = Key::parse("S3ObjectKey", settings.required("S3ObjectKey")?)?;
        let bucket = Bucket::find(site, settings.required("S3Bucket")?)?;
        return Ok(Some(Watched { paths: bucket.watch_path(&key).into_iter().collect() }));
    }
    let location = GitSource::read(settings)?.location(site)?;
    let paths = location.path().map(reference_directories).unwrap_or_default();
    Ok(Some(Watched { paths }))
}

fn newest(
    provider: &str,
    configuration: &BTreeMap<String, String>,
    site: &Site,
) -> Result<Option<String>, Failure> {
    if !is_known(provider) {
        return Ok(None);
    }
    if provider == "S3" {
        return s3_source::newest_version(configuration, site).map(Some);
    }
    let source = GitSource::read(Settings::new(provider, configuration))?;
    let location = source.location(site)?;
    // Whoever watches does other things too, so what does not answer is killed by itself.
    let deadline = Some(Duration::from_secs(ANSWER_SECONDS_MAX));
    let git = Git { group: ProcessGroup::Own, deadline };
    cache::head(&git, &location, &source.repository, &source.branch).map(Some)
}

fn is_known(provider: &str) -> bool {
    matches!(provider, "CodeCommit" | "GitHub" | "CodeStarSourceConnection" | "S3")
}

/// Returns where a repository keeps its branches. Its objects are left out: each commit writes many,
/// and none of them is a new revision until a branch points at it.
fn reference_directories(repository: &Path) -> Vec<PathBuf> {
    let directory = git_directory(repository);
    // In a linked worktree the branches are in the directory of the main one.
    let common = fs::read_to_string(directory.join("commondir")).ok();
    let directory = common.map_or(directory.clone(), |common| directory.join(common.trim()));
    let stores = ["refs", "reftable"].map(|store| directory.join(store));
    // `git pack-refs` moves branches without changing them, so `packed-refs` needs no watching.
    stores.into_iter().filter(|store| store.is_dir()).collect()
}

/// Returns the directory of a repository: `.git` in it, what a file of that name points at, or, for
/// a bare one, itself.
fn git_directory(repository: &Path) -> PathBuf {
    let inside = repository.join(".git");
    let text = fs::read_to_string(&inside).unwrap_or_default();
    match text.strip_prefix("gitdir:") {
        Some(target) => repository.join(target.trim()),
        None if inside.is_dir() => inside,
        None => repository.to_owned(),
    }
}
