//! The demo's pipeline, whose actions write down that they ran.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct World {
    directory: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let world = Self { directory };
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/web-app");
        copy(&example, &world.path("repository"));
        let ledger = world.path("builds");
        prepend_command(&world.path("repository/buildspec.yml"), &ledger);
        prepend_command(&world.path("repository/buildspec-test.yml"), &ledger);
        let hook = world.path("repository/scripts/start.sh");
        let script = fs::read_to_string(&hook).expect("the example has a start hook");
        let noted = script.replace(
            "set -eu\n",
            &format!(
                "set -eu\necho \"$DEPLOYMENT_ID\" >> {}\n",
                world.path("deployments").display()
            ),
        );
        fs::write(&hook, noted).expect("the hook can be written");
        fs::copy(example.join("pipeline.yaml"), world.path("pipeline.yaml"))
            .expect("the pipeline can be copied");
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world.git(&["add", "--all"]);
        world.git(&["commit", "--quiet", "--message", "Begin"]);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git")
            .arg("-C")
            .arg(self.path("repository"))
            .args(["-c", "user.name=T", "-c", "user.email=t@example.invalid"])
            .args(arguments)
            .status()
            .expect("git can be run");
        assert!(status.success(), "git {arguments:?}");
    }

    /// Begins a command over the data directory, with what stands for the cloud.
    pub(crate) fn command(&self, verb: &str) -> Command {
        let given = |name: &str, path: &str| format!("{name}={}", self.path(path).display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
        command
            .arg(verb)
            .arg("--data")
            .arg(self.path("data"))
            .args(["--repository", &given("web-app", "repository")])
            .args(["--host", &given("production", "host")])
            .args(["--buildspec", "web-app-test=buildspec-test.yml"])
            .arg("--events")
            .arg(self.path("events.jsonl"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    pub(crate) fn events(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.path("events.jsonl")).expect("events were written");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("every event is a line of JSON"))
            .collect()
    }

    /// No id stands in a ledger twice.
    pub(crate) fn check_ledger(&self) -> usize {
        let mut ran = 0;
        for ledger in ["builds", "deployments"] {
            let text = fs::read_to_string(self.path(ledger)).unwrap_or_default();
            let mut seen = BTreeSet::new();
            for id in text.lines() {
                assert!(seen.insert(id), "{id} ran twice ({ledger})");
                ran += 1;
            }
        }
        ran
    }
}

/// Every execution's events are numbered from 1 without gaps, and the last one ends it.
pub(crate) fn check_events(events: &[serde_json::Value]) -> usize {
    let mut executions: BTreeMap<String, Vec<&serde_json::Value>> = BTreeMap::new();
    for event in events {
        let id = event["detail"]["execution-id"].as_str().expect("events name their execution");
        executions.entry(id.to_owned()).or_default().push(event);
    }
    for (id, events) in &executions {
        let numbers: Vec<_> =
            events.iter().filter_map(|event| event["towpath"]["sequence"].as_u64()).collect();
        let whole: Vec<_> = (1..=events.len() as u64).collect();
        assert_eq!(numbers, whole, "the events of {id} have gaps or repetitions");
        let last = events.last().expect("an execution has events");
        let state = last["detail"]["state"].as_str().unwrap_or_default();
        let is_pipeline = last["detail-type"] == "CodePipeline Pipeline Execution State Change";
        let is_end = ["SUCCEEDED", "FAILED", "SUPERSEDED", "STOPPED", "CANCELED"].contains(&state);
        assert!(is_pipeline && is_end, "{id} did not end: {last}");
    }
    executions.len()
}

/// Makes the first command of a buildspec's build phase write the build's id down.
fn prepend_command(buildspec: &Path, ledger: &Path) {
    let text = fs::read_to_string(buildspec).expect("the example has buildspecs");
    let command = format!("      - echo \"$CODEBUILD_BUILD_ID\" >> {}\n", ledger.display());
    let marked =
        text.replace("  build:\n    commands:\n", &format!("  build:\n    commands:\n{command}"));
    assert_ne!(text, marked, "the buildspec has a build phase");
    fs::write(buildspec, marked).expect("the buildspec can be written");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory can be made");
    for entry in fs::read_dir(from).expect("the example is there") {
        let entry = entry.expect("the example can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}
