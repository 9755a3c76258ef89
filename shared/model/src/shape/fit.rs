//! Walks a document along its shape and collects everything that does not fit.

mod walk;

use serde_json::Value;

use super::Shape;
use super::node::Node;
use super::pipeline::PIPELINE;
use super::spot::Spot;
use crate::nearest::nearest;
use crate::violation::{ErrorClass, Place, Violation};
use walk::walk;

/// Whose document it is: how scalars are taken, and whether unknown members are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A request on the wire: unknown members are ignored (P5).
    Request,
    /// An answer of ours, or a file in JSON: a number is not a string, and every member is known.
    Typed,
    /// A file in YAML: `version: 1` is the string `1` where a string is expected.
    Written,
}

/// What kind of wrong a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A member that nobody knows.
    Unknown,
    /// A member that stands twice.
    Repeated,
    /// Something of another type than the shape wants.
    Mistyped,
    /// A required member that is not there.
    Missing,
    /// A word that its enum does not have.
    Word,
    /// A length, a pattern, a size or a bound.
    Limit,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of wrong.
    pub kind: Kind,
    /// What, where, and what to do.
    pub violation: Violation,
}

/// Fits a value into its shape: returns what fits, without unknown and null members, and what does
/// not. The findings of a request are told up to a bound.
pub fn fit(value: Value, shape: &Shape, manner: Manner) -> (Value, Vec<Finding>) {
    walk(&Node::from_value(value), shape, manner, &Spot::Document)
}

/// Fits a pipeline into its shape; what is left can be deserialized if nothing is missing, mistyped
/// or repeated.
pub(crate) fn fit_pipeline(node: &Node, manner: Manner) -> (Value, Vec<Finding>) {
    walk(node, &PIPELINE, manner, &Spot::Member(&Spot::Document, "pipeline"))
}

/// Names a member that stands twice in one object; which one was meant, nobody knows.
pub(crate) fn written_twice(name: &str, place: &Place) -> Violation {
    Violation::error(
        ErrorClass::Shape,
        place,
        "each member stands once",
        format!("`{name}` is written twice in the same object"),
        "remove one of the two",
    )
}

/// Names a member that is not known, with the one that was probably meant.
pub(crate) fn unknown_field(name: &str, known: &[&'static str], place: &Place) -> Violation {
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
