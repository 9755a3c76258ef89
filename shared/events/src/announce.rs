//! What the log says, as AWS would tell it.

mod describe;
mod inputs;

use std::collections::BTreeMap;

use engine::change::Change;
use engine::{ExecutionChange, Plans, State};
use model::ids::ExecutionId;
use model::time::Timestamp;

use crate::detail::GitTrigger;
use crate::event::Event;
use crate::fit::fit;
use crate::origin::Origin;

/// One record of a log, as far as it is announced.
#[derive(Clone, Copy, Debug)]
pub struct Announced<'a> {
    /// The record's number.
    pub sequence: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// What became true, in order.
    pub changes: &'a [Change],
    /// The commits of executions that end in this record and that a Git trigger started. Others
    /// are not asked for; where one is missing, the event says nothing of it.
    pub commits: &'a BTreeMap<ExecutionId, GitTrigger>,
}

/// Returns one event for each announced change of a record, in order.
///
/// `before` is the state that the record was decided on. `plans` must hold every declaration that
/// [`State::definitions`] names, and the one that the record itself brings. The answer depends on the
/// arguments alone, so announcing a record again gives equal events. A record that does not follow
/// from `before` is a broken promise of ours.
pub fn announce(
    before: &State,
    plans: &Plans,
    record: &Announced<'_>,
    origin: &Origin,
) -> Vec<Event> {
    let mut state = before.clone();
    state.sequence = record.sequence;
    let mut events = Vec::new();
    for change in record.changes {
        let is_opening = is_opening(change);
        if !is_opening {
            events.extend(describe::describe(&state, plans, record, origin, change));
        }
        engine::apply(&mut state, plans, record.at, change);
        if is_opening {
            events.extend(describe::describe(&state, plans, record, origin, change));
        }
    }
    events.iter_mut().for_each(fit);
    events
}

/// Whether what the event tells is known only once the change is true. The other changes end
/// something, and what they end is known only as long as they are not true.
fn is_opening(change: &Change) -> bool {
    match change {
        Change::Pipeline(_) => false,
        Change::Execution { change, .. } => matches!(
            change,
            ExecutionChange::Started(_)
                | ExecutionChange::Resumed { .. }
                | ExecutionChange::StageResumed { .. }
        ),
    }
}
