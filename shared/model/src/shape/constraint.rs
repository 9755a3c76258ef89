//! Lengths, patterns, sizes and words (contract §1.8), in our words and in AWS's.

use super::fit::Kind;
use super::spot::Spot;
use super::{Range, Text};
use crate::nearest::nearest;
use crate::violation::{ErrorClass, Violation};

const LENGTH: &str = "contract §1.8: length";
const PATTERN: &str = "contract §1.8: pattern";
const WORDS: &str = "contract §1.8: enum";
const SIZE: &str = "contract §1.8: size of a list";
const RANGE: &str = "contract §1.8: range";
const PATH_PART: &str = "ours: names become parts of paths";

/// How much of a value a message repeats.
const SHOWN_CHARACTERS_MAX: usize = 80;

/// Checks a string.
pub(super) fn text(value: &str, text: &Text, spot: &Spot) -> Vec<(Kind, Violation)> {
    let length = value.chars().count();
    let is_wrong_length = text.words.is_empty() && !text.length.contains(length);
    // An empty text is told once, as too short.
    let is_wrong_pattern = text.pattern.is_some_and(|pattern| {
        (length > 0 || text.length.minimum == 0) && !pattern.is_match(value)
    });
    let is_no_word = !text.words.is_empty() && !text.words.contains(&value);
    let is_directory = text.is_path_part && (value == "." || value == "..");
    if !(is_wrong_length || is_wrong_pattern || is_no_word || is_directory) {
        return Vec::new();
    }

    let mut violations = Vec::new();
    let shown = if text.is_secret { String::new() } else { format!("'{}' ", shorten(value)) };
    let place = spot.place();
    let mut refuse = |rule, message, fix, member_must: String| {
        let kind = if rule == WORDS { Kind::Word } else { Kind::Limit };
        let constraint = format!(
            "Value {shown}at '{}' failed to satisfy constraint: Member must {member_must}",
            place.member_path()
        );
        let violation = Violation::error(ErrorClass::Shape, &place, rule, message, fix)
            .with_constraint(constraint);
        violations.push((kind, violation));
    };
    if is_wrong_length {
        refuse(
            LENGTH,
            format!("is {length} characters long"),
            format!("use {} characters", text.length.words()),
            length_words(length, text.length),
        );
    }
    if let Some(pattern) = text.pattern.filter(|_| is_wrong_pattern) {
        refuse(
            PATTERN,
            format!("{shown}is not made of what is allowed here"),
            format!("use {}", pattern.words),
            format!("satisfy regular expression pattern: {}", pattern.text),
        );
    }
    if is_no_word {
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
    if is_directory {
        refuse(
            PATH_PART,
            format!("{shown}means a directory, not a name"),
            "choose a name with a letter or a digit".to_owned(),
            "not be a path segment".to_owned(),
        );
    }
    violations
}

/// Checks a whole number. Where the shape has no bound, 32 bits are one: clients read no more.
pub(super) fn integer(
    number: i64,
    minimum: i64,
    maximum: Option<i64>,
    spot: &Spot,
) -> Option<(Kind, Violation)> {
    let maximum = maximum.unwrap_or(i64::from(i32::MAX));
    let bound = if number < minimum {
        format!("greater than or equal to {minimum}")
    } else if number > maximum {
        format!("less than or equal to {maximum}")
    } else {
        return None;
    };
    let place = spot.place();
    let constraint = format!(
        "Value '{number}' at '{}' failed to satisfy constraint: Member must have value {bound}",
        place.member_path()
    );
    let message = format!("is {number}");
    let fix = format!("use {minimum} to {maximum}");
    let violation = Violation::error(ErrorClass::Shape, &place, RANGE, message, fix);
    Some((Kind::Limit, violation.with_constraint(constraint)))
}

/// Checks how many elements or entries there are.
pub(super) fn size(count: usize, range: Range, spot: &Spot) -> Option<(Kind, Violation)> {
    if range.contains(count) {
        return None;
    }
    let place = spot.place();
    let constraint = format!(
        "Value at '{}' failed to satisfy constraint: Member must {}",
        place.member_path(),
        length_words(count, range)
    );
    let message = format!("has {count} elements");
    let fix = format!("use {}, or leave the member out", range.words());
    let violation = Violation::error(ErrorClass::Shape, &place, SIZE, message, fix);
    Some((Kind::Limit, violation.with_constraint(constraint)))
}

/// Checks a key of a map; AWS speaks of the map as a whole.
pub(super) fn key(name: &str, key: &Text, entry: &Spot, map: &Spot) -> Option<(Kind, Violation)> {
    of_map(("the key", "keys"), name, key, entry, map)
}

/// Checks a value of a map; AWS speaks of the map as a whole, and so hides what may be a secret.
pub(super) fn map_value(
    value: &str,
    text: &Text,
    entry: &Spot,
    map: &Spot,
) -> Option<(Kind, Violation)> {
    of_map(("the value", "value"), value, text, entry, map)
}

fn of_map(
    (ours, theirs): (&str, &str),
    value: &str,
    text: &Text,
    entry: &Spot,
    map: &Spot,
) -> Option<(Kind, Violation)> {
    let length = value.chars().count();
    let is_word = text.words.is_empty() || text.words.contains(&value);
    let (kind, rule, message, fix) = if !is_word {
        let message = format!("{ours} is not one of the words that are allowed here");
        (Kind::Word, WORDS, message, format!("use {}", text.words.join(", ")))
    } else if !text.length.contains(length) {
        let message = format!("{ours} is {length} characters long");
        (Kind::Limit, LENGTH, message, format!("use {} characters", text.length.words()))
    } else if let Some(pattern) = text.pattern.filter(|pattern| !pattern.is_match(value)) {
        let message = format!("{ours} is not made of what is allowed here");
        (Kind::Limit, PATTERN, message, format!("use {}", pattern.words))
    } else {
        return None;
    };
    let map = map.place();
    let constraint = format!(
        "Value at '{}' failed to satisfy constraint: Map {theirs} must satisfy constraint: {}",
        map.member_path(),
        all_bounds(text)
    );
    let mut violation = Violation::error(ErrorClass::Shape, &entry.place(), rule, message, fix)
        .with_constraint(constraint);
    map.member_path().clone_into(&mut violation.member_path);
    Some((kind, violation))
}

fn length_words(length: usize, range: Range) -> String {
    match range.maximum {
        Some(maximum) if length > maximum => {
            format!("have length less than or equal to {maximum}")
        }
        Some(_) | None => format!("have length greater than or equal to {}", range.minimum),
    }
}

/// Returns everything that AWS says of the keys or values of a map.
fn all_bounds(text: &Text) -> String {
    let Range { minimum, maximum } = text.length;
    let mut bounds = Vec::new();
    if let Some(maximum) = maximum {
        bounds.push(format!("Member must have length less than or equal to {maximum}"));
    }
    if minimum > 0 || maximum.is_some() {
        bounds.push(format!("Member must have length greater than or equal to {minimum}"));
    }
    if let Some(pattern) = text.pattern {
        bounds.push(format!("Member must satisfy regular expression pattern: {}", pattern.text));
    }
    if !text.words.is_empty() {
        bounds.push(format!("Member must satisfy enum value set: [{}]", text.words.join(", ")));
    }
    format!("[{}]", bounds.join(", "))
}

fn shorten(value: &str) -> String {
    let mut shown: String =
        value.chars().take(SHOWN_CHARACTERS_MAX).flat_map(char::escape_debug).collect();
    if value.chars().nth(SHOWN_CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
