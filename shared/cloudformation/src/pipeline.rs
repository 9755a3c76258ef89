//! From a resolved resource to the declaration that CodePipeline's API would be given (contract
//! §1).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::node::{Node, text_of};
use crate::place::{Place, Placeholder};
use crate::resolve::{Budget, Resolver};
use crate::template::Template;

const PIPELINE: &str = "AWS::CodePipeline::Pipeline";

/// A pipeline that a template declares.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPipeline {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The condition on which the stack has the pipeline, and whether it holds with the parameters
    /// given.
    pub condition: Option<(String, bool)>,
    /// The declaration in the API's shape: `{"name": …, "roleArn": …, "stages": […]}`.
    pub declaration: Value,
    /// The tags, which the API takes beside the declaration.
    pub tags: BTreeMap<String, String>,
    /// The texts in the declaration that stand for what is not known, in the order of their paths.
    pub placeholders: Vec<Placeholder>,
    /// What a reader should know besides.
    pub notes: Vec<String>,
}

/// Finds the pipelines of a template and resolves them.
pub(crate) fn find(template: &Template, given: &BTreeMap<String, String>) -> Vec<FoundPipeline> {
    let mut budget = Budget::new();
    template
        .resources()
        .iter()
        .filter(|(_, resource)| resource.get("Type").and_then(Node::as_text) == Some(PIPELINE))
        .map(|(logical_id, resource)| {
            one(logical_id, resource, Resolver::new(template, given, &mut budget))
        })
        .collect()
}

fn one(logical_id: &str, resource: &Node, mut resolver: Resolver<'_>) -> FoundPipeline {
    let condition = resource.get("Condition").and_then(Node::as_text).map(|name| {
        let holds = resolver.holds(name);
        (name.to_owned(), holds)
    });
    let properties = resource
        .get("Properties")
        .and_then(|properties| resolver.resolve(properties, &Place::pipeline()));
    let Resolver { mut placeholders, mut notes, .. } = resolver;
    let mut pipeline = if let Some(Value::Object(properties)) = properties {
        properties
    } else {
        notes.push(format!("`{logical_id}` has no mapping of `Properties`: state them"));
        Map::new()
    };
    if !pipeline.contains_key("name") {
        notes.push(format!(
            "`{logical_id}` states no `Name`, so its logical id is taken; a stack would make one up"
        ));
        pipeline.insert("name".to_owned(), logical_id.into());
    }
    let tags = take_tags(&mut pipeline);
    note_stack_settings(&mut pipeline, &mut notes);
    write_configurations(&mut pipeline);
    let mut declaration = Value::Object(pipeline);
    write_scalars(&mut declaration, "");
    key_stores_by_region(&mut declaration, &mut placeholders, &mut notes);
    placeholders.sort();
    FoundPipeline {
        logical_id: logical_id.to_owned(),
        condition,
        declaration,
        tags,
        placeholders,
        notes,
    }
}

/// Takes the tags out; the API takes them beside the pipeline, not in it.
fn take_tags(pipeline: &mut Map<String, Value>) -> BTreeMap<String, String> {
    let tags = pipeline.remove("tags").unwrap_or_default();
    let tags = tags.as_array().map_or(&[][..], Vec::as_slice);
    tags.iter()
        .filter_map(|tag| Some((text_of(tag.get("key")?), text_of(tag.get("value")?))))
        .collect()
}

/// Takes out what tells the stack what to do and is no part of the pipeline.
fn note_stack_settings(pipeline: &mut Map<String, Value>, notes: &mut Vec<String>) {
    if let Some(value) = pipeline.remove("restartExecutionOnUpdate")
        && text_of(&value) == "true"
    {
        notes.push(
            "`RestartExecutionOnUpdate` starts an execution after each update of the stack; \
             it is no part of the declaration"
                .to_owned(),
        );
    }
    let disabled = pipeline.remove("disableInboundStageTransitions").unwrap_or_default();
    for transition in disabled.as_array().map_or(&[][..], Vec::as_slice) {
        let member = |name: &str| transition.get(name).map(text_of).unwrap_or_default();
        notes.push(format!(
            "`DisableInboundStageTransitions` closes the way into stage `{}` ({}); it is no part of the \
             declaration: disable the transition once the pipeline runs",
            member("stageName"),
            member("reason")
        ));
    }
}

/// Writes every configuration value as the text that the API wants.
fn write_configurations(object: &mut Map<String, Value>) {
    for (name, member) in object {
        match member {
            Value::Object(configuration) if name == "configuration" => {
                for value in configuration.values_mut() {
                    let is_nested = value.is_array() || value.is_object();
                    let text = if is_nested { value.to_string() } else { text_of(value) };
                    *value = Value::String(text);
                }
            }
            Value::Object(inner) => write_configurations(inner),
            Value::Array(elements) => {
                elements.iter_mut().filter_map(Value::as_object_mut).for_each(write_configurations);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Gives every scalar the type of its member: two are numbers, all others are text.
///
/// Templates are lenient here: `Version: 1` and `RunOrder: '1'` are both common.
fn write_scalars(value: &mut Value, member: &str) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                // A configuration's keys belong to the provider, and its values are text already.
                if name != "configuration" {
                    write_scalars(value, name);
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                write_scalars(element, member);
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let text = text_of(value);
            *value = match text.parse::<i64>() {
                Ok(number) if matches!(member, "runOrder" | "timeoutInMinutes") => number.into(),
                Ok(_) | Err(_) => Value::String(text),
            };
        }
    }
}

/// Turns the list of stores into the API's map from Region to store.
fn key_stores_by_region(
    declaration: &mut Value,
    placeholders: &mut [Placeholder],
    notes: &mut Vec<String>,
) {
    let Some(list) = declaration.get("artifactStores").and_then(Value::as_array).cloned() else {
        return;
    };
    let mut stores = Map::new();
    for (index, entry) in list.iter().enumerate() {
        let Some(region) = entry.get("region").and_then(Value::as_str) else {
            notes.push(format!("`ArtifactStores[{index}]` states no `Region` and is left out"));
            continue;
        };
        for placeholder in &mut *placeholders {
            let rest = placeholder.path.strip_prefix(&format!("pipeline.artifactStores[{index}]"));
            if let Some(rest) = rest {
                let rest = rest.replacen(".artifactStore", "", 1).replacen(".region", "", 1);
                placeholder.path = format!("pipeline.artifactStores.{region}{rest}");
            }
        }
        let store = entry.get("artifactStore").cloned().unwrap_or(json!({}));
        if stores.insert(region.to_owned(), store).is_some() {
            notes.push(format!(
                "`ArtifactStores` states Region {region} twice; the last one counts"
            ));
        }
    }
    declaration["artifactStores"] = Value::Object(stores);
}
