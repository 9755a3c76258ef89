//! As much of JSON Schema as the two schemas beside it say.
//!
//! A library for all of it would bring two dozen packages into every test build.

use serde_json::Value;

/// Holds values against one schema.
pub(crate) struct Validator(pub(crate) Value);

impl Validator {
    /// Returns what is wrong with a value, each with its place.
    pub(crate) fn errors(&self, value: &Value) -> Vec<String> {
        let mut errors = Vec::new();
        check(&self.0, value, "", &mut errors);
        errors
    }

    pub(crate) fn is_valid(&self, value: &Value) -> bool {
        self.errors(value).is_empty()
    }
}

fn check(schema: &Value, value: &Value, place: &str, errors: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
        let is_right = match keyword.as_str() {
            "type" => has_type(wanted, value),
            "const" => value == wanted,
            "minLength" => value.as_str().is_none_or(|text| length(text) >= number(wanted)),
            "maxLength" => value.as_str().is_none_or(|text| length(text) <= number(wanted)),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= number(wanted)),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= number(wanted)),
            "required" => members(wanted).all(|name| value.get(name).is_some()),
            "oneOf" => {
                let schemas = wanted.as_array().expect("oneOf is a list").iter();
                schemas.filter(|schema| is_valid(schema, value)).count() == 1
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(wanted, item, &format!("{place}/{index}"), errors);
                }
                true
            }
            "properties" | "additionalProperties" => {
                check_members(schema, keyword, value, place, errors);
                true
            }
            other => panic!("the keyword {other} is not known here"),
        };
        if !is_right {
            errors.push(format!("{place}: {keyword} {wanted} is not so: {value}"));
        }
    }
}

fn check_members(
    schema: &Value,
    keyword: &str,
    value: &Value,
    place: &str,
    errors: &mut Vec<String>,
) {
    for (name, member) in value.as_object().into_iter().flatten() {
        let place = format!("{place}/{name}");
        match (schema["properties"].get(name), keyword) {
            (Some(wanted), "properties") => check(wanted, member, &place, errors),
            (None, "additionalProperties") if schema[keyword] == false => {
                errors.push(format!("{place}: nobody knows this member"));
            }
            (None, "additionalProperties") => check(&schema[keyword], member, &place, errors),
            (Some(_) | None, _) => {}
        }
    }
}

fn is_valid(schema: &Value, value: &Value) -> bool {
    let mut errors = Vec::new();
    check(schema, value, "", &mut errors);
    errors.is_empty()
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    match wanted.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some(_) | None => panic!("the type {wanted} is not known here"),
    }
}

fn members(names: &Value) -> impl Iterator<Item = &str> {
    names.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn number(wanted: &Value) -> u64 {
    wanted.as_u64().expect("a limit is a whole number")
}

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}
