//! A pipeline in a file, as the API takes it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::arguments::client::Declared;
use crate::ending::Ending;
use crate::pipeline_file::{Parameters, find};

/// A declaration that nothing is wrong with.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// The pipeline's name.
    pub(crate) name: String,
    /// The declaration in the API's form.
    pub(crate) text: String,
    /// The same as a value.
    pub(crate) value: Value,
    /// What was assumed or left out.
    pub(crate) notes: Vec<String>,
}

/// Reads the file; what is wrong with it is said all at once, before the server is asked.
pub(crate) fn read(declared: &Declared) -> Result<Read, Ending> {
    let shown = declared.file.display();
    let parameters: BTreeMap<_, _> = declared.parameters.iter().cloned().collect();
    let mut found =
        find(&declared.file, &parameters, Parameters::ForTemplates).map_err(Ending::BadInput)?;
    let names: Vec<_> = found.iter().filter_map(|found| found.resource.clone()).collect();
    if let Some(wanted) = &declared.resource {
        found.retain(|found| found.resource.as_ref() == Some(wanted));
        if found.is_empty() {
            let names = names.join(", ");
            return Err(Ending::BadInput(format!(
                "{shown} has no pipeline {wanted}; it has: {names}"
            )));
        }
    }
    let (Some(found), 0) = (found.pop(), found.len()) else {
        let names = names.join(", ");
        return Err(Ending::BadInput(format!(
            "{shown} holds several pipelines; choose one with --resource: {names}"
        )));
    };
    let (pipeline, text) = found.pipeline().map_err(|violations| {
        let mut lines = vec![format!("{shown} is refused:")];
        for violation in violations.iter().filter(|violation| violation.is_error()) {
            lines.push(format!("  ✗ {violation}"));
        }
        Ending::BadInput(lines.join("\n"))
    })?;
    // What was just written is JSON.
    let value = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Read { name: pipeline.name.to_string(), text, value, notes: found.notes })
}
