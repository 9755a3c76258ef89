//! What the API needs of the cloud.

use access::bridge::Partition;
use api::{ArtifactScope, Credentials, Home, Stored};
use async_trait::async_trait;
use aws_smithy_types::error::display::DisplayErrorContext;
use model::time::Timestamp;
use serde_json::{Value, json};

use crate::objects::Objects;
use crate::public_door::WEBHOOKS;

/// How long the keys of a job last: as long as AWS lets a role that assumes a role.
const KEYS_SECONDS: i32 = 3600;

/// An artifact that came without a SHA-256 is read to make one, up to so many bytes: what a function reads
/// in the time that it has.
const READ_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The longest session policy that AWS takes.
const POLICY_CHARACTERS_MAX: usize = 2048;

/// The cloud as a home of the API.
#[derive(Clone, Debug)]
pub struct CloudHome {
    /// Looks at artifacts in the function's own name.
    pub objects: Objects,
    /// Gives out the keys of jobs.
    pub sts: aws_sdk_sts::Client,
    /// The role that jobs' keys are for; without one, job workers get none.
    pub job_role: Option<String>,
    /// What the role asks for as its external id.
    pub deployment: String,
    /// Says which partition's names resources have.
    pub region: String,
    /// Where webhooks are served.
    pub public_url: String,
}

#[async_trait]
impl Home for CloudHome {
    async fn artifact_credentials(
        &self,
        scope: &ArtifactScope,
        _now: Timestamp,
    ) -> Result<Credentials, String> {
        let role = self.job_role.as_ref().ok_or(
            "TOWPATH_JOB_ROLE is not set, so there is no role whose keys job workers could have",
        )?;
        let policy = policy(scope, Partition::of(&self.region)).to_string();
        if policy.len() > POLICY_CHARACTERS_MAX {
            return Err(format!(
                "the job has more artifacts than keys can be limited to: the policy of {} characters is \
                 longer than {POLICY_CHARACTERS_MAX}; give the action fewer artifacts, or shorter names",
                policy.len()
            ));
        }
        let asked = self
            .sts
            .assume_role()
            .role_arn(role)
            .role_session_name("towpath-job")
            .external_id(&self.deployment)
            .duration_seconds(KEYS_SECONDS)
            .policy(policy);
        let answer = asked.send().await;
        let answer = answer.map_err(|error| DisplayErrorContext(error).to_string())?;
        let keys = answer.credentials().ok_or("STS answered without keys")?;
        Ok(Credentials {
            access_key_id: keys.access_key_id().to_owned(),
            secret_access_key: keys.secret_access_key().to_owned(),
            session_token: keys.session_token().to_owned(),
        })
    }

    async fn stored(&self, bucket: &str, key: &str) -> Result<Option<Stored>, String> {
        let Some(head) = self.objects.head(bucket, key).await? else { return Ok(None) };
        let size_bytes = head.size_bytes;
        if let Some(digest) = head.sha256 {
            return Ok(Some(Stored { sha256: hex::encode(digest), size_bytes }));
        }
        if size_bytes > READ_BYTES_MAX {
            return Err(format!(
                "s3://{bucket}/{key} has {size_bytes} bytes and no SHA-256 of its own; upload it with one \
                 (`--checksum-algorithm SHA256`)"
            ));
        }
        let (sha256, size_bytes) =
            self.objects.digest(bucket, key, head.version.as_deref()).await?;
        Ok(Some(Stored { sha256, size_bytes }))
    }

    fn webhook_url(&self, id: &str) -> String {
        format!("{}{WEBHOOKS}{id}", self.public_url.trim_end_matches('/'))
    }

    async fn register_webhook(
        &self,
        _webhook: &str,
        url: &str,
        is_wanted: bool,
    ) -> Result<(), (String, String)> {
        let (make, at) = if is_wanted { ("make", "for") } else { ("remove", "that sends to") };
        let message = format!(
            "this version of Towpath changes nothing at the host of a repository; {make} the hook there \
             yourself, {at} {url}, with the webhook's secret"
        );
        Err(("UnsupportedOperation".to_owned(), message))
    }
}

/// Says what a job's keys are good for: reading its inputs and writing its outputs, and nothing else.
fn policy(scope: &ArtifactScope, partition: Partition) -> Value {
    let start = partition.arn_start();
    let resources = |places: &[(String, String)]| -> Vec<String> {
        let arn =
            |(bucket, key): &(String, String)| format!("{start}s3:::{bucket}/{}", literal(key));
        places.iter().map(arn).collect()
    };
    let mut statements = Vec::new();
    let mut allow = |actions: &[&str], resources: Vec<String>| {
        if !resources.is_empty() {
            statements.push(json!({ "Effect": "Allow", "Action": actions, "Resource": resources }));
        }
    };
    allow(&["s3:GetObject", "s3:GetObjectVersion"], resources(&scope.reads));
    allow(&["s3:PutObject", "s3:AbortMultipartUpload"], resources(&scope.writes));
    // Which key that may be is the role's to say; this only lets S3 use it.
    statements.push(json!({
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": { "StringLike": { "kms:ViaService": "s3.*" } },
    }));
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Spells a key so that a policy means this key only: what stands for other characters stands for itself.
fn literal(key: &str) -> String {
    let mut spelled = String::with_capacity(key.len());
    for letter in key.chars() {
        match letter {
            '*' | '?' | '$' => {
                spelled.push_str("${");
                spelled.push(letter);
                spelled.push('}');
            }
            _ => spelled.push(letter),
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_keys_are_good_for_its_own_artifacts_only() {
        let scope = ArtifactScope {
            reads: vec![("b".into(), "web/code/1".into()), ("b".into(), "web/*?${x}".into())],
            writes: vec![("b".into(), "web/made/2".into())],
        };
        let policy = policy(&scope, Partition::Standard);
        let statements = policy["Statement"].as_array().unwrap();
        assert_eq!(
            statements[0]["Resource"],
            json!(["arn:aws:s3:::b/web/code/1", "arn:aws:s3:::b/web/${*}${?}${$}{x}"])
        );
        assert_eq!(statements[1]["Resource"], json!(["arn:aws:s3:::b/web/made/2"]));
        assert_eq!(statements[1]["Action"], json!(["s3:PutObject", "s3:AbortMultipartUpload"]));
        assert!(!policy.to_string().contains("s3:*"));
    }

    #[test]
    fn a_job_without_artifacts_gets_keys_that_reach_none() {
        let policy = policy(&ArtifactScope { reads: vec![], writes: vec![] }, Partition::China);
        assert!(!policy.to_string().contains("s3:"), "{policy}");
    }
}
