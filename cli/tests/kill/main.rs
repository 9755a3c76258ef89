//! The controller killed at random moments, again and again, over the demo's pipeline.
//!
//! Afterwards every execution must have ended, no action may have run twice for one attempt, and no
//! state-change event may be missing (laws S2, S22, L4).
//!
//! How it is shown: every build and every hook appends the id it was given to a ledger, so running
//! twice leaves the id there twice; and the file of events is read back whole. `TOWPATH_KILLS` sets
//! how often is killed (20 unless told; the test command asks for 200), `TOWPATH_SEED` when.

#![expect(clippy::print_stdout, reason = "whoever runs the test wants to know how to run it again")]

#[path = "../server/asking.rs"]
mod asking;
mod run;
mod up;
mod world;

/// How often to kill, and the seed of when.
fn plan() -> (u64, u64) {
    let (kills, seed) = (number("TOWPATH_KILLS", 20), number("TOWPATH_SEED", 1));
    println!("{kills} kills, seed {seed}; rerun: TOWPATH_KILLS={kills} TOWPATH_SEED={seed}");
    (kills, seed)
}

#[expect(clippy::disallowed_methods, reason = "how often to kill is said by whoever runs the test")]
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
