//! From a state to its text.

use engine::State;
use engine::state::{
    Admission, Definition, Ending, Execution, Inbound, Latest, Place, Scope, Slot,
};
use model::ids::ExecutionId;
use model::time::Timestamp;

use super::{
    AdmissionText, DefinitionText, DisabledText, EndingText, ExecutionText, LatestText, PlaceText,
    SlotText, StateText, expected_status,
};
use crate::record::identity::{self, Subjects};
use crate::record::run_text::{Origin, render_results, render_runs};

/// Writes a state, and returns the executions that it refers to. Its number and moment are its
/// record's and are not repeated.
pub(in crate::record) fn render(state: &State) -> (String, Subjects) {
    let State {
        scope,
        sequence: _,
        at,
        definition,
        secret,
        last_number,
        last_execution,
        stages,
        executions,
        admitted,
    } = state;
    let mut writer = Writer { at: *at, subjects: Subjects::default(), definitions: Vec::new() };
    let last_execution = last_execution.map(|id| writer.subjects.place(id, 0));
    let text = StateText {
        is_execution: match scope {
            Scope::Pipeline => false,
            Scope::Execution => true,
        },
        current: definition.map(|definition| writer.definition(definition)),
        secret: identity::render(*secret),
        last_number: *last_number,
        last_execution,
        stages: stages.iter().map(|(name, slot)| (name.to_string(), writer.slot(slot))).collect(),
        executions: executions.iter().map(|(id, it)| writer.execution(*id, it)).collect(),
        admitted: admitted.iter().map(|(id, it)| writer.admission(*id, *it)).collect(),
        subjects: writer.subjects.render(0),
        definitions: writer.definitions.into_iter().map(DefinitionText::render).collect(),
    };
    let text = serde_json::to_string(&text).expect("texts and numbers are always JSON");
    (text, writer.subjects)
}

struct Writer {
    at: Timestamp,
    subjects: Subjects,
    definitions: Vec<Definition>,
}

impl Writer {
    fn definition(&mut self, definition: Definition) -> usize {
        if let Some(place) = self.definitions.iter().position(|known| *known == definition) {
            return place;
        }
        self.definitions.push(definition);
        self.definitions.len() - 1
    }

    fn slot(&mut self, slot: &Slot) -> SlotText {
        let Slot { occupant, waiting, inbound, latest } = slot;
        SlotText {
            occupant: occupant.map(|id| self.subjects.place(id, 0)),
            waiting: waiting.iter().map(|id| self.subjects.place(*id, 0)).collect(),
            disabled: match inbound {
                Inbound::Enabled => None,
                Inbound::Disabled { since, by, reason } => Some(DisabledText {
                    since: self.origin(0).millis_before(*since),
                    by: by.clone(),
                    reason: reason.clone(),
                }),
            },
            latest: latest.as_ref().map(|latest| self.latest(*occupant, latest)),
        }
    }

    fn latest(&mut self, occupant: Option<ExecutionId>, latest: &Latest) -> LatestText {
        let Latest { execution, number, attempt, status, resume } = latest;
        LatestText {
            execution: self.subjects.place(*execution, *number),
            attempt: *attempt,
            status: (*status != expected_status(occupant, *execution))
                .then(|| status.as_str().to_owned()),
            resume: resume.as_ref().map(|resume| Box::new(self.execution(*execution, resume))),
        }
    }

    fn execution(&mut self, id: ExecutionId, execution: &Execution) -> ExecutionText {
        let Execution {
            number,
            definition,
            attempt,
            started_at,
            started_record,
            announced,
            retried_at,
            place,
            stage,
            ending,
            runs,
            results,
        } = execution;
        let origin = self.origin(*started_record);
        ExecutionText {
            id: self.subjects.place(id, *number),
            definition: self.definition(*definition),
            attempt: *attempt,
            started_at: origin.millis_before(*started_at),
            started_record: *started_record,
            announced: *announced,
            retried_at: retried_at.map(|moment| origin.millis_before(moment)),
            place: match place {
                Place::Arriving => PlaceText::Arriving,
                Place::Waiting => PlaceText::Waiting,
                Place::Inside => PlaceText::Inside,
            },
            stage: *stage,
            ending: match ending {
                Ending::No => EndingText::No,
                Ending::Stopping => EndingText::Stopping,
                Ending::Abandoning => EndingText::Abandoning,
                Ending::Cancelling => EndingText::Cancelling,
            },
            runs: render_runs(runs, origin),
            results: render_results(results, origin),
        }
    }

    fn admission(&mut self, id: ExecutionId, admission: Admission) -> AdmissionText {
        let Admission { record, attempt, is_withdrawn } = admission;
        AdmissionText { id: self.subjects.place(id, 0), record, attempt, is_withdrawn }
    }

    fn origin(&self, record: u64) -> Origin {
        Origin { at: self.at, record }
    }
}
