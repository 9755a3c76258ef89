//! The verbs that ask a server, on the real program and a real server: what people type, in order.

mod failing;
mod following;
mod journey;
mod refusals;
mod shapes;
mod side_by_side;

use std::fs;
use std::process::{Child, Command};

use serde_json::Value;

use crate::endings::signal;
use crate::world::{Finished, World};

/// What would lead a client elsewhere.
const VARIABLES: [&str; 9] = [
    "AWS_ENDPOINT_URL_CODEPIPELINE",
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// A world with a server.
struct Served {
    world: World,
    server: Option<Child>,
}

impl Served {
    /// Starts a server over a world; what a build of it does is `build`.
    fn new(build: &str) -> Self {
        let world = World::new(build);
        let mut served = Self { world, server: None };
        served.serve();
        served
    }

    fn serve(&mut self) {
        self.serve_with("--port 0");
    }

    /// Starts the server with more options.
    fn serve_with(&mut self, options: &str) {
        let up = format!("up {options} --data data --repository app=app");
        let mut command = self.command(&up);
        let log = fs::File::create(self.world.path("up.log")).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.server = Some(command.spawn().unwrap());
        let is_there = || self.world.path("data/server.json").exists();
        let is_refused = || self.world.read("up.log").contains("towpath:");
        self.world.wait("the server said nothing", || is_there() || is_refused());
        assert!(is_there(), "{}", self.world.read("up.log"));
    }

    /// Ends the server at once; its file stays.
    fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// Returns the program with the world's server and nobody else's.
    fn command(&self, words: &str) -> Command {
        let mut command = self.world.command(words);
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    /// Runs a verb against the server.
    fn ask(&self, words: &str) -> Finished {
        let mut command = self.command(words);
        command.args(["--data", "data"]);
        self.world.finish(command.spawn().unwrap())
    }

    /// Runs a verb with arguments that hold spaces.
    fn ask_with(&self, words: &str, more: &[&str]) -> Finished {
        let mut command = self.command(words);
        command.args(more).args(["--data", "data"]);
        self.world.finish(command.spawn().unwrap())
    }

    /// Returns what the server said of itself.
    fn server_file(&self) -> Value {
        serde_json::from_str(&self.world.read("data/server.json")).unwrap()
    }

    /// Takes out of a text what differs from run to run.
    fn same(&self, text: &str) -> String {
        let text = self.world.same_each_time(text);
        let short = regex::Regex::new(r"\b[0-9a-f]{8}\b").unwrap().replace_all(&text, "SHORT");
        let commit = regex::Regex::new(r"\b[0-9a-f]{7}\b").unwrap();
        let text = commit.replace_all(&short, "COMMIT");
        // Times stand at the right of their column.
        regex::Regex::new(" +TOOK").unwrap().replace_all(&text, " TOOK").into_owned()
    }

    fn head(&self) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.world.path("app"))
            .args(["rev-parse", "HEAD"])
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            signal("-TERM", server.id());
            let _ = server.wait();
        }
    }
}
