//! A document as it was written: keys may repeat, and numbers keep their text.
//!
//! YAML's `1.10` is a number to the parser, but an image tag to its author; turning the number back
//! into text would make `1.1` of it. So YAML is read twice: once for its structure, and once more
//! along that structure for the text of each number.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// A value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Null,
    /// `true` or `false`, however YAML spelled it.
    Bool(String),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// In document order, repeated keys included.
    Map(Vec<(String, Node)>),
    /// A YAML tag such as `!Ref`.
    Tagged(String),
}

impl Node {
    /// Reads JSON.
    pub(crate) fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Reads YAML.
    pub(crate) fn from_yaml(text: &str) -> Result<Self, serde_yaml_ng::Error> {
        let mut node: Self = serde_yaml_ng::from_str(text)?;
        ScalarTexts(&mut node).deserialize(serde_yaml_ng::Deserializer::from_str(text))?;
        Ok(node)
    }

    /// Takes a value over that was read elsewhere.
    pub(crate) fn from_value(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value.to_string()),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text),
            Value::Array(values) => Self::List(values.into_iter().map(Self::from_value).collect()),
            Value::Object(members) => Self::Map(
                members.into_iter().map(|(key, value)| (key, Self::from_value(value))).collect(),
            ),
        }
    }

    /// Returns what kind of value it is, for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing (null)",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
            Self::Tagged(_) => "a YAML tag",
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        // The debug form keeps the point of `1.0`, so that it is not mistaken for a whole number.
        Ok(Node::Number(format!("{value:?}")))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = elements.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            nodes.push(entry);
        }
        Ok(Node::Map(nodes))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Node, A::Error> {
        let (tag, content) = tagged.variant::<String>()?;
        content.newtype_variant::<IgnoredAny>()?;
        Ok(Node::Tagged(tag))
    }
}

/// Puts the text of each number in place, walking along what is known to stand there.
struct ScalarTexts<'a>(&'a mut Node);

impl<'de> DeserializeSeed<'de> for ScalarTexts<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            Node::Number(text) => {
                *text = String::deserialize(deserializer)?;
                Ok(())
            }
            Node::List(_) => deserializer.deserialize_seq(self),
            Node::Map(_) => deserializer.deserialize_map(self),
            Node::Null | Node::Bool(_) | Node::Text(_) | Node::Tagged(_) => {
                IgnoredAny::deserialize(deserializer).map(|_| ())
            }
        }
    }
}

impl<'de> Visitor<'de> for ScalarTexts<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was read before")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        if let Node::List(nodes) = self.0 {
            for node in nodes {
                elements.next_element_seed(ScalarTexts(node))?;
            }
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        if let Node::Map(nodes) = self.0 {
            for (_, node) in nodes {
                if entries.next_key::<IgnoredAny>()?.is_some() {
                    entries.next_value_seed(ScalarTexts(node))?;
                }
            }
        }
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
