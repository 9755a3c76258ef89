//! The `detail` of an event, member for member as AWS has it (contract §4.2–4.4).
//!
//! `version` and `pipeline-execution-attempt` are floating-point numbers because AWS prints them with
//! a decimal: `3.0` (E3). The members stand in the order of AWS's own events.

mod git_trigger;

use std::fmt::Display;

use model::pipeline::ActionTypeId;
use model::time::Timestamp;
use serde::{Serialize, Serializer};

pub use git_trigger::GitTrigger;

/// What happened, at one of the three levels.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// Of the execution as a whole.
    Pipeline(PipelineDetail),
    /// Of one stage.
    Stage(StageDetail),
    /// Of one attempt of an action.
    Action(Box<ActionDetail>),
}

/// The detail of a pipeline execution event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PipelineDetail {
    /// The pipeline's name.
    pub pipeline: String,
    /// The execution.
    pub execution_id: String,
    /// When the execution began.
    #[serde(serialize_with = "as_text")]
    pub start_time: Timestamp,
    /// What caused the execution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_trigger: Option<ExecutionTrigger>,
    /// For example `STARTED`.
    pub state: &'static str,
    /// Of the declaration that the execution is pinned to.
    pub version: f64,
    /// 1 for the first (R92).
    pub pipeline_execution_attempt: f64,
    /// Why it was stopped, in the words of whoever did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_execution_comments: Option<String>,
}

/// What caused an execution, in the two forms that AWS has for it.
#[derive(Clone, Debug, PartialEq)]
pub enum ExecutionTrigger {
    /// When the execution starts: the kind of cause, and who or what.
    Start(StartTrigger),
    /// When an execution that a Git trigger started ends: the commit.
    Git(Box<GitTrigger>),
}

/// The kind of cause, and who or what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StartTrigger {
    /// One of the words of [`model::status::TriggerType`].
    pub trigger_type: &'static str,
    /// Who or what.
    pub trigger_detail: String,
}

/// The detail of a stage execution event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StageDetail {
    /// The pipeline's name.
    pub pipeline: String,
    /// The execution.
    pub execution_id: String,
    /// When the execution began: in AWS's samples of all states, stage events carry the time of the
    /// execution and not of the stage.
    #[serde(serialize_with = "as_text")]
    pub start_time: Timestamp,
    /// When this stage was last retried by this execution.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text_if_any")]
    pub stage_last_retry_attempt_time: Option<Timestamp>,
    /// The stage's name.
    pub stage: String,
    /// For example `STARTED`.
    pub state: &'static str,
    /// Of the declaration that the execution is pinned to.
    pub version: f64,
    /// 1 for the first (R92).
    pub pipeline_execution_attempt: f64,
}

/// The detail of an action execution event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ActionDetail {
    /// The pipeline's name.
    pub pipeline: String,
    /// The execution.
    pub execution_id: String,
    /// When the attempt began.
    #[serde(serialize_with = "as_text")]
    pub start_time: Timestamp,
    /// The stage's name.
    pub stage: String,
    /// What the provider said, once the attempt has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_result: Option<ExecutionResult>,
    /// What the attempt made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub output_artifacts: Vec<Artifact>,
    /// The attempt.
    pub action_execution_id: String,
    /// The action's name.
    pub action: String,
    /// What the attempt reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input_artifacts: Vec<Artifact>,
    /// For example `STARTED`.
    pub state: &'static str,
    /// Where the action runs (E4).
    pub region: String,
    /// Who does it.
    #[serde(rename = "type")]
    pub type_id: ActionType,
    /// Of the declaration that the execution is pinned to.
    pub version: f64,
    /// 1 for the first (R92).
    pub pipeline_execution_attempt: f64,
}

/// Who does an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionType {
    /// Who defined the provider.
    pub owner: &'static str,
    /// For example `CodeBuild`.
    pub provider: String,
    /// What it is for.
    pub category: &'static str,
    /// A text, unlike the version beside it.
    pub version: String,
}

/// What the provider said. Any member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExecutionResult {
    /// Where people can look at the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_execution_url: Option<String>,
    /// A sentence about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_execution_summary: Option<String>,
    /// The provider's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_execution_id: Option<String>,
    /// Of failures only: why, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
}

/// An artifact by name, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// Its name in the pipeline.
    pub name: String,
    /// Absent when the pipeline declares no store for the action's Region.
    #[serde(rename = "s3location", skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// An object in a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The bucket.
    pub bucket: String,
    /// The object's key.
    pub key: String,
}

impl Detail {
    /// Returns the state that the event announces, in AWS's words for events.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Pipeline(detail) => detail.state,
            Self::Stage(detail) => detail.state,
            Self::Action(detail) => detail.state,
        }
    }
}

impl From<&ActionTypeId> for ActionType {
    fn from(id: &ActionTypeId) -> Self {
        Self {
            owner: id.owner.as_str(),
            provider: id.provider.clone(),
            category: id.category.as_str(),
            version: id.version.clone(),
        }
    }
}

impl Serialize for Detail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Pipeline(detail) => detail.serialize(serializer),
            Self::Stage(detail) => detail.serialize(serializer),
            Self::Action(detail) => detail.serialize(serializer),
        }
    }
}

impl Serialize for ExecutionTrigger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Start(trigger) => trigger.serialize(serializer),
            Self::Git(trigger) => trigger.serialize(serializer),
        }
    }
}

fn as_text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[expect(clippy::ref_option, reason = "serde hands the member over as it stands")]
fn as_text_if_any<T: Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
