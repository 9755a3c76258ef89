//! The other functions: `Fn::Join`, `Fn::If`, `Fn::Select`, `Fn::FindInMap` and their kin.

use serde_json::Value;

use super::Resolver;
use crate::node::{Node, text_of};
use crate::place::Place;

const TAKES_JOIN: &str = "[delimiter, [value, …]]";
const TAKES_SPLIT: &str = "[delimiter, text]";
const TAKES_SELECT: &str = "[index, [value, …]]";
const TAKES_FIND: &str = "[mapping, key, second key]";
const TAKES_IF: &str = "[condition, value if true, value if false]";
const TAKES_ATTRIBUTE: &str = "Resource.Attribute or [Resource, Attribute]";

impl Resolver<'_> {
    /// Computes a function.
    pub(super) fn call(&mut self, function: &str, argument: &Node, place: &Place) -> Option<Value> {
        match function {
            "Ref" => match argument.as_text() {
                Some(name) => self.reference(name, place),
                None => {
                    Some(self.malformed(function, "the name of a parameter or a resource", place))
                }
            },
            "Fn::Ref" => {
                self.note(format!("`Fn::Ref` at `{}` is taken as `Ref`: correct it", place.path()));
                self.call("Ref", argument, place)
            }
            "Fn::GetAtt" => Some(self.get_attribute(argument, place)),
            "Fn::Sub" => self.substitute(argument, place),
            "Fn::Join" => self.join(argument, place),
            "Fn::Split" => Some(self.split(argument, place)),
            "Fn::Select" => self.select(argument, place),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::If" => self.choose(argument, place),
            "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
                let call = Node::Map(vec![(function.to_owned(), argument.clone())]);
                Some(Value::Bool(self.verdict(&call, place)))
            }
            "Fn::Base64" => Some(Value::String(base64(self.text(argument, place).as_bytes()))),
            "Fn::ToJsonString" => {
                let value = self.resolve(argument, &place.piece().data())?;
                Some(Value::String(value.to_string()))
            }
            "Fn::Length" => match self.resolve(argument, &place.piece().data()) {
                Some(Value::Array(elements)) => Some(elements.len().into()),
                Some(
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Object(_),
                )
                | None => Some(self.malformed(function, "a list", place)),
            },
            "Fn::ImportValue" => Some(self.import(argument, place)),
            "Fn::GetAZs" => Some(self.zones(argument, place)),
            "Fn::Cidr" => {
                let reason = "address ranges are cut at deployment and mean nothing to a pipeline";
                Some(self.stand_in("cidr", reason.to_owned(), place))
            }
            "Fn::Transform" => {
                let name = argument.get("Name").and_then(Node::as_text).unwrap_or("transform");
                let reason =
                    format!("the macro `{name}` runs only at deployment: put its result here");
                Some(self.stand_in(name, reason, place))
            }
            _ => {
                let reason = format!("`{function}` is no function of CloudFormation: correct it");
                Some(self.stand_in(function.trim_start_matches("Fn::"), reason, place))
            }
        }
    }

    /// Puts a placeholder where a function was called in a way it does not take.
    pub(super) fn malformed(&mut self, function: &str, takes: &str, place: &Place) -> Value {
        let reason = format!("`{function}` takes {takes}: correct the call");
        self.stand_in(function.trim_start_matches("Fn::"), reason, place)
    }

    fn get_attribute(&mut self, argument: &Node, place: &Place) -> Value {
        let (name, attribute) = match argument {
            Node::Text(text) => match text.split_once('.') {
                Some((name, attribute)) => (name.to_owned(), attribute.to_owned()),
                None => return self.malformed("Fn::GetAtt", TAKES_ATTRIBUTE, place),
            },
            Node::List(elements) => match elements.split_first() {
                // `!GetAtt [Stack, Outputs, Arn]` is accepted for `Stack.Outputs.Arn`.
                Some((Node::Text(name), attributes)) if !attributes.is_empty() => {
                    let attributes: Vec<String> =
                        attributes.iter().map(|each| self.text(each, place)).collect();
                    (name.clone(), attributes.join("."))
                }
                _ => return self.malformed("Fn::GetAtt", TAKES_ATTRIBUTE, place),
            },
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Map(_) => {
                return self.malformed("Fn::GetAtt", TAKES_ATTRIBUTE, place);
            }
        };
        self.attribute(&name, &attribute, place)
    }

    fn join(&mut self, argument: &Node, place: &Place) -> Option<Value> {
        let [delimiter, values] = argument.elements() else {
            return Some(self.malformed("Fn::Join", TAKES_JOIN, place));
        };
        let delimiter = self.text(delimiter, place);
        match values {
            // One value alone keeps the right to be a whole ARN.
            Node::List(only) if only.len() == 1 => {
                let value = self.resolve(&only[0], &place.data());
                Some(Value::String(value.as_ref().map(text_of).unwrap_or_default()))
            }
            Node::List(values) => Some(Value::String(self.join_texts(&delimiter, values, place))),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Map(_) => {
                match self.resolve(values, &place.piece().data())? {
                    Value::Array(values) => {
                        let texts: Vec<String> = values.iter().map(text_of).collect();
                        Some(Value::String(texts.join(&delimiter)))
                    }
                    // A list that is not known came back as one placeholder.
                    unknown @ (Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Object(_)) => Some(unknown),
                }
            }
        }
    }

    fn join_texts(&mut self, delimiter: &str, values: &[Node], place: &Place) -> String {
        let mut result = String::new();
        let mut is_first = true;
        for value in values {
            let before = result.len();
            if !is_first {
                result.push_str(delimiter);
            }
            match self.resolve(value, &place.part_after(&result).data()) {
                Some(value) => {
                    result.push_str(&text_of(&value));
                    is_first = false;
                }
                // A removed element takes its delimiter along.
                None => result.truncate(before),
            }
        }
        result
    }

    fn split(&mut self, argument: &Node, place: &Place) -> Value {
        let [delimiter, text] = argument.elements() else {
            return self.malformed("Fn::Split", TAKES_SPLIT, place);
        };
        let delimiter = self.text(delimiter, place);
        if delimiter.is_empty() {
            return self.malformed("Fn::Split", TAKES_SPLIT, place);
        }
        let text = self.text(text, place);
        text.split(delimiter.as_str()).map(Value::from).collect()
    }

    fn select(&mut self, argument: &Node, place: &Place) -> Option<Value> {
        let [index, values] = argument.elements() else {
            return Some(self.malformed("Fn::Select", TAKES_SELECT, place));
        };
        let Ok(index) = self.text(index, place).parse::<usize>() else {
            return Some(self.malformed("Fn::Select", TAKES_SELECT, place));
        };
        if let Node::List(values) = values
            && let Some(value) = values.get(index)
        {
            return self.resolve(value, place);
        }
        let mark = self.placeholders.len();
        let value = self.resolve(values, &place.piece().data());
        if let Some(Value::Array(mut values)) = value
            && index < values.len()
        {
            let element = values.swap_remove(index);
            self.report_what_shows(mark, &text_of(&element));
            return Some(element);
        }
        // The parts of a placeholder are not known either; what it lacks is the reason.
        let hidden = self.take_back(mark).into_iter().next();
        let (name, why) = match hidden {
            Some(placeholder) => (placeholder.text, placeholder.reason),
            None => ("element".to_owned(), "the list is shorter: correct the index".to_owned()),
        };
        let reason = format!("`Fn::Select` finds no element {index}: {why}");
        Some(self.stand_in(&format!("{name}-{index}"), reason, place))
    }

    /// Keeps, of what was reported since `mark`, only what still shows in the part that was
    /// selected.
    fn report_what_shows(&mut self, mark: usize, selected: &str) {
        for mut placeholder in self.take_back(mark) {
            if !selected.contains(&placeholder.text) {
                if selected.is_empty() || !placeholder.text.contains(selected) {
                    continue;
                }
                selected.clone_into(&mut placeholder.text);
            }
            self.placeholders.push(placeholder);
        }
    }

    fn find_in_map(&mut self, argument: &Node, place: &Place) -> Option<Value> {
        let [mapping, first, second, rest @ ..] = argument.elements() else {
            return Some(self.malformed("Fn::FindInMap", TAKES_FIND, place));
        };
        let mark = self.placeholders.len();
        let [mapping, first, second] =
            [mapping, first, second].map(|key| self.text(key, &place.piece()));
        // What decided the key does not show in the value, but it did decide.
        for hidden in self.take_back(mark) {
            self.note(format!(
                "`{}` was looked up in mapping `{mapping}` with `{}`: {}",
                place.path(),
                hidden.text,
                hidden.reason
            ));
        }
        let template = self.template;
        let found = template.mapping(&mapping).and_then(|keys| keys.get(&first)?.get(&second));
        let default = rest.first().and_then(|options| options.get("DefaultValue"));
        if let Some(value) = found.or(default) {
            return self.resolve(value, place);
        }
        let reason = format!("mapping `{mapping}` has no `{first}` with `{second}`: add it");
        Some(self.stand_in(&format!("{mapping}-{first}-{second}"), reason, place))
    }

    fn choose(&mut self, argument: &Node, place: &Place) -> Option<Value> {
        let [condition, yes, no] = argument.elements() else {
            return Some(self.malformed("Fn::If", TAKES_IF, place));
        };
        let holds = match condition {
            Node::Text(name) => self.holds(name),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => {
                self.note(format!(
                    "`Fn::If` at `{}` states its condition in place; CloudFormation takes only the name of \
                     one under `Conditions`",
                    place.path()
                ));
                self.verdict(condition, place)
            }
        };
        let branch = if holds { yes } else { no };
        self.resolve(branch, place)
    }

    fn import(&mut self, argument: &Node, place: &Place) -> Value {
        let mark = self.placeholders.len();
        let export = self.text(argument, place);
        self.take_back(mark);
        if let Some(given) = self.given.get(&export) {
            return Value::String(given.clone());
        }
        let reason =
            format!("`{export}` is exported by another stack: pass --parameter {export}=VALUE");
        self.stand_in(&export, reason, place)
    }

    fn zones(&mut self, argument: &Node, place: &Place) -> Value {
        let stated = self.text(argument, place);
        let region = if stated.is_empty() { self.home().region } else { stated };
        let zones: Vec<String> = ["a", "b", "c"].map(|zone| format!("{region}{zone}")).into();
        let reason = "the account's zones are known only at deployment: write them out".to_owned();
        self.report(zones.join(","), reason, place);
        zones.into()
    }
}

/// Encodes bytes as RFC 4648 has it, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let word = (at(0) << 16) | (at(1) << 8) | at(2);
        for position in 0..4 {
            // Two bytes make three characters, one byte makes two; padding fills the rest.
            let character = if chunk.len() >= position {
                ALPHABET[((word >> (18 - 6 * position)) & 63) as usize]
            } else {
                b'='
            };
            text.push(char::from(character));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_pads_as_the_standard_has_it() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(super::base64(bytes.as_bytes()), text);
        }
    }
}
