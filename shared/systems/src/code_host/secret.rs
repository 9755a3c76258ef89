//! Secrets of Secrets Manager, read with the job's own role and kept by nobody.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use providers::Job;
use serde_json::Value;

use crate::Ground;
use crate::fault::Fault;

/// Reads a secret's text. `hint` says how to make one that is not there.
pub(super) async fn read(
    ground: &Ground,
    job: &Job,
    region: &str,
    id: &str,
    hint: &str,
) -> Result<String, Fault> {
    let client = Client::new(&ground.of_region(job, region).await?);
    read_with(&client, job, &Reference { id, key: None, stage: None, version: None }, hint).await
}

/// Returns what a setting stands for: itself, or the secret that it refers to in CloudFormation's words
/// (`{{resolve:secretsmanager:ID:SecretString:KEY}}`).
pub(super) async fn resolve(ground: &Ground, job: &Job, setting: &str) -> Result<String, Fault> {
    let Some(reference) = Reference::parse(setting)? else { return Ok(setting.trim().to_owned()) };
    let client = Client::new(&ground.of(job).await?);
    let hint = "correct the reference in OAuthToken, or create the secret";
    let text = read_with(&client, job, &reference, hint).await?;
    let Some(key) = reference.key else { return Ok(text.trim().to_owned()) };
    let value = serde_json::from_str::<Value>(&text).ok();
    let value = value.as_ref().and_then(|value| value.get(key)).and_then(Value::as_str);
    value.map(|value| value.trim().to_owned()).ok_or_else(|| {
        Fault::configuration(format!(
            "the secret {} has no text under {key:?}; correct the reference in OAuthToken, or add it",
            reference.id
        ))
    })
}

/// A reference to a secret, or to a part of it.
struct Reference<'a> {
    id: &'a str,
    key: Option<&'a str>,
    stage: Option<&'a str>,
    version: Option<&'a str>,
}

impl<'a> Reference<'a> {
    fn parse(setting: &'a str) -> Result<Option<Self>, Fault> {
        let inner = setting.trim().strip_prefix("{{resolve:").and_then(|it| it.strip_suffix("}}"));
        let Some(inner) = inner else { return Ok(None) };
        let unknown = || {
            Fault::configuration(
                "OAuthToken refers to what is no secret of Secrets Manager; write \
                 {{resolve:secretsmanager:ID:SecretString:KEY}}",
            )
        };
        let rest = inner.strip_prefix("secretsmanager:").ok_or_else(unknown)?;
        // The parts of an ARN are separated as the reference's own are.
        let colons = if rest.starts_with("arn:") { 7 } else { 1 };
        let end = rest.match_indices(':').nth(colons - 1).map_or(rest.len(), |(end, _)| end);
        let (id, rest) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
        let mut parts = rest.split(':').map(|part| Some(part).filter(|part| !part.is_empty()));
        if !matches!(parts.next().flatten(), None | Some("SecretString")) || id.is_empty() {
            return Err(unknown());
        }
        let mut next = || parts.next().flatten();
        Ok(Some(Self { id, key: next(), stage: next(), version: next() }))
    }
}

async fn read_with(
    client: &Client,
    job: &Job,
    reference: &Reference<'_>,
    hint: &str,
) -> Result<String, Fault> {
    let id = reference.id;
    let asked = client
        .get_secret_value()
        .secret_id(id)
        .set_version_stage(reference.stage.map(str::to_owned))
        .set_version_id(reference.version.map(str::to_owned));
    let answer = asked.send().await.map_err(|error| {
        if error.code() == Some("ResourceNotFoundException") {
            return Fault::configuration(format!("there is no secret {id}; {hint}"));
        }
        Fault::for_job(job, &error, "secretsmanager:GetSecretValue", &format!("the secret {id}"))
    })?;
    answer.secret_string.ok_or_else(|| {
        Fault::configuration(format!("the secret {id} holds bytes; store it as a text"))
    })
}
