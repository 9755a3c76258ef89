//! A host, a trace that scripts write to, and revisions made on the spot.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use appspec::{BundleSource, Deployment, Ended, EventStatus};
use tempfile::TempDir;

pub(crate) struct World {
    directory: TempDir,
}

/// A script that writes the event and a word to the trace.
pub(crate) fn tracing(word: &str) -> String {
    format!("#!/bin/sh\necho \"$LIFECYCLE_EVENT {word}\" >> \"$TRACE\"\n")
}

/// An appspec with one script per event; the script is `<event>.sh`.
pub(crate) fn appspec_with_hooks(sections: &str, events: &[&str]) -> String {
    let heading = if events.is_empty() { "" } else { "hooks:\n" };
    let hook = |event: &&str| format!("  {event}:\n    - location: scripts/{event}.sh\n");
    let hooks: Vec<String> = events.iter().map(hook).collect();
    let hooks = hooks.concat();
    format!("version: 0.0\nos: linux\n{sections}{heading}{hooks}")
}

pub(crate) const EVENTS: [&str; 5] =
    ["ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"];

pub(crate) const SITE: &str = "files:\n  - source: site\n    destination: /var/www\n";

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { directory: TempDir::new().expect("a temporary directory") };
        fs::create_dir(world.host()).expect("the host is created");
        world
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn host(&self) -> PathBuf {
        self.path().join("host")
    }

    pub(crate) fn trace_path(&self) -> PathBuf {
        self.path().join("trace")
    }

    /// Makes a revision. Scripts end in `.sh`, and are executable.
    pub(crate) fn revision(&self, name: &str, appspec: &str, files: &[(&str, &str)]) -> PathBuf {
        let revision = self.path().join("revisions").join(name);
        fs::create_dir_all(&revision).expect("the revision is created");
        fs::write(revision.join("appspec.yml"), appspec).expect("the appspec is written");
        for (path, content) in files {
            let path = revision.join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(&path, content).expect("the file is written");
            if path.extension().is_some_and(|extension| extension == "sh") {
                fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("a mode");
            }
        }
        revision
    }

    /// Makes a revision with `site/<file>` and a tracing script for each event.
    pub(crate) fn site(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let scripts: Vec<(String, String)> =
            EVENTS.iter().map(|event| (format!("scripts/{event}.sh"), tracing(name))).collect();
        let mut all: Vec<(&str, &str)> =
            scripts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        all.extend_from_slice(files);
        self.revision(name, &appspec_with_hooks(SITE, &EVENTS), &all)
    }

    pub(crate) fn deployment(&self, id: &str, bundle: &Path) -> Deployment {
        let trace = self.trace_path().to_str().expect("UTF-8").to_owned();
        Deployment {
            bundle: bundle.to_owned(),
            bundle_source: BundleSource::default(),
            host: self.host(),
            application: "shop".to_owned(),
            deployment_group: "blue".to_owned(),
            deployment_id: id.to_owned(),
            environment: BTreeMap::from([("TRACE".to_owned(), trace)]),
            log: self.open_log(),
        }
    }

    fn open_log(&self) -> File {
        let path = self.path().join("log");
        OpenOptions::new().create(true).append(true).open(path).expect("the log opens")
    }

    pub(crate) fn deploy(&self, id: &str, bundle: &Path) -> Ended {
        self.deployment(id, bundle).run()
    }

    pub(crate) fn deploy_well(&self, id: &str, bundle: &Path) -> Ended {
        let ended = self.deploy(id, bundle);
        assert!(ended.result.is_ok(), "{ended}\n{}", self.log());
        ended
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    /// Returns the lines that scripts wrote since the last call.
    pub(crate) fn take_trace(&self) -> Vec<String> {
        let text = fs::read_to_string(self.trace_path()).unwrap_or_default();
        let _ = fs::remove_file(self.trace_path());
        text.lines().map(ToOwned::to_owned).collect()
    }

    /// Writes a file on the host that no deployment put there.
    pub(crate) fn put(&self, path: &str, content: &str) {
        let path = self.host().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("the file is written");
    }

    /// Returns every file on the host but our records, one `path=content` each, and every empty
    /// directory as `path/`.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        list(&self.host(), "", &mut files);
        files.sort();
        files
    }
}

fn list(directory: &Path, inside: &str, files: &mut Vec<String>) {
    let mut is_empty = true;
    for entry in fs::read_dir(directory).expect("the directory is readable") {
        let entry = entry.expect("the entry is readable");
        let name = entry.file_name().into_string().expect("UTF-8");
        is_empty = false;
        let path = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            if name != ".towpath" {
                list(&entry.path(), &path, files);
            }
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).expect("a link");
            files.push(format!("{path}->{}", target.display()));
        } else {
            let content = fs::read_to_string(entry.path()).expect("the file is readable");
            files.push(format!("{path}={content}"));
        }
    }
    if is_empty && !inside.is_empty() {
        files.push(format!("{inside}/"));
    }
}

/// Returns `event status` for each event.
pub(crate) fn statuses(ended: &Ended) -> Vec<String> {
    ended.events.iter().map(|report| format!("{} {}", report.event, report.status)).collect()
}

/// Returns the events that failed.
pub(crate) fn failed(ended: &Ended) -> Vec<&'static str> {
    let failed = ended.events.iter().filter(|report| report.status == EventStatus::Failed);
    failed.map(|report| report.event.name()).collect()
}

/// Returns the message of a deployment that failed.
pub(crate) fn message(ended: &Ended) -> &str {
    &ended.result.as_ref().expect_err("the deployment failed").message
}
