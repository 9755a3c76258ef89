//! The example, made into a real repository.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The example's pipeline.
pub(crate) const PIPELINE: &str = include_str!("../../../examples/web-app/pipeline.yaml");

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../examples/web-app/", $path)))),+]
    };
}

/// Everything that the repository starts with.
const FILES: &[(&str, &str)] = files![
    "VERSION",
    "appspec.yml",
    "buildspec.yml",
    "buildspec-test.yml",
    "pages/index.html",
    "pages/locks.html",
    "scripts/check.sh",
    "scripts/configure.sh",
    "scripts/start.sh",
    "scripts/stop.sh",
    "scripts/validate.sh",
];

/// A repository that people push to.
pub(crate) struct Repository {
    path: PathBuf,
}

impl Repository {
    /// Makes the repository, or opens the one that an earlier demo made, and commits the example.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let repository = Self { path: path.to_owned() };
        let is_new = !path.join(".git").exists();
        if is_new {
            fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
            repository.git(&["init", "--quiet", "--initial-branch=main"])?;
        }
        for (name, text) in FILES {
            repository.write(name, text)?;
        }
        if is_new {
            repository.commit("Open the canal")?;
        }
        Ok(repository)
    }

    /// Changes a page and commits it.
    pub(crate) fn push(&self, page: &str, sentence: &str, message: &str) -> Result<(), String> {
        let path = self.path.join(page);
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let text = text.replacen("<footer>", &format!("<p>{sentence}</p>\n<footer>"), 1);
        self.write(page, &text)?;
        self.commit(message)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.path.join(name);
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::write(&path, text).map_err(failed)?;
        let is_script = Path::new(name).extension().is_some_and(|extension| extension == "sh");
        let mode = if is_script { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(failed)
    }

    fn commit(&self, message: &str) -> Result<(), String> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message])
    }

    fn git(&self, arguments: &[&str]) -> Result<(), String> {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.path)
            .args(["-c", "user.name=Towpath", "-c", "user.email=demo@towpath.invalid"])
            .args(["-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null"])
            .args(arguments)
            .output()
            .map_err(|error| format!("git could not be run: {error}; install Git"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("git {} failed: {}", arguments.join(" "), said.trim()))
    }
}
