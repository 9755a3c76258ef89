//! Whose identity it is: found where AWS's clients look.
//!
//! Keys that lie in a file or in the environment are read here. For everything else that a profile can say
//! (single sign-on, a role to assume), AWS's own command line is asked, which knows how.

use std::path::Path;
use std::process::Stdio;

use aws_sdk_codepipeline::config::Credentials;
use serde::Deserialize;
use tokio::process::Command;

use crate::client::keys;

/// Set for AWS's command line, so that a profile that leads back to us is noticed.
const ASKED: &str = "TOWPATH_CREDENTIALS_ASKED";

/// What AWS's command line exports.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Exported {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

/// Finds the credentials of a profile; without one, those of the environment.
pub(super) async fn find(
    profile: Option<&str>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Credentials, String> {
    let nowhere = Path::new("");
    if profile.is_none() && variable("AWS_ACCESS_KEY_ID").is_some() {
        return Ok(keys::find(None, nowhere, variable).await?.credentials);
    }
    let named = profile.map(str::to_owned).or_else(|| variable("AWS_PROFILE"));
    let name = named.unwrap_or_else(|| "default".to_owned());
    let of_profile = |wanted: &str| match wanted {
        "AWS_ACCESS_KEY_ID" => None,
        "AWS_PROFILE" => Some(name.clone()),
        other => variable(other),
    };
    match keys::find(None, nowhere, &of_profile).await {
        Ok(key) => Ok(key.credentials),
        Err(reason) if variable(ASKED).is_some() => Err(format!(
            "profile {name} gets its keys from this very command ({reason}); say with --profile whose \
             identity it is"
        )),
        Err(reason) => export(&name).await.map_err(|other| format!("{reason}\n  {other}")),
    }
}

async fn export(profile: &str) -> Result<Credentials, String> {
    let command = format!("aws configure export-credentials --profile {profile} --format process");
    let mut process = Command::new("aws");
    process.args(["configure", "export-credentials", "--format", "process", "--profile", profile]);
    let process = process.env(ASKED, "1").env_remove("AWS_PROFILE").stdin(Stdio::null());
    let output = process.output().await.map_err(|error| format!("`{command}`: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{command}` says: {}", said.trim()));
    }
    let exported: Exported = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("`{command}` printed no credentials"))?;
    let Exported { access_key_id, secret_access_key, session_token } = exported;
    Ok(Credentials::new(access_key_id, secret_access_key, session_token, None, "towpath"))
}
