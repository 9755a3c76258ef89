//! What holds in every committed state.

use std::collections::BTreeSet;

use engine::state::{Ending, Execution, Inbound, Place, Run, RunKey, Scope, State};
use engine::{Effect, Input, Plans, decide, outstanding};
use model::ids::ExecutionId;
use model::status::{ExecutionMode, StageStatus};
use uuid::Uuid;

/// Checks one committed state.
pub(crate) fn check_state(state: &State, plans: &Plans) {
    check_places(state, plans);
    check_waiting(state);
    for (id, execution) in &state.executions {
        assert_ne!(execution.place, Place::Arriving, "{id}: nobody is committed on the way");
        match execution.place {
            Place::Inside => check_inside(state.scope, plans, execution),
            Place::Waiting | Place::Arriving => {
                assert!(execution.runs.is_empty(), "{id}: who waits runs nothing");
                assert_eq!(execution.ending, Ending::No, "{id}: who waits ends at once (R47, R84)");
            }
        }
    }
    if state.scope == Scope::Execution {
        assert!(state.executions.len() <= 1, "a PARALLEL execution has its log for itself (R26)");
    }
    check_outstanding(state, plans);
    let again = decide(state, plans, &nothing(state), state.at).expect("never refused");
    assert!(again.changes.is_empty(), "deciding again changes {:?}", again.changes);
}

/// An input that asks for nothing new, so that only what follows from the state is decided.
fn nothing(state: &State) -> Input {
    let nobody = ExecutionId::new(Uuid::max());
    match state.scope {
        Scope::Pipeline => Input::Close { execution: nobody, attempt: 0 },
        Scope::Execution => {
            let closed = state.stages.iter().filter_map(|(stage, slot)| match &slot.inbound {
                Inbound::Enabled => None,
                Inbound::Disabled { since, by, reason } => {
                    Some((stage.clone(), (*since, by.clone(), reason.clone())))
                }
            });
            Input::Relay { disabled: closed.collect() }
        }
    }
}

/// S1: who is inside holds exactly that stage's place, and who waits stands in exactly one line.
fn check_places(state: &State, plans: &Plans) {
    for (id, execution) in &state.executions {
        let here = &plans.stage_of(execution).name;
        for (name, slot) in &state.stages {
            let is_inside = name == here && execution.place == Place::Inside;
            assert_eq!(slot.occupant == Some(*id), is_inside, "{id} and the lock of {name} (S1)");
            let times = slot.waiting.iter().filter(|waiting| *waiting == id).count();
            let waits_here = name == here && execution.place == Place::Waiting;
            assert_eq!(times, usize::from(waits_here), "{id} in the line before {name}");
            if is_inside {
                let latest = slot.latest.as_ref().expect("somebody entered");
                assert_eq!(latest.execution, *id, "the occupant of {name} entered last");
                assert!(
                    matches!(latest.status, StageStatus::InProgress | StageStatus::Stopping),
                    "{name} is held while it is {} (R14)",
                    latest.status
                );
            }
        }
    }
    for (name, slot) in &state.stages {
        for id in slot.occupant.iter().chain(&slot.waiting) {
            assert!(state.executions.contains_key(id), "{id} at {name} is over (S9)");
        }
        let is_declared = state
            .definition
            .is_some_and(|definition| plans.get(definition.record).stage_index(name).is_some());
        let is_used = slot.occupant.is_some() || !slot.waiting.is_empty();
        assert!(is_declared || is_used, "the place of {name} is left over (R84)");
        if let Some(resume) = slot.latest.as_ref().and_then(|latest| latest.resume.as_ref()) {
            assert!(slot.occupant.is_none(), "{name} keeps what failed, and is held (R22)");
            assert_eq!(Some(resume.definition), state.definition, "{name} (R52, S24)");
        }
    }
}

/// L2: nobody waits before an open way. R18: in SUPERSEDED mode at most one waits, and it is newer
/// than whoever entered.
fn check_waiting(state: &State) {
    let mode = state.definition.map(|definition| definition.mode);
    for (name, slot) in &state.stages {
        let is_open = slot.occupant.is_none() && slot.inbound == Inbound::Enabled;
        assert!(!is_open || slot.waiting.is_empty(), "{name} is free, and somebody waits (L2)");
        if (state.scope, mode) == (Scope::Pipeline, Some(ExecutionMode::Superseded)) {
            assert!(slot.waiting.len() <= 1, "{} wait before {name} (R18)", slot.waiting.len());
            let entered = slot.latest.as_ref().map_or(0, |latest| latest.number);
            for waiting in &slot.waiting {
                let number = state.executions[waiting].number;
                assert!(number > entered, "#{number} waits where #{entered} entered (R21, S7)");
            }
        }
    }
}

/// R31, S10, R27: exactly the actions run that may run now.
fn check_inside(scope: Scope, plans: &Plans, execution: &Execution) {
    let (number, stage) = (execution.number, plans.stage_of(execution));
    let runs = || stage.actions.iter().zip(&execution.runs);
    assert_eq!(stage.actions.len(), execution.runs.len(), "#{number}: one run for each action");
    assert!(execution.in_progress() > 0, "#{number} holds {} for nothing (L2)", stage.name);
    assert_eq!(execution.results.len(), execution.stage, "#{number} skipped a stage (S11)");
    let has_failed =
        runs().any(|(_, run)| matches!(run, Run::Failed { .. } | Run::Abandoned { .. }));
    for (action, run) in runs() {
        let is_asked_for = !matches!(run, Run::Pending);
        for (lower, before) in runs().filter(|(lower, _)| lower.run_order < action.run_order) {
            assert!(
                !is_asked_for || matches!(before, Run::Succeeded(_)),
                "#{number}: {} runs before {} succeeded (S10)",
                action.name,
                lower.name
            );
        }
        assert!(run.attempt().is_none_or(|attempt| attempt <= execution.attempt), "S26");
    }
    let group = runs().filter(|(_, run)| !matches!(run, Run::Succeeded(_)));
    let group = group.map(|(action, _)| action.run_order).min();
    let is_pending =
        runs().any(|(action, run)| Some(action.run_order) == group && *run == Run::Pending);
    if scope == Scope::Execution {
        assert!(execution.in_progress() <= 5, "#{number} runs more than five actions (R27)");
    }
    let has_room = scope == Scope::Pipeline || execution.in_progress() < 5;
    if execution.ending == Ending::No && !has_failed && has_room {
        assert!(!is_pending, "#{number}: a ready action was not asked for (R31)");
    }
}

/// What the world owes is exactly what is in progress.
fn check_outstanding(state: &State, plans: &Plans) {
    let owed: Vec<RunKey> = outstanding(state, plans)
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::RequestAction(key) => Some(key),
            Effect::CancelAction(_)
            | Effect::Open(_)
            | Effect::Relay(_)
            | Effect::Withdraw(_)
            | Effect::Close(..)
            | Effect::Reopen(..)
            | Effect::Conclude(_) => None,
        })
        .collect();
    let unique: BTreeSet<_> = owed.iter().cloned().collect();
    assert_eq!(unique.len(), owed.len(), "the world owes something twice");
    assert_eq!(unique, in_progress(state, plans), "what is outstanding is what is in progress");
}

/// Every attempt that is in progress.
pub(super) fn in_progress(state: &State, plans: &Plans) -> BTreeSet<RunKey> {
    let mut keys = BTreeSet::new();
    for (id, execution) in &state.executions {
        for (index, run) in execution.runs.iter().enumerate() {
            if let Run::InProgress { attempt, .. } = run {
                let stage = plans.stage_of(execution);
                keys.insert(RunKey {
                    execution: *id,
                    stage: stage.name.clone(),
                    action: stage.actions[index].name.clone(),
                    attempt: *attempt,
                });
            }
        }
    }
    keys
}
