//! Folds a change into the state. The only place where a state is written.

use alloc::boxed::Box;
use alloc::vec;

use model::ids::{ExecutionId, StageName};
use model::status::{ActionStatus, ExecutionStatus, RetryMode, StageStatus};
use model::time::Timestamp;

use crate::change::{Change, ExecutionChange, PipelineChange, Started};
use crate::plans::Plans;
use crate::protection::Protection;
use crate::state::{
    Admission, Definition, Done, Ending, Execution, Inbound, Latest, Place, Run, Scope, Slot, State,
};
use crate::transitions::{self, assert_legal};

/// Makes one change true, asserting that it is a legal transition.
///
/// `state.sequence` must already be the number of the record that the change belongs to.
pub fn apply(state: &mut State, plans: &Plans, at: Timestamp, change: &Change) {
    state.at = at;
    match change {
        Change::Pipeline(change) => apply_pipeline(state, plans, change),
        Change::Execution { id, number, announced, change } => {
            assert_execution(state, *id, change);
            if let ExecutionChange::Started(started) = change {
                apply_started(state, plans, at, *id, *number, started);
            } else if let ExecutionChange::Resumed { .. } = change {
                apply_resumed(state, *id);
            }
            if *announced > 0
                && let Some(execution) = state.executions.get_mut(id)
            {
                assert_eq!(execution.announced + 1, *announced, "announced changes leave no gap");
                execution.announced = *announced;
            }
            apply_execution(state, plans, at, *id, change);
        }
    }
}

fn apply_pipeline(state: &mut State, plans: &Plans, change: &PipelineChange) {
    match change {
        PipelineChange::Defined { version, mode, secret, .. } => {
            let record = state.sequence;
            state.definition = Some(Definition { record, version: *version, mode: *mode });
            state.secret = *secret;
            // What failed under an older declaration cannot be retried (R88).
            let latest = state.stages.values_mut().filter_map(|slot| slot.latest.as_mut());
            for latest in latest.filter(|_| Protection::SameDeclaration.holds()) {
                latest.resume = None;
            }
            fit_stages(state, plans);
        }
        PipelineChange::Deleted { .. } => {
            state.definition = None;
            state.stages.clear();
            for admission in state.admitted.values_mut() {
                admission.is_withdrawn = true;
            }
        }
        PipelineChange::Disabled { stage, since, by, reason } => {
            slot(state, stage).inbound =
                Inbound::Disabled { since: *since, by: by.clone(), reason: reason.clone() };
        }
        PipelineChange::Enabled { stage, .. } => slot(state, stage).inbound = Inbound::Enabled,
        PipelineChange::Refused { execution, .. } => remember(state, *execution),
        PipelineChange::Admitted { execution, number, .. } => {
            remember(state, *execution);
            state.last_number = *number;
            let record = state.sequence;
            let admission = Admission { record, attempt: 1, is_withdrawn: false };
            state.admitted.insert(*execution, admission);
        }
        PipelineChange::Closed { execution } => {
            state.admitted.remove(execution);
        }
        PipelineChange::Reopened { execution, attempt } => {
            let former = state.admitted.get(execution);
            let is_withdrawn =
                former.map_or(state.definition.is_none(), |admission| admission.is_withdrawn);
            let admission = Admission { record: state.sequence, attempt: *attempt, is_withdrawn };
            state.admitted.insert(*execution, admission);
        }
    }
}

/// Gives every stage of the declaration a place, and takes away those that are neither declared nor in use.
fn fit_stages(state: &mut State, plans: &Plans) {
    let Some(definition) = state.definition else { return };
    let pipeline = plans.get(definition.record);
    for stage in &pipeline.stages {
        state.stages.entry(stage.name.clone()).or_default();
    }
    state.stages.retain(|name, slot| {
        pipeline.stage_index(name).is_some() || slot.occupant.is_some() || !slot.waiting.is_empty()
    });
}

fn remember(state: &mut State, id: ExecutionId) {
    state.last_execution = Some(state.last_execution.map_or(id, |last| last.max(id)));
}

fn slot<'a>(state: &'a mut State, stage: &StageName) -> &'a mut Slot {
    state.stages.entry(stage.clone()).or_default()
}

fn apply_started(
    state: &mut State,
    plans: &Plans,
    at: Timestamp,
    id: ExecutionId,
    number: u64,
    started: &Started,
) {
    if state.scope == Scope::Execution {
        state.definition = Some(started.definition);
        fit_stages(state, plans);
    }
    remember(state, id);
    state.last_number = state.last_number.max(number);
    let execution = Execution {
        number,
        definition: started.definition,
        attempt: 1,
        started_at: at,
        started_record: state.sequence,
        announced: 0,
        retried_at: None,
        place: Place::Arriving,
        stage: 0,
        ending: Ending::No,
        runs: vec![],
        results: vec![],
    };
    let former = state.executions.insert(id, execution);
    assert!(former.is_none(), "execution {id} was started twice");
}

fn apply_resumed(state: &mut State, id: ExecutionId) {
    let retained = state.stages.values_mut().find_map(|slot| {
        let latest = slot.latest.as_mut().filter(|latest| latest.execution == id)?;
        latest.resume.take()
    });
    let Some(mut execution) = retained else {
        panic!("execution {id} was resumed, but nothing of it was kept")
    };
    execution.attempt += 1;
    state.executions.insert(id, *execution);
}

fn apply_execution(
    state: &mut State,
    plans: &Plans,
    at: Timestamp,
    id: ExecutionId,
    change: &ExecutionChange,
) {
    match change {
        ExecutionChange::Started(_) | ExecutionChange::Resumed { .. } => {}
        ExecutionChange::Waited { stage } => {
            slot(state, stage).waiting.push(id);
            execution(state, id).place = Place::Waiting;
        }
        ExecutionChange::Entered { stage } => enter(state, plans, id, stage),
        ExecutionChange::ActionRequested { stage, action, attempt } => {
            set_run(
                state,
                plans,
                id,
                stage,
                action,
                Run::InProgress { attempt: *attempt, since: at },
            );
        }
        ExecutionChange::ActionSucceeded { stage, action, attempt, .. } => {
            let done = Done { attempt: *attempt, record: state.sequence };
            set_run(state, plans, id, stage, action, Run::Succeeded(done));
        }
        ExecutionChange::ActionFailed { stage, action, attempt, .. } => {
            set_run(state, plans, id, stage, action, Run::Failed { attempt: *attempt });
        }
        ExecutionChange::ActionAbandoned { stage, action, attempt } => {
            set_run(state, plans, id, stage, action, Run::Abandoned { attempt: *attempt });
        }
        ExecutionChange::StageSucceeded { stage } => leave_forward(state, id, stage),
        ExecutionChange::StageFailed { stage } => set_stage(state, id, stage, StageStatus::Failed),
        ExecutionChange::StageStopping { stage } => {
            set_stage(state, id, stage, StageStatus::Stopping);
        }
        ExecutionChange::StageStopped { stage } => {
            set_stage(state, id, stage, StageStatus::Stopped);
        }
        ExecutionChange::StageCancelled { stage } => {
            set_stage(state, id, stage, StageStatus::Cancelled);
        }
        ExecutionChange::StageResumed { stage, mode } => resume_stage(state, at, id, stage, *mode),
        ExecutionChange::Stopping { abandon, .. } => {
            execution(state, id).ending =
                if *abandon { Ending::Abandoning } else { Ending::Stopping };
        }
        ExecutionChange::StopEscalated => execution(state, id).ending = Ending::Abandoning,
        ExecutionChange::CancelRequested => execution(state, id).ending = Ending::Cancelling,
        ExecutionChange::Superseded { .. }
        | ExecutionChange::Succeeded
        | ExecutionChange::Failed
        | ExecutionChange::Stopped
        | ExecutionChange::Cancelled { .. } => end(state, plans, id, change),
    }
}

fn execution(state: &mut State, id: ExecutionId) -> &mut Execution {
    let Some(execution) = state.executions.get_mut(&id) else {
        panic!("execution {id} changed after it ended")
    };
    execution
}

fn enter(state: &mut State, plans: &Plans, id: ExecutionId, stage: &StageName) {
    let inside = execution(state, id);
    inside.place = Place::Inside;
    let (number, attempt) = (inside.number, inside.attempt);
    let actions = plans.stage_of(inside).actions.len();
    inside.runs = vec![Run::Pending; actions];
    let place = slot(state, stage);
    // Invariant: a place has one occupant (R11, S1).
    assert!(place.occupant.is_none(), "{id} entered {stage}, which is occupied");
    place.occupant = Some(id);
    place.waiting.retain(|waiting| *waiting != id);
    let status = StageStatus::InProgress;
    place.latest = Some(Latest { execution: id, number, attempt, status, resume: None });
}

fn set_run(
    state: &mut State,
    plans: &Plans,
    id: ExecutionId,
    stage: &StageName,
    action: &model::ids::ActionName,
    run: Run,
) {
    let execution = execution(state, id);
    let declared = plans.stage_of(execution);
    assert_eq!(declared.name, *stage, "an action changes only in the stage its execution is in");
    let Some(index) = declared.action_index(action) else {
        panic!("stage {stage} has no action {action}")
    };
    let (from, to) = (action_status(execution.runs[index]), action_status(run));
    let Some(to) = to else { panic!("an action does not become pending by a change of its own") };
    assert_legal(transitions::ACTION, from, to, action);
    execution.runs[index] = run;
}

fn action_status(run: Run) -> Option<ActionStatus> {
    match run {
        Run::Pending => None,
        Run::InProgress { .. } => Some(ActionStatus::InProgress),
        Run::Succeeded(_) => Some(ActionStatus::Succeeded),
        Run::Failed { .. } => Some(ActionStatus::Failed),
        Run::Abandoned { .. } => Some(ActionStatus::Abandoned),
    }
}

/// Gives the stage a new status, and its lock back when the status is final (R14).
fn set_stage(state: &mut State, id: ExecutionId, stage: &StageName, status: StageStatus) {
    let attempt = execution(state, id).attempt;
    let place = slot(state, stage);
    let Some(latest) = place.latest.as_mut().filter(|latest| latest.execution == id) else {
        panic!("stage {stage} changed for {id}, which is not inside")
    };
    assert_legal(transitions::STAGE, Some(latest.status), status, stage);
    latest.status = status;
    latest.attempt = attempt;
    if status != StageStatus::InProgress && status != StageStatus::Stopping {
        assert_eq!(place.occupant, Some(id), "only the occupant gives a lock back");
        place.occupant = None;
    }
}

/// The execution leaves its stage for the next one, taking along where its results lie.
fn leave_forward(state: &mut State, id: ExecutionId, stage: &StageName) {
    set_stage(state, id, stage, StageStatus::Succeeded);
    let execution = execution(state, id);
    let results = execution.runs.drain(..).map(|run| match run {
        Run::Succeeded(done) => done,
        Run::Pending | Run::InProgress { .. } | Run::Failed { .. } | Run::Abandoned { .. } => {
            panic!("stage {stage} succeeded with an action that did not")
        }
    });
    execution.results.push(results.collect());
    execution.stage += 1;
    execution.place = Place::Arriving;
    execution.retried_at = None;
}

fn resume_stage(
    state: &mut State,
    at: Timestamp,
    id: ExecutionId,
    stage: &StageName,
    mode: RetryMode,
) {
    let execution = execution(state, id);
    execution.retried_at = Some(at);
    execution.ending = Ending::No;
    execution.place = Place::Inside;
    for run in &mut execution.runs {
        *run = match (mode, *run) {
            (RetryMode::AllActions, _) | (_, Run::Failed { .. } | Run::Abandoned { .. }) => {
                Run::Pending
            }
            (RetryMode::FailedActions, kept) => kept,
        };
    }
    let place = slot(state, stage);
    assert!(place.occupant.is_none(), "{id} resumed in {stage}, which is occupied");
    place.occupant = Some(id);
    set_stage(state, id, stage, StageStatus::InProgress);
}

/// The execution is over. What failed or was stopped inside a stage is kept, so that it can go on
/// until another one enters that stage.
fn end(state: &mut State, plans: &Plans, id: ExecutionId, change: &ExecutionChange) {
    let Some(mut execution) = state.executions.remove(&id) else {
        panic!("execution {id} ended twice")
    };
    for slot in state.stages.values_mut() {
        slot.waiting.retain(|waiting| *waiting != id);
    }
    let is_resumable = matches!(change, ExecutionChange::Failed | ExecutionChange::Stopped)
        && execution.place == Place::Inside
        && state.definition == Some(execution.definition);
    if is_resumable {
        execution.ending = Ending::No;
        let stage = plans.stage_of(&execution).name.clone();
        if let Some(latest) = &mut slot(state, &stage).latest {
            latest.resume = Some(Box::new(execution));
        }
    }
    fit_stages(state, plans);
}

/// Asserts that the pipeline execution's status may change like this.
fn assert_execution(state: &State, id: ExecutionId, change: &ExecutionChange) {
    let to = match change {
        ExecutionChange::Started(_) | ExecutionChange::Resumed { .. } => {
            ExecutionStatus::InProgress
        }
        ExecutionChange::Superseded { .. } => ExecutionStatus::Superseded,
        ExecutionChange::Succeeded => ExecutionStatus::Succeeded,
        ExecutionChange::Failed => ExecutionStatus::Failed,
        ExecutionChange::Stopping { .. } | ExecutionChange::StopEscalated => {
            ExecutionStatus::Stopping
        }
        ExecutionChange::Stopped => ExecutionStatus::Stopped,
        ExecutionChange::Cancelled { .. } => ExecutionStatus::Cancelled,
        ExecutionChange::Waited { .. }
        | ExecutionChange::Entered { .. }
        | ExecutionChange::ActionRequested { .. }
        | ExecutionChange::ActionSucceeded { .. }
        | ExecutionChange::ActionFailed { .. }
        | ExecutionChange::ActionAbandoned { .. }
        | ExecutionChange::StageSucceeded { .. }
        | ExecutionChange::StageFailed { .. }
        | ExecutionChange::StageStopping { .. }
        | ExecutionChange::StageStopped { .. }
        | ExecutionChange::StageCancelled { .. }
        | ExecutionChange::StageResumed { .. }
        | ExecutionChange::CancelRequested => return,
    };
    assert_legal(transitions::EXECUTION, execution_status(state, id), to, &id);
}

/// Returns the status of an execution as far as the state remembers it.
fn execution_status(state: &State, id: ExecutionId) -> Option<ExecutionStatus> {
    if let Some(execution) = state.executions.get(&id) {
        return Some(execution.status());
    }
    let mut latest = state.stages.values().filter_map(|slot| slot.latest.as_ref());
    let retained = latest.find(|latest| latest.execution == id && latest.resume.is_some())?;
    Some(match retained.status {
        StageStatus::Stopped => ExecutionStatus::Stopped,
        StageStatus::Failed
        | StageStatus::Cancelled
        | StageStatus::InProgress
        | StageStatus::Stopping
        | StageStatus::Succeeded
        | StageStatus::Skipped => ExecutionStatus::Failed,
    })
}
