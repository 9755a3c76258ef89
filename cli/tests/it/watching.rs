//! Watching: an execution for every change, and none without one.

use std::fs;
use std::process::Child;

use crate::endings::signal;
use crate::world::{World, build, pipe, pipeline};

fn watch(world: &World) -> Child {
    let out = fs::File::create(world.path("out")).unwrap();
    let mut command = world.command("run web.json --repository app=app --data data");
    command.stdout(out);
    command.spawn().unwrap()
}

fn end(mut child: Child) -> Option<i32> {
    signal("-INT", child.id());
    child.wait().unwrap().code()
}

fn count(world: &World, text: &str) -> usize {
    world.read("out").lines().filter(|line| line.contains(text)).count()
}

#[test]
fn a_commit_starts_an_execution_and_a_restart_without_one_does_not() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let child = watch(&world);
    world.wait("#1 never ended", || count(&world, "web #1    succeeded") == 1);
    world.commit("Second");
    world.wait("#2 never ended", || count(&world, "web #2    succeeded") == 1);
    assert_eq!(end(child), Some(0));
    world.commit("While nobody looks");
    let child = watch(&world);
    world.wait("#3 never ended", || count(&world, "web #3    succeeded") == 1);
    assert_eq!(end(child), Some(0));
    let child = watch(&world);
    world.commit("Fourth");
    world.wait("#4 never ended", || count(&world, "web #4    succeeded") == 1);
    assert_eq!(end(child), Some(0));
    assert_eq!(count(&world, "started"), 1, "{}", world.read("out"));
}

#[test]
fn queued_executions_wait_and_parallel_ones_do_not() {
    // R24: in QUEUED mode the second waits until the first has left; R26: in PARALLEL mode both build.
    for (mode, is_waiting) in [("QUEUED", true), ("PARALLEL", false)] {
        let world = World::new("");
        let gate = world.path("gate");
        pipe(&gate);
        let ledger = world.path("ledger");
        let script = format!("echo begun >> {}\ncat {}\n", ledger.display(), gate.display());
        world.write("app/build.sh", script);
        world.commit("Wait at the gate");
        world.pipeline("web.json", &pipeline(mode, &[build()]));
        let child = watch(&world);
        let begun = || world.read("ledger").lines().count();
        world.wait("#1 never built", || begun() == 1);
        world.commit("Second");
        if is_waiting {
            world
                .wait("#2 never waited", || count(&world, "web #2    waits            Build") == 1);
            fs::write(&gate, "open").unwrap();
            world.wait("#1 never ended", || count(&world, "web #1    succeeded") == 1);
        } else {
            world.wait("#2 never built beside #1", || begun() == 2);
            fs::write(&gate, "open").unwrap();
        }
        world.wait("#2 never built", || begun() == 2);
        world.wait("not all ended", || {
            // Whoever still waits at the gate is let through, without waiting for it ourselves.
            let _ = rustix_open(&gate);
            count(&world, "succeeded") - count(&world, "✓ succeeded") == 2
        });
        assert_eq!(end(child), Some(0), "{mode}: {}", world.read("out"));
    }
}

/// Opens the writing end of a pipe if somebody reads from it.
fn rustix_open(gate: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    const WITHOUT_WAITING: i32 = 0o4000;
    let open = fs::OpenOptions::new().write(true).custom_flags(WITHOUT_WAITING).open(gate);
    open.map(drop)
}

#[test]
fn a_repository_that_vanishes_is_said_once_and_found_again() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let child = watch(&world);
    world.wait("#1 never ended", || count(&world, "web #1    succeeded") == 1);
    fs::rename(world.path("app"), world.path("elsewhere")).unwrap();
    // The notification of the file system tells of it; without one, it takes a minute.
    fs::write(world.path("elsewhere/.git/refs/heads/nudge"), "").unwrap();
    world.wait("nobody was told", || count(&world, "the sources cannot be looked at") == 1);
    fs::remove_file(world.path("elsewhere/.git/refs/heads/nudge")).unwrap();
    fs::rename(world.path("elsewhere"), world.path("app")).unwrap();
    world.commit("Back again");
    world.wait("#2 never ended", || count(&world, "web #2    succeeded") == 1);
    assert_eq!(end(child), Some(0));
}
