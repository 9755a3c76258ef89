//! Worlds in which one protection is broken, drawn so that it is needed.

use super::{Fate, Simulation};
use crate::chance::{Chance, Concern};
use crate::sabotage::Sabotage;
use crate::settings::{Faults, Settings};

impl Simulation {
    /// Makes a world in which a protection is broken.
    pub fn sabotaged(seed: u64, sabotage: Sabotage) -> Self {
        let settings = Settings { sabotage: Some(sabotage), ..settings(seed, sabotage) };
        struck(Self::new(seed, settings, false), seed, sabotage)
    }

    /// Makes the same world with the protection in force.
    pub fn unsabotaged(seed: u64, sabotage: Sabotage) -> Self {
        struck(Self::new(seed, settings(seed, sabotage), false), seed, sabotage)
    }
}

/// Where only one call may be struck, strikes it: one of the first three, which are those of a start.
fn struck(mut simulation: Simulation, seed: u64, sabotage: Sabotage) -> Simulation {
    if sabotage == Sabotage::UnchangedIsSilent {
        simulation.script([(1 + seed % 3, Fate::CrashAfter)].into());
    }
    simulation
}

/// Draws a world in which a protection is needed.
fn settings(seed: u64, sabotage: Sabotage) -> Settings {
    let mut chance = Chance::new(seed, Concern::Shape);
    let drawn = Settings::draw(&mut chance);
    // What is broken shows where hints travel.
    let shared = Settings { is_sole_writer: false, processes: 3, does_errands: false, ..drawn };
    match sabotage {
        // Where nobody sweeps, only what is asked again and delivered again goes on.
        Sabotage::UnchangedIsSilent => {
            Settings { faults: Faults::none(), sweep_millis: None, acts: 1, ..shared }
        }
        Sabotage::NoRedelivery => Settings {
            faults: Faults { failed: 0.1, ..Faults::none() },
            sweep_millis: None,
            acts: 1,
            ..shared
        },
        Sabotage::NoCancel => Settings {
            faults: Faults { stalled: 0.3, ..Faults::none() },
            job_millis: 600_000.0,
            ..shared
        },
        Sabotage::OwnRecordUnknown => {
            Settings { faults: Faults { sent_again: 0.3, ..Faults::none() }, ..shared }
        }
        Sabotage::UnguardedAppend | Sabotage::TurnsUnnumbered | Sabotage::StaleLoads => Settings {
            faults: Faults { hint_doubled: 0.5, call_delay_millis: 2_000.0, ..Faults::none() },
            act_delay_millis: 2_000.0,
            ..shared
        },
        Sabotage::CursorFirst => {
            Settings { faults: Faults { crashed: 0.05, ..Faults::none() }, ..shared }
        }
        Sabotage::PlansUnpinned
        | Sabotage::NoSweep
        | Sabotage::UnknownLooksRunning
        | Sabotage::StartedAgain
        | Sabotage::NoLookBack
        | Sabotage::TokenUnclaimed
        | Sabotage::NotWatched
        | Sabotage::SummaryForgotten
        | Sabotage::EventsShuffled => shared,
    }
}
