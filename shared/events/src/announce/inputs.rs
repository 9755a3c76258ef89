//! What an action reads.

use engine::Plans;
use engine::state::{Execution, Run, RunKey};
use model::artifact_key::{artifact_bucket, artifact_key};
use model::ids::{ArtifactName, ExecutionId};
use model::pipeline::{Action, Pipeline};

use crate::detail::{Artifact, Location};

/// Returns the artifacts that an action reads, where the newest successful attempt before it stored
/// them (contract §1.6). In the action's own Region they were copied to that Region's store.
pub(super) fn input_artifacts(
    plans: &Plans,
    id: ExecutionId,
    execution: &Execution,
    action: &Action,
    region: &str,
) -> Vec<Artifact> {
    let pipeline = plans.get(execution.definition.record);
    let bucket = artifact_bucket(pipeline, region);
    let artifact = |name: &ArtifactName| {
        let location = bucket.zip(producer(pipeline, id, execution, name)).map(|(bucket, run)| {
            let key = artifact_key(&pipeline.name, name, run.id());
            Location { bucket: bucket.to_owned(), key }
        });
        Artifact { name: name.as_str().to_owned(), location }
    };
    action.inputs.iter().map(artifact).collect()
}

/// Returns the newest successful attempt that made an artifact.
fn producer(
    pipeline: &Pipeline,
    id: ExecutionId,
    execution: &Execution,
    artifact: &ArtifactName,
) -> Option<RunKey> {
    let so_far = pipeline.stages.iter().enumerate().take(execution.stage + 1);
    let attempts = so_far.flat_map(|(stage_index, stage)| {
        let actions = stage.actions.iter().enumerate();
        actions.map(move |(action_index, action)| (stage_index, stage, action_index, action))
    });
    let mut producers = attempts.filter_map(|(stage_index, stage, action_index, action)| {
        action.outputs.iter().find(|output| output.name == *artifact)?;
        let attempt = successful_attempt(execution, stage_index, action_index)?;
        let (stage, action) = (stage.name.clone(), action.name.clone());
        Some(RunKey { execution: id, stage, action, attempt })
    });
    // An artifact has one producer in a pipeline (contract §1.5).
    producers.next()
}

fn successful_attempt(execution: &Execution, stage: usize, action: usize) -> Option<u32> {
    if let Some(results) = execution.results.get(stage) {
        return results.get(action).map(|done| done.attempt);
    }
    match execution.runs.get(action) {
        Some(Run::Succeeded(done)) if stage == execution.stage => Some(done.attempt),
        Some(
            Run::Succeeded(_)
            | Run::Pending
            | Run::InProgress { .. }
            | Run::Failed { .. }
            | Run::Abandoned { .. },
        )
        | None => None,
    }
}
