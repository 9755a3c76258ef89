//! From a value to bytes.

use model::shape::Shape;
use serde_json::{Number, Value};

use super::{MOMENT, major};

/// Writes a value along its shape, which says where the tag of a moment belongs: a reader that
/// expects one takes no bare number (wire.md §5). Members that are null are left out.
pub fn write(value: &Value, shape: Option<&Shape>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_value(&mut bytes, value, shape);
    bytes
}

fn write_value(bytes: &mut Vec<u8>, value: &Value, shape: Option<&Shape>) {
    match value {
        Value::Null => bytes.push(0xf6),
        Value::Bool(false) => bytes.push(0xf4),
        Value::Bool(true) => bytes.push(0xf5),
        Value::Number(number) => {
            let is_moment = matches!(shape, Some(Shape::Moment));
            if is_moment {
                write_head(bytes, major::TAG, MOMENT);
            }
            write_number(bytes, number, is_moment);
        }
        Value::String(text) => write_text(bytes, text),
        Value::Array(values) => {
            let element = match shape {
                Some(Shape::List { element, .. }) => Some(*element),
                _ => None,
            };
            write_head(bytes, major::LIST, values.len() as u64);
            for value in values {
                write_value(bytes, value, element);
            }
        }
        Value::Object(members) => {
            let count = members.values().filter(|value| !value.is_null()).count();
            write_head(bytes, major::MAP, count as u64);
            for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                write_text(bytes, name);
                write_value(bytes, value, member(shape, name));
            }
        }
    }
}

fn member(shape: Option<&Shape>, name: &str) -> Option<&'static Shape> {
    match shape? {
        Shape::Structure(members) => {
            members.iter().find(|member| member.name == name).map(|member| member.shape)
        }
        Shape::Map { value, .. } => Some(value),
        Shape::List { .. }
        | Shape::Text(_)
        | Shape::Integer { .. }
        | Shape::Boolean
        | Shape::Moment => None,
    }
}

/// Writes the kind of an item and its argument, in as few bytes as it needs.
fn write_head(bytes: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let all = argument.to_be_bytes();
    match argument {
        0..24 => bytes.push(major | all[7]),
        24..0x100 => bytes.extend([major | 0x18, all[7]]),
        0x100..0x1_0000 => {
            bytes.push(major | 0x19);
            bytes.extend(&all[6..]);
        }
        0x1_0000..0x1_0000_0000 => {
            bytes.push(major | 0x1a);
            bytes.extend(&all[4..]);
        }
        0x1_0000_0000.. => {
            bytes.push(major | 0x1b);
            bytes.extend(all);
        }
    }
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    write_head(bytes, major::TEXT, text.len() as u64);
    bytes.extend(text.as_bytes());
}

fn write_number(bytes: &mut Vec<u8>, number: &Number, is_moment: bool) {
    if let Some(positive) = number.as_u64() {
        write_head(bytes, major::POSITIVE, positive);
    } else if let Some(negative) = number.as_i64() {
        // CBOR counts what is below zero from -1 down.
        write_head(bytes, major::NEGATIVE, (-1 - negative).unsigned_abs());
    } else {
        let number = number.as_f64().unwrap_or_default();
        let whole = if is_moment { whole(number) } else { None };
        if let Some(seconds) = whole {
            write_number(bytes, &Number::from(seconds), false);
        } else {
            bytes.push(0xfb);
            bytes.extend(number.to_be_bytes());
        }
    }
}

/// Returns a number of seconds that has no fraction, as far as a calendar goes.
fn whole(seconds: f64) -> Option<i64> {
    const SECONDS_MAX: f64 = 1e12;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and within bounds")]
    (seconds.fract() == 0.0 && seconds.abs() < SECONDS_MAX).then_some(seconds as i64)
}
