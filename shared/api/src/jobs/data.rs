//! A job as its worker sees it (J5).

use std::collections::BTreeMap;

use model::declaration::ActionTypeDeclaration;
use protocol::Fault;
use runtime::jobs::{Content, Details};
use serde::Serialize;

use crate::call::Call;
use crate::home::ArtifactScope;

/// What to do, and with which keys.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobData {
    action_type_id: ActionTypeDeclaration,
    action_configuration: ActionConfiguration,
    pipeline_context: PipelineContext,
    input_artifacts: Vec<Artifact>,
    output_artifacts: Vec<Artifact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_credentials: Option<SessionKeys>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_key: Option<EncryptionKey>,
}

#[derive(Debug, Serialize)]
struct ActionConfiguration {
    configuration: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PipelineContext {
    pipeline_name: String,
    stage: StageContext,
    action: ActionContext,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_execution_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct StageContext {
    name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionContext {
    name: String,
    action_execution_id: String,
}

#[derive(Debug, Serialize)]
struct Artifact {
    name: String,
    location: ArtifactLocation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    #[serde(rename = "type")]
    kind: &'static str,
    s3_location: ObjectLocation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectLocation {
    bucket_name: String,
    object_key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionKeys {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
}

impl std::fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionKeys").finish_non_exhaustive()
    }
}

#[derive(Debug, Serialize)]
struct EncryptionKey {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// Returns what a caller may see of a job. Its worker gets keys for the artifacts, new ones each time
/// (J6), and the token that the job before left.
pub(crate) async fn job_data<O>(call: &Call<'_, O>, details: Details) -> Result<JobData, Fault> {
    let Details { job, content: Content { job: content, links: _ }, is_its_worker } = details;
    let is_custom = content.owner == "Custom";
    let reads = content.inputs.into_iter().map(|input| (input.name, input.bucket, input.key));
    let reads: Vec<_> = reads.collect();
    let writes = content.outputs.into_iter().map(|output| (output.name, output.bucket, output.key));
    let writes: Vec<_> = writes.collect();
    let artifact_credentials =
        if is_its_worker { Some(keys(call, &reads, &writes).await?) } else { None };
    Ok(JobData {
        action_type_id: ActionTypeDeclaration {
            category: content.category,
            owner: content.owner,
            provider: content.provider,
            version: content.version,
        },
        action_configuration: ActionConfiguration { configuration: content.configuration },
        pipeline_context: PipelineContext {
            stage: StageContext { name: content.stage },
            action: ActionContext { name: content.action, action_execution_id: content.run_id },
            pipeline_arn: is_custom.then(|| call.pipeline_arn(&content.pipeline)),
            pipeline_execution_id: is_custom.then_some(content.execution_id),
            pipeline_name: content.pipeline,
        },
        input_artifacts: reads.into_iter().map(artifact).collect(),
        output_artifacts: writes.into_iter().map(artifact).collect(),
        artifact_credentials,
        continuation_token: job.continuation_token.filter(|_| is_its_worker),
        encryption_key: content.encryption_key.map(|id| EncryptionKey { id, kind: "KMS" }),
    })
}

/// An artifact's name, bucket and key.
type Located = (String, String, String);

fn artifact((name, bucket_name, object_key): Located) -> Artifact {
    let s3_location = ObjectLocation { bucket_name, object_key };
    Artifact { name, location: ArtifactLocation { kind: "S3", s3_location } }
}

async fn keys<O>(
    call: &Call<'_, O>,
    reads: &[Located],
    writes: &[Located],
) -> Result<SessionKeys, Fault> {
    let places = |located: &[Located]| {
        located.iter().map(|(_, bucket, key)| (bucket.clone(), key.clone())).collect()
    };
    let scope = ArtifactScope { reads: places(reads), writes: places(writes) };
    let keys = call.api.home.artifact_credentials(&scope, call.now).await.map_err(|reason| {
        tracing::error!(reason, "a job worker got no keys");
        Fault::internal("no keys for the artifacts could be made; ask again")
    })?;
    Ok(SessionKeys {
        access_key_id: keys.access_key_id,
        secret_access_key: keys.secret_access_key,
        session_token: keys.session_token,
    })
}
