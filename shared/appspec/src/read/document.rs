//! Walks a YAML document and keeps every problem with the path where it was met.

use serde_yaml_ng::Value;

use super::APPSPEC_BYTES_MAX;
use crate::{Note, Problem};

/// Parses the text as JSON if it is JSON, and as YAML otherwise.
pub(super) fn parse(text: &str) -> Result<Value, Problem> {
    let problem =
        |message: String, fix: &str| Problem { path: String::new(), message, fix: fix.to_owned() };
    if text.len() > APPSPEC_BYTES_MAX {
        let message = format!("has {} bytes, more than {APPSPEC_BYTES_MAX}", text.len());
        return Err(problem(message, "an appspec only names files; put data into the revision"));
    }
    let text = text.trim_start_matches('\u{feff}');
    // JSON is YAML but for tabs, which people indent JSON with.
    let json = if text.trim_start().starts_with('{') {
        serde_json::from_str::<serde_json::Value>(text).ok()
    } else {
        None
    };
    let parsed = match json {
        Some(json) => serde_yaml_ng::to_value(json),
        None => serde_yaml_ng::from_str::<Value>(text),
    };
    let merged = parsed.and_then(|mut value| value.apply_merge().map(|()| value));
    match merged {
        Ok(Value::Null) => Err(problem("is empty".to_owned(), "write at least `version: 0.0`")),
        Ok(value) => Ok(value),
        Err(error) => Err(problem(
            format!("is neither YAML nor JSON: {error}"),
            "mend the line that it names; YAML is indented with spaces, not tabs",
        )),
    }
}

/// Collects what is wrong and what is remarkable.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<Note>,
}

/// A place in the document, and what is there.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) path: String,
    value: &'a Value,
}

const ABSENT: &Value = &Value::Null;

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value }
    }

    /// Whether there is nothing here: the key is missing, or has no value.
    pub(super) fn is_absent(&self) -> bool {
        self.value.is_null()
    }

    pub(super) fn has_key(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    pub(super) fn child(&self, key: &str) -> Node<'a> {
        Node { path: self.path_of(key), value: self.value.get(key).unwrap_or(ABSENT) }
    }

    /// Finds a key however it is capitalized, as AWS's own pages do not agree on that.
    pub(super) fn child_in_any_case(&self, key: &str) -> Node<'a> {
        let found = self.value.as_mapping().and_then(|mapping| {
            mapping.iter().find_map(|(candidate, value)| {
                let candidate = candidate.as_str()?;
                candidate.eq_ignore_ascii_case(key).then_some((candidate, value))
            })
        });
        match found {
            Some((key, value)) => Node { path: self.path_of(key), value },
            None => self.child(key),
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.value.as_f64()
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.is_string()
    }

    /// Returns a scalar as it would be written.
    pub(super) fn scalar(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(answer) => Some(answer.to_string()),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Tagged(_) => "a value with a tag",
        }
    }
}

impl Reader {
    pub(super) fn refuse(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.problems.push(Problem { path: path.into(), message: message.into(), fix: fix.into() });
    }

    pub(super) fn note(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.notes.push(Note { path: path.into(), message: message.into() });
    }

    /// Returns the pairs of a mapping; refuses anything else.
    pub(super) fn entries<'a>(&mut self, node: &Node<'a>) -> Option<Vec<(String, Node<'a>)>> {
        let Some(mapping) = node.value.as_mapping() else {
            let message = format!("is {}, not a mapping of keys to values", node.kind());
            self.refuse(&node.path, message, "write `key: value` lines below it");
            return None;
        };
        let mut entries = Vec::new();
        for (key, value) in mapping {
            let key = Node { path: node.path.clone(), value: key };
            match key.scalar() {
                Some(key) => {
                    let path = node.path_of(&key);
                    entries.push((key, Node { path, value }));
                }
                None => self.refuse(&node.path, "has a key that is not text", "name the key"),
            }
        }
        Some(entries)
    }

    /// Returns the items of a list; refuses anything else. Nothing at all is an empty list.
    pub(super) fn items<'a>(&mut self, node: &Node<'a>) -> Option<Vec<Node<'a>>> {
        if node.is_absent() {
            return Some(Vec::new());
        }
        let Some(items) = node.value.as_sequence() else {
            let message = format!("is {}, not a list", node.kind());
            self.refuse(&node.path, message, "write each item on a line that starts with `- `");
            return None;
        };
        let item = |(index, value)| Node { path: format!("{}[{index}]", node.path), value };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// Returns text that has to be there.
    pub(super) fn text(&mut self, node: &Node<'_>) -> Option<String> {
        match node.scalar() {
            Some(text) if text.contains('\0') => {
                self.refuse(&node.path, "contains a NUL character", "remove it");
                None
            }
            Some(text) if !text.is_empty() => Some(text),
            Some(_) => {
                self.refuse(&node.path, "is empty", "give it a value, or remove the entry");
                None
            }
            None if node.is_absent() => {
                self.refuse(&node.path, "is missing", "give it a value, or remove the entry");
                None
            }
            None => {
                let message = format!("is {}, not text", node.kind());
                self.refuse(&node.path, message, "write a single value");
                None
            }
        }
    }

    /// Returns text that may be left out.
    pub(super) fn optional_text(&mut self, node: &Node<'_>) -> Option<String> {
        if node.is_absent() { None } else { self.text(node) }
    }

    /// Returns a list of texts that may be left out.
    pub(super) fn texts(&mut self, node: &Node<'_>) -> Vec<String> {
        let items = self.items(node).unwrap_or_default();
        items.iter().filter_map(|item| self.text(item)).collect()
    }

    /// Remarks on every key that is not among `known`, spelt like that.
    pub(super) fn note_unknown(&mut self, node: &Node<'_>, known: &[&str]) {
        self.note_unless(node, |key| known.contains(&key));
    }

    /// Remarks on every key that is not among `known`, however it is capitalized.
    pub(super) fn note_unknown_in_any_case(&mut self, node: &Node<'_>, known: &[&str]) {
        self.note_unless(node, |key| known.iter().any(|known| known.eq_ignore_ascii_case(key)));
    }

    fn note_unless(&mut self, node: &Node<'_>, is_known: impl Fn(&str) -> bool) {
        for (key, entry) in self.entries(node).unwrap_or_default() {
            if !is_known(&key) {
                self.note(entry.path, "is not a key that CodeDeploy reads here; it is ignored");
            }
        }
    }
}
