//! Which actions of a pipeline cannot be done on this machine, said before anything runs.

use executors::can_perform;
use model::outcome::StoredArtifact;
use model::pipeline::{Action, Pipeline, Stage};
use providers::Job;
use providers::job::OutputArtifact;

use crate::controller::Settings;

/// An action that would fail on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incapable {
    /// Its stage and its name.
    pub place: String,
    /// Why, and what would help.
    pub reason: String,
}

/// Returns the actions that would fail here, as far as can be known before anything runs. The
/// pipeline may run all the same: what comes before such an action is worth running.
pub fn incapable(pipeline: &Pipeline, settings: &Settings) -> Vec<Incapable> {
    let mut found = Vec::new();
    for stage in &pipeline.stages {
        for action in &stage.actions {
            // What its references will say is not known yet.
            let is_known = !action.configuration.values().any(|value| value.contains("#{"));
            if action.is_approval() || !is_known {
                continue;
            }
            if let Err(reason) =
                can_perform(&job(pipeline, stage, action, settings), &settings.site)
            {
                let place = format!("{}/{}", stage.name, action.name);
                found.push(Incapable { place, reason });
            }
        }
    }
    found
}

/// Makes as much of a job as can be known before there is an execution.
fn job(pipeline: &Pipeline, stage: &Stage, action: &Action, settings: &Settings) -> Job {
    Job {
        run_id: String::new(),
        pipeline: pipeline.name.to_string(),
        pipeline_version: 0,
        execution_id: String::new(),
        has_own_log: false,
        execution_number: 0,
        stage: stage.name.to_string(),
        action: action.name.to_string(),
        attempt: 1,
        category: action.type_id.category.to_string(),
        owner: action.type_id.owner.to_string(),
        provider: action.type_id.provider.clone(),
        version: action.type_id.version.clone(),
        region: action.region.clone().unwrap_or_else(|| settings.region.clone()),
        role_arn: action.role_arn.clone(),
        configuration: action.configuration.clone(),
        commands: action.commands.clone(),
        output_variables: action.output_variables.clone(),
        environment_variables: Vec::new(),
        inputs: action.inputs.iter().map(|name| input(name.as_str())).collect(),
        outputs: action.outputs.iter().map(output).collect(),
        encryption_key: None,
        artifact_bucket: None,
        revisions: Vec::new(),
        pipeline_role_arn: None,
        requested_at_millis: 0,
        deadline_millis: None,
        external_id: None,
        begun_at_millis: None,
        approval: None,
    }
}

/// Stands for an artifact that will be there.
fn input(name: &str) -> StoredArtifact {
    StoredArtifact {
        name: name.to_owned(),
        bucket: String::new(),
        key: String::new(),
        sha256: String::new(),
        size_bytes: 0,
    }
}

/// Stands for the place of an artifact that will be made.
fn output(output: &model::pipeline::OutputArtifact) -> OutputArtifact {
    OutputArtifact {
        name: output.name.to_string(),
        files: output.files.clone(),
        bucket: String::new(),
        key: String::new(),
    }
}
