//! Which transitions of statuses the walk saw, and what caused them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use engine::change::{Change, ExecutionChange};
use engine::state::{Run, State};
use engine::{Plans, transitions};
use model::ids::ExecutionId;
use model::status::{ActionStatus, ExecutionStatus, StageStatus};

/// How often something went from one status (or from nothing) to another.
type Counts = BTreeMap<(Option<&'static str>, &'static str), usize>;

/// All that was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) executions: Counts,
    pub(super) stages: Counts,
    pub(super) actions: Counts,
}

impl Seen {
    /// Takes note of a change, given the state right before it.
    pub(super) fn observe(&mut self, state: &State, plans: &Plans, change: &Change) {
        if let Change::Execution { id, change, .. } = change {
            self.observe_change(state, plans, *id, change);
        }
    }

    fn observe_change(
        &mut self,
        state: &State,
        plans: &Plans,
        id: ExecutionId,
        change: &ExecutionChange,
    ) {
        if let Some(to) = execution_after(change) {
            let from = state.executions.get(&id).map(|known| known.status().as_str());
            let from = from.or_else(|| retained(state, id));
            *self.executions.entry((from, to.as_str())).or_default() += 1;
        }
        if let Some((stage, to)) = stage_after(change) {
            let latest = state.stages.get(stage).and_then(|slot| slot.latest.as_ref());
            let is_entering = matches!(change, ExecutionChange::Entered { .. });
            let from = latest.filter(|_| !is_entering).map(|latest| latest.status.as_str());
            *self.stages.entry((from, to.as_str())).or_default() += 1;
        }
        if let Some((action, to)) = action_after(change) {
            let execution = &state.executions[&id];
            let index = plans.stage_of(execution).action_index(action).expect("declared");
            let from = match execution.runs[index] {
                Run::Pending => None,
                Run::InProgress { .. } => Some(ActionStatus::InProgress),
                Run::Succeeded(_) => Some(ActionStatus::Succeeded),
                Run::Failed { .. } => Some(ActionStatus::Failed),
                Run::Abandoned { .. } => Some(ActionStatus::Abandoned),
            };
            *self.actions.entry((from.map(ActionStatus::as_str), to.as_str())).or_default() += 1;
        }
    }

    /// What was seen is exactly what the engine's tables allow.
    pub(super) fn check_tables(&self) {
        let executions = transitions::EXECUTION.iter();
        let executions = executions.map(|(f, t)| (f.map(ExecutionStatus::as_str), t.as_str()));
        let stages = transitions::STAGE.iter();
        let stages = stages.map(|(from, to)| (from.map(StageStatus::as_str), to.as_str()));
        let actions = transitions::ACTION.iter();
        let actions = actions.map(|(from, to)| (from.map(ActionStatus::as_str), to.as_str()));
        let seen = |counts: &Counts| counts.keys().copied().collect::<BTreeSet<_>>();
        assert_eq!(seen(&self.executions), executions.collect(), "executions");
        assert_eq!(seen(&self.stages), stages.collect(), "stages");
        assert_eq!(seen(&self.actions), actions.collect(), "actions");
    }
}

fn retained(state: &State, id: ExecutionId) -> Option<&'static str> {
    let mut latest = state.stages.values().filter_map(|slot| slot.latest.as_ref());
    let latest = latest.find(|latest| latest.execution == id && latest.resume.is_some())?;
    Some(latest.status.as_str())
}

fn execution_after(change: &ExecutionChange) -> Option<ExecutionStatus> {
    Some(match change {
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
        | ExecutionChange::CancelRequested => return None,
    })
}

fn stage_after(change: &ExecutionChange) -> Option<(&model::ids::StageName, StageStatus)> {
    Some(match change {
        ExecutionChange::Entered { stage } | ExecutionChange::StageResumed { stage, .. } => {
            (stage, StageStatus::InProgress)
        }
        ExecutionChange::StageSucceeded { stage } => (stage, StageStatus::Succeeded),
        ExecutionChange::StageFailed { stage } => (stage, StageStatus::Failed),
        ExecutionChange::StageStopping { stage } => (stage, StageStatus::Stopping),
        ExecutionChange::StageStopped { stage } => (stage, StageStatus::Stopped),
        ExecutionChange::StageCancelled { stage } => (stage, StageStatus::Cancelled),
        ExecutionChange::Started(_)
        | ExecutionChange::Waited { .. }
        | ExecutionChange::Superseded { .. }
        | ExecutionChange::ActionRequested { .. }
        | ExecutionChange::ActionSucceeded { .. }
        | ExecutionChange::ActionFailed { .. }
        | ExecutionChange::ActionAbandoned { .. }
        | ExecutionChange::Succeeded
        | ExecutionChange::Failed
        | ExecutionChange::Stopping { .. }
        | ExecutionChange::StopEscalated
        | ExecutionChange::Stopped
        | ExecutionChange::CancelRequested
        | ExecutionChange::Cancelled { .. }
        | ExecutionChange::Resumed { .. } => return None,
    })
}

fn action_after(change: &ExecutionChange) -> Option<(&model::ids::ActionName, ActionStatus)> {
    if let ExecutionChange::ActionRequested { action, .. } = change {
        Some((action, ActionStatus::InProgress))
    } else if let ExecutionChange::ActionSucceeded { action, .. } = change {
        Some((action, ActionStatus::Succeeded))
    } else if let ExecutionChange::ActionFailed { action, .. } = change {
        Some((action, ActionStatus::Failed))
    } else if let ExecutionChange::ActionAbandoned { action, .. } = change {
        Some((action, ActionStatus::Abandoned))
    } else {
        None
    }
}

impl Seen {
    /// Adds what another walk saw.
    pub(super) fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.executions, &other.executions),
            (&mut self.stages, &other.stages),
            (&mut self.actions, &other.actions),
        ];
        for (all, more) in pairs {
            for (transition, count) in more {
                *all.entry(*transition).or_default() += count;
            }
        }
    }

    /// Writes `docs/states.md`; `rows` tells what was walked.
    pub(super) fn book(&self, rows: &str) -> String {
        let mut out = String::from(INTRODUCTION);
        out.push_str(rows);
        section(&mut out, "Pipeline executions", &self.executions);
        section(&mut out, "Stage executions", &self.stages);
        section(&mut out, "Action executions", &self.actions);
        out
    }
}

const INTRODUCTION: &str = "\
# States

Generated by the exhaustive walk of the engine (`shared/engine/tests/exhaustive.rs`) from what it
saw; do not edit. `UPDATE_EXPECT=1 cargo test -p engine exhaustive` writes it anew.

The walk asks everything that can be asked in every state that can be reached: each start, report,
answer, stop, retry, change of a transition, update and deletion, in time, late, doubled and wrong.
In each state and after each change it checks the laws of `shared/engine/tests/laws.rs`. Every
transition below was seen, and the engine refuses every other one
(`shared/engine/src/transitions.rs`).

Two states count as one when no decision could tell them apart. PARALLEL executions share nothing, so
their logs are walked one by one, with every message between them at every moment. Each ground says
how many executions, retries and updates the walk follows; one step beyond that everything is still
asked and checked, and not followed.

## Walked

| Ground | Pipeline | States | Inputs asked | Changed something | Refused |
|---|---|---:|---:|---:|---:|
";

/// Writes one entity's transitions as a table and a diagram.
fn section(out: &mut String, title: &str, counts: &Counts) {
    let _ = writeln!(out, "\n## {title}\n\n| From | To | Seen |\n|---|---|---:|");
    for ((from, to), count) in counts {
        let _ = writeln!(out, "| {} | {to} | {count} |", from.unwrap_or("–"));
    }
    let _ = writeln!(out, "\n```mermaid\nstateDiagram-v2");
    for (from, to) in counts.keys() {
        let _ = writeln!(out, "    {} --> {to}", from.unwrap_or("[*]"));
    }
    let _ = writeln!(out, "```");
}
