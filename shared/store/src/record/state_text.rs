//! The state of a log as compact JSON.
//!
//! The structs here are what lies at rest; the engine's are what is decided on. Each is taken apart
//! member by member, so that a new member cannot be forgotten.

mod reading;
mod writing;

use std::collections::BTreeMap;

use engine::state::Definition;
use model::ids::ExecutionId;
use model::status::{ExecutionMode, StageStatus};
use serde::{Deserialize, Serialize};

pub(super) use self::reading::parse;
pub(super) use self::writing::render;
use super::identity::is_default;

/// A declaration, as texts refer to it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DefinitionText {
    /// The record that holds it.
    #[serde(rename = "r")]
    record: u64,
    /// Its version.
    #[serde(rename = "v")]
    version: u32,
    /// Its mode, as the API spells it.
    /// Left out for the mode that almost every pipeline has.
    #[serde(rename = "m", default = "superseded", skip_serializing_if = "is_superseded")]
    mode: String,
}

fn superseded() -> String {
    ExecutionMode::Superseded.as_str().to_owned()
}

fn is_superseded(mode: &str) -> bool {
    mode == ExecutionMode::Superseded.as_str()
}

#[derive(Debug, Serialize, Deserialize)]
struct StateText {
    /// Whether this is the log of one execution.
    #[serde(rename = "x", default, skip_serializing_if = "is_default")]
    is_execution: bool,
    /// Every execution that is referred to.
    #[serde(rename = "i", default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<String>,
    /// Every declaration that is referred to.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    definitions: Vec<DefinitionText>,
    /// The declaration in force; left out where it is the first.
    #[serde(rename = "c", default = "first", skip_serializing_if = "is_first")]
    current: Option<usize>,
    /// What approval tokens are derived from.
    #[serde(rename = "k")]
    secret: String,
    /// How many executions were started.
    #[serde(rename = "n", default, skip_serializing_if = "is_default")]
    last_number: u64,
    /// The greatest id that was ever started; left out where it is the first.
    #[serde(rename = "l", default = "first", skip_serializing_if = "is_first")]
    last_execution: Option<usize>,
    #[serde(rename = "s", default, skip_serializing_if = "BTreeMap::is_empty")]
    stages: BTreeMap<String, SlotText>,
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    executions: Vec<ExecutionText>,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    admitted: Vec<AdmissionText>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SlotText {
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    occupant: Option<usize>,
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<usize>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    disabled: Option<DisabledText>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    latest: Option<LatestText>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DisabledText {
    /// How many milliseconds before the record.
    #[serde(rename = "t")]
    since: i64,
    #[serde(rename = "b")]
    by: String,
    #[serde(rename = "r")]
    reason: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct LatestText {
    #[serde(rename = "i", default, skip_serializing_if = "is_default")]
    execution: usize,
    #[serde(rename = "a", default = "one", skip_serializing_if = "is_one")]
    attempt: u32,
    /// Left out where it is what one expects: in progress while the execution is inside, and
    /// succeeded when it is not.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    resume: Option<Box<ExecutionText>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ExecutionText {
    #[serde(rename = "i", default, skip_serializing_if = "is_default")]
    id: usize,
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    definition: usize,
    #[serde(rename = "a", default = "one", skip_serializing_if = "is_one")]
    attempt: u32,
    /// How many milliseconds before the record.
    #[serde(rename = "t")]
    started_at: i64,
    #[serde(rename = "r")]
    started_record: u64,
    #[serde(rename = "c")]
    announced: u32,
    /// How many milliseconds before the record.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    retried_at: Option<i64>,
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    place: PlaceText,
    #[serde(rename = "s", default, skip_serializing_if = "is_default")]
    stage: usize,
    #[serde(rename = "z", default, skip_serializing_if = "is_default")]
    ending: EndingText,
    #[serde(rename = "u", default, skip_serializing_if = "String::is_empty")]
    runs: String,
    #[serde(rename = "o", default, skip_serializing_if = "String::is_empty")]
    results: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct AdmissionText {
    #[serde(rename = "i")]
    id: usize,
    #[serde(rename = "r")]
    record: u64,
    #[serde(rename = "a", default = "one", skip_serializing_if = "is_one")]
    attempt: u32,
    #[serde(rename = "w", default, skip_serializing_if = "is_default")]
    is_withdrawn: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum PlaceText {
    #[serde(rename = "A")]
    Arriving,
    #[serde(rename = "W")]
    Waiting,
    #[default]
    #[serde(rename = "I")]
    Inside,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum EndingText {
    #[default]
    #[serde(rename = "N")]
    No,
    #[serde(rename = "S")]
    Stopping,
    #[serde(rename = "A")]
    Abandoning,
    #[serde(rename = "C")]
    Cancelling,
}

/// Returns the status of a stage that the latest execution in it explains.
fn expected_status(occupant: Option<ExecutionId>, latest: ExecutionId) -> StageStatus {
    if occupant == Some(latest) { StageStatus::InProgress } else { StageStatus::Succeeded }
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the member's own type")]
fn first() -> Option<usize> {
    Some(0)
}

#[expect(clippy::ref_option, reason = "serde hands members over by reference")]
fn is_first(place: &Option<usize>) -> bool {
    *place == Some(0)
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands members over by reference")]
fn is_one(value: &u32) -> bool {
    *value == 1
}

impl DefinitionText {
    pub(super) fn render(definition: Definition) -> Self {
        let Definition { record, version, mode } = definition;
        Self { record, version, mode: mode.as_str().to_owned() }
    }

    pub(super) fn parse(&self) -> Result<Definition, String> {
        let Self { record, version, mode } = self;
        Ok(Definition { record: *record, version: *version, mode: parse_mode(mode)? })
    }
}

/// Reads an execution mode as the API spells it.
pub(super) fn parse_mode(mode: &str) -> Result<ExecutionMode, String> {
    ExecutionMode::parse(mode).ok_or_else(|| format!("{mode:?} is not an execution mode"))
}
