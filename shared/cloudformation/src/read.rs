//! From text to a template, or to the reason why it is none.

use crate::node::Node;
use crate::template::Template;

/// The largest template that `CloudFormation` takes, and so the largest that is read here.
const TEMPLATE_BYTES_MAX: usize = 1_048_576;

/// Why a text is not read as a template, with the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is neither YAML nor JSON.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// The line of the mistake, counted from 1; 0 when the parser cannot say.
        line: usize,
        /// The column of the mistake, counted from 1; 0 when the parser cannot say.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// The text has to be rendered by another tool before it is a template.
    #[error(
        "line {line}: `{mark}` belongs to a text templating tool (Jinja, Cookiecutter, Handlebars): \
         render the file with that tool first"
    )]
    Unrendered {
        /// The line with the first such mark, counted from 1.
        line: usize,
        /// The mark that was met.
        mark: String,
    },
    /// The text is larger than `CloudFormation` accepts.
    #[error(
        "the template has {bytes} bytes and CloudFormation takes at most {bytes_max}: \
         split it into several stacks"
    )]
    TooLarge {
        /// The size of the text.
        bytes: usize,
        /// The largest size.
        bytes_max: usize,
    },
    /// Resources stand at the top of the file.
    #[error(
        "`{resource}` is a resource outside of `Resources:`, so this is a fragment: \
         put it under a top-level `Resources:`"
    )]
    Fragment {
        /// The first such resource.
        resource: String,
    },
    /// There is no mapping of resources.
    #[error(
        "there is no `Resources` mapping at the top: a template states its resources \
         as `Resources: {{LogicalId: {{Type: …, Properties: …}}}}`"
    )]
    WithoutResources,
}

/// Reads a template from YAML, with short or long functions, or from JSON.
pub fn read(text: &str) -> Result<Template, Refusal> {
    if text.len() > TEMPLATE_BYTES_MAX {
        return Err(Refusal::TooLarge { bytes: text.len(), bytes_max: TEMPLATE_BYTES_MAX });
    }
    let root = parse(text)?;
    if let Some(Node::Map(_)) = root.get("Resources") {
        return Ok(Template::new(root));
    }
    match resource_outside(&root) {
        Some(resource) => Err(Refusal::Fragment { resource: resource.to_owned() }),
        None => Err(Refusal::WithoutResources),
    }
}

/// Says whether a text means to be a template, be it right or wrong, and not a pipeline's
/// declaration.
pub fn is_template(text: &str) -> bool {
    let by_words = || {
        ["AWSTemplateFormatVersion", "AWS::CodePipeline::Pipeline"]
            .iter()
            .any(|word| text.contains(word))
    };
    if text.len() > TEMPLATE_BYTES_MAX {
        return by_words();
    }
    match parse(text) {
        Ok(root) => {
            ["AWSTemplateFormatVersion", "Resources"].iter().any(|key| root.get(key).is_some())
                || resource_outside(&root).is_some()
        }
        // What does not parse is told by its words, so that the right reader reports the mistake.
        Err(_) => by_words(),
    }
}

fn parse(text: &str) -> Result<Node, Refusal> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Ok(Node::Null);
    }
    let refusal = if text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(root) => return Ok(root),
            // A mapping in braces may still be YAML; if it is not, JSON's complaint is the useful
            // one.
            Err(error) => match serde_yaml_ng::from_str(text) {
                Ok(root) => return Ok(root),
                Err(_) => json_refusal(&error),
            },
        }
    } else {
        match serde_yaml_ng::from_str(text) {
            Ok(root) => return Ok(root),
            Err(error) => yaml_refusal(&error),
        }
    };
    Err(unrendered(text).unwrap_or(refusal))
}

fn json_refusal(error: &serde_json::Error) -> Refusal {
    syntax(error.line(), error.column(), &error.to_string())
}

fn yaml_refusal(error: &serde_yaml_ng::Error) -> Refusal {
    let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
    syntax(line, column, &error.to_string())
}

/// Makes a refusal whose message does not repeat the place that its fields hold.
fn syntax(line: usize, column: usize, message: &str) -> Refusal {
    let place = format!(" at line {line} column {column}");
    Refusal::Syntax { line, column, message: message.replacen(&place, "", 1) }
}

/// Finds the marks of a text templating tool, which explain a syntax error better than the parser
/// does.
fn unrendered(text: &str) -> Option<Refusal> {
    text.lines().enumerate().find_map(|(index, line)| {
        // `{{resolve:…}}` is CloudFormation's own.
        let is_expression = line.contains("}}")
            && line.match_indices("{{").any(|(at, _)| !line[at..].starts_with("{{resolve:"));
        let mark = if line.contains("{%") {
            "{%"
        } else if is_expression {
            "{{"
        } else {
            variable_in_percent_signs(line)?
        };
        Some(Refusal::Unrendered { line: index + 1, mark: mark.to_owned() })
    })
}

/// Finds `%NAME%` where a value begins, which YAML does not take there.
fn variable_in_percent_signs(line: &str) -> Option<&str> {
    let word = line.split_whitespace().find(|word| word.starts_with('%'))?;
    let length = word[1..].find('%')?;
    let name = &word[1..=length];
    let is_name = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    (is_name && !name.is_empty()).then(|| &word[..length + 2])
}

fn resource_outside(root: &Node) -> Option<&str> {
    root.entries().iter().find_map(|(name, node)| {
        let kind = node.get("Type")?.as_text()?;
        (kind.starts_with("AWS::") && kind.split("::").count() == 3).then_some(name.as_str())
    })
}
