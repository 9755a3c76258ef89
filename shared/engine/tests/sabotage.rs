//! Goal: every protection is needed, and something notices when one is gone.
//!
//! Method: a short script for each. With everything in force it runs through; with the switch thrown
//! a law breaks, or the engine's own table of transitions does.

use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::Protection::{
    self, AbandonGivesUp, AttemptFence, CloseFence, DisabledHolds, EndingRequestsNothing,
    FirstInLine, FirstReportWins, FiveAtOnce, GroupsInOrder, LatestOnly, NotBeforeDeadline,
    OneOccupant, OneWaits, Quota, ReopenFence, SameDeclaration, SiblingsEndFirst, StartedOnce,
    ThirtyDays, TimeGoesForward, TokenMatches, UpdateEndsWaiting,
};
use engine::protection::Sabotage;
use engine::state::{Ending, Latest, Place};
use model::status::StageStatus;

use crate::laws::{check_state, check_step};
use crate::moves::{execution_id, report};
use crate::world::{Log, World};
use crate::{moves, script, shape};

const SMALL: &str = "pipeline SUPERSEDED: Source(S) Build(B) Prod(D)";
const GROUPS: &str = "pipeline SUPERSEDED: Source(S) Build(A|B, C@2)";
const QUEUED: &str = "pipeline QUEUED: Source(S) Build(B) Prod(D)";
const PARALLEL: &str = "pipeline PARALLEL: Source(S) Build(A|B|C|D|E|F)";

const APPROVAL: &str = "pipeline SUPERSEDED: Source(S) Prod(approve P)";

/// For each protection: a pipeline, a script in which it matters, and what is said without it.
const PLOTS: &[(Protection, &str, &str, &str)] = &[
    (OneOccupant, SMALL, "start; start", "which is occupied"),
    (DisabledHolds, SMALL, "disable Source because x; start", "closed way (S11)"),
    (OneWaits, SMALL, "start; start; start", "2 wait before Source (R18)"),
    (
        FirstInLine,
        QUEUED,
        "disable Source because x; start again #5 looked; start again #3 looked; enable Source",
        "jumps in (S8)",
    ),
    (SiblingsEndFirst, GROUPS, "start; ok #1 Source/S; fail #1 Build/A", "(R15)"),
    (
        EndingRequestsNothing,
        GROUPS,
        "start; ok #1 Source/S; stop #1; ok #1 Build/A; ok #1 Build/B",
        "(S14)",
    ),
    (GroupsInOrder, GROUPS, "start; ok #1 Source/S", "C before A (S10)"),
    (FiveAtOnce, PARALLEL, "start; ok #1 Source/S", "more than five actions (R27)"),
    (
        AttemptFence,
        SMALL,
        "start; fail #1 Source/S; retry #1 Source ALL_ACTIONS; ok #1 Source/S attempt 1",
        "(S16)",
    ),
    (
        FirstReportWins,
        GROUPS,
        "start; ok #1 Source/S; ok #1 Build/A; fail #1 Build/A",
        "the transition is not in the table",
    ),
    (
        TokenMatches,
        APPROVAL,
        "start; ok #1 Source/S; approve #1 Prod/P wrongly",
        "wrong token (S18)",
    ),
    (
        LatestOnly,
        SMALL,
        "start; fail #1 Source/S; start; fail #2 Source/S; retry #1 Source ALL_ACTIONS",
        "but nothing of it was kept",
    ),
    (
        SameDeclaration,
        SMALL,
        "start; fail #1 Source/S; update; retry #1 Source ALL_ACTIONS",
        "(R52, S24)",
    ),
    (
        StartedOnce,
        SMALL,
        "start; fail #1 Source/S; start; fail #2 Source/S; start again #1",
        "started twice (S20)",
    ),
    (Quota, QUEUED, "51 times start", "51 are unfinished (R9)"),
    (UpdateEndsWaiting, SMALL, "start; start; update", "after an update (R84)"),
    (AbandonGivesUp, SMALL, "start; abandon #1", "abandon ends at once (S15)"),
    (NotBeforeDeadline, SMALL, "start; +59 minutes; tick", "59 minutes (L7)"),
    (
        ThirtyDays,
        SMALL,
        "disable Source because x; start; +31 days; enable Source",
        "and goes on (R40)",
    ),
    (
        CloseFence,
        PARALLEL,
        "start; hold; fail #1 Source/S; retry #1 Source ALL_ACTIONS; reopen #1 2; close #1 1",
        "(S28)",
    ),
    (ReopenFence, PARALLEL, "start; reopen #1 1", "heard twice: 1 (S28)"),
    (TimeGoesForward, SMALL, "start; -5 minutes; start", "went back (F13)"),
];

/// Runs something that may panic, and returns what it said.
fn complaint(run: impl FnOnce()) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(run)).err()?;
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
}

#[test]
fn without_any_one_protection_some_law_breaks() {
    let mut surprises = Vec::new();
    for (protection, pipeline, commands, law) in PLOTS {
        let text = format!("{pipeline}\n{}", commands.replace("; ", "\n"));
        script::run(&text);
        let said = complaint(|| {
            let _sabotage = Sabotage::of(*protection);
            script::run(&text);
        });
        let said = said.unwrap_or_else(|| "nobody notices".to_owned());
        if !said.contains(law) {
            surprises.push(format!("{protection:?}: not {law:?}, but {said}"));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn every_protection_is_sabotaged() {
    let plotted: Vec<Protection> = PLOTS.iter().map(|plot| plot.0).collect();
    for protection in Protection::ALL {
        // This one has a test of its own, below.
        let is_covered = plotted.contains(protection) || *protection == Protection::OlderYields;
        assert!(is_covered, "{protection:?} has no plot");
    }
}

/// R21. Goal: an older execution yields to a newer one that is ahead of it. Today's rules never let
/// that happen (whoever was passed cannot be retried, R22), so the state is made by hand: #1 is still
/// inside of Source, as if it had been let in again, while #2 waits before Build.
#[test]
fn an_older_execution_that_comes_late_yields() {
    let mut world = World::new();
    let pipeline = shape::pipeline("SUPERSEDED: Source(S) Build(B)");
    world.take(Log::Pipeline, &moves::define(&pipeline)).expect("created");
    let disable = engine::Input::Disable {
        stage: "Build".into(),
        reason: "freeze".to_owned(),
        by: "ann".to_owned(),
    };
    world.take(Log::Pipeline, &disable).expect("disabled");
    world.take(Log::Pipeline, &moves::start(1, 0)).expect("started");
    let older = world.pipeline.executions[&execution_id(1)].clone();
    let run = |number| engine::state::RunKey {
        execution: execution_id(number),
        stage: "Source".into(),
        action: "S".into(),
        attempt: 1,
    };
    world.take(Log::Pipeline, &report(run(1), false)).expect("failed");
    world.take(Log::Pipeline, &moves::start(2, 0)).expect("started");
    world.take(Log::Pipeline, &report(run(2), true)).expect("waits");

    let mut state = world.pipeline.clone();
    assert_eq!((older.place, older.ending), (Place::Inside, Ending::No));
    let source = state.stages.get_mut("Source").expect("a stage");
    source.occupant = Some(execution_id(1));
    source.latest = Some(Latest {
        execution: execution_id(1),
        number: 1,
        attempt: 1,
        status: StageStatus::InProgress,
        resume: None,
    });
    state.executions.insert(execution_id(1), older);
    let plans = world.plans_of(&state);
    let arrive = || {
        let input = report(run(1), true);
        let decision = engine::decide(&state, &plans, &input, state.at).expect("a report");
        check_step(&state, &plans, &input, &decision);
        check_state(&decision.state, &plans);
        decision
    };
    assert!(!arrive().state.executions.contains_key(&execution_id(1)), "#1 is superseded");
    let said = complaint(|| {
        let _sabotage = Sabotage::of(Protection::OlderYields);
        arrive();
    });
    assert!(said.expect("a law breaks").contains("(S"), "and the newer one is not superseded");
}
