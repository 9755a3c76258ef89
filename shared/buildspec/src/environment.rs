//! The environment that commands see.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::build::Build;
use crate::secrets::{SecretResolver, resolve_parameter, resolve_secret};
use crate::specification::{Buildspec, Origin, Variable};

/// What is taken over from the environment of the caller; nothing else is.
const INHERITED: [&str; 9] =
    ["PATH", "HOME", "LANG", "LC_ALL", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ"];

/// Where programs are looked for when the caller does not know.
const PATH_DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What commands see.
#[derive(Default)]
pub(crate) struct Environment {
    /// By name.
    pub(crate) variables: BTreeMap<OsString, OsString>,
    /// The values that came out of a store of secrets or parameters.
    pub(crate) secrets: Vec<String>,
}

/// Returns the environment, or everything that is missing for it, each with the way to provide it.
///
/// The action's and the project's variables win over those of the buildspec, as documented; nobody
/// overrides the reserved `CODEBUILD_` ones.
pub(crate) fn assemble(
    build: &Build,
    buildspec: &Buildspec,
    resolver: &dyn SecretResolver,
) -> Result<Environment, Vec<String>> {
    let mut missing = Vec::new();
    let mut secrets = Vec::new();
    let mut environment = inherited();
    let mut set = |name: &str, value: String| {
        environment.insert(OsString::from(name), OsString::from(value));
    };
    set("TERM", "dumb".to_owned());
    set("AWS_REGION", build.about.region.clone());
    set("AWS_DEFAULT_REGION", build.about.region.clone());
    let is_overridden =
        |variable: &&Variable| !build.environment.iter().any(|other| other.name == variable.name);
    let variables = buildspec.variables.iter().filter(is_overridden).chain(&build.environment);
    for variable in variables {
        let value = match &variable.origin {
            Origin::Plain(value) => Ok(value.clone()),
            Origin::Parameter(name) => resolve_parameter(resolver, name),
            Origin::Secret(reference) => resolve_secret(resolver, reference),
        };
        if let (Origin::Parameter(_) | Origin::Secret(_), Ok(value)) = (&variable.origin, &value) {
            secrets.push(value.clone());
        }
        match value {
            Ok(value) if is_settable(&variable.name) && !value.contains('\0') => {
                set(&variable.name, value);
            }
            Ok(_) => missing.push(format!(
                "the variable {:?} cannot be set: its name must not hold `=`, and neither its name nor its value NUL",
                variable.name
            )),
            Err(problem) => missing.push(format!("{}: {problem}", variable.name)),
        }
    }
    for (name, value) in reserved(build) {
        set(&name, value);
    }
    for (name, directory) in directories(build) {
        environment.insert(OsString::from(name), directory);
    }
    if missing.is_empty() {
        Ok(Environment { variables: environment, secrets })
    } else {
        Err(missing)
    }
}

fn is_settable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

fn inherited() -> BTreeMap<OsString, OsString> {
    let mut environment: BTreeMap<_, _> = INHERITED
        .iter()
        .filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)))
        .collect();
    environment.entry("PATH".into()).or_insert_with(|| PATH_DEFAULT.into());
    environment.entry("HOME".into()).or_insert_with(|| "/".into());
    environment.entry("LANG".into()).or_insert_with(|| "C.UTF-8".into());
    environment
}

/// Returns the variables that tell a build about itself.
fn reserved(build: &Build) -> Vec<(String, String)> {
    let about = &build.about;
    let mut variables = vec![
        ("CODEBUILD_BUILD_ARN", about.build_arn.clone()),
        ("CODEBUILD_BUILD_ID", about.build_id.clone()),
        ("CODEBUILD_BUILD_IMAGE", "local".to_owned()),
        ("CODEBUILD_BUILD_NUMBER", about.build_number.to_string()),
        ("CODEBUILD_BUILD_SUCCEEDING", "1".to_owned()),
        ("CODEBUILD_CI", "true".to_owned()),
        ("CODEBUILD_INITIATOR", about.initiator.clone()),
        ("CODEBUILD_LOG_PATH", build.log.to_string_lossy().into_owned()),
        ("CODEBUILD_PROJECT_NAME", about.project_name.clone()),
        ("CODEBUILD_SOURCE_REPO_URL", about.source_repository_url.clone().unwrap_or_default()),
        ("CODEBUILD_START_TIME", about.start_time_milliseconds.to_string()),
    ];
    // Documented as not always there, so an unknown version is absent, not empty.
    variables.extend(about.source_version.clone().map(|it| ("CODEBUILD_SOURCE_VERSION", it)));
    let resolved = about.resolved_source_version.clone();
    variables.extend(resolved.map(|it| ("CODEBUILD_RESOLVED_SOURCE_VERSION", it)));
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Returns the variables that say where the inputs are (PR7).
fn directories(build: &Build) -> Vec<(String, OsString)> {
    let primary = ("CODEBUILD_SRC_DIR".to_owned(), build.source_directory.clone().into_os_string());
    let others = build.secondary_directories.iter().map(|(name, directory)| {
        (format!("CODEBUILD_SRC_DIR_{name}"), directory.clone().into_os_string())
    });
    std::iter::once(primary).chain(others).collect()
}
