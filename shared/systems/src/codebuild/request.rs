//! The request that starts a build.

use aws_sdk_codebuild::Client;
use aws_sdk_codebuild::types::{
    ArtifactNamespace, ArtifactPackaging, ArtifactsType, ProjectArtifacts, ProjectBuildBatchConfig,
    ProjectSource, ProjectSourceVersion,
};
use providers::Job;
use providers::job::OutputArtifact;

use super::order::Order;
use super::outcome::Seen;
use super::sources::Sources;
use crate::fault::Fault;
use crate::halt::{self, Halt};

/// What a build is told otherwise than its project says (PR6).
struct Overrides {
    sources: Sources,
    secondary_sources: Option<Vec<ProjectSource>>,
    secondary_versions: Option<Vec<ProjectSourceVersion>>,
    artifacts: ProjectArtifacts,
    secondary_artifacts: Vec<ProjectArtifacts>,
}

/// Starts the build. The same job makes the same request, which CodeBuild asks of those who use a token
/// twice.
pub(super) async fn send(
    client: &Client,
    job: &Job,
    order: &Order,
    sources: Sources,
) -> Result<Sent, Halt> {
    let (artifacts, secondary_artifacts) = outputs(&job.outputs)?;
    let overrides = Overrides {
        secondary_sources: sources.secondary()?,
        secondary_versions: sources.secondary_versions()?,
        sources,
        artifacts,
        secondary_artifacts,
    };
    let started = if order.is_batch {
        start_batch(client, job, order, overrides).await
    } else {
        start_build(client, job, order, overrides).await
    };
    match started {
        Ok(seen) => Ok(Sent::Started(seen)),
        Err(fault) if fault.is("AccountLimitExceededException") => Ok(Sent::NoRoom(fault)),
        Err(fault) if fault.is("ResourceNotFoundException") => {
            let project = &order.project;
            Err(halt::configuration(format!(
                "ProjectName is {project:?}, and there is no such project in {}; correct it, or create \
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

async fn start_build(
    client: &Client,
    job: &Job,
    order: &Order,
    overrides: Overrides,
) -> Result<Seen, Fault> {
    let primary = overrides.sources.primary;
    let started = client
        .start_build()
        .project_name(&order.project)
        .idempotency_token(&job.run_id)
        .source_type_override(primary.kind)
        .source_location_override(primary.location)
        .set_source_version(primary.version)
        .set_source_auth_override(primary.auth)
        .set_secondary_sources_override(overrides.secondary_sources)
        .set_secondary_sources_version_override(overrides.secondary_versions)
        .artifacts_override(overrides.artifacts)
        .set_secondary_artifacts_override(some(overrides.secondary_artifacts))
        .set_environment_variables_override(Some(order.environment.clone()))
        .set_encryption_key_override(job.encryption_key.clone())
        .send()
        .await
        .map_err(|error| Fault::for_job(job, &error, "codebuild:StartBuild", &order.project))?;
    let build = started.build_value.ok_or_else(|| silent("StartBuild", &order.project))?;
    Ok(Seen::of_build(&build))
}

async fn start_batch(
    client: &Client,
    job: &Job,
    order: &Order,
    overrides: Overrides,
) -> Result<Seen, Fault> {
    let primary = overrides.sources.primary;
    let combining = ProjectBuildBatchConfig::builder().combine_artifacts(true).build();
    let started = client
        .start_build_batch()
        .project_name(&order.project)
        .idempotency_token(&job.run_id)
        .source_type_override(primary.kind)
        .source_location_override(primary.location)
        .set_source_version(primary.version)
        .set_source_auth_override(primary.auth)
        .set_secondary_sources_override(overrides.secondary_sources)
        .set_secondary_sources_version_override(overrides.secondary_versions)
        .artifacts_override(overrides.artifacts)
        .set_secondary_artifacts_override(some(overrides.secondary_artifacts))
        .set_environment_variables_override(Some(order.environment.clone()))
        .set_encryption_key_override(job.encryption_key.clone())
        .set_build_batch_config_override(order.combines_artifacts.then_some(combining))
        .send()
        .await
        .map_err(|error| {
            Fault::for_job(job, &error, "codebuild:StartBuildBatch", &order.project)
        })?;
    let batch = started.build_batch.ok_or_else(|| silent("StartBuildBatch", &order.project))?;
    Ok(Seen::of_batch(&batch, &job.region))
}

fn silent(operation: &str, project: &str) -> Fault {
    Fault::Later(format!("{operation} of {project} was answered without a build"))
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
