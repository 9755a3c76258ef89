//! Finds the host and the token of a source (ADR 12).
//!
//! Nobody but AWS's own services may ask a connection for its contents. So each connection has a secret
//! beside it, in its Region: `towpath/connections/<the connection's id>`, a JSON object with `kind`,
//! `host`, `token` and, where the token needs one, `user`. The role of the action reads it each time; it
//! is kept nowhere and logged nowhere.

use serde_json::Value;

use providers::Job;

use super::host::{Credentials, Host, Kind};
use super::secret;
use super::settings::Source;
use super::web::is_loopback;
use crate::Ground;
use crate::fault::Fault;

/// The members that a secret may have.
const MEMBERS: [&str; 4] = ["kind", "host", "token", "user"];

/// Returns the host of a source, with what opens it.
pub(super) async fn host(ground: &Ground, job: &Job, source: &Source<'_>) -> Result<Host, Fault> {
    if let Some(arn) = source.connection() {
        let region = region_of(arn)?;
        let name = secret_of(arn);
        let text = secret::read(ground, job, region, &name, &hint(&name, region)).await?;
        return read(&name, &text, is_loopback(ground));
    }
    let setting = source.token().unwrap_or_default();
    let token = secret::resolve(ground, job, setting).await?;
    check_token("OAuthToken", &token)?;
    Host::new(Kind::GitHub, Kind::GitHub.public(), Credentials { user: None, token }, false)
}

/// Returns the name of the secret that lies beside a connection.
pub(super) fn secret_of(arn: &str) -> String {
    format!("towpath/connections/{}", arn.rsplit('/').next().unwrap_or(arn))
}

fn region_of(arn: &str) -> Result<&str, Fault> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_id =
        |id: &str| !id.is_empty() && id.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    match parts[..] {
        ["arn", _, "codestar-connections" | "codeconnections", region, _, resource]
            if !region.is_empty() && resource.strip_prefix("connection/").is_some_and(is_id) =>
        {
            Ok(region)
        }
        _ => Err(Fault::configuration(format!(
            "ConnectionArn is {arn:?}; write arn:aws:codeconnections:REGION:ACCOUNT:connection/ID"
        ))),
    }
}

fn hint(name: &str, region: &str) -> String {
    format!(
        "create it in {region}, so that the pipeline can fetch what the connection stands for: \
         `aws secretsmanager create-secret --region {region} --name {name} --secret-string \
         '{{\"kind\":\"github\",\"host\":\"github.com\",\"token\":\"TOKEN\"}}'` (kind is one of {})",
        Kind::words()
    )
}

/// Reads the secret. What is wrong with it is said without quoting it.
fn read(name: &str, text: &str, is_loopback: bool) -> Result<Host, Fault> {
    let wrong = |what: &str| Fault::configuration(format!("the secret {name} {what}"));
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(text) else {
        return Err(wrong("is no JSON object; write {\"kind\":…,\"host\":…,\"token\":…}"));
    };
    if members.keys().any(|member| !MEMBERS.contains(&member.as_str())) {
        return Err(wrong(&format!("has a member besides {}; take it out", MEMBERS.join(", "))));
    }
    let member = |key: &str| members.get(key).and_then(Value::as_str).map(str::trim);
    let kind = member("kind").and_then(Kind::parse);
    let kind =
        kind.ok_or_else(|| wrong(&format!("needs a kind, which is one of {}", Kind::words())))?;
    let token = member("token").ok_or_else(|| wrong("has no token; add one"))?.to_owned();
    check_token(&format!("the token of the secret {name}"), &token)?;
    let user = member("user").map(str::to_owned);
    let host = member("host").unwrap_or(kind.public());
    Host::new(kind, host, Credentials { user, token }, is_loopback)
}

/// Refuses what cannot be a token, without quoting it.
fn check_token(shown: &str, token: &str) -> Result<(), Fault> {
    if !token.is_empty() && token.chars().all(|it| it == '*') {
        return Err(Fault::configuration(format!(
            "{shown} consists of asterisks, as the API shows secrets; write the token itself"
        )));
    }
    if token.is_empty() || !token.chars().all(|it| it.is_ascii_graphic()) {
        return Err(Fault::configuration(format!(
            "{shown} is empty or has spaces or letters that no token has; write the token alone"
        )));
    }
    Ok(())
}
