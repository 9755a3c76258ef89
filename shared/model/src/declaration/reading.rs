//! From a file's text to a declaration.

use std::path::Path;

use super::Declaration;
use crate::shape::{Finding, Kind, Manner, Node, fit_pipeline, unknown_field, written_twice};
use crate::violation::{ErrorClass, Place, Violation};

/// How large a declaration may be. AWS's API takes no request of this size, and a text that is
/// larger is not a pipeline but a wrong file.
pub const DECLARATION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How deep brackets may be nested in YAML before it is parsed at all.
const NESTING_MAX: usize = 1000;

const SYNTAX: &str = "the text must be JSON or YAML";

/// How a declaration is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As `aws codepipeline get-pipeline` prints it.
    Json,
    /// The same members in YAML; numbers and booleans stand for strings where strings are expected.
    Yaml,
}

impl Format {
    /// Returns the format that a file's name says, or else what its text looks like.
    pub fn of(path: &Path, text: &str) -> Self {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Self::Json,
            Some("yaml" | "yml") => Self::Yaml,
            _ => Self::sniff(text),
        }
    }

    /// Returns what a text looks like.
    pub fn sniff(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with(['{', '[', '"']) { Self::Json } else { Self::Yaml }
    }

    /// Returns the format's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
        }
    }
}

/// Something that was read, understood and left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub path: String,
    /// What became of it.
    pub message: String,
}

/// All that reading a text brings out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The declaration without its unknown members, if the rest is of the right types.
    pub declaration: Option<Declaration>,
    /// What was left out on purpose.
    pub notes: Vec<Note>,
    /// Syntax errors, unknown members, wrong types and missing members. Lengths and patterns are
    /// here only when there is no declaration that `validation` could look at.
    pub violations: Vec<Violation>,
}

/// Returns every shape violation of a declaration (contract §1.8, the first class of §1.7).
pub(crate) fn limits(declaration: &Declaration) -> Vec<Violation> {
    let value = serde_json::to_value(declaration).expect("a declaration is made of plain values");
    let (_, findings) = fit_pipeline(&Node::from_value(value), Manner::Typed);
    Findings::new(findings).limits
}

/// What a walk found, by what is done with it.
#[derive(Default)]
struct Findings {
    /// Members that nobody knows.
    unknown: Vec<Violation>,
    /// What keeps the document from being a declaration: wrong types, missing members.
    unfit: Vec<Violation>,
    /// Lengths, patterns, sizes and words.
    limits: Vec<Violation>,
}

impl Findings {
    fn new(findings: Vec<Finding>) -> Self {
        let mut sorted = Self::default();
        for Finding { kind, violation } in findings {
            match kind {
                Kind::Unknown => sorted.unknown.push(violation),
                Kind::Repeated | Kind::Mistyped | Kind::Missing => sorted.unfit.push(violation),
                Kind::Word | Kind::Limit => sorted.limits.push(violation),
            }
        }
        sorted
    }
}

/// Reads a declaration, with or without the `{"pipeline": …}` around it.
pub fn read(text: &str, format: Format) -> Result<(Declaration, Vec<Note>), Vec<Violation>> {
    let Reading { declaration, notes, violations } = examine(text, format);
    match declaration {
        Some(declaration) if violations.is_empty() => Ok((declaration, notes)),
        Some(_) | None => Err(violations),
    }
}

/// Reads as much of a declaration as there is and says everything that is wrong with the rest.
pub fn examine(text: &str, format: Format) -> Reading {
    match parse(text, format) {
        Ok(node) => fit_document(&node, format),
        Err(violation) => Reading { violations: vec![*violation], ..Reading::default() },
    }
}

fn parse(text: &str, format: Format) -> Result<Node, Box<Violation>> {
    let refuse = |line: usize, column: usize, message: String, fix: &str| {
        let place = Place::root(&format!("line {line}, column {column}"));
        Box::new(Violation::error(ErrorClass::Syntax, &place, SYNTAX, message, fix))
    };
    if text.len() > DECLARATION_BYTES_MAX {
        return Err(refuse(
            1,
            1,
            format!("the text has {} bytes", text.len()),
            "name the file that holds the pipeline; a declaration has at most 4 MiB",
        ));
    }
    let text = text.trim_start_matches('\u{feff}');
    match format {
        Format::Json => Node::from_json(text).map_err(|error| {
            let message = format!("this is not JSON: {}", without_place(&error.to_string()));
            refuse(error.line(), error.column(), message, "correct the text at this place")
        }),
        Format::Yaml if is_nested_too_deeply(text) => {
            let message = format!("brackets are nested more than {NESTING_MAX} deep");
            Err(refuse(1, 1, message, "name the file that holds the pipeline"))
        }
        Format::Yaml => Node::from_yaml(text).map_err(|error| {
            let (line, column) =
                error.location().map_or((1, 1), |place| (place.line(), place.column()));
            let message = format!("this is not YAML: {}", without_place(&error.to_string()));
            refuse(line, column, message, "correct the text at this place; mind the indentation")
        }),
    }
}

/// Returns an error's text without the place at its end, which our path names already.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// Whether a text opens so many brackets that the YAML parser, whose time grows with the square of
/// their depth, would be busy for hours. Brackets inside of strings are counted too; no honest text
/// has that many more openings than closings.
fn is_nested_too_deeply(text: &str) -> bool {
    let mut depth: usize = 0;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > NESTING_MAX
    })
}

/// Takes the pipeline out of what stands around it and fits it into its shape.
fn fit_document(node: &Node, format: Format) -> Reading {
    let mut reading = Reading::default();
    let Some(pipeline) = unwrap(node, &mut reading) else {
        return reading;
    };
    let manner = match format {
        Format::Json => Manner::Typed,
        Format::Yaml => Manner::Written,
    };
    let (value, findings) = fit_pipeline(pipeline, manner);
    let Findings { unknown, unfit, limits } = Findings::new(findings);
    reading.violations.extend(unknown);
    if unfit.is_empty() {
        // A document that fits its shape has the members and types of the struct.
        match serde_json::from_value(value) {
            Ok(declaration) => reading.declaration = Some(declaration),
            Err(error) => reading.violations.push(Violation::error(
                ErrorClass::Shape,
                &Place::pipeline(),
                SYNTAX,
                format!("cannot be taken as a pipeline: {error}"),
                "compare it with AWS's PipelineDeclaration",
            )),
        }
    } else {
        reading.violations.extend(unfit);
        reading.violations.extend(limits);
    }
    reading
}

/// Returns the pipeline itself: `get-pipeline` prints it with its metadata, `create-pipeline` takes
/// it with its tags, and many people write it bare.
fn unwrap<'a>(node: &'a Node, reading: &mut Reading) -> Option<&'a Node> {
    let Node::Map(entries) = node else {
        reading.violations.push(Violation::error(
            ErrorClass::Shape,
            &Place::root("document"),
            SYNTAX,
            format!("should be an object, but {} stands here", node.kind()),
            "write the pipeline's members: name, roleArn, artifactStore, stages",
        ));
        return None;
    };
    let has = |name: &str| entries.iter().any(|(key, _)| key == name);
    if !has("pipeline") {
        if has("Resources") || has("AWSTemplateFormatVersion") {
            reading.violations.push(Violation::error(
                ErrorClass::Shape,
                &Place::root("Resources"),
                SYNTAX,
                "this is a CloudFormation template, not a pipeline declaration",
                "read it as a template",
            ));
            return None;
        }
        return Some(node);
    }
    let mut pipeline = None;
    for (name, value) in entries {
        match name.as_str() {
            "pipeline" if pipeline.is_none() => pipeline = Some(value),
            "pipeline" => {
                reading.violations.push(written_twice(name, &Place::pipeline()));
            }
            "metadata" => reading.notes.push(Note {
                path: name.clone(),
                message: "left out: it tells when AWS made and changed the pipeline".to_owned(),
            }),
            "tags" => reading.notes.push(Note {
                path: name.clone(),
                message: "left out: tags belong to the resource, not to its declaration".to_owned(),
            }),
            _ => reading.violations.push(unknown_field(
                name,
                &["pipeline", "metadata", "tags"],
                &Place::root(name),
            )),
        }
    }
    pipeline
}
