//! The walk itself: a document beside its shape, step by step.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Finding, Kind, Manner, unknown_field, written_twice};
use crate::shape::constraint;
use crate::shape::node::Node;
use crate::shape::spot::Spot;
use crate::shape::{Member, Range, Shape, Text};
use crate::violation::{ErrorClass, Violation};

const SHAPE: &str = "AWS's API model: types and required members";

/// How many findings of a request are told. A body of a megabyte can be wrong in half a million
/// places, and whoever sent it reads the first ones.
const REQUEST_FINDINGS_MAX: usize = 100;

/// Moments lie between the years -9999 and 9999, in milliseconds: calendars end there.
const MOMENT_MILLIS: std::ops::RangeInclusive<f64> = -377_705_116_800_000.0..=253_402_300_799_999.0;

/// Fits what stands at a place into its shape.
pub(super) fn walk(
    node: &Node,
    shape: &Shape,
    manner: Manner,
    spot: &Spot,
) -> (Value, Vec<Finding>) {
    let mut walk = Walk { manner, findings: Vec::new() };
    let value = walk.node(node, shape, spot).unwrap_or_default();
    (value, walk.findings)
}

struct Walk {
    manner: Manner,
    findings: Vec<Finding>,
}

impl Walk {
    fn is_full(&self) -> bool {
        self.manner == Manner::Request && self.findings.len() >= REQUEST_FINDINGS_MAX
    }

    fn find(&mut self, kind: Kind, violation: Violation) {
        if !self.is_full() {
            self.findings.push(Finding { kind, violation });
        }
    }

    fn find_all(&mut self, findings: impl IntoIterator<Item = (Kind, Violation)>) {
        for (kind, violation) in findings {
            self.find(kind, violation);
        }
    }

    fn node(&mut self, node: &Node, shape: &Shape, spot: &Spot) -> Option<Value> {
        match shape {
            Shape::Structure(members) => self.structure(node, members, spot),
            Shape::List { element, size } => self.list(node, element, *size, spot),
            Shape::Map { key, value, size } => self.map(node, (key, value, *size), spot),
            Shape::Text(text) => {
                let value = self.scalar(node, spot)?;
                self.find_all(constraint::text(value, text, spot));
                Some(Value::from(value))
            }
            Shape::Integer { minimum, maximum } => {
                let number =
                    if let Node::Number(text) = node { text.parse::<i64>().ok() } else { None };
                let Some(number) = number else {
                    return self.wrong_type(node, "a whole number", spot);
                };
                self.find_all(constraint::integer(number, *minimum, *maximum, spot));
                Some(Value::from(number))
            }
            Shape::Boolean => match node {
                Node::Bool(text) => Some(Value::from(text == "true")),
                Node::Null
                | Node::Number(_)
                | Node::Text(_)
                | Node::List(_)
                | Node::Map(_)
                | Node::Tagged(_) => self.wrong_type(node, "true or false", spot),
            },
            Shape::Moment => match moment(node) {
                Some(value) => Some(value),
                None => self.wrong_type(node, "a moment in seconds since 1970", spot),
            },
        }
    }

    fn structure(&mut self, node: &Node, members: &[Member], spot: &Spot) -> Option<Value> {
        let Node::Map(entries) = node else {
            return self.wrong_type(node, "an object", spot);
        };
        let mut seen = HashSet::new();
        for (name, _) in entries {
            let here = Spot::Member(spot, name);
            if members.iter().all(|member| member.name != name) {
                self.unknown(name, members, &here);
            } else if !seen.insert(name) {
                self.find(Kind::Repeated, written_twice(name, &here.place()));
            }
        }
        // In the order of the table, so that the same wrongs are told in the same order whether a
        // person or a map wrote the members.
        let mut fitted = Map::new();
        for member in members {
            let here = Spot::Member(spot, member.name);
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

    fn list(&mut self, node: &Node, element: &Shape, size: Range, spot: &Spot) -> Option<Value> {
        let Node::List(nodes) = node else {
            return self.wrong_type(node, "a list", spot);
        };
        self.find_all(constraint::size(nodes.len(), size, spot));
        let mut fitted = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            if self.is_full() {
                break;
            }
            let here = Spot::Item(spot, index);
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
        spot: &Spot,
    ) -> Option<Value> {
        let Node::Map(entries) = node else {
            return self.wrong_type(node, "an object", spot);
        };
        self.find_all(constraint::size(entries.len(), size, spot));
        let mut fitted = Map::new();
        let mut seen = HashSet::new();
        for (name, node) in entries {
            if self.is_full() {
                break;
            }
            let here = Spot::Entry(spot, name);
            if !seen.insert(name) {
                self.find(Kind::Repeated, written_twice(name, &here.place()));
                continue;
            }
            self.find_all(constraint::key(name, key, &here, spot));
            let value = match (node, value) {
                (Node::Null, _) => self.missing(&here),
                (_, Shape::Text(text)) => self.map_text(node, text, &here, spot),
                (_, shape) => self.node(node, shape, &here),
            };
            fitted.extend(value.map(|value| (name.clone(), value)));
        }
        Some(Value::Object(fitted))
    }

    fn map_text(&mut self, node: &Node, text: &Text, here: &Spot, map: &Spot) -> Option<Value> {
        let value = self.scalar(node, here)?;
        self.find_all(constraint::map_value(value, text, here, map));
        Some(Value::from(value))
    }

    /// Returns the text of a scalar, if a string may be written so.
    fn scalar<'a>(&mut self, node: &'a Node, spot: &Spot) -> Option<&'a str> {
        match (node, self.manner) {
            (Node::Text(value), _) | (Node::Number(value) | Node::Bool(value), Manner::Written) => {
                Some(value)
            }
            (
                Node::Null
                | Node::Bool(_)
                | Node::Number(_)
                | Node::List(_)
                | Node::Map(_)
                | Node::Tagged(_),
                Manner::Request | Manner::Typed | Manner::Written,
            ) => {
                self.wrong_type(node, "a string", spot);
                None
            }
        }
    }

    fn unknown(&mut self, name: &str, members: &[Member], spot: &Spot) {
        if self.manner != Manner::Request {
            let known: Vec<_> = members.iter().map(|member| member.name).collect();
            self.find(Kind::Unknown, unknown_field(name, &known, &spot.place()));
        }
    }

    fn missing(&mut self, spot: &Spot) -> Option<Value> {
        let place = spot.place();
        let constraint = format!(
            "Value null at '{}' failed to satisfy constraint: Member must not be null",
            place.member_path()
        );
        self.find(
            Kind::Missing,
            Violation::error(ErrorClass::Shape, &place, SHAPE, "is missing", "add it")
                .with_constraint(constraint),
        );
        None
    }

    fn wrong_type(&mut self, node: &Node, expected: &str, spot: &Spot) -> Option<Value> {
        let place = spot.place();
        let constraint = format!(
            "Value at '{}' failed to satisfy constraint: Member must be {expected}",
            place.member_path()
        );
        let fix = match node {
            Node::Number(text) | Node::Bool(text) if expected == "a string" => {
                format!("put it in quotes: \"{text}\"")
            }
            Node::Number(_) if expected == "a whole number" => {
                "write a number without point or exponent".to_owned()
            }
            Node::Tagged(tag) => format!(
                "write the value itself; tags such as !{tag} belong to CloudFormation templates"
            ),
            Node::Null
            | Node::Bool(_)
            | Node::Number(_)
            | Node::Text(_)
            | Node::List(_)
            | Node::Map(_) => format!("write {expected}"),
        };
        self.find(
            Kind::Mistyped,
            Violation::error(
                ErrorClass::Shape,
                &place,
                SHAPE,
                format!("should be {expected}, but {} stands here", node.kind()),
                fix,
            )
            .with_constraint(constraint),
        );
        None
    }
}

/// Returns a moment in seconds, rounded to the millisecond: a whole number where it is one.
fn moment(node: &Node) -> Option<Value> {
    let Node::Number(text) = node else { return None };
    let millis = (text.parse::<f64>().ok()? * 1000.0).round();
    if !MOMENT_MILLIS.contains(&millis) {
        return None;
    }
    let seconds = millis / 1000.0;
    #[expect(clippy::cast_possible_truncation, reason = "within the calendar, and whole")]
    let whole = seconds.trunc() as i64;
    Some(if seconds.fract() == 0.0 { Value::from(whole) } else { Value::from(seconds) })
}
