//! A directory with a repository and pipelines, and the program run in it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::{Value, json};

/// Beyond this a run is stuck, and its test has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A directory of a test.
pub(crate) struct World {
    directory: tempfile::TempDir,
}

/// What became of a run of the program.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    /// Makes a directory with a repository `app` whose build runs `build.sh`.
    pub(crate) fn new(build: &str) -> Self {
        let world = Self { directory: tempfile::tempdir().unwrap() };
        let spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - sh build.sh\n";
        world.write("app/buildspec.yml", spec);
        world.write("app/build.sh", build);
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world.commit("Begin");
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn pipeline(&self, name: &str, declaration: &Value) {
        self.write(name, declaration.to_string());
    }

    /// Commits everything in the repository.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let status = Command::new("git")
            .arg("-C")
            .arg(self.path("app"))
            .args(["-c", "user.name=T", "-c", "user.email=t@example.invalid"])
            .args(["-c", "commit.gpgSign=false"])
            .args(arguments)
            .status()
            .unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    /// Runs the program in the directory, in a few words: `run pipeline.json --once`.
    pub(crate) fn towpath(&self, words: &str) -> Finished {
        self.finish(self.start(words))
    }

    pub(crate) fn start(&self, words: &str) -> Child {
        self.command(words).spawn().unwrap()
    }

    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
        command.args(words.split_whitespace());
        self.settle(&mut command);
        command
    }

    /// Runs a shell script in the directory, with the program as `$TOWPATH`.
    pub(crate) fn shell(&self, script: &str) -> Finished {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("TOWPATH", env!("CARGO_BIN_EXE_towpath"));
        self.settle(&mut command);
        self.finish(command.spawn().unwrap())
    }

    fn settle(&self, command: &mut Command) {
        command
            .current_dir(self.directory.path())
            .env_remove("TOWPATH_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }

    /// Waits for the program's end. What a person would never see must not be there.
    pub(crate) fn finish(&self, mut child: Child) -> Finished {
        let (out, err) = (drain(child.stdout.take()), drain(child.stderr.take()));
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                child.kill().unwrap();
                let (out, err) = (out.recv().unwrap(), err.recv().unwrap());
                panic!("stuck in {}:\n{out}\n{err}", self.directory.path().display());
            }
            std::thread::park_timeout(Duration::from_millis(5));
        };
        let finished =
            Finished { status: status.code(), out: out.recv().unwrap(), err: err.recv().unwrap() };
        for text in [&finished.out, &finished.err] {
            assert!(!text.contains("panicked"), "{text}");
            assert!(!text.contains("RUST_BACKTRACE"), "{text}");
        }
        finished
    }

    /// Waits until something is so.
    pub(crate) fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "{what} in {}", self.directory.path().display());
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Takes out of a text what differs from run to run.
    pub(crate) fn same_each_time(&self, text: &str) -> String {
        let place = self.directory.path().to_string_lossy();
        let mut text = text.replace(place.as_ref(), "DIR");
        for (pattern, name) in [
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME"),
            (r"\b[0-9a-f]{40}\b", "COMMIT"),
            (r"\b(\d+ ms|\d+\.\d s|\d+ min \d\d s) *", "TOOK "),
            (r"(?m) +$", ""),
        ] {
            text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
        }
        text
    }
}

impl Finished {
    /// Demands an exit status, and shows everything if it is another.
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{}\n{}", self.out, self.err);
        self
    }

    /// Demands that the error says something.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text:?} is not in:\n{}", self.err);
        self
    }

    /// Returns the lines of the output as JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Reads a stream to its end in the background, so that a full pipe stops nobody.
fn drain(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.unwrap().read_to_end(&mut bytes).unwrap();
        let _ = sender.send(String::from_utf8(bytes).unwrap());
    });
    receiver
}

/// Returns a pipeline of the given stages, after a source stage.
pub(crate) fn pipeline(mode: &str, stages: &[Value]) -> Value {
    let source = stage(
        "Source",
        &[action(
            "Commit",
            "Source/AWS/CodeCommit",
            &json!({ "RepositoryName": "app", "BranchName": "main" }),
            &json!({ "outputArtifacts": [{ "name": "Code" }], "namespace": "Source" }),
        )],
    );
    let stages = [&[source], stages].concat();
    json!({
        "name": "web",
        "roleArn": "arn:aws:iam::000000000000:role/web",
        "pipelineType": "V2",
        "executionMode": mode,
        "artifactStore": { "type": "S3", "location": "web-artifacts" },
        "stages": stages,
    })
}

pub(crate) fn stage(name: &str, actions: &[Value]) -> Value {
    json!({ "name": name, "actions": actions })
}

pub(crate) fn action(name: &str, type_id: &str, configuration: &Value, more: &Value) -> Value {
    let mut parts = type_id.split('/');
    let mut part = || parts.next().unwrap();
    let mut action = json!({
        "name": name,
        "actionTypeId": {
            "category": part(), "owner": part(), "provider": part(), "version": "1",
        },
        "configuration": configuration,
    });
    let members = more.as_object().unwrap().clone();
    action.as_object_mut().unwrap().extend(members);
    action
}

/// A stage that builds the code.
pub(crate) fn build() -> Value {
    let inputs = json!({ "inputArtifacts": [{ "name": "Code" }] });
    let settings = json!({ "ProjectName": "app" });
    stage("Build", &[action("Compile", "Build/AWS/CodeBuild", &settings, &inputs)])
}

/// A stage that asks.
pub(crate) fn approve() -> Value {
    let settings = json!({ "CustomData": "Release #{Source.CommitMessage}?" });
    stage("Approve", &[action("Release", "Approval/AWS/Manual", &settings, &json!({}))])
}

/// Makes a named pipe that a build can wait at.
pub(crate) fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}
