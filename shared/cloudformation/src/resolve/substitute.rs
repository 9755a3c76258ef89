//! `Fn::Sub`: text with `${…}` in it.

use serde_json::Value;

use super::Resolver;
use crate::node::{Node, text_of};
use crate::place::Place;

/// A stretch of a text for `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    /// Text that stays.
    Literal(&'a str),
    /// `${!text}`, which stays as `${text}`.
    Escaped(&'a str),
    /// `${Name}` or `${Name.Attribute}`.
    Variable(&'a str),
}

impl Resolver<'_> {
    /// Resolves `Fn::Sub`, in the form of a text and in the form of a text with its own variables.
    pub(super) fn substitute(&mut self, argument: &Node, place: &Place) -> Option<Value> {
        let (text, variables) = match argument.elements() {
            [text] => (text.as_text(), None),
            [text, variables @ Node::Map(_)] => (text.as_text(), Some(variables)),
            _ => (None, None),
        };
        let Some(text) = text else {
            return Some(self.malformed("Fn::Sub", "a text, or [text, {Name: value}]", place));
        };
        let parts = parts(text);
        // A text that is nothing but one variable is that variable, which may have to be a legal
        // ARN.
        if let [Part::Variable(name)] = parts.as_slice() {
            return self.variable(name, variables, place);
        }
        let mut result = String::new();
        for part in parts {
            match part {
                Part::Literal(literal) => result.push_str(literal),
                Part::Escaped(name) => {
                    result.push_str("${");
                    result.push_str(name);
                    result.push('}');
                }
                Part::Variable(name) => {
                    let value = self.variable(name, variables, &place.part_after(&result));
                    let text = value.as_ref().map(text_of).unwrap_or_default();
                    self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
                    if self.is_spent(place) {
                        break;
                    }
                    result.push_str(&text);
                }
            }
        }
        Some(Value::String(result))
    }

    fn variable(&mut self, name: &str, own: Option<&Node>, place: &Place) -> Option<Value> {
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return self.resolve(value, place);
        }
        match name.split_once('.') {
            Some((resource, attribute)) => Some(self.attribute(resource, attribute, place)),
            None => self.reference(name, place),
        }
    }
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        if start > 0 {
            parts.push(Part::Literal(&rest[..start]));
        }
        let inside = &rest[start + 2..start + length];
        parts.push(match inside.strip_prefix('!') {
            Some(escaped) => Part::Escaped(escaped),
            None => Part::Variable(inside.trim()),
        });
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_what_stays_and_what_is_replaced() {
        use Part::{Escaped, Literal, Variable};
        for (text, expected) in [
            ("", vec![]),
            ("plain", vec![Literal("plain")]),
            ("${A}", vec![Variable("A")]),
            ("x-${A.B}-${ C }", vec![Literal("x-"), Variable("A.B"), Literal("-"), Variable("C")]),
            ("${!Kept}y", vec![Escaped("Kept"), Literal("y")]),
            ("${open", vec![Literal("${open")]),
            ("$A ${B", vec![Literal("$A ${B")]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
