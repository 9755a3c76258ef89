//! Values that fit a shape: with everything that it has, with as little as it needs, or at random.

use model::shape::{Member, Range, Shape, Text};
use rand::{Rng, RngExt};
use serde_json::{Map, Value, json};

/// Returns a value with every member that the shape knows.
pub(crate) fn full(shape: &Shape) -> Value {
    build(shape, &|_| true)
}

/// Returns a value with the required members only.
pub(crate) fn minimal(shape: &Shape) -> Value {
    build(shape, &|member| member.is_required)
}

fn build(shape: &Shape, is_wanted: &dyn Fn(&Member) -> bool) -> Value {
    match shape {
        Shape::Structure(members) => members
            .iter()
            .filter(|member| is_wanted(member))
            .map(|member| (member.name.to_owned(), build(member.shape, is_wanted)))
            .collect::<Map<_, _>>()
            .into(),
        Shape::List { element, size } => {
            vec![build(element, is_wanted); size.minimum.max(1)].into()
        }
        Shape::Map { key, value, .. } => {
            let key = text_of(key, key.length.minimum.max(1));
            json!({ key: build(value, is_wanted) })
        }
        Shape::Text(text) => text_of(text, text.length.minimum.max(1)).into(),
        Shape::Integer { minimum, .. } => json!(minimum),
        Shape::Boolean => json!(true),
        Shape::Moment => json!(1_700_000_000.123),
    }
}

/// Returns a value at random: some members, some elements, texts of any length and odd characters.
pub(crate) fn random(shape: &Shape, random_numbers: &mut impl Rng) -> Value {
    match shape {
        Shape::Structure(members) => {
            let mut value = Map::new();
            for member in *members {
                if member.is_required || random_numbers.random_bool(0.5) {
                    value.insert(member.name.to_owned(), random(member.shape, random_numbers));
                }
            }
            Value::Object(value)
        }
        Shape::List { element, size } => {
            let count = count(*size, 3, random_numbers);
            (0..count).map(|_| random(element, random_numbers)).collect::<Vec<_>>().into()
        }
        Shape::Map { key, value, size } => {
            let count = count(*size, 3, random_numbers);
            (0..count)
                .map(|_| (random_text(key, random_numbers), random(value, random_numbers)))
                .collect::<Map<_, _>>()
                .into()
        }
        Shape::Text(text) => random_text(text, random_numbers).into(),
        Shape::Integer { minimum, maximum } => {
            json!(random_numbers.random_range(*minimum..=maximum.unwrap_or(i64::from(i32::MAX))))
        }
        Shape::Boolean => json!(random_numbers.random_bool(0.5)),
        Shape::Moment if random_numbers.random_bool(0.5) => {
            json!(random_numbers.random_range(-1_000_000_000_i64..4_000_000_000))
        }
        Shape::Moment => {
            let millis = random_numbers.random_range(1_i32..i32::MAX);
            // A moment without a fraction is a whole number; the last digit keeps this one apart.
            json!(f64::from(millis / 10 * 10 + 1) / 1000.0)
        }
    }
}

fn count(range: Range, at_most: usize, random_numbers: &mut impl Rng) -> usize {
    let maximum = range.maximum.unwrap_or(usize::MAX).min(range.minimum + at_most);
    random_numbers.random_range(range.minimum..=maximum)
}

fn random_text(text: &Text, random_numbers: &mut impl Rng) -> String {
    if !text.words.is_empty() {
        return text.words[random_numbers.random_range(0..text.words.len())].to_owned();
    }
    let length = count(text.length, 40, random_numbers);
    let odd: String = (0..length)
        .map(|_| match random_numbers.random_range(0..4) {
            0 => char::from_u32(random_numbers.random_range(0..0x11_0000)).unwrap_or('\u{7f}'),
            _ => char::from(random_numbers.random_range(b' '..=b'~')),
        })
        .collect();
    match text.pattern {
        Some(pattern) if !pattern.is_match(&odd) => text_of(text, length.max(1)),
        Some(_) | None => odd,
    }
}

/// Returns a text of so many characters, or of as many as its pattern prescribes.
pub(crate) fn text_of(text: &Text, length: usize) -> String {
    if let Some(word) = text.words.first() {
        return (*word).to_owned();
    }
    let beginnings = [
        "",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:lambda:us-east-1:111122223333:function:",
        "arn:aws:codepipeline:us-east-1:111122223333:",
    ];
    let whole = ["111122223333", "AWS", "01234567-89ab-cdef-0123-456789abcdef"];
    let fits = |candidate: &String| text.pattern.is_none_or(|pattern| pattern.is_match(candidate));
    let filled = beginnings.iter().map(|beginning| {
        let missing = length.saturating_sub(beginning.len());
        format!("{beginning}{}", "a".repeat(missing.max(usize::from(!beginning.is_empty()))))
    });
    filled
        .chain(whole.map(str::to_owned))
        .find(fits)
        .unwrap_or_else(|| panic!("no text of {length} fits {:?}", text.pattern.map(|p| p.text)))
}
