//! Whose identity it is: found where AWS's clients look.
//!
//! Keys that lie in a file or in the environment are read here, and a program that prints them is run. For
//! everything else that a profile can say (single sign-on, a role to assume), AWS's own command line is asked,
//! which knows how.

use std::path::Path;
use std::process::Stdio;

use aws_sdk_codepipeline::config::Credentials;
use tokio::process::Command;

use crate::client::keys::{self, Key};
use crate::client::place::Environment;
use crate::client::profile;

/// Set for AWS's command line: the profiles that it was asked for, so that one that leads back to us is
/// noticed.
const ASKED: &str = "TOWPATH_CREDENTIALS_ASKED";

/// What to do without keys.
const FIX: &str =
    "set AWS_PROFILE or AWS_ACCESS_KEY_ID, say --profile, or make a profile with `aws configure`";

/// Finds the keys of a profile; without one, those of the environment.
pub(crate) async fn find(profile: Option<&str>, variable: Environment<'_>) -> Result<Key, String> {
    let nowhere = Path::new("");
    if profile.is_none() && variable("AWS_ACCESS_KEY_ID").is_some() {
        return keys::find(None, nowhere, variable).await;
    }
    let named = profile.map(str::to_owned).or_else(|| variable("AWS_PROFILE"));
    let name = named.unwrap_or_else(|| "default".to_owned());
    let of_profile = |wanted: &str| match wanted {
        "AWS_ACCESS_KEY_ID" => None,
        "AWS_PROFILE" => Some(name.clone()),
        other => variable(other),
    };
    let asked = variable(ASKED).unwrap_or_default();
    match keys::find(None, nowhere, &of_profile).await {
        Ok(key) => Ok(key),
        Err(reason) if asked.split(',').any(|asked| asked == name) => Err(format!(
            "profile {name} gets its keys from this very command ({reason}); say with --profile whose \
             identity it is"
        )),
        Err(reason) => {
            let asked = format!("{asked},{name}");
            let given = match profile::read(&name, variable).await?.process {
                Some(process) => {
                    let mut command = Command::new("sh");
                    command.args(["-c", &process]);
                    given(command, &process, &name, &asked).await
                }
                None => export(&name, &asked).await,
            };
            given.map_err(|other| format!("{reason}\n  {other}\n  {FIX}"))
        }
    }
}

async fn export(profile: &str, asked: &str) -> Result<Key, String> {
    let command = format!("aws configure export-credentials --profile {profile} --format process");
    let mut process = Command::new("aws");
    process.args(["configure", "export-credentials", "--format", "process", "--profile", profile]);
    given(process, &command, profile, asked).await
}

/// Returns the keys that a program prints.
async fn given(
    mut process: Command,
    command: &str,
    profile: &str,
    asked: &str,
) -> Result<Key, String> {
    // Whoever is asked in turn shall know which profile it was.
    let process = process.env(ASKED, asked).env("AWS_PROFILE", profile).stdin(Stdio::null());
    let output = process.output().await.map_err(|error| format!("`{command}`: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        // Older ones print a page about how they are used.
        if said.contains("Invalid choice") {
            return Err(format!("`{command}` is not known to this AWS CLI; version 2 knows it"));
        }
        return Err(format!("`{command}` says: {}", said.trim()));
    }
    let credentials: Option<Credentials> =
        std::str::from_utf8(&output.stdout).ok().and_then(super::read);
    let credentials = credentials.ok_or_else(|| format!("`{command}` printed no credentials"))?;
    Ok(Key { credentials, origin: format!("profile {profile}") })
}
