//! Lengths, patterns, sizes and words (contract §1.8), in our words and in AWS's.

use crate::declaration::shape::{Range, Text};
use crate::nearest::nearest;
use crate::violation::{ErrorClass, Place, Violation};

const LENGTH: &str = "contract §1.8: length";
const PATTERN: &str = "contract §1.8: pattern";
const WORDS: &str = "contract §1.8: enum";
const SIZE: &str = "contract §1.8: size of a list";
const RANGE: &str = "contract §1.8: range";
const PATH_PART: &str = "ours: names become parts of paths";

/// How much of a value a message repeats.
const SHOWN_CHARACTERS_MAX: usize = 80;

/// Checks a string.
pub(super) fn text(value: &str, text: &Text, place: &Place) -> Vec<Violation> {
    let mut violations = Vec::new();
    let shown = if text.is_secret { String::new() } else { format!("'{}' ", shorten(value)) };
    let mut refuse = |rule, message, fix, member_must: String| {
        let constraint = format!(
            "Value {shown}at '{}' failed to satisfy constraint: Member must {member_must}",
            place.member_path()
        );
        violations.push(
            Violation::error(ErrorClass::Shape, place, rule, message, fix)
                .with_constraint(constraint),
        );
    };
    let length = value.chars().count();
    if text.words.is_empty() && !text.length.contains(length) {
        refuse(
            LENGTH,
            format!("is {length} characters long"),
            format!("use {} characters", text.length.words()),
            length_words(length, text.length),
        );
    }
    if let Some(pattern) = text.pattern
        && (length > 0 || text.length.minimum == 0)
        && !pattern.is_match(value)
    {
        refuse(
            PATTERN,
            format!("{shown}is not made of what is allowed here"),
            format!("use {}", pattern.words),
            format!("satisfy regular expression pattern: {}", pattern.text),
        );
    }
    if !text.words.is_empty() && !text.words.contains(&value) {
        let near = nearest(value, text.words.iter().copied());
        refuse(
            WORDS,
            format!("{shown}is not one of the words that are allowed here"),
            match near {
                Some(near) => format!("did you mean {near}?"),
                None => format!("use {}", text.words.join(", ")),
            },
            format!("satisfy enum value set: [{}]", text.words.join(", ")),
        );
    }
    if text.is_path_part && (value == "." || value == "..") {
        refuse(
            PATH_PART,
            format!("{shown}means a directory, not a name"),
            "choose a name with a letter or a digit".to_owned(),
            "not be a path segment".to_owned(),
        );
    }
    violations
}

/// Checks a whole number.
pub(super) fn integer(
    number: i64,
    minimum: i64,
    maximum: Option<i64>,
    place: &Place,
) -> Option<Violation> {
    let bound = if number < minimum {
        format!("greater than or equal to {minimum}")
    } else {
        format!("less than or equal to {}", maximum.filter(|maximum| number > *maximum)?)
    };
    let fix = match maximum {
        Some(maximum) => format!("use {minimum} to {maximum}"),
        None => format!("use {minimum} or more"),
    };
    let constraint = format!(
        "Value '{number}' at '{}' failed to satisfy constraint: Member must have value {bound}",
        place.member_path()
    );
    Some(
        Violation::error(ErrorClass::Shape, place, RANGE, format!("is {number}"), fix)
            .with_constraint(constraint),
    )
}

/// Checks how many elements or entries there are.
pub(super) fn size(count: usize, range: Range, place: &Place) -> Option<Violation> {
    if range.contains(count) {
        return None;
    }
    let constraint = format!(
        "Value at '{}' failed to satisfy constraint: Member must {}",
        place.member_path(),
        length_words(count, range)
    );
    Some(
        Violation::error(
            ErrorClass::Shape,
            place,
            SIZE,
            format!("has {count} elements"),
            format!("use {}, or leave the member out", range.words()),
        )
        .with_constraint(constraint),
    )
}

/// Checks a key of a map; AWS speaks of the map as a whole.
pub(super) fn key(name: &str, key: &Text, entry: &Place, map: &Place) -> Option<Violation> {
    of_map(("the key", "keys"), name, key.length, entry, map)
}

/// Checks a value of a map; AWS speaks of the map as a whole, and so hides what may be a secret.
pub(super) fn map_value(value: &str, text: &Text, entry: &Place, map: &Place) -> Option<Violation> {
    of_map(("the value", "value"), value, text.length, entry, map)
}

fn of_map(
    (ours, theirs): (&str, &str),
    text: &str,
    range: Range,
    entry: &Place,
    map: &Place,
) -> Option<Violation> {
    let length = text.chars().count();
    if range.contains(length) {
        return None;
    }
    let constraint = format!(
        "Value at '{}' failed to satisfy constraint: Map {theirs} must satisfy constraint: {}",
        map.member_path(),
        both_bounds(range)
    );
    let mut violation = Violation::error(
        ErrorClass::Shape,
        entry,
        LENGTH,
        format!("{ours} is {length} characters long"),
        format!("use {} characters", range.words()),
    )
    .with_constraint(constraint);
    map.member_path().clone_into(&mut violation.member_path);
    Some(violation)
}

fn length_words(length: usize, range: Range) -> String {
    match range.maximum {
        Some(maximum) if length > maximum => {
            format!("have length less than or equal to {maximum}")
        }
        Some(_) | None => format!("have length greater than or equal to {}", range.minimum),
    }
}

fn both_bounds(range: Range) -> String {
    let at_least = format!("Member must have length greater than or equal to {}", range.minimum);
    match range.maximum {
        Some(maximum) => {
            format!("[Member must have length less than or equal to {maximum}, {at_least}]")
        }
        None => format!("[{at_least}]"),
    }
}

fn shorten(value: &str) -> String {
    let mut shown: String =
        value.chars().take(SHOWN_CHARACTERS_MAX).flat_map(char::escape_debug).collect();
    if value.chars().nth(SHOWN_CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
