//! The directory that stands for the host, and the only way we touch it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::fault::{Doing, Fault};

/// Where our own bookkeeping is on the host. Revisions cannot install into it.
pub(crate) const OWN_DIRECTORY: &str = ".towpath";

/// A handle on the host's root. Every path given to it is relative to that root.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) root: Dir,
    /// The root's place in the real file system, for scripts.
    pub(crate) path: PathBuf,
}

impl Host {
    /// Opens the directory, which is created if it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let shown = || path.display().to_string();
        fs::create_dir_all(path)
            .doing(|| format!("create the directory {} that stands for the host", shown()))?;
        let path = path.canonicalize().doing(|| format!("open the host directory {}", shown()))?;
        let root = Dir::open_ambient_dir(&path, ambient_authority())
            .doing(|| format!("open the host directory {}", path.display()))?;
        Ok(Self { root, path })
    }

    /// Whether something is at that path; a link counts, whatever it leads to.
    pub(crate) fn has(&self, path: &str) -> Result<bool, Fault> {
        Ok(self.look(path)?.is_some())
    }

    /// Returns what is at that path, without following a link at its end.
    pub(crate) fn look(&self, path: &str) -> Result<Option<cap_std::fs::Metadata>, Fault> {
        // The root cannot be named to the calls below.
        let found = if path.is_empty() {
            self.root.dir_metadata()
        } else {
            self.root.symlink_metadata(path)
        };
        match found {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if is_nothing_there(&error) => Ok(None),
            Err(error) => Err(outside(path, &error)),
        }
    }

    /// Whether a directory is at that path, perhaps behind a link that stays inside.
    pub(crate) fn has_directory(&self, path: &str) -> Result<bool, Fault> {
        if path.is_empty() {
            return Ok(true);
        }
        match self.root.metadata(path) {
            Ok(metadata) => Ok(metadata.is_dir()),
            Err(error) if is_nothing_there(&error) => Ok(false),
            Err(error) => Err(outside(path, &error)),
        }
    }

    /// Refuses a path whose directory is really ours or outside, whatever links lead there.
    pub(crate) fn guard(&self, path: &str) -> Result<(), Fault> {
        refuse_own(path)?;
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if parent.is_empty() {
            return Ok(());
        }
        let real = self.root.canonicalize(parent).map_err(|error| outside(path, &error))?;
        refuse_own(&real.to_string_lossy())
    }

    /// Removes a file or link, or a directory if it is empty. Says whether it is gone.
    pub(crate) fn remove(&self, path: &str) -> Result<Removal, Fault> {
        let Some(metadata) = self.look(path)? else { return Ok(Removal::Gone) };
        self.guard(path)?;
        let removed = if metadata.is_dir() {
            self.root.remove_dir(path)
        } else {
            self.root.remove_file(path)
        };
        match removed {
            Ok(()) => Ok(Removal::Gone),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(Removal::Kept),
            Err(error) => Err(error).doing(|| format!("remove /{path} from the host")),
        }
    }
}

/// What became of a path that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// Nothing is there any more.
    Gone,
    /// A directory that holds what is not ours.
    Kept,
}

/// Refuses a path that is ours by its words.
pub(crate) fn refuse_own(path: &str) -> Result<(), Fault> {
    if path.split('/').next() == Some(OWN_DIRECTORY) {
        let message = format!(
            "/{path} is inside /{OWN_DIRECTORY}, which is kept for the records of deployments; \
             choose another destination"
        );
        return Err(Fault::new(message));
    }
    Ok(())
}

fn is_nothing_there(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn outside(path: &str, error: &io::Error) -> Fault {
    let message = if error.kind() == io::ErrorKind::PermissionDenied {
        format!(
            "/{path} cannot be reached inside the host directory; if a symbolic link on the way \
             leads out of it, replace it by a relative link that stays inside ({error})"
        )
    } else {
        format!("failed to look at /{path} on the host: {error}")
    };
    Fault::new(message)
}
