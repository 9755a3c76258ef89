//! A template's sections, and what can be said of it before anything is resolved.

use std::collections::{BTreeMap, BTreeSet};

use crate::node::Node;
use crate::pipeline::{self, FoundPipeline};

/// A template that was read.
#[derive(Debug, Clone)]
pub struct Template {
    root: Node,
    notes: Vec<String>,
}

impl Template {
    pub(crate) fn new(root: Node) -> Self {
        let mut notes = Vec::new();
        note_repeated_keys(&root, "", &mut notes);
        note_what_runs_elsewhere(&root, &mut notes);
        Template { root, notes }
    }

    /// Returns the pipelines of the template in the order of the text, resolved with these
    /// parameters.
    ///
    /// A parameter's name may be that of a template parameter, a pseudo parameter (`AWS::Region`),
    /// a resource (`Bucket`, in place of `Ref`), a resource's attribute (`Role.Arn`) or an import
    /// (the export's name).
    pub fn pipelines(&self, parameters: &BTreeMap<String, String>) -> Vec<FoundPipeline> {
        pipeline::find(self, parameters)
    }

    /// Returns what was met in the template and left alone: transforms, nested stacks, modules,
    /// repeated keys.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the names of the template's parameters.
    pub fn parameter_names(&self) -> Vec<&str> {
        self.section("Parameters").iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Returns those of the given parameters' names that nothing in the template can use, most
    /// likely misspelt.
    pub fn unknown_parameters(&self, parameters: &BTreeMap<String, String>) -> Vec<String> {
        let mut imports = Imports::default();
        imports.collect(&self.root);
        let known = |name: &str| {
            let resource = name.split('.').next().unwrap_or(name);
            name.starts_with("AWS::")
                || self.parameter(name).is_some()
                || self.resource(resource).is_some()
                || imports.may_be(name)
        };
        parameters.keys().filter(|name| !known(name)).cloned().collect()
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&Node> {
        self.root.get("Parameters")?.get(name)
    }

    pub(crate) fn condition(&self, name: &str) -> Option<&Node> {
        self.root.get("Conditions")?.get(name)
    }

    pub(crate) fn mapping(&self, name: &str) -> Option<&Node> {
        self.root.get("Mappings")?.get(name)
    }

    pub(crate) fn resource(&self, logical_id: &str) -> Option<&Node> {
        self.root.get("Resources")?.get(logical_id)
    }

    pub(crate) fn resources(&self) -> &[(String, Node)] {
        self.section("Resources")
    }

    fn section(&self, name: &str) -> &[(String, Node)] {
        self.root.get(name).map_or(&[], Node::entries)
    }
}

/// The names of the exports that a template imports.
#[derive(Default)]
struct Imports<'a> {
    stated: BTreeSet<&'a str>,
    some_are_computed: bool,
}

impl<'a> Imports<'a> {
    fn collect(&mut self, node: &'a Node) {
        match node {
            Node::List(elements) => elements.iter().for_each(|element| self.collect(element)),
            Node::Map(entries) => {
                for (key, member) in entries {
                    match member.as_text() {
                        Some(name) if key == "Fn::ImportValue" => drop(self.stated.insert(name)),
                        Some(_) => {}
                        None => {
                            self.some_are_computed |= key == "Fn::ImportValue";
                            self.collect(member);
                        }
                    }
                }
            }
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => {}
        }
    }

    fn may_be(&self, name: &str) -> bool {
        self.some_are_computed || self.stated.contains(name)
    }
}

fn note_repeated_keys(node: &Node, path: &str, notes: &mut Vec<String>) {
    match node {
        Node::Map(entries) => {
            let mut seen = BTreeSet::new();
            for (key, member) in entries {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                if !seen.insert(key) {
                    notes.push(format!(
                        "`{path}` is stated more than once and the last one counts: keep one"
                    ));
                }
                note_repeated_keys(member, &path, notes);
            }
        }
        Node::List(elements) => {
            for (index, element) in elements.iter().enumerate() {
                note_repeated_keys(element, &format!("{path}[{index}]"), notes);
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => {}
    }
}

fn note_what_runs_elsewhere(root: &Node, notes: &mut Vec<String>) {
    for transform in root.get("Transform").into_iter().flat_map(Node::elements) {
        let name = transform.as_text().or_else(|| transform.get("Name")?.as_text());
        notes.push(format!(
            "the transform `{}` runs only when a stack is deployed: resources that it would make are not seen",
            name.unwrap_or("without a name")
        ));
    }
    for (name, resource) in root.get("Resources").map_or(&[][..], Node::entries) {
        let kind = resource.get("Type").and_then(Node::as_text).unwrap_or_default();
        if name.starts_with("Fn::") {
            notes.push(format!(
                "`Resources.{name}` is not expanded: resources that it would make are not seen"
            ));
        } else if kind == "AWS::CloudFormation::Stack" || kind == "AWS::Serverless::Application" {
            notes.push(format!(
                "`{name}` is a nested stack: give its own template to see the pipelines in it"
            ));
        } else if kind.ends_with("::MODULE") {
            notes.push(format!("`{name}` is a module ({kind}): what it contains is not seen"));
        }
    }
}
