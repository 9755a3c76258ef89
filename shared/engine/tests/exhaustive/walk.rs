//! The walk itself.

use std::collections::HashSet;
use std::sync::Arc;

use engine::change::Started;
use engine::input::{Begin, Trigger};
use engine::state::{Definition, Scope, State};
use engine::{Decision, Input, Plans, Rejection, decide};
use model::pipeline::Pipeline;
use model::status::TriggerType;
use model::time::Timestamp;
use uuid::Uuid;

use super::key::{key, refresh};
use super::seen::Seen;
use crate::laws::{check_state, check_step, check_step_and};
use crate::moves::{Bounds, Move, define, every_move, execution_id};

/// Where a walk begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// With a pipeline that was just created.
    Pipeline,
    /// With the log of one PARALLEL execution that was just begun.
    Execution,
}

/// What a walk came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Walk {
    /// How many states were reached.
    pub(super) states: usize,
    /// How many times something was asked.
    pub(super) inputs: usize,
    /// How many times that changed something.
    pub(super) transitions: usize,
    /// How many times it was refused.
    pub(super) refusals: usize,
}

/// One state, and how it was reached: from which one, by which of its moves.
struct Node {
    state: State,
    plans: Plans,
    updates: u8,
    from: usize,
}

/// Prints the way to the state in which a law broke.
struct Trail<'a> {
    steps: &'a [(usize, String)],
    at: usize,
    input: &'a Move,
}

impl Drop for Trail<'_> {
    #[expect(clippy::print_stdout, reason = "it stands beside the message of the broken law")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut lines = vec![format!("{} (+{} minutes)", self.input.input, self.input.minutes)];
            let mut at = self.at;
            while at != 0 {
                lines.push(self.steps[at].1.clone());
                at = self.steps[at].0;
            }
            lines.reverse();
            println!("a law broke on this way:\n  {}", lines.join("\n  "));
        }
    }
}

/// Walks every state that can be reached, and checks every law in each.
pub(super) fn walk(
    pipeline: &Arc<Pipeline>,
    update: &Arc<Pipeline>,
    start: Start,
    bounds: Bounds,
    updates: u8,
    seen: &mut Seen,
) -> Walk {
    let first = first_node(pipeline, start);
    let mut known = HashSet::from([key(&first.state, &first.plans, 0, bounds)]);
    let mut steps = vec![(0, String::new())];
    let mut frontier = vec![first];
    let mut walk = Walk { states: 1, ..Walk::default() };
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for node in &frontier {
            for asked in every_move(&node.state, &node.plans, update, bounds) {
                let trail = Trail { steps: &steps, at: node.from, input: &asked };
                let reached = take(node, &asked, seen, &mut walk);
                let Some((mut state, plans, updated)) = reached else { continue };
                if updated <= updates
                    && is_within(&state, bounds)
                    && known.insert(key(&state, &plans, updated, bounds))
                {
                    check_state(&state, &plans);
                    refresh(&mut state);
                    drop(trail);
                    steps.push((node.from, format!("{} (+{})", asked.input, asked.minutes)));
                    next.push(Node { state, plans, updates: updated, from: steps.len() - 1 });
                    walk.states += 1;
                }
            }
        }
        frontier = next;
    }
    walk
}

/// Whether the walk goes on from a state. Beyond its bounds it looks once and turns back.
fn is_within(state: &State, bounds: Bounds) -> bool {
    state.last_number <= bounds.starts
        && state.executions.values().all(|execution| execution.attempt <= bounds.attempts)
}

/// Asks once, checks what comes back, and returns where it leads.
fn take(node: &Node, asked: &Move, seen: &mut Seen, walk: &mut Walk) -> Option<(State, Plans, u8)> {
    let now = node.state.at.plus_minutes(asked.minutes);
    walk.inputs += 1;
    let decision = match decide(&node.state, &node.plans, &asked.input, now) {
        Ok(decision) => decision,
        Err(rejection) => {
            walk.refusals += 1;
            check_refusal(&asked.input, &rejection);
            return None;
        }
    };
    let (mut plans, mut updates) = (node.plans.clone(), node.updates);
    if let Input::Define { pipeline, .. } = &asked.input {
        plans.insert(decision.state.sequence, pipeline.clone());
        updates += 1;
    }
    check_step_and(&node.state, &plans, &asked.input, &decision, |state, change| {
        seen.observe(state, &plans, change);
    });
    if decision.is_empty() {
        return None;
    }
    walk.transitions += 1;
    check_repetition(&decision, &plans, &asked.input);
    Some((decision.state, plans, updates))
}

/// The same input again changes nothing: it is so already, or it is refused. Only to replace a
/// declaration by the same one is an update each time (R84), and a retry has its own attempt.
fn check_repetition(decision: &Decision, plans: &Plans, input: &Input) {
    if !matches!(input, Input::Define { .. }) {
        match decide(&decision.state, plans, input, decision.at) {
            Ok(again) => assert!(again.is_empty(), "again, {input} changes {:?}", again.changes),
            Err(rejection) => check_refusal(input, &rejection),
        }
    }
}

/// A refusal belongs to what was asked.
fn check_refusal(input: &Input, rejection: &Rejection) {
    let fits = match rejection {
        Rejection::LateReport => matches!(input, Input::Report { .. }),
        Rejection::InvalidApprovalToken | Rejection::ApprovalAlreadyCompleted => {
            matches!(input, Input::Approve(_))
        }
        Rejection::NotStoppable(_) | Rejection::DuplicatedStop(_) => {
            matches!(input, Input::Stop { .. })
        }
        Rejection::StageNotRetryable(_) | Rejection::NotLatest(_) | Rejection::Conflict(_) => {
            matches!(input, Input::Retry { .. })
        }
        Rejection::PerhapsStarted(_) | Rejection::ConcurrentExecutionsLimit => {
            matches!(input, Input::Start(_))
        }
        Rejection::PipelineNotFound
        | Rejection::StageNotFound(_)
        | Rejection::ActionNotFound(_)
        | Rejection::WrongLog => true,
        Rejection::UndeclaredVariable(_)
        | Rejection::EmptyVariable(_)
        | Rejection::MissingVariable(_)
        | Rejection::InvalidRevision { .. }
        | Rejection::PipelineNameInUse => false,
    };
    assert!(fits, "{input} was refused: {rejection}");
}

fn first_node(pipeline: &Arc<Pipeline>, start: Start) -> Node {
    let mut plans = Plans::default();
    let (state, input) = match start {
        Start::Pipeline => (State::new(Scope::Pipeline), define(pipeline)),
        Start::Execution => (State::new(Scope::Execution), begin(pipeline)),
    };
    plans.insert(1, pipeline.clone());
    let now = Timestamp::from_millis(1_700_000_000_000);
    let decision = decide(&state, &plans, &input, now).expect("a fresh log takes it");
    check_step(&state, &plans, &input, &decision);
    check_state(&decision.state, &plans);
    Node { state: decision.state, plans, updates: 0, from: 0 }
}

fn begin(pipeline: &Arc<Pipeline>) -> Input {
    let definition = Definition { record: 1, version: 1, mode: pipeline.execution_mode };
    let trigger = Trigger { kind: TriggerType::StartPipelineExecution, detail: "ann".to_owned() };
    let started = Started {
        definition,
        trigger,
        variables: std::collections::BTreeMap::new(),
        revisions: Vec::new(),
    };
    Input::Begin(Begin {
        execution: execution_id(1),
        number: 1,
        definition,
        secret: Uuid::from_u128(0x5e_c2e7),
        trigger: started.trigger,
        variables: started.variables,
        revisions: started.revisions,
        disabled: std::collections::BTreeMap::new(),
    })
}
