//! Every protection that the simulator can break from outside, broken: some check must fail.

use sim::campaign::{Violation, attempt};
use sim::sabotage::Sabotage;
use sim::simulation::Simulation;

/// How many worlds are searched for one in which a broken protection shows.
const SEEDS_MAX: u64 = 400;

/// Returns the first violation that a broken protection leads to, and the seed.
fn search(sabotage: Sabotage) -> Option<(u64, Violation)> {
    (0..SEEDS_MAX).find_map(|seed| {
        let world = || Simulation::sabotaged(seed, sabotage).run();
        attempt(world).err().map(|violation| (seed, violation))
    })
}

/// The words that tell that the right check failed, and not something beside it.
fn expected(sabotage: Sabotage) -> &'static [&'static str] {
    match sabotage {
        Sabotage::UnguardedAppend => &["was replaced"],
        Sabotage::OwnRecordUnknown => &["and it was (F7)", "appended 2 times"],
        Sabotage::TurnsUnnumbered => &["appended 0 times", "does not (S20)"],
        Sabotage::PlansUnpinned => &["(S24)"],
        Sabotage::StaleLoads => &["over when we looked", "others were faster", "(L"],
        Sabotage::UnchangedIsSilent | Sabotage::UnknownLooksRunning => &["never started (L3)"],
        // What fails to start an action is lost like what fails to ask after one.
        Sabotage::NoRedelivery => &["never started (L3)", "nobody noticed (L5)"],
        Sabotage::NoSweep => &["(L"],
        Sabotage::StartedAgain => &["really started 2 times"],
        Sabotage::NoCancel => &["never told to stop"],
        Sabotage::NoLookBack => &["accepted twice"],
        Sabotage::TokenUnclaimed => &["one token"],
        Sabotage::NotWatched => &["nobody watches it"],
        Sabotage::SummaryForgotten => &["the summary is wrong"],
        Sabotage::CursorFirst => &["out of order", "events are missing"],
        Sabotage::EventsShuffled => &["out of order"],
    }
}

#[test]
fn each_broken_protection_breaks_a_law() {
    let outcomes = Sabotage::ALL.iter().map(|sabotage| (*sabotage, search(*sabotage)));
    let missed: Vec<String> =
        outcomes.filter_map(|(sabotage, found)| complaint(sabotage, found)).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn complaint(sabotage: Sabotage, found: Option<(u64, Violation)>) -> Option<String> {
    let Some((seed, violation)) = found else {
        return Some(format!("{sabotage:?}: nothing noticed it in {SEEDS_MAX} worlds"));
    };
    let is_right = expected(sabotage).iter().any(|words| violation.law.contains(words));
    let law = violation.law;
    (!is_right).then(|| format!("{sabotage:?}: seed {seed} noticed something else: {law}"))
}

#[test]
fn the_worlds_of_the_sabotage_break_no_law_by_themselves() {
    let worlds = Sabotage::ALL.iter().flat_map(|kind| (0..40).map(move |seed| (*kind, seed)));
    let broken = worlds.filter_map(|(kind, seed)| {
        let world = || Simulation::unsabotaged(seed, kind).run();
        attempt(world).err().map(|violation| format!("{kind:?} {seed}: {}", violation.law))
    });
    let broken: Vec<String> = broken.collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
