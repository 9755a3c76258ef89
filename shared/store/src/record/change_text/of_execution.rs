//! Changes of one execution, at rest.

use engine::ExecutionChange;
use model::ids::{ActionName, StageName};
use model::outcome::{Failure, Success};
use model::status::RetryMode;
use serde::{Deserialize, Serialize};

use super::of_pipeline::StartedText;
use crate::record::identity::is_default;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ExecutionChangeText {
    #[serde(rename = "started")]
    Started(Box<StartedText>),
    #[serde(rename = "waits")]
    Waited(String),
    #[serde(rename = "entered")]
    Entered(String),
    #[serde(rename = "superseded")]
    Superseded {
        #[serde(rename = "s")]
        stage: String,
        #[serde(rename = "n")]
        by: u64,
    },
    /// Requests for actions, announced one after the other.
    #[serde(rename = "run")]
    ActionsRequested {
        #[serde(rename = "s")]
        stage: String,
        #[serde(rename = "n")]
        actions: Vec<String>,
        #[serde(rename = "t", default = "one", skip_serializing_if = "is_one")]
        attempt: u32,
    },
    #[serde(rename = "done")]
    ActionSucceeded {
        #[serde(rename = "s")]
        stage: String,
        #[serde(rename = "n")]
        action: String,
        #[serde(rename = "t", default = "one", skip_serializing_if = "is_one")]
        attempt: u32,
        #[serde(rename = "o", default, skip_serializing_if = "is_empty")]
        success: Box<Success>,
        #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    #[serde(rename = "failed")]
    ActionFailed {
        #[serde(rename = "s")]
        stage: String,
        #[serde(rename = "n")]
        action: String,
        #[serde(rename = "t", default = "one", skip_serializing_if = "is_one")]
        attempt: u32,
        #[serde(rename = "o")]
        failure: Box<Failure>,
        #[serde(rename = "z", default, skip_serializing_if = "is_default")]
        is_overdue: bool,
        #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    #[serde(rename = "abandoned")]
    ActionAbandoned {
        #[serde(rename = "s")]
        stage: String,
        #[serde(rename = "n")]
        action: String,
        #[serde(rename = "t", default = "one", skip_serializing_if = "is_one")]
        attempt: u32,
    },
    #[serde(rename = "left")]
    StageSucceeded(String),
    #[serde(rename = "stageFailed")]
    StageFailed(String),
    #[serde(rename = "stageStopping")]
    StageStopping(String),
    #[serde(rename = "stageStopped")]
    StageStopped(String),
    #[serde(rename = "stageCancelled")]
    StageCancelled(String),
    #[serde(rename = "stageResumed")]
    StageResumed {
        #[serde(rename = "s")]
        stage: String,
        #[serde(rename = "m")]
        mode: String,
    },
    #[serde(rename = "succeeded")]
    Succeeded,
    #[serde(rename = "over")]
    Failed,
    #[serde(rename = "stopping")]
    Stopping {
        #[serde(rename = "z", default, skip_serializing_if = "is_default")]
        abandon: bool,
        #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    #[serde(rename = "escalated")]
    StopEscalated,
    #[serde(rename = "stopped")]
    Stopped,
    #[serde(rename = "cancelling")]
    CancelRequested,
    #[serde(rename = "cancelled")]
    Cancelled(String),
    #[serde(rename = "resumed")]
    Resumed(String),
}

fn is_empty(success: &Success) -> bool {
    *success == Success::default()
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands members over by reference")]
fn is_one(value: &u32) -> bool {
    *value == 1
}

impl ExecutionChangeText {
    /// Writes a change.
    pub(super) fn render(change: &ExecutionChange) -> Self {
        match change {
            ExecutionChange::Started(started) => {
                Self::Started(Box::new(StartedText::render(started)))
            }
            ExecutionChange::Waited { stage } => Self::Waited(stage.to_string()),
            ExecutionChange::Entered { stage } => Self::Entered(stage.to_string()),
            ExecutionChange::Superseded { stage, by } => {
                Self::Superseded { stage: stage.to_string(), by: *by }
            }
            ExecutionChange::ActionRequested { stage, action, attempt } => Self::ActionsRequested {
                stage: stage.to_string(),
                actions: vec![action.to_string()],
                attempt: *attempt,
            },
            ExecutionChange::ActionSucceeded { stage, action, attempt, success, by } => {
                Self::ActionSucceeded {
                    stage: stage.to_string(),
                    action: action.to_string(),
                    attempt: *attempt,
                    success: success.clone(),
                    by: by.clone(),
                }
            }
            ExecutionChange::ActionFailed { stage, action, attempt, failure, is_overdue, by } => {
                Self::ActionFailed {
                    stage: stage.to_string(),
                    action: action.to_string(),
                    attempt: *attempt,
                    failure: failure.clone(),
                    is_overdue: *is_overdue,
                    by: by.clone(),
                }
            }
            ExecutionChange::ActionAbandoned { stage, action, attempt } => Self::ActionAbandoned {
                stage: stage.to_string(),
                action: action.to_string(),
                attempt: *attempt,
            },
            ExecutionChange::StageSucceeded { stage } => Self::StageSucceeded(stage.to_string()),
            ExecutionChange::StageFailed { stage } => Self::StageFailed(stage.to_string()),
            ExecutionChange::StageStopping { stage } => Self::StageStopping(stage.to_string()),
            ExecutionChange::StageStopped { stage } => Self::StageStopped(stage.to_string()),
            ExecutionChange::StageCancelled { stage } => Self::StageCancelled(stage.to_string()),
            ExecutionChange::StageResumed { stage, mode } => {
                Self::StageResumed { stage: stage.to_string(), mode: mode.as_str().to_owned() }
            }
            ExecutionChange::Succeeded => Self::Succeeded,
            ExecutionChange::Failed => Self::Failed,
            ExecutionChange::Stopping { abandon, reason } => {
                Self::Stopping { abandon: *abandon, reason: reason.clone() }
            }
            ExecutionChange::StopEscalated => Self::StopEscalated,
            ExecutionChange::Stopped => Self::Stopped,
            ExecutionChange::CancelRequested => Self::CancelRequested,
            ExecutionChange::Cancelled { reason } => Self::Cancelled(reason.clone()),
            ExecutionChange::Resumed { by } => Self::Resumed(by.clone()),
        }
    }

    /// Takes another request for the same stage in; returns whether it is one.
    pub(super) fn absorb(&mut self, next: &Self) -> bool {
        let Self::ActionsRequested { stage, actions, attempt } = self else { return false };
        let Self::ActionsRequested { stage: of, actions: more, attempt: by } = next else {
            return false;
        };
        let joins = stage == of && attempt == by;
        if joins {
            actions.extend_from_slice(more);
        }
        joins
    }

    /// Reads what was written as one entry: one change, or several requests.
    pub(super) fn parse(self) -> Result<Vec<ExecutionChange>, String> {
        Ok(vec![match self {
            Self::ActionsRequested { stage, actions, attempt } => {
                let stage = StageName::from(stage);
                let request = |action| ExecutionChange::ActionRequested {
                    stage: stage.clone(),
                    action: ActionName::from(action),
                    attempt,
                };
                return Ok(actions.into_iter().map(request).collect());
            }
            Self::Started(started) => ExecutionChange::Started(Box::new(started.parse()?)),
            Self::Waited(stage) => ExecutionChange::Waited { stage: stage.into() },
            Self::Entered(stage) => ExecutionChange::Entered { stage: stage.into() },
            Self::Superseded { stage, by } => {
                ExecutionChange::Superseded { stage: stage.into(), by }
            }
            Self::ActionSucceeded { stage, action, attempt, success, by } => {
                let (stage, action) = (stage.into(), action.into());
                ExecutionChange::ActionSucceeded { stage, action, attempt, success, by }
            }
            Self::ActionFailed { stage, action, attempt, failure, is_overdue, by } => {
                let (stage, action) = (stage.into(), action.into());
                ExecutionChange::ActionFailed { stage, action, attempt, failure, is_overdue, by }
            }
            Self::ActionAbandoned { stage, action, attempt } => {
                let (stage, action) = (stage.into(), action.into());
                ExecutionChange::ActionAbandoned { stage, action, attempt }
            }
            Self::StageSucceeded(stage) => ExecutionChange::StageSucceeded { stage: stage.into() },
            Self::StageFailed(stage) => ExecutionChange::StageFailed { stage: stage.into() },
            Self::StageStopping(stage) => ExecutionChange::StageStopping { stage: stage.into() },
            Self::StageStopped(stage) => ExecutionChange::StageStopped { stage: stage.into() },
            Self::StageCancelled(stage) => ExecutionChange::StageCancelled { stage: stage.into() },
            Self::StageResumed { stage, mode } => ExecutionChange::StageResumed {
                stage: stage.into(),
                mode: RetryMode::parse(&mode)
                    .ok_or_else(|| format!("{mode:?} is not a retry mode"))?,
            },
            Self::Succeeded => ExecutionChange::Succeeded,
            Self::Failed => ExecutionChange::Failed,
            Self::Stopping { abandon, reason } => ExecutionChange::Stopping { abandon, reason },
            Self::StopEscalated => ExecutionChange::StopEscalated,
            Self::Stopped => ExecutionChange::Stopped,
            Self::CancelRequested => ExecutionChange::CancelRequested,
            Self::Cancelled(reason) => ExecutionChange::Cancelled { reason },
            Self::Resumed(by) => ExecutionChange::Resumed { by },
        }])
    }
}
