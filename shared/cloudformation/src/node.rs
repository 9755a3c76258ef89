//! The tree of a template, with every short tag already in its long form.

use serde::de::{
    Deserialize, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess,
};
use serde_json::{Number, Value};

/// A value as the template states it.
///
/// A map keeps its entries in the order of the text, and keeps repeated keys, so that they can be
/// named.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Any other scalar.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Returns the entries of a map, none for anything else.
    pub(crate) fn entries(&self) -> &[(String, Node)] {
        match self {
            Node::Map(entries) => entries,
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => &[],
        }
    }

    /// Returns the member of a map; of repeated keys the last one counts, as `CloudFormation` has
    /// it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().rev().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// Returns the text of a text node.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => None,
        }
    }

    /// Returns a scalar as text; null, lists and maps have none.
    pub(crate) fn scalar(&self) -> Option<String> {
        match self {
            Node::Bool(answer) => Some(answer.to_string()),
            Node::Number(number) => Some(number.to_string()),
            Node::Text(text) => Some(text.clone()),
            Node::Null | Node::List(_) | Node::Map(_) => None,
        }
    }

    /// Returns a list's elements; anything else counts as a list of itself.
    pub(crate) fn elements(&self) -> &[Node] {
        match self {
            Node::List(elements) => elements,
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Map(_) => {
                std::slice::from_ref(self)
            }
        }
    }

    /// Returns the function and its argument when this is a call such as `{"Ref": …}` or
    /// `{"Fn::Sub": …}`.
    pub(crate) fn call(&self) -> Option<(&str, &Node)> {
        match self.entries() {
            [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                Some((name, argument))
            }
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> serde::de::Visitor<'de> for Visitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a value of a template")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        // YAML also has `.nan` and `.inf`, which JSON cannot say.
        Ok(Number::from_f64(value).map_or_else(|| Node::Text(value.to_string()), Node::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = members.next_key::<Node>()? {
            // Mappings are often keyed by account numbers, which YAML reads as numbers.
            let key = key
                .scalar()
                .ok_or_else(|| A::Error::custom("a key must be text, not a list or a mapping"))?;
            entries.push((key, members.next_value()?));
        }
        Ok(Node::Map(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Node, A::Error> {
        let (tag, contents) = tagged.variant::<String>()?;
        Ok(long_form(tag.trim_start_matches('!'), contents.newtype_variant()?))
    }
}

/// Turns `!Sub x` into `{"Fn::Sub": x}`; `!Ref` and `!Condition` have no prefix in the long form.
fn long_form(tag: &str, argument: Node) -> Node {
    let function = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        _ => format!("Fn::{tag}"),
    };
    Node::Map(vec![(function, argument)])
}

/// Writes a resolved scalar as text, a list joined by commas and a map as compact JSON.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(elements) => elements.iter().map(text_of).collect::<Vec<_>>().join(","),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
