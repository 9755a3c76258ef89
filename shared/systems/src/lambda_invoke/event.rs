//! The event that a function is handed.

use providers::{Invocation, Job};
use serde_json::{Value, json};

use crate::halt::Halt;
use crate::{Ground, artifact};

/// Returns the event of an invocation, with credentials for the job's artifacts and nothing else (J6).
pub(super) async fn event(
    ground: &Ground,
    job: &Job,
    invocation: &Invocation,
) -> Result<Vec<u8>, Halt> {
    let mut inputs = Vec::with_capacity(job.inputs.len());
    let mut reads = Vec::with_capacity(job.inputs.len());
    for input in &job.inputs {
        let here = artifact::local(ground, job, input).await?;
        reads.push((here.bucket.clone(), here.key.clone()));
        inputs.push(located(&here.name, &here.bucket, &here.key));
    }
    let outputs = job.outputs.iter().map(|it| located(&it.name, &it.bucket, &it.key));
    let outputs: Vec<_> = outputs.collect();
    let writes = job.outputs.iter().map(|it| (it.bucket.clone(), it.key.clone())).collect();
    let policy = policy(job, reads, writes);
    let keys = ground.roles.narrowed(job, policy, (ground.now)()).await?;
    let mut data = json!({
        "actionConfiguration": { "configuration": job.configuration },
        "inputArtifacts": inputs,
        "outputArtifacts": outputs,
        "artifactCredentials": {
            "accessKeyId": keys.access_key_id(),
            "secretAccessKey": keys.secret_access_key(),
            "sessionToken": keys.session_token(),
        },
    });
    if let Some(token) = &invocation.continuation_token {
        data["continuationToken"] = Value::from(token.as_str());
    }
    if let Some(key) = &job.encryption_key {
        data["encryptionKey"] = json!({ "id": key, "type": "KMS" });
    }
    let job = json!({ "id": invocation.id, "accountId": invocation.account, "data": data });
    Ok(json!({ "CodePipeline.job": job }).to_string().into_bytes())
}

fn located(name: &str, bucket: &str, key: &str) -> Value {
    json!({
        "name": name,
        "revision": null,
        "location": {
            "type": "S3",
            "s3Location": { "bucketName": bucket, "objectKey": key },
        },
    })
}

/// A bucket and a key.
type Place = (String, String);

/// Returns the policy that narrows the job's role to its artifacts.
fn policy(job: &Job, reads: Vec<Place>, writes: Vec<Place>) -> String {
    let partition = match job.region.as_str() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let objects = |places: Vec<Place>| -> Vec<String> {
        let arn = |(bucket, key): Place| format!("arn:{partition}:s3:::{bucket}/{key}");
        places.into_iter().map(arn).collect()
    };
    let mut statements = Vec::new();
    let mut allow = |actions: &[&str], resources: Vec<String>| {
        if !resources.is_empty() {
            statements.push(json!({
                "Effect": "Allow", "Action": actions, "Resource": resources,
            }));
        }
    };
    allow(&["s3:GetObject", "s3:GetObjectVersion"], objects(reads));
    allow(&["s3:PutObject"], objects(writes));
    // A key may be named by an alias, which no policy can name.
    let key = job.encryption_key.iter().filter(|key| key.contains(":key/")).cloned().collect();
    allow(&["kms:Decrypt", "kms:GenerateDataKey"], key);
    if statements.is_empty() {
        // A session policy must say something.
        statements.push(json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}
