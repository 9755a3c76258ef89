//! Whether a message is meant for a webhook (W3).

mod path;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json_path::JsonPath;

/// Filters that one webhook may have.
pub const FILTERS_MAX: usize = 5;

/// A filter, as it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where to look.
    pub json_path: String,
    /// What must be there; anything, if not given.
    pub match_equals: Option<String>,
}

/// The configuration of the webhook's target action, which filters may refer to.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// What may be shown.
    pub values: BTreeMap<String, String>,
    /// The keys of what must not be shown.
    pub secret_keys: BTreeSet<String>,
}

/// The filters of a webhook, ready to be asked.
#[derive(Clone, Debug)]
pub struct Filters(Vec<Filter>);

#[derive(Clone, Debug)]
struct Filter {
    written: String,
    path: JsonPath,
    expected: Option<String>,
}

/// Why a filter cannot be used. The message names the filter and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("filters[{index}].{member}: {reason}")]
pub struct Invalid {
    /// Which filter, counted from 0.
    pub index: usize,
    /// Which of its members.
    pub member: &'static str,
    /// What is wrong.
    pub reason: String,
}

/// The filter that a message does not fit. It says nothing of what is expected: whoever reads the
/// answer may be anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("filter {number} ({json_path}) does not match")]
pub struct Mismatch {
    /// Which filter, counted from 1.
    pub number: usize,
    /// Where it looks.
    pub json_path: String,
}

impl Filters {
    /// Takes filters over the configuration of their target action.
    pub fn compile(rules: &[Rule], configuration: &Configuration) -> Result<Self, Invalid> {
        let compile = |(index, rule): (usize, &Rule)| {
            let Rule { json_path, match_equals } = rule;
            let invalid = |member, reason| Invalid { index, member, reason };
            let path = path::compile(json_path).map_err(|reason| invalid("jsonPath", reason))?;
            let expected = match_equals.as_deref().map(|text| fill(text, configuration));
            let expected = expected.transpose().map_err(|reason| invalid("matchEquals", reason))?;
            Ok(Filter { written: json_path.clone(), path, expected })
        };
        rules.iter().enumerate().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the first filter that a message does not fit. All must fit.
    pub fn mismatch(&self, payload: &Value) -> Option<Mismatch> {
        let index = self.0.iter().position(|filter| !filter.is_met(payload))?;
        Some(Mismatch { number: index + 1, json_path: self.0[index].written.clone() })
    }

    /// Says whether some filter asks for exactly this text.
    pub fn expects(&self, text: &str) -> bool {
        self.0.iter().any(|filter| filter.expected.as_deref() == Some(text))
    }
}

impl Filter {
    fn is_met(&self, payload: &Value) -> bool {
        let found = self.path.query(payload);
        match &self.expected {
            None => !found.is_empty(),
            Some(expected) => found.iter().any(|value| is_text(value, expected)),
        }
    }
}

/// Texts are compared as they are, numbers and the three words as JSON writes them. Lists and objects
/// equal nothing.
fn is_text(value: &Value, expected: &str) -> bool {
    match value {
        Value::String(text) => text == expected,
        Value::Number(number) => number.to_string() == expected,
        Value::Bool(is_so) => is_so.to_string() == expected,
        Value::Null => expected == "null",
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// Puts the action's configuration in place of `{Key}`, once: what is put in is not looked at again.
fn fill(text: &str, configuration: &Configuration) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        let end = from[1..].find(['{', '}']).map(|end| end + 1);
        let Some(end) = end.filter(|end| from.as_bytes()[*end] == b'}') else {
            // A brace that is never closed stands for itself.
            filled.push('{');
            rest = &from[1..];
            continue;
        };
        let key = &from[1..end];
        match configuration.values.get(key) {
            Some(value) => filled.push_str(value),
            None if configuration.secret_keys.contains(key) => {
                return Err(format!(
                    "{{{key}}} is a secret of the target action, and callers could guess it by \
                     trying; compare with something else"
                ));
            }
            None if is_key(key) => return Err(unknown(key, configuration)),
            None => filled.push_str(&from[..=end]),
        }
        rest = &from[end + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}

fn unknown(key: &str, configuration: &Configuration) -> String {
    let known: Vec<_> = configuration.values.keys().map(|key| format!("{{{key}}}")).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!("the target action's configuration has no {key}; what can be used: {known}")
}

/// Whether a text in braces is meant as a key. Anything else in braces stands for itself.
fn is_key(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}
