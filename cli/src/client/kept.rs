//! A small file in the user's cache, for its user only. Whoever cannot keep one asks again the next time.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::client::place::Environment;

/// Where something is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) path: PathBuf,
}

impl Kept {
    /// Says where it would be; nowhere without a home.
    pub(crate) fn find(variable: Environment<'_>, folder: &str, name: &str) -> Option<Self> {
        let home = || Some(Path::new(&variable("HOME")?).join(".cache"));
        let base = variable("XDG_CACHE_HOME").map(PathBuf::from).or_else(home)?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-+".contains(letter);
        let name = name.replace(|letter| !is_plain(letter), "_");
        Some(Self { path: base.join("towpath").join(folder).join(format!("{name}.json")) })
    }

    /// Returns what is kept.
    pub(crate) fn read(&self) -> Option<String> {
        fs::read_to_string(&self.path).ok()
    }

    /// Keeps a text in the place of what was kept.
    pub(crate) fn write(&self, text: &str) {
        if let Err(error) = self.put(text) {
            tracing::debug!(%error, path = %self.path.display(), "something is not kept");
        }
    }

    /// Keeps nothing any more.
    pub(crate) fn forget(&self) {
        fs::remove_file(&self.path).ok();
    }

    fn put(&self, text: &str) -> std::io::Result<()> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        // Beside it first: nobody reads half of it, and it is never anybody else's to read.
        let beside = self.path.with_extension(format!("{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let written =
            file.write_all(text.as_bytes()).and_then(|()| fs::rename(&beside, &self.path));
        if written.is_err() {
            fs::remove_file(&beside).ok();
        }
        written
    }
}
