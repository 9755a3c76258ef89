//! Walks a document along the shapes of a declaration and collects everything that does not fit.

mod constraint;

use serde_json::{Map, Value};

use super::Declaration;
use super::node::Node;
use super::shape::{Member, Range, Shape, Text};
use super::shapes::PIPELINE;
use crate::nearest::nearest;
use crate::violation::{ErrorClass, Place, Violation};

const SHAPE: &str = "AWS's API model: types and required members";

/// How scalars are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalars {
    /// As JSON has them: a number is not a string.
    AsTyped,
    /// As YAML's authors mean them: `version: 1` is the string `1` where a string is expected.
    AsWritten,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Members that nobody knows.
    pub(super) unknown: Vec<Violation>,
    /// What keeps the document from being a declaration: wrong types, missing members.
    pub(super) unfit: Vec<Violation>,
    /// Lengths, patterns, sizes and words.
    pub(super) limits: Vec<Violation>,
}

/// Fits a pipeline into its shape; what is left can be deserialized if nothing is `unfit`.
pub(super) fn fit_pipeline(node: &Node, scalars: Scalars) -> (Value, Findings) {
    let mut walk = Walk { scalars, findings: Findings::default() };
    let value = walk.structure(node, PIPELINE, &Place::pipeline()).unwrap_or_default();
    (value, walk.findings)
}

/// Returns every shape violation of a declaration (contract §1.8, the first class of §1.7).
pub(crate) fn limits(declaration: &Declaration) -> Vec<Violation> {
    let value = serde_json::to_value(declaration).expect("a declaration is made of plain values");
    let (_, findings) = fit_pipeline(&Node::from_value(value), Scalars::AsTyped);
    findings.limits
}

struct Walk {
    scalars: Scalars,
    findings: Findings,
}

impl Walk {
    fn node(&mut self, node: &Node, shape: &Shape, place: &Place) -> Option<Value> {
        match shape {
            Shape::Structure(members) => self.structure(node, members, place),
            Shape::List { element, size } => self.list(node, element, *size, place),
            Shape::Map { key, value, size } => self.map(node, (key, value, *size), place),
            Shape::Text(text) => {
                let value = self.scalar(node, place)?;
                self.findings.limits.extend(constraint::text(value, text, place));
                Some(Value::from(value))
            }
            Shape::Integer { minimum, maximum } => {
                let Node::Number(number) = node else {
                    return self.wrong_type(node, "a whole number", place);
                };
                let Ok(number) = number.parse::<i64>() else {
                    return self.wrong_type(node, "a whole number", place);
                };
                self.findings.limits.extend(constraint::integer(number, *minimum, *maximum, place));
                Some(Value::from(number))
            }
        }
    }

    fn structure(&mut self, node: &Node, members: &[Member], place: &Place) -> Option<Value> {
        let Node::Map(entries) = node else {
            return self.wrong_type(node, "an object", place);
        };
        for (index, (name, _)) in entries.iter().enumerate() {
            let here = place.member(name);
            if members.iter().all(|member| member.name != name) {
                self.unknown(name, members, &here);
            } else if entries[..index].iter().any(|(earlier, _)| earlier == name) {
                self.written_twice(name, &here);
            }
        }
        // In the order of the table, so that the same wrongs are told in the same order whether a
        // person or a map wrote the members.
        let mut fitted = Map::new();
        for member in members {
            let here = place.member(member.name);
            let given = entries.iter().find(|(name, _)| name == member.name);
            let value = match given {
                Some((_, node)) if *node != Node::Null => self.node(node, member.shape, &here),
                Some(_) | None if member.is_required => self.missing(&here),
                Some(_) | None => None,
            };
            fitted.extend(value.map(|value| (member.name.to_owned(), value)));
        }
        Some(Value::Object(fitted))
    }

    fn list(&mut self, node: &Node, element: &Shape, size: Range, place: &Place) -> Option<Value> {
        let Node::List(nodes) = node else {
            return self.wrong_type(node, "a list", place);
        };
        self.findings.limits.extend(constraint::size(nodes.len(), size, place));
        let mut fitted = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let here = place.item(index);
            if *node == Node::Null {
                self.missing(&here);
            } else {
                fitted.extend(self.node(node, element, &here));
            }
        }
        Some(Value::Array(fitted))
    }

    fn map(
        &mut self,
        node: &Node,
        (key, value, size): (&Text, &Shape, Range),
        place: &Place,
    ) -> Option<Value> {
        let Node::Map(entries) = node else {
            return self.wrong_type(node, "an object", place);
        };
        self.findings.limits.extend(constraint::size(entries.len(), size, place));
        let mut fitted = Map::new();
        for (index, (name, node)) in entries.iter().enumerate() {
            let here = place.entry(name);
            if entries[..index].iter().any(|(earlier, _)| earlier == name) {
                self.written_twice(name, &here);
                continue;
            }
            self.findings.limits.extend(constraint::key(name, key, &here, place));
            let value = match (node, value) {
                (Node::Null, _) => self.missing(&here),
                (_, Shape::Text(text)) => self.map_text(node, text, &here, place),
                (_, shape) => self.node(node, shape, &here),
            };
            fitted.extend(value.map(|value| (name.clone(), value)));
        }
        Some(Value::Object(fitted))
    }

    fn map_text(&mut self, node: &Node, text: &Text, here: &Place, map: &Place) -> Option<Value> {
        let value = self.scalar(node, here)?;
        self.findings.limits.extend(constraint::map_value(value, text, here, map));
        Some(Value::from(value))
    }

    /// Returns the text of a scalar, if a string may be written so.
    fn scalar<'a>(&mut self, node: &'a Node, place: &Place) -> Option<&'a str> {
        match (node, self.scalars) {
            (Node::Text(value), _)
            | (Node::Number(value) | Node::Bool(value), Scalars::AsWritten) => Some(value),
            (
                Node::Null
                | Node::Bool(_)
                | Node::Number(_)
                | Node::List(_)
                | Node::Map(_)
                | Node::Tagged(_),
                Scalars::AsTyped | Scalars::AsWritten,
            ) => {
                self.wrong_type(node, "a string", place);
                None
            }
        }
    }

    fn unknown(&mut self, name: &str, members: &[Member], place: &Place) {
        self.findings.unknown.push(unknown_field(
            name,
            &members.iter().map(|member| member.name).collect::<Vec<_>>(),
            place,
        ));
    }

    fn written_twice(&mut self, name: &str, place: &Place) {
        self.findings.unfit.push(written_twice(name, place));
    }

    fn missing(&mut self, place: &Place) -> Option<Value> {
        let constraint = format!(
            "Value null at '{}' failed to satisfy constraint: Member must not be null",
            place.member_path()
        );
        self.findings.unfit.push(
            Violation::error(ErrorClass::Shape, place, SHAPE, "is missing", "add it")
                .with_constraint(constraint),
        );
        None
    }

    fn wrong_type(&mut self, node: &Node, expected: &str, place: &Place) -> Option<Value> {
        let constraint = format!(
            "Value at '{}' failed to satisfy constraint: Member must be {expected}",
            place.member_path()
        );
        let fix = match node {
            Node::Number(text) | Node::Bool(text) if expected == "a string" => {
                format!("put it in quotes: \"{text}\"")
            }
            Node::Number(_) => "write a number without point or exponent".to_owned(),
            Node::Tagged(tag) => format!(
                "write the value itself; tags such as !{tag} belong to CloudFormation templates"
            ),
            Node::Null | Node::Bool(_) | Node::Text(_) | Node::List(_) | Node::Map(_) => {
                format!("write {expected}")
            }
        };
        self.findings.unfit.push(
            Violation::error(
                ErrorClass::Shape,
                place,
                SHAPE,
                format!("should be {expected}, but {} stands here", node.kind()),
                fix,
            )
            .with_constraint(constraint),
        );
        None
    }
}

/// Names a member that stands twice in one object; which one was meant, nobody knows.
pub(super) fn written_twice(name: &str, place: &Place) -> Violation {
    Violation::error(
        ErrorClass::Shape,
        place,
        "each member stands once",
        format!("`{name}` is written twice in the same object"),
        "remove one of the two",
    )
}

/// Names a member that is not known, with the one that was probably meant.
pub(super) fn unknown_field(name: &str, known: &[&'static str], place: &Place) -> Violation {
    let fix = match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("remove it; known here are {}", known.join(", ")),
    };
    Violation::error(
        ErrorClass::UnknownField,
        place,
        "members are those of AWS's API model",
        format!("`{name}` is not a member that CodePipeline knows"),
        fix,
    )
}
