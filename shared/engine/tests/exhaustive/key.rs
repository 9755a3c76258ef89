//! What of a state a decision can tell apart.

use std::collections::BTreeMap;

use engine::Plans;
use engine::state::{Ending, Execution, Inbound, Latest, Place, Run, Slot, State};
use model::ids::ExecutionId;

use crate::moves::Bounds;

/// Writes a state down so that equal texts behave alike under every move that is within `bounds`.
///
/// Left out is what only decides between two refusals, or never decides anything: how an execution
/// that cannot be resumed ended, numbers of attempts that are over, moments (see [`refresh`]).
pub(super) fn key(state: &State, plans: &Plans, updates: u8, bounds: Bounds) -> Box<[u8]> {
    let mut writer = Writer { bytes: vec![updates], ranks: BTreeMap::new(), bounds, state, plans };
    writer.rank();
    writer.head();
    for (name, slot) in &state.stages {
        writer.bytes.push(name.as_str().as_bytes()[0]);
        writer.slot(slot);
    }
    for (id, execution) in &state.executions {
        writer.id(*id);
        writer.execution(execution);
    }
    for (id, admission) in &state.admitted {
        writer.bytes.extend([id.uuid().as_bytes()[15], b'a', small(admission.attempt)]);
        writer.bytes.push(u8::from(admission.is_withdrawn));
    }
    writer.bytes.into()
}

/// Makes everything in a state as young as the state itself. How long something has lasted is not
/// walked; each move that may come late is asked both at once and late instead.
pub(super) fn refresh(state: &mut State) {
    for slot in state.stages.values_mut() {
        if let Inbound::Disabled { since, .. } = &mut slot.inbound {
            *since = state.at;
        }
    }
    for run in state.executions.values_mut().flat_map(|execution| &mut execution.runs) {
        if let Run::InProgress { since, .. } = run {
            *since = state.at;
        }
    }
}

fn small(number: u32) -> u8 {
    u8::try_from(number).expect("the walk is bounded")
}

struct Writer<'a> {
    bytes: Vec<u8>,
    ranks: BTreeMap<ExecutionId, u8>,
    bounds: Bounds,
    state: &'a State,
    plans: &'a Plans,
}

impl Writer<'_> {
    /// Who is newer than whom, among those that may still do something.
    fn rank(&mut self) {
        let latest = self.state.stages.values().filter_map(|slot| slot.latest.as_ref());
        let resumable = latest.filter(|latest| self.is_resumable(latest));
        let resumable = resumable.map(|latest| latest.execution);
        let mut known: Vec<_> = self.state.executions.keys().copied().chain(resumable).collect();
        known.sort_unstable();
        self.ranks = known.into_iter().zip(1..).collect();
    }

    fn is_resumable(&self, latest: &Latest) -> bool {
        latest.resume.is_some() && latest.attempt < self.bounds.attempts
    }

    fn head(&mut self) {
        let definition =
            self.state.definition.map_or(0, |definition| self.shape(definition.record));
        let started = u8::try_from(self.state.last_number).expect("the walk is bounded");
        let last = self.state.last_execution.map_or(0, |id| id.uuid().as_bytes()[15]);
        self.bytes.extend([definition, started, last]);
    }

    /// The two declarations of a walk differ in the name of their last stage.
    fn shape(&self, record: u64) -> u8 {
        let last = self.plans.get(record).stages.last().expect("a pipeline has stages");
        last.name.as_str().as_bytes()[0]
    }

    fn id(&mut self, id: ExecutionId) {
        self.bytes.push(self.ranks[&id]);
    }

    fn slot(&mut self, slot: &Slot) {
        match slot.occupant {
            Some(id) => self.id(id),
            None => self.bytes.push(0),
        }
        for waiting in &slot.waiting {
            self.id(*waiting);
        }
        self.bytes.push(if slot.inbound == Inbound::Enabled { 0xF0 } else { 0xF1 });
        if let Some(latest) = &slot.latest {
            // Of what is over, only this counts: who is older than it.
            let older = self.ranks.keys().filter(|id| **id <= latest.execution).count();
            self.bytes.push(small(older.try_into().expect("the walk is bounded")));
            if let Some(resume) = latest.resume.as_ref().filter(|_| self.is_resumable(latest)) {
                self.bytes.push(b'r');
                self.execution(resume);
            }
        }
        self.bytes.push(0xFF);
    }

    fn execution(&mut self, execution: &Execution) {
        let is_current = self.state.definition == Some(execution.definition);
        let shape = self.shape(execution.definition.record);
        let place = match execution.place {
            Place::Arriving => b'a',
            Place::Waiting => b'w',
            Place::Inside => b'i',
        };
        let ending = match execution.ending {
            Ending::No => 0,
            Ending::Stopping => 1,
            Ending::Abandoning => 2,
            Ending::Cancelling => 3,
        };
        let stage = u8::try_from(execution.stage).expect("three stages");
        let attempt = small(execution.attempt);
        self.bytes.extend([u8::from(is_current), shape, attempt, place, stage, ending]);
        self.bytes.extend(execution.runs.iter().map(|run| match run {
            Run::Pending => 0,
            Run::InProgress { .. } => 1,
            Run::Succeeded(_) => 2,
            Run::Failed { .. } | Run::Abandoned { .. } => 3,
        }));
    }
}
