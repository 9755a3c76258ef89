//! On a terminal: the drawing, the question, and the terminal as it was afterwards.
//!
//! How it is shown: `script` gives the program a terminal of its own. Where it is not installed, the
//! tests print that and pass.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};

use crate::endings::signal;
use crate::world::{World, approve, build, pipeline};

const HIDE: &str = "\u{1b}[?25l";
const SHOW: &str = "\u{1b}[?25h";

/// Starts the program on a terminal; what it draws goes to the file `screen`.
fn start(world: &World, words: &str, environment: &str) -> Option<Child> {
    let line = format!("{environment} exec {} {words}", env!("CARGO_BIN_EXE_towpath"));
    let child = Command::new("script")
        .args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"])
        .current_dir(world.path("."))
        .env("TERM", "xterm-256color")
        .env("SHELL", "/bin/sh")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(fs::File::create(world.path("screen")).unwrap())
        .spawn();
    match child {
        Ok(child) => Some(child),
        Err(error) => {
            println!("passed without looking: script could not be run: {error}");
            None
        }
    }
}

fn asking() -> World {
    let world = World::new("printf '\\033[31mred\\033[0m\\n'");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[approve(), build()]));
    world
}

const RUN: &str = "run web.json --repository app=app --data data --once";

#[test]
fn an_approval_is_asked_for_and_answered_where_the_person_sits() {
    for (answer, status, ends) in [("y\n", 0, "succeeded"), ("nonsense\nn\n", 1, "rejected by")] {
        let world = asking();
        let Some(mut child) = start(&world, RUN, "") else { return };
        world.wait("nobody was asked", || world.read("screen").contains("approve #1"));
        let mut keys = child.stdin.take().unwrap();
        keys.write_all(answer.as_bytes()).unwrap();
        keys.flush().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status), "{}", world.read("screen"));
        let screen = world.read("screen");
        for text in ["Release Begin?", "type y or n, then Enter", ends, HIDE, "\u{1b}[?2026h"] {
            assert!(screen.contains(text), "{text:?} is not in {screen:?}");
        }
        assert!(screen.rfind(SHOW) > screen.rfind(HIDE), "the cursor stays hidden: {screen:?}");
        assert!(!screen.contains("\u{1b}[31mred"), "a log steers the terminal");
    }
}

#[test]
fn an_interrupt_gives_the_cursor_back() {
    let world = asking();
    let Some(mut child) = start(&world, "run web.json --repository app=app --data data", "") else {
        return;
    };
    world.wait("nobody was asked", || world.read("screen").contains("approve #1"));
    // Ctrl-C, as it is typed.
    child.stdin.take().unwrap().write_all(b"\x03").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2), "{}", world.read("screen"));
    let screen = world.read("screen");
    assert!(screen.contains("#1 will go on when you run this again"), "{screen:?}");
    assert!(screen.rfind(SHOW) > screen.rfind(HIDE), "the cursor stays hidden: {screen:?}");
}

#[test]
fn no_color_and_dumb_terminals_are_heeded() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let colour = "\u{1b}[38;5;";
    for (environment, is_drawn, is_coloured) in
        [("", true, true), ("NO_COLOR=1", true, false), ("TERM=dumb", false, false)]
    {
        let Some(mut child) = start(&world, RUN, environment) else { return };
        assert_eq!(child.wait().unwrap().code(), Some(0));
        let screen = world.read("screen");
        assert_eq!(screen.contains(HIDE), is_drawn, "{environment}: {screen:?}");
        assert_eq!(screen.contains(colour), is_coloured, "{environment}: {screen:?}");
    }
}

#[test]
fn a_terminal_that_hangs_up_ends_the_run_and_loses_nothing() {
    let world = asking();
    let mut child = world.start("run web.json --repository app=app --data data");
    world.wait("nothing was written", || world.path("data/towpath.db").exists());
    signal("-HUP", child.id());
    child.wait().unwrap();
    world.towpath(&format!("{RUN} --yes")).expect(0);
}
