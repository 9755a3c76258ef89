//! Changes of a pipeline as a whole, at rest.

use std::collections::BTreeMap;

use engine::PipelineChange;
use engine::change::Started;
use engine::input::{Revision, Trigger};
use model::status::TriggerType;
use model::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::identity;
use crate::record::state_text::{DefinitionText, parse_mode};

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum PipelineChangeText {
    #[serde(rename = "defined")]
    Defined {
        #[serde(rename = "v")]
        version: u32,
        #[serde(rename = "m")]
        mode: String,
        #[serde(rename = "k")]
        secret: String,
        #[serde(rename = "b")]
        by: String,
    },
    #[serde(rename = "deleted")]
    Deleted {
        #[serde(rename = "b")]
        by: String,
    },
    #[serde(rename = "disabled")]
    Disabled {
        #[serde(rename = "s")]
        stage: String,
        /// How many milliseconds before the record.
        #[serde(rename = "t")]
        since: i64,
        #[serde(rename = "b")]
        by: String,
        #[serde(rename = "r")]
        reason: String,
    },
    #[serde(rename = "enabled")]
    Enabled {
        #[serde(rename = "s")]
        stage: String,
        #[serde(rename = "b")]
        by: String,
    },
    #[serde(rename = "refused")]
    Refused {
        #[serde(rename = "i")]
        execution: String,
        #[serde(rename = "t")]
        trigger: TriggerText,
        #[serde(rename = "r")]
        reason: String,
    },
    #[serde(rename = "admitted")]
    Admitted {
        #[serde(rename = "i")]
        execution: String,
        #[serde(rename = "n")]
        number: u64,
        #[serde(rename = "w")]
        started: Box<StartedText>,
    },
    #[serde(rename = "closed")]
    Closed {
        #[serde(rename = "i")]
        execution: String,
    },
    #[serde(rename = "reopened")]
    Reopened {
        #[serde(rename = "i")]
        execution: String,
        #[serde(rename = "t")]
        attempt: u32,
    },
}

/// How an execution was started.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StartedText {
    #[serde(rename = "d")]
    definition: DefinitionText,
    #[serde(rename = "t")]
    trigger: TriggerText,
    #[serde(rename = "v", default, skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, String>,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    revisions: Vec<RevisionText>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TriggerText {
    #[serde(rename = "k")]
    kind: String,
    #[serde(rename = "d", default, skip_serializing_if = "String::is_empty")]
    detail: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct RevisionText {
    #[serde(rename = "a")]
    action: String,
    #[serde(rename = "k")]
    kind: String,
    #[serde(rename = "v")]
    value: String,
}

impl PipelineChangeText {
    pub(super) fn render(change: &PipelineChange, at: Timestamp) -> Self {
        let id = |id: &model::ids::ExecutionId| identity::render(id.uuid());
        match change {
            PipelineChange::Defined { version, mode, secret, by } => Self::Defined {
                version: *version,
                mode: mode.as_str().to_owned(),
                secret: identity::render(*secret),
                by: by.clone(),
            },
            PipelineChange::Deleted { by } => Self::Deleted { by: by.clone() },
            PipelineChange::Disabled { stage, since, by, reason } => Self::Disabled {
                stage: stage.to_string(),
                since: at.millis().wrapping_sub(since.millis()),
                by: by.clone(),
                reason: reason.clone(),
            },
            PipelineChange::Enabled { stage, by } => {
                Self::Enabled { stage: stage.to_string(), by: by.clone() }
            }
            PipelineChange::Refused { execution, trigger, reason } => Self::Refused {
                execution: id(execution),
                trigger: TriggerText::render(trigger),
                reason: reason.clone(),
            },
            PipelineChange::Admitted { execution, number, started } => Self::Admitted {
                execution: id(execution),
                number: *number,
                started: Box::new(StartedText::render(started)),
            },
            PipelineChange::Closed { execution } => Self::Closed { execution: id(execution) },
            PipelineChange::Reopened { execution, attempt } => {
                Self::Reopened { execution: id(execution), attempt: *attempt }
            }
        }
    }

    pub(super) fn parse(self, at: Timestamp) -> Result<PipelineChange, String> {
        Ok(match self {
            Self::Defined { version, mode, secret, by } => PipelineChange::Defined {
                version,
                mode: parse_mode(&mode)?,
                secret: identity::parse(&secret)?,
                by,
            },
            Self::Deleted { by } => PipelineChange::Deleted { by },
            Self::Disabled { stage, since, by, reason } => PipelineChange::Disabled {
                stage: stage.into(),
                since: Timestamp::from_millis(at.millis().wrapping_sub(since)),
                by,
                reason,
            },
            Self::Enabled { stage, by } => PipelineChange::Enabled { stage: stage.into(), by },
            Self::Refused { execution, trigger, reason } => PipelineChange::Refused {
                execution: identity::parse_execution(&execution)?,
                trigger: trigger.parse()?,
                reason,
            },
            Self::Admitted { execution, number, started } => PipelineChange::Admitted {
                execution: identity::parse_execution(&execution)?,
                number,
                started: Box::new(started.parse()?),
            },
            Self::Closed { execution } => {
                PipelineChange::Closed { execution: identity::parse_execution(&execution)? }
            }
            Self::Reopened { execution, attempt } => PipelineChange::Reopened {
                execution: identity::parse_execution(&execution)?,
                attempt,
            },
        })
    }
}

impl StartedText {
    pub(super) fn render(started: &Started) -> Self {
        let Started { definition, trigger, variables, revisions } = started;
        let revision = |revision: &Revision| {
            let Revision { action, kind, value } = revision;
            RevisionText { action: action.to_string(), kind: kind.clone(), value: value.clone() }
        };
        Self {
            definition: DefinitionText::render(*definition),
            trigger: TriggerText::render(trigger),
            variables: variables.clone(),
            revisions: revisions.iter().map(revision).collect(),
        }
    }

    pub(super) fn parse(self) -> Result<Started, String> {
        let Self { definition, trigger, variables, revisions } = self;
        let revision = |revision| {
            let RevisionText { action, kind, value } = revision;
            Revision { action: action.into(), kind, value }
        };
        Ok(Started {
            definition: definition.parse()?,
            trigger: trigger.parse()?,
            variables,
            revisions: revisions.into_iter().map(revision).collect(),
        })
    }
}

impl TriggerText {
    fn render(trigger: &Trigger) -> Self {
        let Trigger { kind, detail } = trigger;
        Self { kind: kind.as_str().to_owned(), detail: detail.clone() }
    }

    fn parse(self) -> Result<Trigger, String> {
        let Self { kind, detail } = self;
        let kind = TriggerType::parse(&kind).ok_or_else(|| format!("{kind:?} is not a trigger"))?;
        Ok(Trigger { kind, detail })
    }
}
