//! YAML in which every scalar keeps the text it was written with.
//!
//! A buildspec's values are strings. Reading `1.10` as a number, or `no` as a truth, and then
//! turning it back into text would lose what the author wrote, so the file is read twice: once for
//! its shape and once, along that shape, for the text of its scalars.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_yaml_ng::{Mapping, Value};

use crate::refusal::Problem;

/// The longest buildspec that is read; larger files are mistakes.
const BUILDSPEC_BYTES_MAX: usize = 1024 * 1024;

/// A YAML document, with scalars as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// Nothing, or `null`.
    Null,
    /// A scalar as it was written, without its quotes.
    Scalar(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file.
    Mapping(Vec<(String, Node)>),
}

/// Parses one YAML document.
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > BUILDSPEC_BYTES_MAX {
        let problem = format!("the file has {} bytes, more than {BUILDSPEC_BYTES_MAX}", text.len());
        return Err(Problem::new("the file", problem, "name the buildspec itself"));
    }
    let shape: Value = serde_yaml_ng::from_str(text).map_err(|error| not_yaml(&error))?;
    Shape(&shape)
        .deserialize(serde_yaml_ng::Deserializer::from_str(text))
        .map_err(|error| not_yaml(&error))
}

fn not_yaml(error: &serde_yaml_ng::Error) -> Problem {
    let error = error.to_string();
    let fix = if error.contains("duplicate entry") {
        "keep one of the two"
    } else {
        "correct the YAML; quote a command that holds `: ` or ` #`, or starts with a special character"
    };
    Problem::new("the file", format!("it is not the YAML of a buildspec: {error}"), fix)
}

/// The part of a document that is read next, as the first reading found it.
struct Shape<'a>(&'a Value);

impl<'de> DeserializeSeed<'de> for Shape<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match self.0 {
            Value::Null => deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Node::Null),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                deserializer.deserialize_str(Text).map(Node::Scalar)
            }
            Value::Sequence(items) => deserializer.deserialize_seq(Items(items)),
            Value::Mapping(entries) => deserializer.deserialize_map(Entries(entries)),
            Value::Tagged(tagged) => Err(D::Error::custom(format!(
                "the tag {} means nothing in a buildspec",
                tagged.tag
            ))),
        }
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a scalar")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

struct Items<'a>(&'a [Value]);

impl<'de> Visitor<'de> for Items<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::with_capacity(self.0.len());
        for shape in self.0 {
            nodes.extend(access.next_element_seed(Shape(shape))?);
        }
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Node::Sequence(nodes))
    }
}

struct Entries<'a>(&'a Mapping);

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut entries = Vec::with_capacity(self.0.len());
        for (key, value) in self.0 {
            let key = match access.next_key_seed(Shape(key))? {
                Some(Node::Scalar(key)) => key,
                Some(Node::Null | Node::Sequence(_) | Node::Mapping(_)) | None => {
                    return Err(A::Error::custom("a key is not a word"));
                }
            };
            entries.push((key, access.next_value_seed(Shape(value))?));
        }
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Node::Mapping(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &str) -> Node {
        Node::Scalar(text.to_owned())
    }

    #[test]
    fn scalars_keep_the_text_they_were_written_with() {
        for (written, read) in [
            ("1.10", "1.10"),
            ("0755", "0755"),
            ("0x1F", "0x1F"),
            ("yes", "yes"),
            ("True", "True"),
            ("1e3", "1e3"),
            ("'quoted'", "quoted"),
            ("\"a\\tb\"", "a\tb"),
            ("2020-01-01", "2020-01-01"),
            ("!!str 007", "007"),
            ("''", ""),
        ] {
            let node = parse(&format!("key: {written}")).unwrap();
            assert_eq!(node, Node::Mapping(vec![("key".to_owned(), scalar(read))]), "{written}");
        }
    }

    #[test]
    fn nothing_is_null_and_anchors_repeat_their_text() {
        let node = parse("a: &it 1.0\nb: *it\nc:\nd: ~\n0.20: [1.50]").unwrap();
        let expected = [
            ("a", scalar("1.0")),
            ("b", scalar("1.0")),
            ("c", Node::Null),
            ("d", Node::Null),
            ("0.20", Node::Sequence(vec![scalar("1.50")])),
        ];
        assert_eq!(node, Node::Mapping(expected.map(|(key, node)| (key.to_owned(), node)).into()));
        assert_eq!(parse("").unwrap(), Node::Null);
    }

    #[test]
    fn what_is_not_yaml_is_refused_with_its_place() {
        for (text, said) in [
            ("a: b: c", "mapping values are not allowed"),
            ("a: 1\na: 2", "duplicate entry"),
            ("a: !Ref x", "!Ref means nothing"),
            ("a: [1", "line 2"),
            ("---\na: 1\n---\nb: 2", "more than one document"),
            ("? [a]\n: b", "not a word"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.problem.contains(said), "{text}: {problem}");
        }
        let long = "#".repeat(BUILDSPEC_BYTES_MAX + 1);
        assert!(parse(&long).unwrap_err().problem.contains("1048577 bytes"));
    }
}
