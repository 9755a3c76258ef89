//! Everything that can be asked of a state: sensible, late, doubled and wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::input::{Approve, Expects, Start, Trigger};
use engine::state::{Execution, Place, Run, RunKey, Scope, State};
use engine::{Input, Plans};
use model::ids::{ApprovalToken, ExecutionId, StageName};
use model::outcome::{Failure, Outcome, Success};
use model::pipeline::Pipeline;
use model::status::{FailureType, RetryMode, TriggerType};
use uuid::Uuid;

/// Beyond every deadline of an action, and beyond the 30 days of R40.
pub(crate) const FAR_MINUTES: i64 = 61 * 24 * 60;

/// One thing that is asked, some minutes after the state was made.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    /// What is asked.
    pub(crate) input: Input,
    /// When.
    pub(crate) minutes: i64,
}

/// How much may be asked for, so that a walk ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Executions.
    pub(crate) starts: u64,
    /// Attempts of each execution.
    pub(crate) attempts: u32,
}

/// The n-th execution's id.
pub(crate) fn execution_id(number: u64) -> ExecutionId {
    ExecutionId::new(Uuid::from_u128(u128::from(number)))
}

/// Which one an id is.
pub(crate) fn number_of(id: ExecutionId) -> u64 {
    u64::try_from(id.uuid().as_u128()).expect("ids are small here")
}

/// A start of the n-th execution.
pub(crate) fn start(number: u64, absent_until: u64) -> Input {
    Input::Start(Start {
        execution: execution_id(number),
        trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: "ann".to_owned() },
        variables: BTreeMap::new(),
        revisions: Vec::new(),
        absent_until,
    })
}

/// A declaration that somebody puts in force.
pub(crate) fn define(pipeline: &Arc<Pipeline>) -> Input {
    define_expecting(pipeline, Expects::Either)
}

/// A declaration of somebody who takes for granted that the pipeline is new, or is there.
pub(crate) fn define_expecting(pipeline: &Arc<Pipeline>, expects: Expects) -> Input {
    let secret = Uuid::from_u128(0x5e_c2e7);
    Input::Define { pipeline: pipeline.clone(), secret, by: "ann".to_owned(), expects }
}

/// A report that an attempt ended.
pub(crate) fn report(run: RunKey, is_success: bool) -> Input {
    let outcome = if is_success {
        Outcome::Succeeded(Success::default())
    } else {
        Outcome::Failed(Failure::new(FailureType::JobFailed, "it broke"))
    };
    Input::Report { run, outcome }
}

/// Lists everything that can be asked of a log in this state. `update` is what an update would declare.
pub(crate) fn every_move(
    state: &State,
    plans: &Plans,
    update: &Arc<Pipeline>,
    bounds: Bounds,
) -> Vec<Move> {
    let mut inputs = Vec::new();
    let known = state.last_execution.map_or(0, number_of);
    match state.scope {
        Scope::Pipeline => pipeline_inputs(state, update, known, bounds, &mut inputs),
        Scope::Execution => execution_inputs(state, &mut inputs),
    }
    for number in 1..=known {
        steering(state, plans, execution_id(number), &mut inputs);
    }
    for (id, execution) in &state.executions {
        if execution.place == Place::Inside {
            reports(plans, *id, execution, &mut inputs);
        }
    }
    approvals(state, plans, known, &mut inputs);
    let mut moves: Vec<Move> = inputs.into_iter().map(|input| Move { input, minutes: 0 }).collect();
    let enables = moves.iter().filter(|asked| matches!(asked.input, Input::Enable { .. }));
    let late: Vec<Move> =
        enables.map(|asked| Move { minutes: FAR_MINUTES, ..asked.clone() }).collect();
    moves.extend(late);
    for minutes in [0, 4, FAR_MINUTES] {
        moves.push(Move { input: Input::Tick, minutes });
    }
    moves
}

/// What only the pipeline's log is asked for.
fn pipeline_inputs(
    state: &State,
    update: &Arc<Pipeline>,
    known: u64,
    bounds: Bounds,
    inputs: &mut Vec<Input>,
) {
    inputs.push(start(known + 1, 0));
    if known > 0 {
        inputs.push(start(1, 0));
    }
    inputs.push(define(update));
    inputs.push(Input::Delete { by: "ann".to_owned() });
    for stage in state.stages.keys() {
        let (by, reason) = ("ann".to_owned(), "freeze".to_owned());
        inputs.push(Input::Disable { stage: stage.clone(), reason, by: by.clone() });
        inputs.push(Input::Enable { stage: stage.clone(), by });
    }
    for execution in (1..=known).map(execution_id) {
        for attempt in 1..=bounds.attempts {
            inputs.push(Input::Close { execution, attempt });
            inputs.push(Input::Reopen { execution, attempt });
        }
    }
}

/// What only a PARALLEL execution's log is asked for.
fn execution_inputs(state: &State, inputs: &mut Vec<Input>) {
    let stages: Vec<&StageName> = state.stages.keys().collect();
    for chosen in 0..1_usize << stages.len() {
        let closed = stages.iter().enumerate().filter(|(bit, _)| chosen & (1 << bit) != 0);
        let closed = closed.map(|(_, stage)| {
            ((*stage).clone(), (state.at, "ann".to_owned(), "freeze".to_owned()))
        });
        inputs.push(Input::Relay { disabled: closed.collect() });
    }
    inputs.push(Input::Withdraw { by: "ann".to_owned() });
}

/// What people ask of one execution, unfinished or not.
fn steering(state: &State, plans: &Plans, execution: ExecutionId, inputs: &mut Vec<Input>) {
    let by = "ann".to_owned();
    for abandon in [false, true] {
        inputs.push(Input::Stop { execution, abandon, reason: None, by: by.clone() });
    }
    let Some(definition) = state.definition else { return };
    for stage in &plans.get(definition.record).stages {
        for mode in [RetryMode::FailedActions, RetryMode::AllActions] {
            let stage = stage.name.clone();
            inputs.push(Input::Retry { execution, stage, mode, by: by.clone() });
        }
    }
}

/// What providers say: right, and of an attempt that is over or never was.
fn reports(plans: &Plans, id: ExecutionId, execution: &Execution, inputs: &mut Vec<Input>) {
    let stage = plans.stage_of(execution);
    for (action, run) in stage.actions.iter().zip(&execution.runs) {
        let key = |attempt| RunKey {
            execution: id,
            stage: stage.name.clone(),
            action: action.name.clone(),
            attempt,
        };
        match run {
            Run::InProgress { .. } if action.is_approval() => {}
            Run::InProgress { attempt, .. } => {
                inputs.push(report(key(*attempt), true));
                inputs.push(report(key(*attempt), false));
                inputs.push(report(key(attempt + 1), true));
                inputs.push(report(key(attempt - 1), true));
            }
            Run::Pending | Run::Succeeded(_) | Run::Failed { .. } | Run::Abandoned { .. } => {
                inputs.push(report(key(run.attempt().unwrap_or(1)), true));
                inputs.push(report(key(run.attempt().unwrap_or(1)), false));
            }
        }
    }
}

/// What approvers say: with the right token, one of each attempt before, and a wrong one.
fn approvals(state: &State, plans: &Plans, known: u64, inputs: &mut Vec<Input>) {
    let Some(definition) = state.definition else { return };
    for stage in &plans.get(definition.record).stages {
        for action in stage.actions.iter().filter(|action| action.is_approval()) {
            let slot = state.stages.get(&stage.name);
            let latest = slot.and_then(|slot| slot.latest.as_ref());
            let keys = latest.into_iter().flat_map(|latest| {
                (1..=latest.attempt).map(|attempt| RunKey {
                    execution: latest.execution,
                    stage: stage.name.clone(),
                    action: action.name.clone(),
                    attempt,
                })
            });
            let mut tokens: Vec<ApprovalToken> =
                keys.map(|key| ApprovalToken::derive(state.secret, key.id())).collect();
            if known > 0 {
                tokens.push(ApprovalToken::new(Uuid::from_u128(1)));
            }
            for token in tokens {
                for is_approved in [true, false] {
                    inputs.push(Input::Approve(Approve {
                        stage: stage.name.clone(),
                        action: action.name.clone(),
                        token,
                        is_approved,
                        summary: String::new(),
                        by: "bob".to_owned(),
                    }));
                }
            }
        }
    }
}
