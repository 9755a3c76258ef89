//! The stages of a pipeline as people see them (contract §3.3).

use engine::state::{Inbound, Slot};
use model::ids::{ActionName, ExecutionId, StageName};
use model::pipeline::{Action, Stage};
use model::status::{ExecutionMode, ExecutionStatus, StageStatus};
use model::time::Timestamp;

use crate::Look;
use crate::board::{Attempt, Brought, StageBoard};

/// A stage of the declaration in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageView {
    /// Which one.
    pub name: StageName,
    /// The way in.
    pub transition: Transition,
    /// Who waits to enter, first in line first (R18, R23).
    pub waiting: Vec<(ExecutionId, ExecutionStatus)>,
    /// Who entered last, and how that went.
    pub latest: Option<(ExecutionId, StageStatus)>,
    /// How often the stage was retried for that execution.
    pub retries: u32,
    /// Its actions, in the order of the declaration.
    pub actions: Vec<ActionView>,
}

/// Whether anybody may enter (R38).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Whether it is open.
    pub is_enabled: bool,
    /// Who changed it last; nobody for one that was never changed.
    pub by: Option<String>,
    /// When that was.
    pub at: Option<Timestamp>,
    /// Why it is closed.
    pub reason: Option<String>,
}

/// An action of the declaration in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionView {
    /// Which one.
    pub action: Action,
    /// Its newest attempt, also where the stage's newest execution did not reach it.
    pub latest: Option<Attempt>,
    /// For sources: what was brought in last.
    pub brought: Option<Brought>,
}

/// Returns the stages, in order; none in PARALLEL mode (R26).
pub fn stages(look: &Look) -> Vec<StageView> {
    match look.plan.execution_mode {
        ExecutionMode::Parallel => Vec::new(),
        ExecutionMode::Superseded | ExecutionMode::Queued => {
            look.plan.stages.iter().map(|stage| view(look, stage)).collect()
        }
    }
}

fn view(look: &Look, stage: &Stage) -> StageView {
    let nothing = (Slot::default(), StageBoard::default());
    let slot = look.head.state.stages.get(&stage.name).unwrap_or(&nothing.0);
    let board = look.board.stages.get(&stage.name).unwrap_or(&nothing.1);
    let latest = slot.latest.as_ref();
    let is_of_latest = latest.map(|latest| latest.execution) == board.entered;
    let waiting = slot.waiting.iter().map(|id| {
        let execution = look.head.state.executions.get(id);
        (*id, execution.map_or(ExecutionStatus::InProgress, engine::state::Execution::status))
    });
    StageView {
        name: stage.name.clone(),
        transition: transition(slot, board),
        waiting: waiting.collect(),
        latest: latest.map(|latest| (latest.execution, latest.status)),
        retries: if is_of_latest { board.retries } else { 0 },
        actions: stage.actions.iter().map(|action| action_view(board, action)).collect(),
    }
}

fn transition(slot: &Slot, board: &StageBoard) -> Transition {
    let turned = board.transition.as_ref();
    match &slot.inbound {
        Inbound::Enabled => Transition {
            is_enabled: true,
            by: turned.map(|turned| turned.by.clone()),
            at: turned.map(|turned| turned.at),
            reason: None,
        },
        Inbound::Disabled { since, by, reason } => Transition {
            is_enabled: false,
            by: Some(by.clone()),
            at: Some(turned.map_or(*since, |turned| turned.at)),
            reason: Some(reason.clone()),
        },
    }
}

fn action_view(board: &StageBoard, action: &Action) -> ActionView {
    let known = board.actions.get::<ActionName>(&action.name);
    ActionView {
        action: action.clone(),
        latest: known.map(|known| known.latest.clone()),
        brought: known.and_then(|known| known.brought.clone()),
    }
}
