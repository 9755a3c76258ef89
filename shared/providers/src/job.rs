//! What a provider needs to know to do one attempt of one action.

use std::collections::BTreeMap;

use model::attempt_name::AttemptName;
use model::outcome::{Failure, StoredArtifact};
use model::status::FailureType;
use serde::{Deserialize, Serialize};

/// One attempt of one action, ready to be done: references resolved, artifacts located.
///
/// A job is kept beside a local run, so it changes only by adding optional members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The action run's id: unique for each attempt, and the token that makes a start repeatable.
    pub run_id: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The version of the declaration that the execution is pinned to.
    pub pipeline_version: u32,
    /// The execution's id.
    pub execution_id: String,
    /// Whether the execution has a log of its own, beside its pipeline's (R26).
    #[serde(default)]
    pub has_own_log: bool,
    /// The execution's number in its pipeline, for people.
    pub execution_number: u64,
    /// The stage's name.
    pub stage: String,
    /// The action's name.
    pub action: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// `Source`, `Build`, …
    pub category: String,
    /// `AWS`, `ThirdParty` or `Custom`.
    pub owner: String,
    /// `CodeBuild`, `S3`, …
    pub provider: String,
    /// The action type's version.
    #[serde(default)]
    pub version: String,
    /// Where the action runs.
    pub region: String,
    /// The role it runs under, if any.
    #[serde(default)]
    pub role_arn: Option<String>,
    /// The provider's settings, with references resolved.
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
    /// For the Commands provider.
    #[serde(default)]
    pub commands: Vec<String>,
    /// For the Commands provider: names of variables to keep.
    #[serde(default)]
    pub output_variables: Vec<String>,
    /// The action's environment variables, references resolved.
    #[serde(default)]
    pub environment_variables: Vec<EnvironmentVariable>,
    /// What it reads, in the order of the declaration.
    #[serde(default)]
    pub inputs: Vec<StoredArtifact>,
    /// What it makes, in the order of the declaration, each with the place where it must be put.
    #[serde(default)]
    pub outputs: Vec<OutputArtifact>,
    /// The key with which its artifacts are encrypted, if the store has one of its own.
    #[serde(default)]
    pub encryption_key: Option<String>,
    /// The bucket of the store of the action's Region, where an input from another Region is copied to
    /// before the action uses it (contract §1.6).
    #[serde(default)]
    pub artifact_bucket: Option<String>,
    /// For sources: the revisions to bring, when the start named any (R7, R8).
    #[serde(default)]
    pub revisions: Vec<RevisionOverride>,
    /// The pipeline's role, from which the action's own is assumed (PR1).
    #[serde(default)]
    pub pipeline_role_arn: Option<String>,
    /// When the log asked for the attempt, in milliseconds since 1970.
    #[serde(default)]
    pub requested_at_millis: i64,
    /// When the attempt is over if it has not ended before, in milliseconds since 1970.
    #[serde(default)]
    pub deadline_millis: Option<i64>,
    /// What the system called the work when it was started, for providers that have it noted
    /// ([`crate::Memory`]).
    #[serde(default)]
    pub external_id: Option<String>,
    /// When an earlier start of the same attempt was begun of which nobody knows how it ended, in
    /// milliseconds since 1970. None for the first start.
    #[serde(default)]
    pub begun_at_millis: Option<i64>,
    /// For approvals: what the people who are asked need to answer (R81).
    #[serde(default)]
    pub approval: Option<ApprovalRequest>,
}

impl Job {
    /// Names the attempt, for a system whose events say back what it was given.
    pub fn attempt_name(&self) -> Option<AttemptName> {
        Some(AttemptName {
            pipeline: self.pipeline.as_str().into(),
            execution: self.execution_id.parse().ok()?,
            stage: self.stage.as_str().into(),
            action: self.action.as_str().into(),
            attempt: self.attempt,
            has_own_log: self.has_own_log,
        })
    }

    /// Returns the only input artifact, for a provider that reads exactly one.
    pub fn only_input(&self) -> Result<&StoredArtifact, Failure> {
        match self.inputs.as_slice() {
            [input] => Ok(input),
            inputs => Err(configuration(format!(
                "the action has {} input artifacts and takes exactly one; correct inputArtifacts",
                inputs.len()
            ))),
        }
    }

    /// Returns the only output artifact, for a provider that makes exactly one.
    pub fn only_output(&self) -> Result<&OutputArtifact, Failure> {
        match self.outputs.as_slice() {
            [output] => Ok(output),
            outputs => Err(configuration(format!(
                "the action has {} output artifacts and makes exactly one; correct outputArtifacts",
                outputs.len()
            ))),
        }
    }
}

fn configuration(message: String) -> Failure {
    Failure::new(FailureType::ConfigurationError, message)
}

/// What an answer to an approval needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRequest {
    /// What `PutApprovalResult` must present.
    pub token: String,
    /// Where people look at it and answer, if there is a page.
    #[serde(default)]
    pub review_url: Option<String>,
    /// Where people see the pipeline, if there is a page.
    #[serde(default)]
    pub pipeline_url: Option<String>,
}

/// A variable in the environment of the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: String,
    /// Its value, or the secret's id.
    pub value: String,
    /// Whether `value` names a secret instead of being the value.
    #[serde(default)]
    pub is_secret: bool,
}

/// An artifact to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputArtifact {
    /// The artifact's name in the pipeline.
    pub name: String,
    /// For the Commands provider: which files go in.
    #[serde(default)]
    pub files: Vec<String>,
    /// The bucket to put it in.
    pub bucket: String,
    /// The key to put it under; nobody else uses it.
    pub key: String,
}

/// A source revision that the start asked for (R7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionOverride {
    /// `COMMIT_ID`, `IMAGE_DIGEST`, `S3_OBJECT_VERSION_ID` or `S3_OBJECT_KEY`.
    pub revision_type: String,
    /// The commit, digest, version or key.
    pub value: String,
}
