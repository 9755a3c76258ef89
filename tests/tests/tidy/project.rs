//! The files of the project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The top of the working tree.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("this crate is a directory of the project").to_owned()
}

/// A file, as it is in the working tree.
pub(crate) struct File {
    /// Where it is, from the root, with `/`.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
}

impl File {
    /// Its text; empty if it is not text.
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.bytes).unwrap_or_default()
    }

    /// Its name, without the directory.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Says whether its name ends with a dot and `extension`.
    pub(crate) fn is(&self, extension: &str) -> bool {
        self.path.strip_suffix(extension).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// Every file that is tracked, or would be if everything were added, in order of path.
pub(crate) fn files() -> Vec<File> {
    let mut paths: Vec<String> =
        git(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect();
    paths.sort();
    paths.dedup();
    let read = |path: String| {
        let full = root().join(&path);
        // A file that was deleted and not yet committed is still listed; a link is not followed.
        let is_file = fs::symlink_metadata(&full).is_ok_and(|metadata| metadata.is_file());
        is_file.then(|| File { bytes: fs::read(&full).unwrap_or_default(), path })
    };
    paths.into_iter().filter_map(read).collect()
}

/// The Rust files among [`files`].
pub(crate) fn rust_files() -> Vec<File> {
    files().into_iter().filter(|file| file.is("rs")).collect()
}

/// The Markdown files among [`files`].
pub(crate) fn pages() -> Vec<File> {
    files().into_iter().filter(|file| file.is("md")).collect()
}

/// Every file below a directory outside of the project; none if there is no such directory.
pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => directories.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                Ok(_) | Err(_) => {}
            }
        }
    }
    found
}

fn git(arguments: &[&str]) -> String {
    let output = Command::new("git").args(arguments).current_dir(root()).output();
    let output = output.expect("git can be run");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the tidy tests need a Git working tree: {complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
