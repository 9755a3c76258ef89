//! The changes of a record as compact JSON.
//!
//! Executions are referred to by their place among those of the state, and those that the state
//! knows no more follow in a list of their own. Requests that follow one another for one stage are
//! written as one entry with the actions' names. The engine's enums are matched arm by arm here, so
//! that a new kind of change cannot be forgotten.

mod of_execution;
mod of_pipeline;

use std::collections::BTreeMap;

use engine::Change;
use model::time::Timestamp;
use serde::{Deserialize, Serialize};

use self::of_execution::ExecutionChangeText;
use self::of_pipeline::PipelineChangeText;
use super::identity::{Subject, Subjects, is_default};

#[derive(Debug, Serialize, Deserialize)]
struct ChangesText {
    /// Executions that something happened to, and that the state does not refer to.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<String>,
    #[serde(rename = "c")]
    changes: Vec<ChangeText>,
}

/// A change: of the pipeline if it has that member, and otherwise of one execution.
#[derive(Debug, Serialize, Deserialize)]
struct ChangeText {
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    of_pipeline: Option<PipelineChangeText>,
    #[serde(rename = "x", default, skip_serializing_if = "is_default")]
    execution: usize,
    /// The change's number among the announced ones of its execution; left out where it is one more
    /// than that of the execution's change before it in this record.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    announced: Option<u32>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    of_execution: Option<ExecutionChangeText>,
}

/// Follows the numbers of announced changes, by the place of their execution.
#[derive(Debug, Default)]
struct Announced(BTreeMap<usize, u32>);

impl Announced {
    /// Returns the number that an announced change of the execution has if none is missing.
    fn expected(&self, execution: usize) -> Option<u32> {
        self.0.get(&execution)?.checked_add(1)
    }

    /// Notes the number of a change, unless it is not announced.
    fn note(&mut self, execution: usize, announced: u32) {
        if announced > 0 {
            self.0.insert(execution, announced);
        }
    }
}

/// Writes the changes of a record that was decided at `at`, beside a state that refers to `subjects`.
pub(super) fn render(changes: &[Change], at: Timestamp, mut subjects: Subjects) -> String {
    let of_state = subjects.count();
    let mut numbers = Announced::default();
    let mut texts: Vec<ChangeText> = Vec::with_capacity(changes.len());
    for change in changes {
        let text = match change {
            Change::Pipeline(change) => ChangeText {
                of_pipeline: Some(PipelineChangeText::render(change, at)),
                execution: 0,
                announced: None,
                of_execution: None,
            },
            Change::Execution { id, number, announced, change } => {
                let execution = subjects.exact_place(Subject { id: *id, number: *number });
                let is_expected = numbers.expected(execution) == Some(*announced);
                numbers.note(execution, *announced);
                ChangeText {
                    of_pipeline: None,
                    execution,
                    announced: (!is_expected).then_some(*announced),
                    of_execution: Some(ExecutionChangeText::render(change)),
                }
            }
        };
        if let Some(text) = join(texts.last_mut(), text) {
            texts.push(text);
        }
    }
    let text = ChangesText { subjects: subjects.render(of_state), changes: texts };
    serde_json::to_string(&text).expect("texts and numbers are always JSON")
}

/// Adds a request to the entry before it, if it is that entry's own next one; otherwise hands it back.
fn join(last: Option<&mut ChangeText>, text: ChangeText) -> Option<ChangeText> {
    if text.announced.is_none()
        && let Some(last) = last
        && last.execution == text.execution
        && let (Some(requests), Some(next)) = (&mut last.of_execution, &text.of_execution)
        && requests.absorb(next)
    {
        return None;
    }
    Some(text)
}

/// Reads the changes of a record that was decided at `at`, beside a state that refers to `subjects`.
pub(super) fn parse(
    text: &str,
    at: Timestamp,
    mut subjects: Subjects,
) -> Result<Vec<Change>, String> {
    let text: ChangesText = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let ChangesText { subjects: further, changes } = text;
    subjects.parse(&further)?;
    let mut numbers = Announced::default();
    let mut parsed = Vec::with_capacity(changes.len());
    for text in changes {
        let ChangeText { of_pipeline, execution, announced, of_execution } = text;
        match (of_pipeline, of_execution) {
            (Some(change), None) => parsed.push(Change::Pipeline(change.parse(at)?)),
            (None, Some(changes)) => {
                let Subject { id, number } = subjects.at(execution)?;
                let mut announced = announced;
                for change in changes.parse()? {
                    let announced = announced
                        .take()
                        .or_else(|| numbers.expected(execution))
                        .ok_or("a change does not say which announced one it is")?;
                    numbers.note(execution, announced);
                    parsed.push(Change::Execution { id, number, announced, change });
                }
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err("a change is neither of the pipeline nor of an execution".to_owned());
            }
        }
    }
    Ok(parsed)
}
