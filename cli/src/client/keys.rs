//! The key that requests are signed with: found where AWS's clients look, else where `towpath up` put it.

use std::fmt;
use std::path::{Path, PathBuf};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_sdk_codepipeline::config::Credentials;
use aws_types::os_shim_internal::{Env, Fs};

use crate::client::place::{Environment, ServerFile};

/// The profile that `towpath up` writes.
const PROFILE: &str = "towpath";

/// The profile of who names none.
const DEFAULT_PROFILE: &str = "default";

/// What the SDK notes as the origin of the key.
const ORIGIN: &str = "towpath";

/// A key, and where it comes from.
#[derive(Clone)]
pub(crate) struct Key {
    /// What requests are signed with.
    pub(crate) credentials: Credentials,
    /// Where it was found, for a message about it.
    pub(crate) origin: String,
}

/// A key never shows what it is.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Finds the key, in the order of AWS's clients: variables, a profile, and last the server's own file.
pub(crate) async fn find(
    server: Option<&ServerFile>,
    data: &Path,
    variable: Environment<'_>,
) -> Result<Key, String> {
    if let Some(id) = variable("AWS_ACCESS_KEY_ID") {
        let secret = variable("AWS_SECRET_ACCESS_KEY").ok_or_else(|| {
            "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not; set both or neither"
                .to_owned()
        })?;
        let token = variable("AWS_SESSION_TOKEN");
        let credentials = Credentials::new(id, secret, token, None, ORIGIN);
        return Ok(Key { credentials, origin: "AWS_ACCESS_KEY_ID".to_owned() });
    }
    let named = variable("AWS_PROFILE");
    let shared = variable("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
    let home = variable("HOME").map(|home| Path::new(&home).join(".aws/credentials"));
    if let Some(profile) = named {
        let file = shared.or(home).ok_or("AWS_PROFILE is set and HOME is not; set both")?;
        return read(&file, &[&profile], &format!("AWS_PROFILE={profile}")).await;
    }
    if let Some(file) = shared {
        let wanted = [DEFAULT_PROFILE, PROFILE];
        return read(&file, &wanted, "AWS_SHARED_CREDENTIALS_FILE").await;
    }
    match server.and_then(|server| server.credentials.as_ref()) {
        // A relative path is one from the data directory.
        Some(file) => read(&data.join(file), &[PROFILE], "server.json").await,
        None => Err(format!(
            "no key to sign requests with; set AWS_PROFILE or AWS_ACCESS_KEY_ID, or name the data \
             directory of the server with --data (there is no {})",
            data.join("server.json").display()
        )),
    }
}

/// Reads one of AWS's files, as the SDKs do.
pub(super) async fn sections(
    file: &Path,
    kind: EnvConfigFileKind,
    said_by: &str,
) -> Result<EnvConfigSections, String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("the key's file {shown} ({said_by}): {error}"))?;
    let files = EnvConfigFiles::builder().with_contents(kind, text).build();
    let source = source::load(&Env::from_slice(&[]), &Fs::real(), &files).await;
    let unreadable = |error: &dyn fmt::Display| {
        format!("the file {shown} ({said_by}) is none of AWS's tools: {error}")
    };
    let source = source.map_err(|error| unreadable(&error))?;
    EnvConfigSections::parse(source).map_err(|error| unreadable(&error))
}

/// Reads a profile's key from a file.
async fn read(file: &Path, profiles: &[&str], said_by: &str) -> Result<Key, String> {
    let shown = file.display();
    let sections = sections(file, EnvConfigFileKind::Credentials, said_by).await?;
    let wanted = profiles.iter().find_map(|name| Some((*name, sections.get_profile(name)?)));
    let Some((name, profile)) = wanted else {
        return Err(format!("{shown} ({said_by}) has no profile {}", profiles.join(" or ")));
    };
    let (Some(id), Some(secret)) =
        (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key"))
    else {
        return Err(format!(
            "profile {name} of {shown} ({said_by}) has no aws_access_key_id and aws_secret_access_key"
        ));
    };
    let token = profile.get("aws_session_token").map(str::to_owned);
    let credentials = Credentials::new(id, secret, token, None, ORIGIN);
    Ok(Key { credentials, origin: format!("profile {name} of {shown} ({said_by})") })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
        [default]\naws_access_key_id=AKIDDEFAULT\naws_secret_access_key=one\n\
        # a comment\n\
        [towpath]\naws_access_key_id = AKIDTOWPATH\naws_secret_access_key = two\n\
        aws_session_token = three\n[empty]\n";

    /// Finds a key in an environment, `FILE` standing for a credentials file.
    fn found(environment: &[(&str, &str)], has_server: bool) -> Result<(String, String), String> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("keys");
        std::fs::write(&file, FILE).unwrap();
        let shown = file.display().to_string();
        let variable = |name: &str| {
            let found = environment.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.replace("FILE", &shown))
        };
        let server = r#"{"endpoint":"http://127.0.0.1:1","credentials":"keys"}"#;
        let server: ServerFile = serde_json::from_str(server).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let server = has_server.then_some(&server);
        let key = runtime.block_on(find(server, directory.path(), &variable));
        let key = key.map_err(|message| message.replace(&shown, "FILE"))?;
        assert!(!format!("{key:?}").contains("two"), "a secret is shown");
        Ok((key.credentials.access_key_id().to_owned(), key.origin.replace(&shown, "FILE")))
    }

    #[test]
    fn variables_go_before_a_profile_and_that_before_the_servers_own_file() {
        let variables = [("AWS_ACCESS_KEY_ID", "AKIDVARIABLE"), ("AWS_SECRET_ACCESS_KEY", "zero")];
        assert_eq!(found(&variables, true).unwrap().0, "AKIDVARIABLE");
        let profile = [("AWS_PROFILE", "towpath"), ("AWS_SHARED_CREDENTIALS_FILE", "FILE")];
        let (id, origin) = found(&profile, true).unwrap();
        assert_eq!(id, "AKIDTOWPATH");
        assert_eq!(origin, "profile towpath of FILE (AWS_PROFILE=towpath)");
        let shared = [("AWS_SHARED_CREDENTIALS_FILE", "FILE")];
        assert_eq!(found(&shared, true).unwrap().0, "AKIDDEFAULT");
        let (id, origin) = found(&[], true).unwrap();
        assert_eq!(id, "AKIDTOWPATH");
        assert_eq!(origin, "profile towpath of FILE (server.json)");
    }

    #[test]
    fn a_key_that_is_not_there_is_named_with_who_asked_for_it() {
        let profile = [("AWS_PROFILE", "nope"), ("AWS_SHARED_CREDENTIALS_FILE", "FILE")];
        assert_eq!(
            found(&profile, true).unwrap_err(),
            "FILE (AWS_PROFILE=nope) has no profile nope"
        );
        let profile = [("AWS_PROFILE", "empty"), ("AWS_SHARED_CREDENTIALS_FILE", "FILE")];
        assert!(found(&profile, true).unwrap_err().contains("has no aws_access_key_id"));
        let gone = [("AWS_SHARED_CREDENTIALS_FILE", "FILE.gone")];
        assert!(found(&gone, true).unwrap_err().contains("FILE.gone"));
        assert!(found(&[("AWS_ACCESS_KEY_ID", "A")], true).unwrap_err().contains("set both"));
        assert!(found(&[], false).unwrap_err().contains("no key to sign requests with"));
    }
}
