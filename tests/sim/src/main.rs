//! The simulator's command line: `sim --seeds 20000`, `sim --seed 7 --trace`, `sim --crash-points`.

use std::process::ExitCode;

use clap::Parser;

/// Runs the real controller in simulated worlds full of faults.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Runs the demonstration's world once, undisturbed.
    #[arg(long)]
    demonstration: bool,
    /// One seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Prints everything that happens.
    #[arg(long)]
    trace: bool,
    /// Also enumerates the crash points of the demonstration, alone and in pairs.
    #[arg(long)]
    crash_points: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report = match arguments.seed {
        None if arguments.demonstration => sim::report::demonstration(arguments.trace),
        Some(seed) => sim::report::one(seed, arguments.trace),
        None => {
            let seeds = arguments.from..arguments.from.saturating_add(arguments.seeds);
            sim::report::many(seeds, arguments.crash_points)
        }
    };
    if report { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
