//! The variables that a build gets from its project and its action.

use buildspec::{Origin, Variable};
use model::outcome::Failure;
use providers::Job;
use serde::Deserialize;

use crate::fault;
use crate::site::Project;
use providers::Settings;

/// One entry of the setting `EnvironmentVariables`.
#[derive(Deserialize)]
struct Row {
    name: String,
    value: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Returns the variables of the project and of the action; later ones win.
pub(crate) fn assemble(job: &Job, project: Option<&Project>) -> Result<Vec<Variable>, Failure> {
    let project = project.into_iter().flat_map(|project| &project.environment);
    let mut variables: Vec<_> = project.map(|(name, value)| Variable::plain(name, value)).collect();
    variables.extend(read(job)?);
    Ok(variables)
}

/// Reads the variables of the action: the setting `EnvironmentVariables` (VAR12) and the action's
/// own list. Messages never quote a value, which may be a secret.
pub(crate) fn read(job: &Job) -> Result<Vec<Variable>, Failure> {
    let settings = Settings::new(&job.provider, &job.configuration);
    let text = settings.optional("EnvironmentVariables").unwrap_or("[]");
    let rows: Vec<Row> = serde_json::from_str(text).map_err(|error| {
        fault::configuration(format!(
            "EnvironmentVariables is not a JSON array of {{\"name\",\"value\",\"type\"}} (line {}, \
             column {}); correct it, and mind that a quote in a resolved reference is not escaped",
            error.line(),
            error.column()
        ))
    })?;
    let mut variables = Vec::with_capacity(rows.len() + job.environment_variables.len());
    for Row { name, value, kind } in rows {
        let origin = match kind.as_deref() {
            None | Some("PLAINTEXT") => Origin::Plain(value),
            Some("PARAMETER_STORE") => Origin::Parameter(value),
            Some("SECRETS_MANAGER") => secret("EnvironmentVariables", &name, &value)?,
            Some(other) => {
                return Err(fault::configuration(format!(
                    "EnvironmentVariables: {name} has the type {other:?}; write PLAINTEXT, \
                     PARAMETER_STORE or SECRETS_MANAGER"
                )));
            }
        };
        variables.push(Variable { name, origin });
    }
    for variable in &job.environment_variables {
        let (name, value) = (variable.name.clone(), variable.value.clone());
        let origin = if variable.is_secret {
            secret("environmentVariables", &name, &value)?
        } else {
            Origin::Plain(value)
        };
        variables.push(Variable { name, origin });
    }
    Ok(variables)
}

fn secret(setting: &str, name: &str, reference: &str) -> Result<Origin, Failure> {
    let reference = reference.parse();
    reference.map(Origin::Secret).map_err(|problem: String| {
        fault::configuration(format!("{setting}: {name} does not name a secret: {problem}"))
    })
}
