//! A pipeline with nothing wrong with it: what the engine decides on.

mod conversion;

use std::collections::BTreeMap;

use crate::ids::{ActionName, ArtifactName, PipelineName, StageName};
use crate::status::{ActionCategory, ActionOwner, ExecutionMode, PipelineType};

pub(crate) use conversion::convert;

/// A pipeline, as its declaration meant it, with every default filled in (contract §1.9).
///
/// Stages and actions keep the order of the declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// Unique in its account and Region.
    pub name: PipelineName,
    /// The role that actions run under, unless they name their own.
    pub role_arn: String,
    /// The generation.
    pub pipeline_type: PipelineType,
    /// What happens when executions meet.
    pub execution_mode: ExecutionMode,
    /// Where artifacts live, by Region; the pipeline's own Region is the entry `""` when the
    /// declaration used the singular form.
    pub artifact_stores: BTreeMap<String, ArtifactStore>,
    /// 2 to 50 stages; the first holds the sources.
    pub stages: Vec<Stage>,
    /// What a start may set.
    pub variables: Vec<Variable>,
}

/// A bucket for artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactStore {
    /// The bucket's name.
    pub location: String,
    /// A key id, key ARN or alias ARN.
    pub encryption_key: Option<String>,
}

/// A value that a start may set, readable as `#{variables.name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name after `variables.`.
    pub name: String,
    /// Used when the start names none; without it the variable is required (R6).
    pub default: Option<String>,
}

/// A stage: actions under one lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Unique in the pipeline.
    pub name: StageName,
    /// 1 to 50 actions, in declaration order.
    pub actions: Vec<Action>,
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Unique in the stage.
    pub name: ActionName,
    /// Which provider does it.
    pub type_id: ActionTypeId,
    /// Groups of equal order run together, in ascending order: 1 to 999 (R31).
    pub run_order: u32,
    /// The provider's settings; values may hold `#{…}` references.
    pub configuration: BTreeMap<String, String>,
    /// What it reads.
    pub inputs: Vec<ArtifactName>,
    /// What it makes.
    pub outputs: Vec<OutputArtifact>,
    /// Under which its output variables can be referenced.
    pub namespace: Option<String>,
    /// Its own role.
    pub role_arn: Option<String>,
    /// Where it runs, when not in the pipeline's Region.
    pub region: Option<String>,
    /// For approvals: 5 to 86 400 minutes.
    pub timeout_minutes: Option<u32>,
    /// For the Commands provider.
    pub commands: Vec<String>,
    /// For the Commands provider: names of variables to keep.
    pub output_variables: Vec<String>,
    /// Handed to the provider's environment.
    pub environment_variables: Vec<EnvironmentVariable>,
}

/// An artifact that an action makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputArtifact {
    /// Unique in the pipeline.
    pub name: ArtifactName,
    /// For the Commands provider: which files go in.
    pub files: Vec<String>,
}

/// A variable in an action's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: String,
    /// Its value, or the secret's id.
    pub value: String,
    /// Whether `value` names a secret in Secrets Manager instead of being the value.
    pub is_secret: bool,
}

/// Which provider does an action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActionTypeId {
    /// What it is for.
    pub category: ActionCategory,
    /// Who defined it.
    pub owner: ActionOwner,
    /// For example `CodeBuild`.
    pub provider: String,
    /// For example `1`.
    pub version: String,
}

impl Pipeline {
    /// Returns where a stage stands in the pipeline.
    pub fn stage_index(&self, name: &StageName) -> Option<usize> {
        self.stages.iter().position(|stage| stage.name == *name)
    }
}

impl Stage {
    /// Returns where an action stands in the stage.
    pub fn action_index(&self, name: &ActionName) -> Option<usize> {
        self.actions.iter().position(|action| action.name == *name)
    }
}

impl Action {
    /// Whether a person answers it (R79).
    pub fn is_approval(&self) -> bool {
        self.type_id.category == ActionCategory::Approval
    }

    /// Returns how many minutes it may take before it fails (contract §9).
    pub fn timeout_minutes(&self) -> u32 {
        const HOUR: u32 = 60;
        const DAY: u32 = 24 * HOUR;
        let provider = self.type_id.provider.as_str();
        match (self.type_id.owner, self.type_id.category, provider) {
            (_, ActionCategory::Approval, _) => self.timeout_minutes.unwrap_or(7 * DAY),
            (ActionOwner::Custom, ..) | (_, ActionCategory::Invoke, "Lambda") => DAY,
            (_, ActionCategory::Test, _) => 8 * HOUR,
            (_, ActionCategory::Build, "CodeBuild") => 36 * HOUR,
            (
                _,
                ActionCategory::Deploy,
                "CloudFormation" | "CloudFormationStackSet" | "CloudFormationStackInstances",
            ) => 3 * DAY,
            (_, ActionCategory::Deploy, "CodeDeploy" | "CodeDeployToECS") => 5 * DAY,
            (_, ActionCategory::Deploy, "Lambda") => 2 * DAY,
            (_, ActionCategory::Deploy, "S3") => 90,
            (_, ActionCategory::Deploy, "ECS") => self
                .configuration
                .get("DeploymentTimeout")
                .and_then(|minutes| minutes.parse().ok())
                .map_or(HOUR, |minutes: u32| minutes.clamp(1, HOUR)),
            (_, ActionCategory::Invoke, "StepFunctions") => 7 * DAY,
            (_, _, "Commands") => 55,
            (..) => HOUR,
        }
    }
}
