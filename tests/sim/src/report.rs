//! What the command line prints.

use std::ops::Range;
use std::time::Instant;

use crate::campaign::{self, Violation};
use crate::crash_points;
use crate::simulation::Simulation;
use crate::tally::Tally;
use crate::trace::Trace;

/// How many seeds are too few to ask that every interesting state was reached.
const SEEDS_FOR_STATES: u64 = 5_000;

/// How many violations are printed in full.
const PRINTED_MAX: usize = 20;

/// Runs one seed and says how it went; returns whether every law held.
pub fn one(seed: u64, is_traced: bool) -> bool {
    let rerun = format!("--seed {seed} --trace");
    show(&rerun, || Simulation::of_seed(seed, is_traced).run())
}

/// Runs the demonstration's world once; returns whether every law held.
pub fn demonstration(is_traced: bool) -> bool {
    show("--demonstration --trace", || Simulation::demonstration(is_traced).run())
}

fn show(rerun: &str, run: impl FnOnce() -> (Tally, Trace)) -> bool {
    match campaign::attempt(run) {
        Ok((tally, trace)) => {
            say(&format!("{tally}"));
            say(&format!("{} lines, digest {:016x}", trace.lines(), trace.digest()));
            say("1 passed, 0 failed");
            true
        }
        Err(violation) => {
            say(&broken(rerun, &violation));
            say("0 passed, 1 failed");
            false
        }
    }
}

/// Runs many seeds and says how they went; returns whether every law held.
pub fn many(seeds: Range<u64>, with_crash_points: bool) -> bool {
    let began = Instant::now();
    let count = seeds.end - seeds.start;
    let outcome = campaign::run(seeds);
    let seconds = began.elapsed().as_secs_f64();
    say(&format!("{}in {seconds:.1} s", outcome.tally));
    for (seed, violation) in outcome.violations.iter().take(PRINTED_MAX) {
        say(&broken(&format!("--seed {seed} --trace"), violation));
    }
    let mut failed = outcome.violations.len() as u64;
    let mut passed = count - failed;
    let missing = outcome.tally.missing();
    if count >= SEEDS_FOR_STATES && !missing.is_empty() {
        say(&format!("never reached: {missing:?}; draw worlds that do"));
        failed += 1;
    }
    if with_crash_points {
        let began = Instant::now();
        let points = crash_points::enumerate(crash_points::Depth::Pairs);
        let seconds = began.elapsed().as_secs_f64();
        say(&format!("crash points of the demonstration: {points} in {seconds:.1} s"));
        passed += points.runs - points.broken.len() as u64;
        failed += points.broken.len() as u64;
    }
    say(&format!("{} violations", outcome.violations.len()));
    say(&format!("{passed} passed, {failed} failed"));
    failed == 0
}

fn broken(rerun: &str, violation: &Violation) -> String {
    let Violation { law, place } = violation;
    format!("VIOLATION: {law}\n  at {place}\n  rerun: cargo run --release -p sim -- {rerun}")
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn say(line: &str) {
    println!("{line}");
}
