//! A process that is gone, and the next one.

use std::fs;

use serde_json::Value;

use crate::endings::signal;
use crate::world::{World, build, pipe, pipeline};

const RUN: &str =
    "run web.json --repository app=app --data data --once --json --events events.jsonl";

/// A world whose build writes down that it ran and waits at a gate.
fn gated() -> World {
    let world = World::new("");
    let (ledger, gate) = (world.path("ledger"), world.path("gate"));
    pipe(&gate);
    let script = format!("echo ran >> {}\ncat {}\n", ledger.display(), gate.display());
    world.write("app/build.sh", script);
    world.commit("Wait at the gate");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    world
}

fn ran(world: &World) -> usize {
    world.read("ledger").lines().count()
}

#[test]
fn a_run_that_is_killed_goes_on_and_no_action_runs_twice() {
    let world = gated();
    let child = world.start(RUN);
    world.wait("the build never began", || ran(&world) == 1);
    signal("-KILL", child.id());
    assert_eq!(world.finish(child).status, None);
    let again = world.start(RUN);
    fs::write(world.path("gate"), "open").unwrap();
    let lines = world.finish(again).expect(0).json();
    assert!(lines.iter().all(|line| line["change"] != "started"), "{lines:?}");
    assert_eq!(lines.last().unwrap()["change"], "succeeded");
    assert_eq!(ran(&world), 1, "the build ran twice");
    assert_eq!(crate::events::check(&world.read("events.jsonl")), 1);
}

#[test]
fn a_new_declaration_cancels_what_runs_under_the_old_one() {
    // R84: the running action finishes, then the execution is cancelled.
    let world = gated();
    let child = world.start(RUN);
    world.wait("the build never began", || ran(&world) == 1);
    signal("-KILL", child.id());
    world.finish(child);
    let mut changed = pipeline("SUPERSEDED", &[build()]);
    changed["stages"][1]["name"] = Value::from("Make");
    world.pipeline("web.json", &changed);
    let mut command = world.command(RUN);
    command.stdout(fs::File::create(world.path("out")).unwrap());
    let mut again = command.spawn().unwrap();
    world.wait("nothing was defined", || world.read("out").contains("\"cancelling\""));
    fs::write(world.path("gate"), "open").unwrap();
    assert_eq!(again.wait().unwrap().code(), Some(2), "{}", world.read("out"));
    assert!(world.read("out").contains("\"cancelled\""), "{}", world.read("out"));
    assert_eq!(ran(&world), 1, "the build ran twice");
    assert_eq!(crate::events::check(&world.read("events.jsonl")), 1);
}
