//! Repositories of ours that hold what was fetched from others.
//!
//! One bare repository for each location, beside the artifacts. `refs/towpath/<commit>` exists when
//! the commit is there with all that it needs; it also keeps the commit from being collected, so that
//! a retry finds it even after somebody has pushed over it (R8).

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use model::outcome::Failure;
use uuid::Uuid;
use walkdir::WalkDir;

use super::location::Location;
use super::{Git, Refusal};
use crate::{Site, fault};

/// How much of a listing of branches is read.
const LISTING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How many branches a message names.
const BRANCHES_NAMED_MAX: usize = 8;

/// The repository of ours that stands for another one.
#[derive(Debug)]
pub(crate) struct Cache {
    path: PathBuf,
    /// Held while the repository is written to; the system releases it when we die.
    _lock: File,
}

/// Asks a repository for the commit at the head of a branch.
pub(crate) fn head(
    git: &Git,
    location: &Location,
    repository: &str,
    branch: &str,
) -> Result<String, Failure> {
    let doing = format!("looking at repository {repository:?} ({})", location.shown());
    let wanted = format!("refs/heads/{branch}");
    let listed = list(git, location, &wanted);
    let listed = listed.map_err(|refusal| refusal.failure(&doing, Some(location)))?;
    // What is asked for is a pattern to Git, which other names may match as well.
    if let Some((commit, _)) = listed.iter().find(|(_, name)| *name == wanted) {
        return Ok(commit.clone());
    }
    let all = list(git, location, "refs/heads/*");
    let all = all.map_err(|refusal| refusal.failure(&doing, Some(location)))?;
    let names: Vec<_> =
        all.iter().filter_map(|(_, name)| name.strip_prefix("refs/heads/")).collect();
    let there = match names.as_slice() {
        [] => "it has no commits yet".to_owned(),
        names if names.len() > BRANCHES_NAMED_MAX => {
            format!("it has {}, …", names[..BRANCHES_NAMED_MAX].join(", "))
        }
        names => format!("it has {}", names.join(", ")),
    };
    Err(fault::unavailable(format!(
        "repository {repository:?} ({}) has no branch {branch:?}: {there}; correct the branch in the \
         action's configuration, or push the branch",
        location.shown()
    )))
}

/// Returns the commits and names that match a pattern.
fn list(git: &Git, location: &Location, pattern: &str) -> Result<Vec<(String, String)>, Refusal> {
    let mut command = Git::talking();
    command.args(["ls-remote", "--quiet", "--", location.text(), pattern]);
    let printed = git.run(command, LISTING_BYTES_MAX)?;
    let printed = String::from_utf8_lossy(&printed);
    let row = |line: &str| line.split_once('\t').map(|(id, name)| (id.to_owned(), name.to_owned()));
    Ok(printed.lines().filter_map(row).collect())
}

impl Cache {
    /// Opens the cache of a location, and makes it if it is not there. Waits while another run
    /// writes to it.
    pub(crate) fn open(git: &Git, site: &Site, location: &Location) -> Result<Cache, Failure> {
        let parent = site.artifacts.parent().unwrap_or(Path::new("")).join("repositories");
        // Who can read the repository may be fewer than can log in here.
        let made = fs::DirBuilder::new();
        let made = private(made).recursive(true).create(&parent);
        made.map_err(|error| fault::machine(format!("make {}", parent.display()), &error))?;
        let parent = fs::canonicalize(&parent)
            .map_err(|error| fault::machine(format!("find {}", parent.display()), &error))?;
        let name = Uuid::new_v5(&Uuid::NAMESPACE_URL, location.text().as_bytes()).to_string();
        let lock = parent.join(format!("{name}.lock"));
        let lock = File::create(&lock)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| fault::machine(format!("lock {}", lock.display()), &error))?;
        let cache = Cache { path: parent.join(name), _lock: lock };
        cache.remove_stale_locks();
        // Making it again finishes what a crash left half made.
        let mut command = Git::alone();
        command.args(["init", "--quiet", "--bare", "--template=", "--"]).arg(&cache.path);
        let doing = format!("making {}", cache.path.display());
        git.run(command, 0).map_err(|refusal| refusal.failure(&doing, None))?;
        Ok(cache)
    }

    /// Removes the lock files that a killed `git` has left: whoever could hold one is gone, since we
    /// hold the lock on the whole. What cannot be removed, `git` will name.
    fn remove_stale_locks(&self) {
        let below = |name: &str, depth: usize| WalkDir::new(self.path.join(name)).max_depth(depth);
        let entries = below("", 1).into_iter().chain(below("refs", usize::MAX));
        for entry in entries.filter_map(Result::ok) {
            if entry.file_type().is_file() && entry.path().extension() == Some("lock".as_ref()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Returns where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Brings a commit in, unless it is there, and returns its id: that of the commit, should
    /// `id` be that of a tag.
    pub(crate) fn bring(
        &self,
        git: &Git,
        location: &Location,
        repository: &str,
        id: &str,
    ) -> Result<String, Failure> {
        if let Some(commit) = self.find(git, &reference(id)) {
            return Ok(commit);
        }
        // Most servers hand out any commit by its id; from the others everything is taken.
        let by_id = self.fetch(git, location, &[format!("+{id}:{}", reference(id))]);
        if by_id.is_err() {
            let all = self.bring_all(git, location);
            all.map_err(|refusal| {
                let doing =
                    format!("fetching from repository {repository:?} ({})", location.shown());
                refusal.failure(&doing, Some(location))
            })?;
        }
        let Some(commit) = self.find(git, id) else {
            return Err(fault::unavailable(format!(
                "repository {repository:?} ({}) has no commit {id}; push it, or start the pipeline \
                 at a commit that is on one of its branches or tags",
                location.shown()
            )));
        };
        for id in [id, &commit] {
            let mut command = Git::alone();
            command.arg("--git-dir").arg(&self.path).args(["update-ref", &reference(id), &commit]);
            let doing = format!("keeping commit {commit}");
            git.run(command, 0).map_err(|refusal| refusal.failure(&doing, None))?;
        }
        Ok(commit)
    }

    /// Brings in all branches and tags.
    pub(crate) fn bring_all(&self, git: &Git, location: &Location) -> Result<(), Refusal> {
        let all = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
        self.fetch(git, location, &all.map(str::to_owned))
    }

    fn fetch(&self, git: &Git, location: &Location, what: &[String]) -> Result<(), Refusal> {
        let mut command = Git::talking();
        command.arg("--git-dir").arg(&self.path);
        command.args([
            "fetch",
            "--quiet",
            "--no-tags",
            "--update-shallow",
            "--no-write-fetch-head",
        ]);
        command.args(["--force", "--prune", "--", location.text()]).args(what);
        git.run(command, 0).map(drop)
    }

    /// Returns the commit that a name or an id stands for, if it is here.
    fn find(&self, git: &Git, name: &str) -> Option<String> {
        let mut command = Git::alone();
        command.arg("--git-dir").arg(&self.path);
        command.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
        command.arg(format!("{name}^{{commit}}"));
        let printed = git.run(command, 200).ok()?;
        Some(String::from_utf8_lossy(&printed).trim().to_owned())
    }

    /// Writes the files of a commit into an empty directory, as a clone would.
    ///
    /// This is a checkout and not `git archive`, which leaves out what `export-ignore` names and
    /// rewrites what `export-subst` names: builds get what developers have. Our own index file keeps
    /// the cache as it is.
    pub(crate) fn export(
        &self,
        git: &Git,
        commit: &str,
        index: &Path,
        into: &Path,
    ) -> Result<(), Failure> {
        let mut command = Git::alone();
        command.env("GIT_INDEX_FILE", index).arg("--git-dir").arg(&self.path);
        command.arg("--work-tree").arg(into).current_dir(into);
        command.args(["-c", "core.bare=false", "read-tree", "-u", "--reset", commit]);
        let doing = format!("checking out commit {commit}");
        git.run(command, 0).map(drop).map_err(|refusal| refusal.failure(&doing, None))
    }

    /// Makes a repository with the whole history, all branches and tags, and the commit checked out.
    pub(crate) fn clone_into(
        &self,
        git: &Git,
        commit: &str,
        location: &Location,
        into: &Path,
    ) -> Result<(), Failure> {
        let steps: [&[&str]; 4] = [
            &["init", "--quiet", "--template="],
            &["remote", "add", "origin", &location.shown()],
            &[
                "fetch",
                "--quiet",
                "--no-tags",
                "--update-shallow",
                "--",
                &self.path.to_string_lossy(),
                "+refs/heads/*:refs/remotes/origin/*",
                "+refs/tags/*:refs/tags/*",
                &reference(commit),
            ],
            &["checkout", "--quiet", "--force", "--detach", commit, "--"],
        ];
        for step in steps {
            let mut command = Git::alone();
            command.current_dir(into).args(step);
            let doing = format!("cloning at commit {commit}");
            git.run(command, 0).map_err(|refusal| refusal.failure(&doing, None))?;
        }
        Ok(())
    }
}

fn reference(id: &str) -> String {
    format!("refs/towpath/{id}")
}

fn private(mut builder: fs::DirBuilder) -> fs::DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    builder.mode(0o700);
    builder
}
