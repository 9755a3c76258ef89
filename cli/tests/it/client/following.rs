//! Following what goes on: logs while they grow, and a drawing on a terminal.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};

use crate::client::{Served, VARIABLES};
use crate::world::{build, pipe, pipeline};

/// A server whose build waits at a gate.
fn gated() -> Served {
    let served = Served::new("");
    let world = &served.world;
    let gate = world.path("gate");
    pipe(&gate);
    world.write("app/build.sh", format!("echo before\ncat {}\necho after\n", gate.display()));
    world.commit("Wait at the gate");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    served.ask("apply web.json --yes").expect(0);
    served
}

#[test]
fn a_log_is_followed_while_it_grows() {
    let served = gated();
    let world = &served.world;
    let mut command = served.command("logs web Build/Compile --follow --data data");
    command.stdout(fs::File::create(world.path("followed")).unwrap());
    let mut child = command.spawn().unwrap();
    world.wait("nothing was followed", || world.read("followed").contains("before"));
    assert!(!world.read("followed").contains("after"), "the gate was open");
    let why = served.ask("why web").expect(0).out;
    assert!(why.contains("runs Build/Compile") && why.contains("towpath logs web Build/Compile"));
    fs::write(world.path("gate"), "open").unwrap();
    assert!(child.wait().unwrap().success());
    let followed = world.read("followed");
    assert!(followed.contains("after"), "{followed}");
    assert_eq!(followed.matches("before").count(), 1, "{followed}");
}

/// Starts a verb on a terminal of its own; what it shows goes to the file `screen`. Where `script` is
/// not installed, that is printed and nothing is started.
fn on_terminal(served: &Served, words: &str) -> Option<Child> {
    let world = &served.world;
    let line = format!("exec {} {words} --data data", env!("CARGO_BIN_EXE_towpath"));
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"])
        .current_dir(world.path("."))
        .envs([("TERM", "xterm-256color"), ("SHELL", "/bin/sh")])
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(fs::File::create(world.path("screen")).unwrap());
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    match command.spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            println!("passed without looking: script could not be run: {error}");
            None
        }
    }
}

#[test]
fn on_a_terminal_the_pipeline_is_drawn_until_its_execution_ends() {
    let served = gated();
    let world = &served.world;
    for interrupts in [true, false] {
        let Some(mut child) = on_terminal(&served, "watch web --exit-status") else {
            fs::write(world.path("gate"), "open").unwrap();
            return;
        };
        let mut keys = child.stdin.take().unwrap();
        world.wait("the build was never drawn", || world.read("screen").contains("Compile"));
        let status = if interrupts {
            // Ctrl-C, as it is typed: watching ends, the execution goes on.
            keys.write_all(b"\x03").unwrap();
            2
        } else {
            fs::write(world.path("gate"), "open").unwrap();
            0
        };
        assert_eq!(child.wait().unwrap().code(), Some(status), "{}", world.read("screen"));
        let screen = world.read("screen");
        let (hidden, shown) = (screen.rfind("\u{1b}[?25l"), screen.rfind("\u{1b}[?25h"));
        assert!(hidden.is_some() && shown > hidden, "the cursor stays hidden: {screen:?}");
    }
}

#[test]
fn watching_outlives_a_server_that_is_killed_and_started_again() {
    let mut served = gated();
    let mut command = served.command("watch web --exit-status --data data");
    command.stdout(fs::File::create(served.world.path("watched")).unwrap());
    let mut child = command.spawn().unwrap();
    let watched = || served.world.read("watched");
    served.world.wait("nothing was watched", || watched().contains("→ run            Build"));
    let endpoint = served.server_file()["endpoint"].as_str().unwrap().to_owned();
    served.kill();
    fs::remove_file(served.world.path("data/server.json")).unwrap();
    served.serve_with(&format!("--port {}", endpoint.rsplit(':').next().unwrap()));
    fs::write(served.world.path("gate"), "open").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", served.world.read("watched"));
    let watched = served.world.read("watched");
    assert!(watched.ends_with("  succeeded\n"), "{watched}");
    assert_eq!(watched.matches("  started ").count(), 1, "{watched}");
}

#[test]
fn on_a_terminal_a_change_is_asked_for_and_done_only_after_a_yes() {
    let served = Served::new("true");
    let world = &served.world;
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    for (answer, status, says) in [("n\n", 2, "nothing was changed"), ("y\n", 0, "is created")] {
        let Some(mut child) = on_terminal(&served, "apply web.json") else { return };
        world.wait("nobody was asked", || world.read("screen").contains("create web? type y or n"));
        child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status), "{}", world.read("screen"));
        let screen = world.read("screen");
        assert!(screen.contains(says) && screen.contains("+ name: web"), "{screen:?}");
    }
    assert!(served.ask("ls").expect(0).out.contains("web"));
}
