//! The request that starts a build.

use aws_sdk_codebuild::Client;
use aws_sdk_codebuild::types::{
    ArtifactNamespace, ArtifactPackaging, ArtifactsType, EnvironmentVariable, ProjectArtifacts,
    ProjectBuildBatchConfig, ProjectSource, SourceType,
};
use model::outcome::StoredArtifact;
use providers::Job;
use providers::job::OutputArtifact;

use super::order::Order;
use super::outcome::Seen;
use crate::fault::Fault;
use crate::halt::{self, Halt};

/// What a build is told otherwise than its project says (PR6).
struct Overrides {
    source: String,
    secondary_sources: Vec<ProjectSource>,
    artifacts: ProjectArtifacts,
    secondary_artifacts: Vec<ProjectArtifacts>,
    environment: Vec<EnvironmentVariable>,
}

/// Starts the build. The same job makes the same request, which CodeBuild asks of those who use a token
/// twice.
pub(super) async fn send(client: &Client, job: &Job, order: &Order) -> Result<Sent, Halt> {
    let overrides = overrides(job, order)?;
    let started = if order.is_batch {
        start_batch(client, job, order, overrides).await
    } else {
        start_build(client, job, order, overrides).await
    };
    match started {
        Ok(seen) => Ok(Sent::Started(seen)),
        Err(fault) if is(&fault, "AccountLimitExceededException") => Ok(Sent::NoRoom(fault)),
        Err(fault) if is(&fault, "ResourceNotFoundException") => {
            let Order { project, named_by, .. } = order;
            Err(halt::configuration(format!(
                "{named_by} is {project:?}, and there is no such project in {}; correct it, or create \
                 the project",
                job.region
            )))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// What became of a request.
pub(super) enum Sent {
    /// There is a build.
    Started(Seen),
    /// There is none: others' builds take all that the account may have.
    NoRoom(Fault),
}

fn is(fault: &Fault, refused: &str) -> bool {
    matches!(fault, Fault::Refused { code, .. } if code == refused)
}

async fn start_build(
    client: &Client,
    job: &Job,
    order: &Order,
    overrides: Overrides,
) -> Result<Seen, Fault> {
    let Overrides { source, secondary_sources, artifacts, secondary_artifacts, environment } =
        overrides;
    let started = client
        .start_build()
        .project_name(&order.project)
        .idempotency_token(&job.run_id)
        .source_type_override(SourceType::S3)
        .source_location_override(source)
        .set_secondary_sources_override(some(secondary_sources))
        .artifacts_override(artifacts)
        .set_secondary_artifacts_override(some(secondary_artifacts))
        .set_environment_variables_override(Some(environment))
        .set_encryption_key_override(job.encryption_key.clone())
        .set_buildspec_override(order.buildspec.clone())
        .set_compute_type_override(order.compute_type.as_deref().map(Into::into))
        .send()
        .await
        .map_err(|error| Fault::of(&error, "codebuild:StartBuild", &order.project))?;
    let build = started.build_value.ok_or_else(|| silent("StartBuild", &order.project))?;
    Ok(Seen::of_build(&build))
}

async fn start_batch(
    client: &Client,
    job: &Job,
    order: &Order,
    overrides: Overrides,
) -> Result<Seen, Fault> {
    let Overrides { source, secondary_sources, artifacts, secondary_artifacts, environment } =
        overrides;
    let combining = ProjectBuildBatchConfig::builder().combine_artifacts(true).build();
    let started = client
        .start_build_batch()
        .project_name(&order.project)
        .idempotency_token(&job.run_id)
        .source_type_override(SourceType::S3)
        .source_location_override(source)
        .set_secondary_sources_override(some(secondary_sources))
        .artifacts_override(artifacts)
        .set_secondary_artifacts_override(some(secondary_artifacts))
        .set_environment_variables_override(Some(environment))
        .set_encryption_key_override(job.encryption_key.clone())
        .set_build_batch_config_override(order.combines_artifacts.then_some(combining))
        .send()
        .await
        .map_err(|error| Fault::of(&error, "codebuild:StartBuildBatch", &order.project))?;
    let batch = started.build_batch.ok_or_else(|| silent("StartBuildBatch", &order.project))?;
    Ok(Seen::of_batch(&batch, &job.region))
}

fn silent(operation: &str, project: &str) -> Fault {
    Fault::Later(format!("{operation} of {project} was answered without a build"))
}

fn overrides(job: &Job, order: &Order) -> Result<Overrides, Halt> {
    let (artifacts, secondary_artifacts) = outputs(&job.outputs)?;
    let mut secondary_sources: Vec<ProjectSource> = Vec::with_capacity(order.others.len());
    for input in &order.others {
        let identifier = identifier(&input.name);
        let taken = |source: &ProjectSource| {
            source.source_identifier.as_deref() == Some(identifier.as_str())
        };
        if secondary_sources.iter().any(taken) {
            return Err(halt::configuration(format!(
                "two input artifacts would be CODEBUILD_SRC_DIR_{identifier} in the build; rename {}",
                input.name
            )));
        }
        let source = ProjectSource::builder()
            .r#type(SourceType::S3)
            .location(location(input))
            .source_identifier(identifier);
        secondary_sources.push(complete(source.build())?);
    }
    Ok(Overrides {
        source: location(&order.primary),
        secondary_sources,
        artifacts,
        secondary_artifacts,
        environment: order.environment.clone(),
    })
}

/// Returns the name by which a build knows an input (PR7): it becomes the end of a variable's name, so
/// what no variable's name may hold becomes `_`.
fn identifier(name: &str) -> String {
    name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect()
}

fn location(artifact: &StoredArtifact) -> String {
    format!("{}/{}", artifact.bucket, artifact.key)
}

/// Says where what is built goes. One output is what the buildspec's `artifacts` list; several are its
/// `secondary-artifacts` of the same names (PR8).
fn outputs(outputs: &[OutputArtifact]) -> Result<(ProjectArtifacts, Vec<ProjectArtifacts>), Halt> {
    let none = || complete(ProjectArtifacts::builder().r#type(ArtifactsType::NoArtifacts).build());
    match outputs {
        [] => Ok((none()?, Vec::new())),
        [only] => Ok((stored(only, None)?, Vec::new())),
        several => {
            let named = several.iter().map(|output| stored(output, Some(output.name.clone())));
            Ok((none()?, named.collect::<Result<_, _>>()?))
        }
    }
}

fn stored(output: &OutputArtifact, identifier: Option<String>) -> Result<ProjectArtifacts, Halt> {
    let (path, name) = output.key.rsplit_once('/').unwrap_or(("", &output.key));
    let artifacts = ProjectArtifacts::builder()
        .r#type(ArtifactsType::S3)
        .location(&output.bucket)
        .path(path)
        .namespace_type(ArtifactNamespace::None)
        .name(name)
        .packaging(ArtifactPackaging::Zip)
        // A name in the buildspec must not lead elsewhere.
        .override_artifact_name(false)
        .set_artifact_identifier(identifier);
    complete(artifacts.build())
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

/// Takes a value that the SDK built of everything it asks for.
pub(super) fn complete<T, E: std::fmt::Display>(built: Result<T, E>) -> Result<T, Halt> {
    built.map_err(|error| halt::configuration(format!("the request cannot be made: {error}")))
}
