//! From a text to the state.

use std::collections::BTreeMap;

use engine::State;
use engine::state::{
    Admission, Definition, Ending, Execution, Inbound, Latest, Place, Scope, Slot,
};
use model::ids::ExecutionId;
use model::status::StageStatus;
use model::time::Timestamp;

use super::{
    AdmissionText, DefinitionText, DisabledText, EndingText, ExecutionText, LatestText, PlaceText,
    SlotText, StateText, expected_status,
};
use crate::record::identity::{self, Subjects, entry};
use crate::record::run_text::{Origin, parse_results, parse_runs};

/// Reads the state that came with the given record, and the executions that it refers to.
pub(in crate::record) fn parse(
    text: &str,
    sequence: u64,
    at: Timestamp,
) -> Result<(State, Subjects), String> {
    let text: StateText = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let StateText {
        is_execution,
        subjects,
        definitions,
        current,
        secret,
        last_number,
        last_execution,
        stages,
        executions,
        admitted,
    } = text;
    let mut known = Subjects::default();
    known.parse(&subjects)?;
    let reader = Reader {
        at,
        subjects: known,
        definitions: definitions.iter().map(DefinitionText::parse).collect::<Result<_, _>>()?,
    };
    let state = State {
        scope: if is_execution { Scope::Execution } else { Scope::Pipeline },
        sequence,
        at,
        definition: current.map(|place| entry(&reader.definitions, place)).transpose()?,
        secret: identity::parse(&secret)?,
        last_number,
        last_execution: last_execution.map(|place| reader.id(place)).transpose()?,
        stages: stages
            .into_iter()
            .map(|(name, slot)| Ok((name.into(), reader.slot(slot)?)))
            .collect::<Result<_, String>>()?,
        executions: executions
            .into_iter()
            .map(|it| Ok((reader.id(it.id)?, reader.execution(it)?)))
            .collect::<Result<BTreeMap<_, _>, String>>()?,
        admitted: admitted
            .into_iter()
            .map(|it| {
                let AdmissionText { id, record, attempt, is_withdrawn } = it;
                Ok((reader.id(id)?, Admission { record, attempt, is_withdrawn }))
            })
            .collect::<Result<_, String>>()?,
    };
    Ok((state, reader.subjects))
}

struct Reader {
    at: Timestamp,
    subjects: Subjects,
    definitions: Vec<Definition>,
}

impl Reader {
    fn id(&self, place: usize) -> Result<ExecutionId, String> {
        Ok(self.subjects.at(place)?.id)
    }

    fn slot(&self, slot: SlotText) -> Result<Slot, String> {
        let SlotText { occupant, waiting, disabled, latest } = slot;
        let occupant = occupant.map(|place| self.id(place)).transpose()?;
        Ok(Slot {
            occupant,
            waiting: waiting.into_iter().map(|place| self.id(place)).collect::<Result<_, _>>()?,
            inbound: match disabled {
                None => Inbound::Enabled,
                Some(DisabledText { since, by, reason }) => {
                    Inbound::Disabled { since: self.origin(0).moment(since), by, reason }
                }
            },
            latest: latest.map(|latest| self.latest(occupant, latest)).transpose()?,
        })
    }

    fn latest(&self, occupant: Option<ExecutionId>, latest: LatestText) -> Result<Latest, String> {
        let LatestText { execution, attempt, status, resume } = latest;
        let subject = self.subjects.at(execution)?;
        Ok(Latest {
            execution: subject.id,
            number: subject.number,
            attempt,
            status: match status {
                None => expected_status(occupant, subject.id),
                Some(status) => StageStatus::parse(&status)
                    .ok_or_else(|| format!("{status:?} is not the status of a stage"))?,
            },
            resume: resume.map(|it| self.execution(*it).map(Box::new)).transpose()?,
        })
    }

    fn execution(&self, execution: ExecutionText) -> Result<Execution, String> {
        let ExecutionText {
            id,
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
        let origin = self.origin(started_record);
        Ok(Execution {
            number: self.subjects.at(id)?.number,
            definition: entry(&self.definitions, definition)?,
            attempt,
            started_at: origin.moment(started_at),
            started_record,
            announced,
            retried_at: retried_at.map(|millis| origin.moment(millis)),
            place: match place {
                PlaceText::Arriving => Place::Arriving,
                PlaceText::Waiting => Place::Waiting,
                PlaceText::Inside => Place::Inside,
            },
            stage,
            ending: match ending {
                EndingText::No => Ending::No,
                EndingText::Stopping => Ending::Stopping,
                EndingText::Abandoning => Ending::Abandoning,
                EndingText::Cancelling => Ending::Cancelling,
            },
            runs: parse_runs(&runs, origin)?,
            results: parse_results(&results, origin)?,
        })
    }

    fn origin(&self, record: u64) -> Origin {
        Origin { at: self.at, record }
    }
}
