//! `towpath run` is killed at random moments, again and again, over the demo's pipeline.
//!
//! Afterwards every execution must have ended, no action may have run twice for one attempt, and no
//! state-change event may be missing (laws S2, S22, L4).
//!
//! How it is shown: every build and every hook appends the id it was given to a ledger, so running
//! twice leaves the id there twice; and the file of events is read back whole. `TOWPATH_KILLS` sets
//! how often is killed (20 unless told; the test command asks for 200), `TOWPATH_SEED` when.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Beyond this the test itself has failed.
const MINUTES_MAX: u64 = 20;

/// The longest that a run may go on before it is killed: about as long as an execution takes.
const MILLIS_MAX: u64 = 900;

#[test]
fn killed_at_any_moment_every_execution_ends_and_nothing_runs_twice() {
    let kills = number("TOWPATH_KILLS", 20);
    let seed = number("TOWPATH_SEED", 1);
    println!("{kills} kills, seed {seed}; rerun: TOWPATH_KILLS={kills} TOWPATH_SEED={seed}");
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let world = World::new();
    let deadline = Instant::now() + Duration::from_secs(MINUTES_MAX * 60);
    let mut killed = 0;
    while killed < kills {
        assert!(Instant::now() < deadline, "{killed} kills took more than {MINUTES_MAX} minutes");
        let child = world.run();
        let millis = chance.random_range(0..MILLIS_MAX);
        if wait_or_kill(child, Duration::from_millis(millis)) {
            killed += 1;
        }
    }
    let mut last = world.run();
    let status = last.wait().expect("the last run can be waited for");
    assert!(status.code().is_some_and(|code| code < 2), "the last run ended with {status}");

    let events = world.events();
    let ended = check_events(&events);
    let ran = world.check_ledger();
    println!("{killed} kills: {ended} executions ended, {ran} runs, {} events", events.len());
    assert!(ended > 0 && ran > 0, "nothing happened between the kills");
}

#[expect(clippy::disallowed_methods, reason = "how often to kill is said by whoever runs the test")]
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Kills the child after some time unless it ended before. Says whether it was killed.
fn wait_or_kill(mut child: Child, after: Duration) -> bool {
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let status = child.wait();
        let _ = sender.send(());
        status
    });
    let was_killed = receiver.recv_timeout(after).is_err();
    if was_killed {
        let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
    }
    waiter.join().expect("the waiting thread does not panic").expect("a child can be waited for");
    was_killed
}

struct World {
    directory: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
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

    fn path(&self, name: &str) -> PathBuf {
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

    fn run(&self) -> Child {
        let given = |name: &str, path: &str| format!("{name}={}", self.path(path).display());
        Command::new(env!("CARGO_BIN_EXE_towpath"))
            .arg("run")
            .arg(self.path("pipeline.yaml"))
            .args(["--once", "--yes", "--json"])
            .arg("--data")
            .arg(self.path("data"))
            .args(["--repository", &given("web-app", "repository")])
            .args(["--host", &given("production", "host")])
            .args(["--buildspec", "web-app-test=buildspec-test.yml"])
            .arg("--events")
            .arg(self.path("events.jsonl"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("towpath can be started")
    }

    fn events(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.path("events.jsonl")).expect("events were written");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("every event is a line of JSON"))
            .collect()
    }

    /// No id stands in a ledger twice.
    fn check_ledger(&self) -> usize {
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
fn check_events(events: &[serde_json::Value]) -> usize {
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
