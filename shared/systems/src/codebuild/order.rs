//! What is asked of CodeBuild, read from an action's settings.

use aws_sdk_codebuild::types::EnvironmentVariable;
use model::outcome::StoredArtifact;
use providers::{Job, Settings};

use super::environment;
use crate::halt::{self, Halt};

/// What is asked of CodeBuild.
#[derive(Debug)]
pub(crate) struct Order {
    /// Which project builds.
    pub(crate) project: String,
    /// The input artifact that holds the buildspec.
    pub(crate) primary: StoredArtifact,
    /// The others.
    pub(crate) others: Vec<StoredArtifact>,
    /// The variables of the action.
    pub(crate) environment: Vec<EnvironmentVariable>,
    /// Whether the buildspec's batch is built.
    pub(crate) is_batch: bool,
    /// Whether what a batch makes is put into one artifact.
    pub(crate) combines_artifacts: bool,
}

impl Order {
    /// Reads the settings of a CodeBuild action.
    pub(super) fn of(job: &Job) -> Result<Self, Halt> {
        let settings = Settings::of(job);
        let project = settings.required("ProjectName")?.to_owned();
        let (primary, others) = inputs(job)?;
        let is_batch = settings.is_set("BatchEnabled", false)?;
        let combines_artifacts = settings.is_set("CombineArtifacts", false)?;
        if combines_artifacts && !is_batch {
            return Err(halt::configuration(
                "CombineArtifacts is true, and only a batch has artifacts to combine; set BatchEnabled \
                 to true, or take CombineArtifacts out",
            ));
        }
        if is_batch && !combines_artifacts && !job.outputs.is_empty() {
            return Err(halt::configuration(
                "the builds of a batch would each write the same output artifact; set CombineArtifacts \
                 to true, or take the output artifacts out",
            ));
        }
        Ok(Self {
            project,
            primary,
            others,
            environment: environment::read(job)?,
            is_batch,
            combines_artifacts,
        })
    }
}

/// Whether an action's settings ask for a batch. Only what [`Order::of`] refused says neither yes nor no.
pub(super) fn is_batch(job: &Job) -> bool {
    Settings::of(job).is_set("BatchEnabled", false).unwrap_or(false)
}

/// Returns the primary input, which `PrimarySource` names unless it is the only one, and the others.
fn inputs(job: &Job) -> Result<(StoredArtifact, Vec<StoredArtifact>), Halt> {
    let named = Settings::of(job).optional("PrimarySource");
    let names: Vec<_> = job.inputs.iter().map(|input| input.name.as_str()).collect();
    let names = names.join(", ");
    let primary = match (named, job.inputs.as_slice()) {
        (_, []) => {
            return Err(halt::configuration(
                "the action has no input artifact, and a build needs one; add it to inputArtifacts",
            ));
        }
        (None, [only]) => only,
        (None, _) => {
            return Err(halt::configuration(format!(
                "the action has several input artifacts ({names}) and no PrimarySource; set \
                 PrimarySource to the one that holds the buildspec"
            )));
        }
        (Some(named), inputs) => {
            inputs.iter().find(|input| input.name == named).ok_or_else(|| {
                halt::configuration(format!(
                    "PrimarySource is {named:?}, which is no input artifact of the action ({names})"
                ))
            })?
        }
    };
    let others = job.inputs.iter().filter(|input| input.name != primary.name).cloned().collect();
    Ok((primary.clone(), others))
}
