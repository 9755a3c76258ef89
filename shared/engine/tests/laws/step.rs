//! What holds of every decision.

use std::collections::BTreeSet;

use engine::change::{Change, ExecutionChange, PipelineChange};
use engine::state::{Ending, Inbound, Place, RunKey, Scope, State};
use engine::{Decision, Effect, Input, Plans, apply};
use model::status::ExecutionMode;

use super::change::check_change;
use super::state::in_progress;

/// Checks what was decided on `before`. `plans` already holds what the decision defined.
pub(crate) fn check_step(before: &State, plans: &Plans, input: &Input, decision: &Decision) {
    check_step_and(before, plans, input, decision, |_, _| {});
}

/// Checks a decision, and shows every change with the state right before it.
pub(crate) fn check_step_and(
    before: &State,
    plans: &Plans,
    input: &Input,
    decision: &Decision,
    mut show: impl FnMut(&State, &Change),
) {
    let after = &decision.state;
    assert!(decision.at >= before.at, "the log's time went back (F13)");
    if decision.changes.is_empty() {
        return;
    }
    let mut folded = before.clone();
    folded.sequence += 1;
    folded.at = decision.at;
    if let Input::Begin(begin) = input {
        // The first record of an execution's log brings the pipeline's secret along.
        folded.secret = begin.secret;
    }
    let mut former = None;
    for change in &decision.changes {
        check_change(&folded, plans, input, former, change);
        show(&folded, change);
        apply(&mut folded, plans, decision.at, change);
        former = Some(change);
    }
    assert_eq!(folded, *after, "the state is what its changes make of it");
    check_conservation(before, decision);
    check_pins(before, after);
    check_effects(decision, plans);
    check_input(before, input, decision);
}

/// S28: nothing is lost and nothing appears. S6: the newest execution is never superseded.
fn check_conservation(before: &State, decision: &Decision) {
    let (mut came, mut went) = (0, 0);
    for change in &decision.changes {
        if let Change::Execution { number, change, .. } = change {
            let is_coming =
                matches!(change, ExecutionChange::Started(_) | ExecutionChange::Resumed { .. });
            came += usize::from(is_coming);
            went += usize::from(change.is_end());
            if let ExecutionChange::Superseded { .. } = change {
                assert_ne!(*number, decision.state.last_number, "the newest was superseded (S6)");
            }
        }
    }
    assert_eq!(before.executions.len() + came, decision.state.executions.len() + went, "S28");
}

/// S24: an execution keeps its number and its declaration. S26: attempts only grow.
fn check_pins(before: &State, after: &State) {
    for (id, execution) in &after.executions {
        let Some(former) = before.executions.get(id) else { continue };
        assert_eq!(former.definition, execution.definition, "{id} changed its declaration (S24)");
        assert_eq!(former.number, execution.number, "{id} changed its number (R1)");
        assert!(former.attempt <= execution.attempt, "{id} has fewer attempts (S26)");
        assert!(former.announced <= execution.announced, "{id} forgot announcements (S22)");
    }
    assert!(before.last_number <= after.last_number, "numbers only grow (R1)");
}

/// Every effect is implied by a change, and every change that needs one has it.
fn check_effects(decision: &Decision, plans: &Plans) {
    let running = in_progress(&decision.state, plans);
    let (mut asked, mut ended, mut effects_of_ends) = (BTreeSet::new(), 0, 0);
    for change in &decision.changes {
        let Change::Execution { id, change, .. } = change else { continue };
        ended += usize::from(change.is_end());
        if let ExecutionChange::ActionRequested { stage, action, attempt } = change {
            let (stage, action) = (stage.clone(), action.clone());
            asked.insert(RunKey { execution: *id, stage, action, attempt: *attempt });
        }
    }
    for effect in decision.effects() {
        match effect {
            Effect::RequestAction(key) => {
                assert!(asked.remove(&key), "{key:?} was requested, and no change says so");
                assert!(running.contains(&key), "{key:?} was requested and does not run");
            }
            Effect::CancelAction(key) => {
                assert!(!running.contains(&key), "{key:?} was cancelled and counts");
            }
            Effect::Conclude(_) => effects_of_ends += 1,
            Effect::Open(_) | Effect::Relay(_) | Effect::Withdraw(_) => {
                assert_eq!(decision.state.scope, Scope::Pipeline);
            }
            Effect::Close(..) | Effect::Reopen(..) => {
                assert_eq!(decision.state.scope, Scope::Execution);
            }
        }
    }
    assert!(asked.is_empty(), "nobody is told to run {asked:?}");
    assert_eq!(ended, effects_of_ends, "every end is concluded");
}

/// What particular inputs promise.
fn check_input(before: &State, input: &Input, decision: &Decision) {
    let after = &decision.state;
    match input {
        Input::Define { .. } => {
            for (id, execution) in &after.executions {
                assert_eq!(execution.place, Place::Inside, "{id} waits after an update (R84)");
                assert_ne!(execution.ending, Ending::No, "{id} outlives an update (R84)");
            }
        }
        Input::Delete { .. } | Input::Withdraw { .. } => {
            assert!(after.executions.is_empty(), "something outlives the pipeline (R90)");
        }
        Input::Stop { execution, abandon: true, .. } => {
            assert!(!after.executions.contains_key(execution), "abandon ends at once (S15)");
        }
        Input::Start(start) => {
            let is_old = before.last_execution.is_some_and(|last| start.execution <= last);
            let was_looked_for = start.absent_until == before.sequence;
            assert!(!is_old || was_looked_for, "{} was started twice (S20)", start.execution);
            let is_bounded = after.definition.is_some_and(|d| d.mode != ExecutionMode::Superseded);
            let unfinished = after.executions.len() + after.admitted.len();
            assert!(!is_bounded || unfinished <= 50, "{unfinished} are unfinished (R9)");
        }
        Input::Enable { stage, .. } => check_thirty_days(before, decision, stage),
        Input::Retry { .. }
        | Input::Begin(_)
        | Input::Report { .. }
        | Input::Approve(_)
        | Input::Disable { .. }
        | Input::Stop { abandon: false, .. }
        | Input::Tick
        | Input::Relay { .. }
        | Input::Close { .. }
        | Input::Reopen { .. } => {}
    }
    let is_disabled =
        |change: &Change| matches!(change, Change::Pipeline(PipelineChange::Disabled { .. }));
    if decision.changes.iter().any(is_disabled) {
        assert!(
            after.executions.keys().all(|id| before.executions.contains_key(id))
                || matches!(input, Input::Begin(_)),
            "disabling starts nothing (R38)"
        );
    }
}

/// R40: nobody enters who waited before a way that was disabled for more than 30 days.
fn check_thirty_days(before: &State, decision: &Decision, stage: &model::ids::StageName) {
    let Some(slot) = before.stages.get(stage) else { return };
    let Inbound::Disabled { since, .. } = &slot.inbound else { return };
    if decision.at.millis_since(*since) > 30 * 24 * 60 * 60_000 {
        for waiting in &slot.waiting {
            let is_there = decision.state.executions.contains_key(waiting);
            assert!(!is_there, "{waiting} waited for more than 30 days and goes on (R40)");
        }
    }
}
