//! `towpath run`, killed and run again.

use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::plan;
use crate::world::{World, check_events};

/// Beyond this the test itself has failed.
const MINUTES_MAX: u64 = 20;

/// The longest that a run may go on before it is killed: about as long as an execution takes.
const MILLIS_MAX: u64 = 900;

#[test]
fn a_run_killed_at_any_moment_ends_every_execution_and_nothing_runs_twice() {
    let (kills, seed) = plan();
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let world = World::new();
    let deadline = Instant::now() + Duration::from_secs(MINUTES_MAX * 60);
    let mut killed = 0;
    while killed < kills {
        assert!(Instant::now() < deadline, "{killed} kills took more than {MINUTES_MAX} minutes");
        let child = run(&world);
        let millis = chance.random_range(0..MILLIS_MAX);
        if wait_or_kill(child, Duration::from_millis(millis)) {
            killed += 1;
        }
    }
    let mut last = run(&world);
    let status = last.wait().expect("the last run can be waited for");
    assert!(status.code().is_some_and(|code| code < 2), "the last run ended with {status}");

    let events = world.events();
    let ended = check_events(&events);
    let ran = world.check_ledger();
    println!("{killed} kills: {ended} executions ended, {ran} runs, {} events", events.len());
    assert!(ended > 0 && ran > 0, "nothing happened between the kills");
}

fn run(world: &World) -> Child {
    world
        .command("run")
        .arg(world.path("pipeline.yaml"))
        .args(["--once", "--yes", "--json"])
        .spawn()
        .expect("towpath can be started")
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
