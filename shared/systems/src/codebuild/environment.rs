//! The variables that a build gets from its action.

use aws_sdk_codebuild::types::{EnvironmentVariable, EnvironmentVariableType as Kind};
use providers::{Job, Settings};
use serde::Deserialize;

use super::request::complete;
use crate::halt::{self, Halt};

/// Names the attempt in its build's environment, so that the build is found by it.
pub(crate) const MARK: &str = "TOWPATH_ACTION_EXECUTION_ID";

/// Names it as well, for the build's events.
const ATTEMPT: &str = "TOWPATH_ATTEMPT";

/// The prefix of the variables that CodeBuild keeps for itself.
const RESERVED: &str = "CODEBUILD_";

/// One entry of the setting `EnvironmentVariables`.
#[derive(Deserialize)]
struct Row {
    name: String,
    value: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Reads the variables of the action: the setting `EnvironmentVariables` (VAR12), then the action's own
/// list; of two with one name the later counts. Ours are the last. Messages never quote a value, which may
/// be a secret.
pub(super) fn read(job: &Job) -> Result<Vec<EnvironmentVariable>, Halt> {
    let text = Settings::of(job).optional("EnvironmentVariables").unwrap_or("[]");
    let rows: Vec<Row> = serde_json::from_str(text).map_err(|error| {
        halt::configuration(format!(
            "EnvironmentVariables is not a JSON array of {{\"name\",\"value\",\"type\"}} (line {}, \
             column {}); correct it, and mind that a quote in a resolved reference is not escaped",
            error.line(),
            error.column()
        ))
    })?;
    let mut variables: Vec<EnvironmentVariable> = Vec::new();
    for Row { name, value, kind } in rows {
        let kind = match kind.as_deref() {
            None | Some("PLAINTEXT") => Kind::Plaintext,
            Some("PARAMETER_STORE") => Kind::ParameterStore,
            Some("SECRETS_MANAGER") => Kind::SecretsManager,
            Some(other) => {
                return Err(halt::configuration(format!(
                    "EnvironmentVariables: {name} has the type {other:?}; write PLAINTEXT, \
                     PARAMETER_STORE or SECRETS_MANAGER"
                )));
            }
        };
        add(&mut variables, "EnvironmentVariables", name, value, kind)?;
    }
    for variable in &job.environment_variables {
        let kind = if variable.is_secret { Kind::SecretsManager } else { Kind::Plaintext };
        let (name, value) = (variable.name.clone(), variable.value.clone());
        add(&mut variables, "environmentVariables", name, value, kind)?;
    }
    variables.retain(|variable| ![MARK, ATTEMPT].contains(&variable.name.as_str()));
    variables.push(build(MARK.to_owned(), job.run_id.clone(), Kind::Plaintext)?);
    if let Some(name) = job.attempt_name() {
        variables.push(build(ATTEMPT.to_owned(), name.to_string(), Kind::Plaintext)?);
    }
    Ok(variables)
}

fn add(
    variables: &mut Vec<EnvironmentVariable>,
    setting: &str,
    name: String,
    value: String,
    kind: Kind,
) -> Result<(), Halt> {
    if name.is_empty() {
        return Err(halt::configuration(format!(
            "{setting} has a variable without a name; give it one, or take it out"
        )));
    }
    if name.starts_with(RESERVED) {
        return Err(halt::configuration(format!(
            "{setting}: {name} begins with {RESERVED}, which CodeBuild keeps for itself; rename it"
        )));
    }
    variables.retain(|variable| variable.name != name);
    variables.push(build(name, value, kind)?);
    Ok(())
}

fn build(name: String, value: String, kind: Kind) -> Result<EnvironmentVariable, Halt> {
    complete(EnvironmentVariable::builder().name(name).value(value).r#type(kind).build())
}
