//! Goal: the laws hold on pipelines and histories that nobody thought of.
//!
//! Method: random pipelines of 2 to 6 stages with 1 to 5 actions, and random inputs in every log,
//! half of them good news so that executions travel far, with messages between logs delivered late,
//! twice or not at all. [`World`] checks every law at every step; then everything heals and ends.

use std::fmt::Write as _;

use engine::input::Approve;
use engine::state::{Place, Run, RunKey, State};
use engine::{Input, Plans};
use model::ids::ApprovalToken;
use proptest::prelude::*;

use crate::moves::{Bounds, every_move, report};
use crate::shape;
use crate::world::{Log, World};

const BOUNDS: Bounds = Bounds { starts: 6, attempts: 3 };

/// A random pipeline, as a line of [`shape`].
fn shapes() -> impl Strategy<Value = String> {
    let mode = prop::sample::select(vec!["SUPERSEDED", "QUEUED", "PARALLEL"]);
    let action = (1..=3_u32, prop::bool::weighted(0.2));
    let stages = prop::collection::vec(prop::collection::vec(action, 1..=5), 2..=6);
    (mode, stages).prop_map(|(mode, stages)| {
        let mut line = format!("{mode}:");
        for (index, actions) in stages.iter().enumerate() {
            let actions: Vec<String> = actions
                .iter()
                .enumerate()
                .map(|(number, (order, is_approval))| {
                    let kind = if *is_approval && index > 0 { "approve " } else { "" };
                    format!("{kind}A{number}@{order}")
                })
                .collect();
            let _ = write!(line, " S{index}({})", actions.join("|"));
        }
        line
    })
}

/// Everything that moves the executions of a log forward: successes and approvals.
fn good_news(state: &State, plans: &Plans) -> Vec<Input> {
    let mut inputs = Vec::new();
    for (id, execution) in &state.executions {
        if execution.place != Place::Inside {
            continue;
        }
        let stage = plans.stage_of(execution);
        for (action, run) in stage.actions.iter().zip(&execution.runs) {
            let Run::InProgress { attempt, .. } = run else { continue };
            let (name, attempt) = (action.name.clone(), *attempt);
            let key = RunKey { execution: *id, stage: stage.name.clone(), action: name, attempt };
            inputs.push(if action.is_approval() {
                Input::Approve(Approve {
                    stage: key.stage.clone(),
                    action: key.action.clone(),
                    token: ApprovalToken::derive(state.secret, key.id()),
                    is_approved: true,
                    summary: String::new(),
                    by: "bob".to_owned(),
                })
            } else {
                report(key, true)
            });
        }
    }
    inputs
}

/// One step: which log, what kind of thing, which of them, and what becomes of a message.
type Step = (prop::sample::Index, u8, prop::sample::Index);

fn step(world: &mut World, update: &str, (log, kind, pick): &Step) {
    let logs: Vec<Log> = std::iter::once(Log::Pipeline)
        .chain(world.executions.keys().map(|id| Log::Execution(*id)))
        .collect();
    let log = logs[log.index(logs.len())];
    let state = world.state(log);
    let plans = world.plans_of(&state);
    if *kind < 6
        && let good @ [_, ..] = good_news(&state, &plans).as_slice()
    {
        take(world, log, &good[pick.index(good.len())]);
    } else if *kind < 9 && !world.messages.is_empty() {
        let at = pick.index(world.messages.len());
        // Sometimes a message stays in the queue, to come again.
        let message = world.messages[at].clone();
        if *kind < 8 {
            world.messages.remove(at);
        }
        if let Some((log, input)) = world.message(&message) {
            take(world, log, &input);
        }
    } else {
        let mut moves = every_move(&state, &plans, &shape::pipeline(update), BOUNDS);
        // What an execution's log never said does not arrive.
        moves.retain(|asked| !matches!(asked.input, Input::Close { .. } | Input::Reopen { .. }));
        let asked = &moves[pick.index(moves.len())];
        world.now = world.now.max(state.at).plus_minutes(asked.minutes % 5_000);
        take(world, log, &asked.input);
    }
}

fn take(world: &mut World, log: Log, input: &Input) {
    // A refusal is an answer; the laws are checked inside.
    let _ = world.take(log, input);
}

/// Tells every log what the world owes it, opens every way, and lets everything succeed.
fn heal(world: &mut World) {
    let opened: Vec<_> = world.pipeline.stages.keys().cloned().collect();
    for stage in opened {
        take(world, Log::Pipeline, &Input::Enable { stage, by: "ann".to_owned() });
    }
    for _ in 0..2_000 {
        let mut logs = vec![Log::Pipeline];
        logs.extend(world.live().into_iter().map(|id| world.log_of(id)));
        logs.extend(world.pipeline.admitted.keys().map(|id| Log::Execution(*id)));
        logs.sort_unstable();
        logs.dedup();
        let mut is_done = true;
        for log in logs {
            let state = world.state(log);
            let plans = world.plans_of(&state);
            for effect in engine::outstanding(&state, &plans) {
                if let engine::Effect::Withdraw(id) = effect
                    && !world.executions.contains_key(&id)
                {
                    deliver(world, &engine::Effect::Open(id));
                }
                deliver(world, &effect);
            }
            for input in good_news(&state, &plans) {
                is_done = false;
                take(world, log, &input);
            }
        }
        if is_done && world.pipeline.admitted.is_empty() {
            break;
        }
    }
}

fn deliver(world: &mut World, effect: &engine::Effect) {
    if let Some((log, input)) = world.message(effect) {
        take(world, log, &input);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_keep_the_laws_and_end(
        first in shapes(),
        second in shapes(),
        steps in prop::collection::vec((any::<prop::sample::Index>(), 0..12_u8, any::<prop::sample::Index>()), 0..120),
    ) {
        let mut world = World::new();
        take(&mut world, Log::Pipeline, &crate::moves::define(&shape::pipeline(&first)));
        for asked in &steps {
            step(&mut world, &second, asked);
        }
        heal(&mut world);
        prop_assert!(world.live().is_empty(), "still going: {:?}", world.live());
        prop_assert!(world.pipeline.admitted.is_empty(), "still admitted");
    }
}
