//! What the operation is asked with: the template, the parameters, the tags and the stack policy.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Parameter, Tag};
use model::outcome::StoredArtifact;
use providers::Job;
use providers::job::OutputArtifact;
use serde_json::{Map, Value};

use super::Task;
use crate::fault::Fault;
use crate::{Ground, artifact};

/// The longest template that a request may hold; longer ones are named by an address.
const BODY_BYTES_MAX: usize = 51_200;

/// The longest template that CloudFormation reads.
const TEMPLATE_BYTES_MAX: u64 = 1024 * 1024;

/// The longest file of settings or values that is read.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// What the operation is asked with.
pub(super) struct Input {
    pub(super) template: Template,
    pub(super) parameters: Vec<Parameter>,
    pub(super) tags: Vec<Tag>,
    /// Change sets have none.
    pub(super) stack_policy: Option<String>,
}

/// Where CloudFormation finds the template.
pub(super) enum Template {
    Body(String),
    /// Of an object that the action's role can read.
    Url(String),
}

impl Input {
    pub(super) async fn read(task: &Task<'_>) -> Result<Self, Fault> {
        let configuration = configuration(task).await?;
        let mut values = BTreeMap::new();
        if let Some(parameters) = object(&configuration, "Parameters")? {
            for (name, value) in parameters {
                values.insert(name.clone(), plain("TemplateConfiguration", name, value)?);
            }
        }
        for (name, value) in overrides(task)? {
            values.insert(name.clone(), resolve(task, &name, &value).await?);
        }
        let tags = object(&configuration, "Tags")?.into_iter().flatten().map(|(key, value)| {
            let value = plain("TemplateConfiguration", key, value)?;
            Ok(Tag::builder().key(key).value(value).build())
        });
        Ok(Self {
            tags: tags.collect::<Result<_, Fault>>()?,
            stack_policy: object(&configuration, "StackPolicy")?
                .map(|policy| Value::Object(policy.clone()).to_string()),
            parameters: values
                .into_iter()
                .map(|(name, value)| {
                    Parameter::builder().parameter_key(name).parameter_value(value).build()
                })
                .collect(),
            template: template(task).await?,
        })
    }
}

async fn template(task: &Task<'_>) -> Result<Template, Fault> {
    let path = task.settings.template.unwrap_or_default();
    let (input, bytes) = file(task, "TemplatePath", path, TEMPLATE_BYTES_MAX).await?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Fault::configuration(format!("TemplatePath {path}: the file is not UTF-8 text"))
    })?;
    if text.len() <= BODY_BYTES_MAX {
        return Ok(Template::Body(text));
    }
    // Beside the artifact that it comes from, in a bucket that the role can read and write.
    let place = OutputArtifact {
        name: "template".to_owned(),
        files: Vec::new(),
        bucket: task.job.artifact_bucket.clone().unwrap_or_else(|| input.bucket.clone()),
        key: format!("{}.template-{}", input.key, task.job.run_id),
    };
    let stored = artifact::write(task.ground, task.job, &place, text.into_bytes()).await?;
    Ok(Template::Url(address(&stored, &task.job.region)))
}

async fn configuration(task: &Task<'_>) -> Result<Map<String, Value>, Fault> {
    let Some(path) = task.settings.configuration.filter(|_| task.settings.template.is_some())
    else {
        return Ok(Map::new());
    };
    let (_, bytes) = file(task, "TemplateConfiguration", path, FILE_BYTES_MAX).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Fault::configuration(format!(
            "TemplateConfiguration {path} is not a JSON object with Parameters, Tags and StackPolicy: \
             {error}"
        ))
    })
}

fn overrides(task: &Task<'_>) -> Result<Map<String, Value>, Fault> {
    let Some(text) = task.settings.overrides else { return Ok(Map::new()) };
    serde_json::from_str(text).map_err(|error| {
        Fault::configuration(format!(
            "ParameterOverrides is not a JSON object of names and values: {error}"
        ))
    })
}

/// Returns the value of a parameter, computing the two functions that know artifacts.
async fn resolve(task: &Task<'_>, name: &str, value: &Value) -> Result<String, Fault> {
    let Value::Object(members) = value else { return plain("ParameterOverrides", name, value) };
    let one = members.iter().next().filter(|_| members.len() == 1);
    let arguments = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|it| it.as_str().map(str::to_owned)).collect()
    };
    match one.map(|(function, value)| (function.as_str(), arguments(value))) {
        Some(("Fn::GetArtifactAtt", Some(arguments))) => match &arguments[..] {
            [input, attribute] => attribute_of(task, name, input, attribute).await,
            _ => Err(no_function(name)),
        },
        Some(("Fn::GetParam", Some(arguments))) => match &arguments[..] {
            [input, path, key] => parameter_of(task, name, input, path, key).await,
            _ => Err(no_function(name)),
        },
        Some(_) | None => Err(no_function(name)),
    }
}

async fn attribute_of(
    task: &Task<'_>,
    name: &str,
    input: &str,
    attribute: &str,
) -> Result<String, Fault> {
    let stored = input_of(task.job, "ParameterOverrides", input)?;
    let stored = artifact::local(task.ground, task.job, stored).await?;
    match attribute {
        "BucketName" => Ok(stored.bucket),
        "ObjectKey" => Ok(stored.key),
        "URL" => Ok(address(&stored, &task.job.region)),
        _ => Err(Fault::configuration(format!(
            "ParameterOverrides, parameter {name}: artifacts have no {attribute:?}; use BucketName, \
             ObjectKey or URL"
        ))),
    }
}

async fn parameter_of(
    task: &Task<'_>,
    name: &str,
    input: &str,
    path: &str,
    key: &str,
) -> Result<String, Fault> {
    let place = format!("{input}::{path}");
    let (_, bytes) = file(task, "ParameterOverrides", &place, FILE_BYTES_MAX).await?;
    let members: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|error| {
        Fault::configuration(format!(
            "ParameterOverrides, parameter {name}: {place} is not a JSON object: {error}"
        ))
    })?;
    let value = members.get(key).ok_or_else(|| {
        Fault::configuration(format!(
            "ParameterOverrides, parameter {name}: {place} has no {key:?}; it has {}",
            members.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
        ))
    })?;
    plain("ParameterOverrides", name, value)
}

/// Reads a file that a setting names as `Artifact::file`.
async fn file<'a>(
    task: &Task<'a>,
    setting: &str,
    place: &str,
    bytes_max: u64,
) -> Result<(&'a StoredArtifact, Vec<u8>), Fault> {
    let ground: &Ground = task.ground;
    let Some((name, path)) = place.split_once("::").filter(|(_, path)| !path.is_empty()) else {
        return Err(Fault::configuration(format!(
            "{setting} is {place:?}; write it as ARTIFACT::FILE, with an input artifact of the action"
        )));
    };
    let input = input_of(task.job, setting, name)?;
    match artifact::member(ground, task.job, input, path, bytes_max).await? {
        Some(bytes) => Ok((input, bytes)),
        None => Err(Fault::configuration(format!(
            "{setting}: the artifact {name} has no file {path:?}; correct the path, or see what the \
             action that makes the artifact puts into it"
        ))),
    }
}

fn input_of<'a>(job: &'a Job, setting: &str, name: &str) -> Result<&'a StoredArtifact, Fault> {
    let found = job.inputs.iter().find(|input| input.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = job.inputs.iter().map(|input| input.name.as_str()).collect();
        Fault::configuration(format!(
            "{setting} names the artifact {name:?}, which is no input of the action (it has: {}); add it \
             to inputArtifacts",
            names.join(", ")
        ))
    })
}

fn object<'a>(
    configuration: &'a Map<String, Value>,
    member: &str,
) -> Result<Option<&'a Map<String, Value>>, Fault> {
    match configuration.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) => Ok(Some(members)),
        Some(_) => Err(Fault::configuration(format!(
            "TemplateConfiguration: {member} must be a JSON object"
        ))),
    }
}

/// Returns a value as parameters have them, which are texts; lists are joined by commas.
fn plain(setting: &str, name: &str, value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Array(items) => {
            let items: Result<Vec<_>, _> =
                items.iter().map(|it| plain(setting, name, it)).collect();
            items.map(|items| items.join(","))
        }
        Value::Null | Value::Object(_) => Err(Fault::configuration(format!(
            "{setting}, {name}: write a text, a number, true or false, or a list of them"
        ))),
    }
}

fn no_function(name: &str) -> Fault {
    Fault::configuration(format!(
        "ParameterOverrides, parameter {name}: write a text, {{\"Fn::GetArtifactAtt\": [ARTIFACT, \
         BucketName, ObjectKey or URL]}} or {{\"Fn::GetParam\": [ARTIFACT, FILE.json, KEY]}}"
    ))
}

/// Returns the address of an object, as CloudFormation takes it.
fn address(stored: &StoredArtifact, region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let StoredArtifact { bucket, key, .. } = stored;
    format!("https://s3.{region}.{domain}/{bucket}/{key}")
}
