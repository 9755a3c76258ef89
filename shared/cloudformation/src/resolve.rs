//! Computes values: walks a node, calls its functions, and puts placeholders where nothing can be
//! computed.

mod conditions;
mod functions;
mod references;
mod substitute;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::node::{Node, text_of};
use crate::place::{Place, Placeholder, Seat, legal_bucket, legal_name};
use crate::template::Template;

/// The values visited for all pipelines of one template. The largest real templates need a few
/// thousand.
const STEPS_MAX: usize = 1_000_000;
/// The text made for all pipelines of one template, so that a small file cannot fill the memory.
const TEXT_BYTES_MAX: usize = 16 * 1_048_576;
/// How deep values, and the references in them, may nest. The parsers stop at 128 for one value.
const DEPTH_MAX: usize = 200;

/// What may still be spent on a template.
#[derive(Debug)]
pub(crate) struct Budget {
    steps: usize,
    bytes: usize,
}

impl Budget {
    /// Returns the budget of one template.
    pub(crate) fn new() -> Self {
        Budget { steps: STEPS_MAX, bytes: TEXT_BYTES_MAX }
    }
}

/// Resolves the values of one pipeline.
pub(crate) struct Resolver<'a> {
    template: &'a Template,
    given: &'a BTreeMap<String, String>,
    budget: &'a mut Budget,
    decided: BTreeMap<String, bool>,
    under_way: Vec<String>,
    depth: usize,
    is_cut_short: bool,
    pub(crate) placeholders: Vec<Placeholder>,
    pub(crate) notes: Vec<String>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        template: &'a Template,
        given: &'a BTreeMap<String, String>,
        budget: &'a mut Budget,
    ) -> Self {
        Resolver {
            template,
            given,
            budget,
            decided: BTreeMap::new(),
            under_way: Vec::new(),
            depth: 0,
            is_cut_short: false,
            placeholders: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Resolves a value; `None` is the answer of `AWS::NoValue`, which removes the member or the
    /// element.
    pub(crate) fn resolve(&mut self, node: &Node, place: &Place) -> Option<Value> {
        if self.is_spent(place) {
            return None;
        }
        self.budget.steps -= 1;
        self.depth += 1;
        let value = match node {
            Node::Null => {
                self.note(format!(
                    "`{}` is null, which CloudFormation does not take; it is left out",
                    place.path()
                ));
                None
            }
            Node::Bool(answer) => Some(Value::Bool(*answer)),
            Node::Number(number) => Some(Value::Number(number.clone())),
            Node::Text(text) => Some(Value::String(text.clone())),
            Node::List(elements) => Some(self.list(elements, place)),
            Node::Map(entries) => match node.call() {
                Some((function, argument)) => self.call(function, argument, place),
                None => Some(self.object(entries, place)),
            },
        };
        self.depth -= 1;
        if let Some(Value::String(text)) = &value {
            self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
        }
        value
    }

    /// Says whether nothing more may be computed, and notes it.
    fn is_spent(&mut self, place: &Place) -> bool {
        let Budget { steps, bytes } = *self.budget;
        let is_spent = steps == 0 || bytes == 0 || self.depth >= DEPTH_MAX;
        if is_spent && !self.is_cut_short {
            self.is_cut_short = true;
            self.note(format!(
                "`{}` and what follows is cut short: the template asks for more than {STEPS_MAX} steps, \
                 {TEXT_BYTES_MAX} bytes of text or {DEPTH_MAX} levels",
                place.path()
            ));
        }
        is_spent
    }

    /// Resolves a value that is a part of a longer text.
    fn text(&mut self, node: &Node, place: &Place) -> String {
        self.resolve(node, &place.piece()).as_ref().map(text_of).unwrap_or_default()
    }

    fn list(&mut self, elements: &[Node], place: &Place) -> Value {
        let mut list = Vec::new();
        for element in elements {
            // The index is the one in the result, where removed elements leave no gap.
            list.extend(self.resolve(element, &place.element(list.len())));
        }
        Value::Array(list)
    }

    fn object(&mut self, entries: &[(String, Node)], place: &Place) -> Value {
        let mut object = Map::new();
        for (key, member) in entries {
            if key.starts_with("Fn::ForEach::") || key == "Fn::Transform" {
                self.note(format!(
                    "`{key}` at `{}` runs only at deployment; what it would add is not seen",
                    place.path()
                ));
                continue;
            }
            if key.starts_with("Fn::") {
                self.note(format!(
                    "`{key}` at `{}` stands beside other keys and is left out: indent it under the member \
                     whose value it computes",
                    place.path()
                ));
                continue;
            }
            let (place, name) = place.member(key);
            if let Some(value) = self.resolve(member, &place) {
                object.insert(name, value);
            }
        }
        Value::Object(object)
    }

    /// Adds a note once.
    pub(crate) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Puts a legal text that is made from `name` where the value is not known, and reports it.
    fn stand_in(&mut self, name: &str, reason: String, place: &Place) -> Value {
        let home = self.home();
        let text = match place.seat() {
            Seat::Role => home.arn("AWS::IAM::Role", &legal_name(name)),
            Seat::Connection => home.arn("AWS::CodeConnections::Connection", &legal_name(name)),
            Seat::Bucket => legal_bucket(name),
            Seat::Region => home.region,
            Seat::Account => home.account,
            Seat::Number(number) => number.to_string(),
            Seat::Version => "1".to_owned(),
            Seat::Name | Seat::Piece => legal_name(name),
        };
        self.report(text, reason, place)
    }

    /// Reports a placeholder and returns its text as the value.
    fn report(&mut self, text: String, reason: String, place: &Place) -> Value {
        let path = place.path().to_owned();
        let placeholder = Placeholder { path, text: text.clone(), reason };
        if !self.placeholders.contains(&placeholder) {
            self.placeholders.push(placeholder);
        }
        Value::String(text)
    }

    /// Takes back what was reported since `mark`, because the texts do not show in the result.
    fn take_back(&mut self, mark: usize) -> Vec<Placeholder> {
        self.placeholders.split_off(mark.min(self.placeholders.len()))
    }
}
