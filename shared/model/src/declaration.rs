//! The declaration that users write: CodePipeline's own shape, member for member.
//!
//! Words such as `V2` or `QUEUED` stay text here, and absent lists stay absent, so that a declaration
//! is written back exactly as it was read. What the words mean is decided by [`crate::validation`].
//! [`read`] takes a file's text and names every unknown, missing or misplaced member; plain
//! `serde_json` is for rows that we wrote ourselves.

mod condition;
mod reading;
mod trigger;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use condition::{
    BeforeEntryConditions, Condition, FailureConditions, RetryConfiguration, RuleDeclaration,
    RuleTypeId, SuccessConditions,
};
pub(crate) use reading::limits;
pub use reading::{DECLARATION_BYTES_MAX, Format, Note, Reading, examine, read};
pub use trigger::{
    GitConfiguration, GitPatterns, GitPullRequestFilter, GitPushFilter, TriggerDeclaration,
};

/// A pipeline as its author declared it (AWS's `PipelineDeclaration`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Declaration {
    /// Unique in its account and Region.
    pub name: String,
    /// The role that actions run under, unless they name their own.
    pub role_arn: String,
    /// Where artifacts live, when every action runs in one Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_store: Option<ArtifactStoreDeclaration>,
    /// Where artifacts live, by Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_stores: Option<BTreeMap<String, ArtifactStoreDeclaration>>,
    /// The stages, in order.
    pub stages: Vec<StageDeclaration>,
    /// Counted by the controller; a given value is ignored (contract §1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// `SUPERSEDED`, `QUEUED` or `PARALLEL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_mode: Option<String>,
    /// `V1` or `V2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_type: Option<String>,
    /// What a start may set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<VariableDeclaration>>,
    /// Which changes start the pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Vec<TriggerDeclaration>>,
}

/// A bucket for artifacts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactStoreDeclaration {
    /// `S3`.
    #[serde(rename = "type")]
    pub store_type: String,
    /// The bucket's name.
    pub location: String,
    /// The key that artifacts are encrypted with, when not the bucket's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<EncryptionKeyDeclaration>,
}

/// A key that artifacts are encrypted with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionKeyDeclaration {
    /// A key id, key ARN or alias ARN.
    pub id: String,
    /// `KMS`.
    #[serde(rename = "type")]
    pub key_type: String,
}

/// A value that a start may set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariableDeclaration {
    /// The name after `variables.`.
    pub name: String,
    /// Used when the start names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_value: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageDeclaration {
    /// Unique in the pipeline.
    pub name: String,
    /// Reserved by AWS; must stay empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blockers: Option<Vec<BlockerDeclaration>>,
    /// The actions, in any order: `runOrder` decides.
    pub actions: Vec<ActionDeclaration>,
    /// What happens when an action fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<FailureConditions>,
    /// What must hold once every action has succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<SuccessConditions>,
    /// What must hold before the first action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_entry: Option<BeforeEntryConditions>,
}

/// A member that AWS reserves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockerDeclaration {
    /// Its name.
    pub name: String,
    /// `Schedule`.
    #[serde(rename = "type")]
    pub blocker_type: String,
}

/// An action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionDeclaration {
    /// Unique in the stage.
    pub name: String,
    /// Which provider does it.
    pub action_type_id: ActionTypeDeclaration,
    /// Groups of equal order run together, in ascending order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_order: Option<i64>,
    /// The provider's settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<BTreeMap<String, String>>,
    /// For the Commands provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands: Option<Vec<String>>,
    /// For the Commands provider: names of variables to keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_variables: Option<Vec<String>>,
    /// What it reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_artifacts: Option<Vec<InputArtifactDeclaration>>,
    /// What it makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_artifacts: Option<Vec<OutputArtifactDeclaration>>,
    /// Its own role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// Where it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Under which its output variables can be referenced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// For approvals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_in_minutes: Option<i64>,
    /// Handed to the provider's environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_variables: Option<Vec<EnvironmentVariableDeclaration>>,
}

/// Which provider does an action (AWS's `ActionTypeId`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionTypeDeclaration {
    /// For example `Build`.
    pub category: String,
    /// `AWS`, `ThirdParty` or `Custom`.
    pub owner: String,
    /// For example `CodeBuild`.
    pub provider: String,
    /// For example `1`.
    pub version: String,
}

/// An artifact that an action reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputArtifactDeclaration {
    /// The name under which another action made it.
    pub name: String,
}

/// An artifact that an action makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputArtifactDeclaration {
    /// Unique in the pipeline.
    pub name: String,
    /// For the Commands provider: which files go in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<String>>,
}

/// A variable in an action's environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentVariableDeclaration {
    /// Its name.
    pub name: String,
    /// Its value, or the secret's id.
    pub value: String,
    /// `PLAINTEXT` or `SECRETS_MANAGER`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub variable_type: Option<String>,
}

impl Declaration {
    /// Whether the pipeline says that it is of the second generation (contract §1.2).
    pub fn is_v2(&self) -> bool {
        self.pipeline_type.as_deref() == Some("V2")
    }
}

impl StageDeclaration {
    /// Returns the rules of all its conditions.
    pub fn rules(&self) -> impl Iterator<Item = &RuleDeclaration> {
        let entry = self.before_entry.iter().flat_map(|entry| &entry.conditions);
        let success = self.on_success.iter().flat_map(|success| &success.conditions);
        let failure =
            self.on_failure.iter().flat_map(|failure| failure.conditions.iter().flatten());
        entry.chain(success).chain(failure).flat_map(|condition| condition.rules.iter().flatten())
    }
}

impl ActionDeclaration {
    /// Returns its place in the order of the stage (contract §1.9: 1 unless said otherwise).
    pub fn run_order(&self) -> i64 {
        self.run_order.unwrap_or(1)
    }

    /// Returns the artifacts that it reads.
    pub fn inputs(&self) -> &[InputArtifactDeclaration] {
        self.input_artifacts.as_deref().unwrap_or_default()
    }

    /// Returns the artifacts that it makes.
    pub fn outputs(&self) -> &[OutputArtifactDeclaration] {
        self.output_artifacts.as_deref().unwrap_or_default()
    }

    /// Returns one of the provider's settings.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.configuration.as_ref()?.get(key).map(String::as_str)
    }

    /// Whether it brings a revision in.
    pub fn is_source(&self) -> bool {
        self.action_type_id.category == "Source"
    }
}
