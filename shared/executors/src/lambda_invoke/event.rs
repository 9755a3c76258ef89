//! The event that a function receives (contract §5.4).

use model::outcome::StoredArtifact;
use providers::Job;
use serde_json::{Value, json};
use uuid::Uuid;

/// The account of one machine.
const ACCOUNT: &str = "000000000000";

/// Returns the id of an invocation. It is derived, so an invocation repeated is the same invocation.
pub(super) fn job_id(job: &Job, invocation: u32) -> String {
    let name = format!("{} {invocation}", job.run_id);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}

/// Returns the event. The credentials are empty: the files are on this machine, in the directories
/// that the environment names.
pub(super) fn event(job: &Job, id: &str, continuation_token: Option<&str>) -> Vec<u8> {
    let artifact = |name: &str, bucket: &str, key: &str| {
        json!({
            "name": name,
            "revision": null,
            "location": {
                "type": "S3",
                "s3Location": { "bucketName": bucket, "objectKey": key },
            },
        })
    };
    let inputs = job
        .inputs
        .iter()
        .map(|input: &StoredArtifact| artifact(&input.name, &input.bucket, &input.key));
    let outputs =
        job.outputs.iter().map(|output| artifact(&output.name, &output.bucket, &output.key));
    let mut data = json!({
        "actionConfiguration": { "configuration": job.configuration },
        "inputArtifacts": inputs.collect::<Vec<_>>(),
        "outputArtifacts": outputs.collect::<Vec<_>>(),
        "artifactCredentials": { "accessKeyId": "", "secretAccessKey": "", "sessionToken": "" },
    });
    if let Some(token) = continuation_token {
        data["continuationToken"] = Value::from(token);
    }
    let event = json!({ "CodePipeline.job": { "id": id, "accountId": ACCOUNT, "data": data } });
    event.to_string().into_bytes()
}
