//! References such as `#{SourceVariables.CommitId}` in values (contract §8).

use std::collections::BTreeMap;

/// How large the output variables of one action may be together (VAR7).
pub const OUTPUT_VARIABLES_BYTES_MAX: usize = 122_880;

/// How large the configuration of one action may be once its references are resolved (VAR7).
pub const RESOLVED_CONFIGURATION_BYTES_MAX: usize = 100 * 1024;

/// The namespace of what the controller knows of an execution (VAR2).
pub const CODEPIPELINE_NAMESPACE: &str = "codepipeline";

/// The namespace of the pipeline's own variables (VAR2).
pub const PIPELINE_VARIABLES_NAMESPACE: &str = "variables";

/// A part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text that stands for itself.
    Literal(&'a str),
    /// A reference to a variable.
    Reference(Reference<'a>),
}

/// A reference to a variable: `#{namespace.key}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference<'a> {
    /// Before the dot.
    pub namespace: &'a str,
    /// After the dot.
    pub key: &'a str,
}

/// A reference that nothing answers (VAR5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the variable {reference} has no value")]
pub struct Unresolved {
    /// As it was written: `#{namespace.key}`.
    pub reference: String,
}

/// Why a configuration cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolvable {
    /// Nothing answers one of its references (VAR5).
    #[error("{unresolved} (setting {key})")]
    Missing {
        /// The setting that holds the reference.
        key: String,
        /// The reference.
        unresolved: Unresolved,
    },
    /// What comes out is too large (VAR7).
    #[error("the resolved configuration has more than {RESOLVED_CONFIGURATION_BYTES_MAX} bytes")]
    TooLarge,
}

impl std::fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{{{}.{}}}", self.namespace, self.key)
    }
}

/// Splits a value into text and references (VAR1). What is not quite a reference is text (VAR6).
pub fn parse(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut literal_start = 0;
    let mut search_start = 0;
    while let Some(offset) = text[search_start..].find("#{") {
        let start = search_start + offset;
        search_start = start + 2;
        let Some((reference, length)) = parse_reference(&text[search_start..]) else {
            continue;
        };
        if literal_start < start {
            parts.push(Part::Literal(&text[literal_start..start]));
        }
        parts.push(Part::Reference(reference));
        search_start += length;
        literal_start = search_start;
    }
    if literal_start < text.len() {
        parts.push(Part::Literal(&text[literal_start..]));
    }
    parts
}

/// Returns the references of a value, in order.
pub fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    parse(text).into_iter().filter_map(|part| match part {
        Part::Literal(_) => None,
        Part::Reference(reference) => Some(reference),
    })
}

/// Puts values in the place of references, in a single pass: what a value brings in is not read
/// again (VAR6).
pub fn resolve(
    text: &str,
    lookup: &dyn Fn(&str, &str) -> Option<String>,
) -> Result<String, Unresolved> {
    let mut resolved = String::with_capacity(text.len());
    for part in parse(text) {
        match part {
            Part::Literal(literal) => resolved.push_str(literal),
            Part::Reference(reference) => match lookup(reference.namespace, reference.key) {
                Some(value) => resolved.push_str(&value),
                None => return Err(Unresolved { reference: reference.to_string() }),
            },
        }
    }
    Ok(resolved)
}

/// Resolves every setting of an action, within the limit for all of them together (VAR7).
pub fn resolve_configuration(
    configuration: &BTreeMap<String, String>,
    lookup: &dyn Fn(&str, &str) -> Option<String>,
) -> Result<BTreeMap<String, String>, Unresolvable> {
    let mut resolved = BTreeMap::new();
    let mut bytes = 0;
    for (key, text) in configuration {
        let value = resolve(text, lookup)
            .map_err(|unresolved| Unresolvable::Missing { key: key.clone(), unresolved })?;
        bytes += key.len() + value.len();
        if bytes > RESOLVED_CONFIGURATION_BYTES_MAX {
            return Err(Unresolvable::TooLarge);
        }
        resolved.insert(key.clone(), value);
    }
    Ok(resolved)
}

/// Whether the output variables of one action are within their limit (VAR7).
pub fn are_output_variables_within_limit(variables: &BTreeMap<String, String>) -> bool {
    let bytes: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    bytes <= OUTPUT_VARIABLES_BYTES_MAX
}

/// Reads what follows `#{` and returns the reference with the length up to and with its `}`.
fn parse_reference(text: &str) -> Option<(Reference<'_>, usize)> {
    let end = text.find('}')?;
    let (namespace, key) = text[..end].split_once('.')?;
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@-_".contains(&byte))
    };
    (is_name(namespace) && is_name(key)).then_some((Reference { namespace, key }, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(namespace: &str, key: &str) -> Option<String> {
        match (namespace, key) {
            ("codepipeline", "PipelineExecutionId") => Some("0198".to_owned()),
            ("SourceVariables", "CommitId") => Some("abc".to_owned()),
            ("variables", "env") => Some("beta".to_owned()),
            ("a", "b") => Some("#{c.d}".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn references_are_replaced_wherever_they_stand() {
        // VAR1, VAR6.
        for (text, resolved) in [
            ("#{codepipeline.PipelineExecutionId}", "0198"),
            ("img:#{SourceVariables.CommitId}-#{variables.env}", "img:abc-beta"),
            ("#{variables.env}#{variables.env}", "betabeta"),
            ("größer #{variables.env} €", "größer beta €"),
            ("", ""),
            ("plain", "plain"),
        ] {
            assert_eq!(resolve(text, &lookup).as_deref(), Ok(resolved), "{text}");
        }
    }

    #[test]
    fn what_is_not_quite_a_reference_is_text() {
        // VAR6.
        for text in
            ["#{a.b", "#{ab}", "#{.b}", "#{a.}", "#{a.b.c}", "#{a b.c}", "#{}", "#", "#{", "${a.b}"]
        {
            assert_eq!(resolve(text, &lookup).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_reference_inside_a_broken_one_is_found() {
        assert_eq!(resolve("#{x #{variables.env}", &lookup).as_deref(), Ok("#{x beta"));
        assert_eq!(resolve("#{#{variables.env}}", &lookup).as_deref(), Ok("#{beta}"));
    }

    #[test]
    fn a_value_is_not_read_again() {
        // VAR6: single pass.
        assert_eq!(resolve("#{a.b}", &lookup).as_deref(), Ok("#{c.d}"));
    }

    #[test]
    fn a_missing_variable_is_named_and_case_matters() {
        // VAR1, VAR5.
        for text in ["x #{Build.missing}", "x #{sourcevariables.CommitId}"] {
            let unresolved = resolve(text, &lookup).expect_err("nothing answers it");
            assert_eq!(unresolved.reference, text[2..]);
        }
    }

    #[test]
    fn a_configuration_is_resolved_up_to_its_limit() {
        // VAR7: the key counts too.
        let configuration = |text: &str| BTreeMap::from([("k".to_owned(), text.to_owned())]);
        let large = |bytes: usize| move |_: &str, _: &str| Some("x".repeat(bytes));
        let at_limit = RESOLVED_CONFIGURATION_BYTES_MAX - 1;
        let resolved = resolve_configuration(&configuration("#{a.b}"), &large(at_limit));
        assert_eq!(resolved.map(|resolved| resolved["k"].len()), Ok(at_limit));
        let resolved = resolve_configuration(&configuration("#{a.b}"), &large(at_limit + 1));
        assert_eq!(resolved, Err(Unresolvable::TooLarge));
        let missing = resolve_configuration(&configuration("#{x.y}"), &lookup);
        let missing = missing.expect_err("nothing answers it").to_string();
        assert_eq!(missing, "the variable #{x.y} has no value (setting k)");
    }

    #[test]
    fn output_variables_have_a_limit() {
        // VAR7.
        let variables =
            |bytes: usize| BTreeMap::from([("k".to_owned(), "x".repeat(bytes - "k".len()))]);
        assert!(are_output_variables_within_limit(&variables(OUTPUT_VARIABLES_BYTES_MAX)));
        assert!(!are_output_variables_within_limit(&variables(OUTPUT_VARIABLES_BYTES_MAX + 1)));
    }
}
