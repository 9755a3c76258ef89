//! Close and open the way into a stage.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use model::ids::StageName;
use model::time::Timestamp;

use crate::change::{ExecutionChange, PipelineChange};
use crate::limits::DISABLED_DAYS_MAX;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::{Inbound, Scope};
use crate::working::Working;

/// Nobody enters the stage any more; who is inside goes on (R38). Disabling again replaces the
/// reason (R42).
pub(super) fn disable(
    working: &mut Working,
    stage: &StageName,
    reason: &str,
    by: &str,
) -> Result<(), Rejection> {
    find(working, stage)?;
    // The 30 days of R40 count from the first closing.
    let since = match working.state.stages.get(stage).map(|slot| &slot.inbound) {
        Some(Inbound::Disabled { since, .. }) => *since,
        Some(Inbound::Enabled) | None => working.at,
    };
    close(working, stage, since, by, reason);
    Ok(())
}

/// Whoever waits first enters if the place is free (R39); after more than 30 days nobody does (R40).
pub(super) fn enable(working: &mut Working, stage: &StageName, by: &str) -> Result<(), Rejection> {
    find(working, stage)?;
    open(working, stage, by);
    Ok(())
}

/// PARALLEL: makes the transitions of an execution's own log those of its pipeline (R30).
pub(super) fn relay(
    working: &mut Working,
    disabled: &BTreeMap<StageName, (Timestamp, String, String)>,
) -> Result<(), Rejection> {
    if working.state.scope != Scope::Execution {
        return Err(Rejection::WrongLog);
    }
    let stages: Vec<StageName> = working.state.stages.keys().cloned().collect();
    for stage in stages {
        match disabled.get(&stage) {
            Some((since, by, reason)) => close(working, &stage, *since, by, reason),
            None => open(working, &stage, "the pipeline"),
        }
    }
    Ok(())
}

fn find(working: &Working, stage: &StageName) -> Result<(), Rejection> {
    if working.state.scope != Scope::Pipeline {
        return Err(Rejection::WrongLog);
    }
    let (_, pipeline) = working.current()?;
    pipeline.stage_index(stage).map_or(Err(Rejection::StageNotFound(stage.clone())), |_| Ok(()))
}

fn close(working: &mut Working, stage: &StageName, since: Timestamp, by: &str, reason: &str) {
    let (by, reason) = (by.to_string(), reason.to_string());
    let closed = Inbound::Disabled { since, by: by.clone(), reason: reason.clone() };
    if working.state.stages.get(stage).is_some_and(|slot| slot.inbound == closed) {
        return;
    }
    let stage = stage.clone();
    working.change(PipelineChange::Disabled { stage, since, by, reason });
}

fn open(working: &mut Working, stage: &StageName, by: &str) {
    let Some(slot) = working.state.stages.get(stage) else { return };
    let Inbound::Disabled { since, .. } = slot.inbound else { return };
    let is_too_late = working.at > since.plus_minutes(DISABLED_DAYS_MAX * 24 * 60);
    if is_too_late && Protection::ThirtyDays.holds() {
        for id in slot.waiting.clone() {
            let reason = "the transition was disabled for more than 30 days; \
                          start a new execution"
                .to_string();
            working.happen(id, ExecutionChange::Cancelled { reason });
        }
    }
    working.change(PipelineChange::Enabled { stage: stage.clone(), by: by.to_string() });
}
