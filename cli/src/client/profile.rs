//! What a profile says besides its keys, in the file that AWS's tools keep it in: the program that gives them,
//! and where the API is. So one profile serves every client of AWS's, and ours.

use std::path::{Path, PathBuf};

use aws_runtime::env_config::file::EnvConfigFileKind;
use aws_runtime::env_config::property::PropertiesKey;
use aws_runtime::env_config::section::EnvConfigSections;

use crate::client::keys;
use crate::client::place::Environment;

/// What a profile says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The program that prints its keys.
    pub(crate) process: Option<String>,
    /// Where CodePipeline's API is.
    pub(crate) endpoint: Option<String>,
}

/// Reads what a profile says; nothing where there is no such file or profile.
pub(crate) async fn read(name: &str, variable: Environment<'_>) -> Result<Profile, String> {
    let home = variable("HOME").map(|home| Path::new(&home).join(".aws/config"));
    let file = variable("AWS_CONFIG_FILE").map(PathBuf::from).or(home);
    let Some(file) = file.filter(|file| file.exists()) else { return Ok(Profile::default()) };
    let sections = keys::sections(&file, EnvConfigFileKind::Config, "AWS's configuration").await?;
    let Some(profile) = sections.get_profile(name) else { return Ok(Profile::default()) };
    let process = profile.get("credential_process").map(str::to_owned);
    let services = profile.get("services");
    let endpoint = services.and_then(|services| endpoint(&sections, services));
    Ok(Profile { process, endpoint })
}

fn endpoint(sections: &EnvConfigSections, services: &str) -> Option<String> {
    let key = PropertiesKey::builder()
        .section_key("services")
        .section_name(services)
        .property_name("codepipeline")
        .sub_property_name("endpoint_url");
    sections.other_sections().get(&key.build().ok()?).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_profile_says_who_gives_its_keys_and_where_the_api_is() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config");
        let text = "[profile towpath]\nregion = eu-west-1\ncredential_process = towpath credentials --profile work\n\
                    services = towpath\n\n[services towpath]\ncodepipeline =\n  endpoint_url = https://x.example\n\n\
                    [profile work]\nregion = eu-west-1\n";
        std::fs::write(&file, text).unwrap();
        let shown = file.display().to_string();
        let variable = |name: &str| (name == "AWS_CONFIG_FILE").then(|| shown.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let said = runtime.block_on(read("towpath", &variable)).unwrap();
        assert_eq!(said.process.as_deref(), Some("towpath credentials --profile work"));
        assert_eq!(said.endpoint.as_deref(), Some("https://x.example"));
        for name in ["work", "nobody"] {
            assert_eq!(runtime.block_on(read(name, &variable)).unwrap(), Profile::default());
        }
        std::fs::write(&file, "[profile").unwrap();
        let refused = runtime.block_on(read("towpath", &variable)).unwrap_err();
        assert!(refused.contains(&shown), "{refused}");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(runtime.block_on(read("towpath", &variable)).unwrap(), Profile::default());
    }
}
