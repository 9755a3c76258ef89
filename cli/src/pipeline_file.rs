//! From a file to a pipeline, or to everything that is wrong with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cloudformation::FoundPipeline;
use model::declaration::{Format, read};
use model::pipeline::Pipeline;
use model::validation::{lint_text, validate};
use model::violation::Violation;

/// How large a file may be that is read whole.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A pipeline that a file declares.
#[derive(Debug)]
pub(crate) struct Declared {
    /// For a template: the resource it was found under.
    pub(crate) resource: Option<String>,
    /// The text to be judged, in the API's form.
    pub(crate) text: String,
    /// How it is written.
    pub(crate) format: Format,
    /// What was assumed or left out.
    pub(crate) notes: Vec<String>,
}

/// What the given parameters are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parameters {
    /// For the template alone: one that it does not have is a mistake.
    ForTemplates,
    /// Some may be what buildspecs read from the parameter store.
    AlsoForBuildspecs,
}

/// Reads a file and finds the pipelines in it.
pub(crate) fn find(
    path: &Path,
    parameters: &BTreeMap<String, String>,
    meant: Parameters,
) -> Result<Vec<Declared>, String> {
    let shown = path.display();
    let size = fs::metadata(path).map_err(|error| format!("{shown}: {error}"))?;
    if size.is_dir() {
        return Err(format!("{shown} is a directory; name the file that declares the pipeline"));
    }
    if size.len() > FILE_BYTES_MAX {
        return Err(format!("{shown} has {} bytes; a declaration is smaller", size.len()));
    }
    let bytes = fs::read(path).map_err(|error| format!("{shown}: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{shown} is not UTF-8 text"))?;
    if !cloudformation::is_template(&text) {
        let format = Format::of(path, &text);
        return Ok(vec![Declared { resource: None, text, format, notes: Vec::new() }]);
    }
    let template = cloudformation::read(&text).map_err(|refusal| format!("{shown}: {refusal}"))?;
    let unknown = template.unknown_parameters(parameters);
    if meant == Parameters::ForTemplates && !unknown.is_empty() {
        let known = template.parameter_names().join(", ");
        let unknown = unknown.join(", ");
        return Err(format!("{shown} has no parameter {unknown}; it has: {known}"));
    }
    let found = template.pipelines(parameters);
    if found.is_empty() {
        return Err(format!("{shown} holds no AWS::CodePipeline::Pipeline resource"));
    }
    let notes = template.notes();
    Ok(found.into_iter().map(|pipeline| declared(pipeline, notes)).collect())
}

fn declared(found: FoundPipeline, of_template: &[String]) -> Declared {
    let mut notes = of_template.to_vec();
    notes.extend(found.notes);
    if let Some((name, false)) = &found.condition {
        notes.push(format!("condition {name} is false, so the template would not create it"));
    }
    for placeholder in &found.placeholders {
        let (path, text) = (&placeholder.path, &placeholder.text);
        notes.push(format!("{path}: {text} stands for what is not known: {}", placeholder.reason));
    }
    Declared {
        resource: Some(found.logical_id),
        text: found.declaration.to_string(),
        format: Format::Json,
        notes,
    }
}

impl Declared {
    /// Returns everything that is wrong with it, and everything that was noticed.
    pub(crate) fn lint(&self) -> (Vec<Violation>, Vec<String>) {
        let (violations, left_out) = lint_text(&self.text, self.format);
        let mut notes = self.notes.clone();
        notes.extend(left_out.iter().map(|note| format!("{}: {}", note.path, note.message)));
        (violations, notes)
    }

    /// Returns the pipeline and its declaration as it is stored, if nothing is wrong with it.
    pub(crate) fn pipeline(&self) -> Result<(Pipeline, String), Vec<Violation>> {
        let (declaration, _) = read(&self.text, self.format)?;
        let pipeline = validate(&declaration).map_err(|refusal| refusal.violations)?;
        // Plain data with text keys always has a JSON form.
        let stored = serde_json::to_string(&declaration).unwrap_or_default();
        Ok((pipeline, stored))
    }
}
