//! A small share of what `cargo run --release -p sim` does, and what makes its seeds worth keeping.

use sim::campaign;
use sim::crash_points::{Depth, enumerate};
use sim::simulation::Simulation;

#[test]
fn no_law_breaks_in_the_first_seeds() {
    let outcome = campaign::run(0..300);
    assert!(outcome.violations.is_empty(), "{:#?}", outcome.violations);
    assert_eq!(outcome.tally.seeds, 300);
}

#[test]
fn one_seed_twice_gives_the_same_trace() {
    for seed in 0..40 {
        let run = || {
            let (tally, trace) = Simulation::of_seed(seed, false).run();
            (tally, trace.digest(), trace.lines())
        };
        assert_eq!(run(), run(), "seed {seed}");
    }
}

#[test]
fn different_seeds_give_different_traces() {
    let digest = |seed| Simulation::of_seed(seed, false).run().1.digest();
    assert_ne!(digest(1), digest(2));
}

#[test]
fn the_demonstration_survives_a_strike_at_every_call() {
    let points = enumerate(Depth::Singles);
    assert!(points.broken.is_empty(), "{points}");
    assert!(points.calls > 80, "{points}");
    assert_eq!(points.singles, 3 * points.calls);
}
