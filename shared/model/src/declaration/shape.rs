//! How a shape of AWS's model is written down: members, lengths, patterns, words.

use std::sync::LazyLock;

use regex::Regex;

/// What may stand at a place.
pub(super) enum Shape {
    /// An object with known members.
    Structure(&'static [Member]),
    /// A list.
    List { element: &'static Shape, size: Range },
    /// An object whose keys its author chooses.
    Map { key: Text, value: &'static Shape, size: Range },
    /// A string.
    Text(Text),
    /// A whole number.
    Integer { minimum: i64, maximum: Option<i64> },
}

/// A member of a structure.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) shape: &'static Shape,
    pub(super) is_required: bool,
}

/// How many characters or elements.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) minimum: usize,
    pub(super) maximum: Option<usize>,
}

/// What a string may be.
#[derive(Clone, Copy)]
pub(super) struct Text {
    pub(super) length: Range,
    pub(super) pattern: Option<&'static Pattern>,
    /// The words of an enum; empty when any text will do.
    pub(super) words: &'static [&'static str],
    /// Whether messages must not repeat the value.
    pub(super) is_secret: bool,
    /// Whether the text becomes part of a path, so that `.` and `..` would lead elsewhere.
    pub(super) is_path_part: bool,
}

/// A pattern that the whole text must match.
pub(super) struct Pattern {
    /// The regular expression, as AWS prints it.
    pub(super) text: &'static str,
    /// The same for people.
    pub(super) words: &'static str,
    compiled: LazyLock<Regex>,
}

impl Pattern {
    pub(super) const fn new(
        text: &'static str,
        words: &'static str,
        compile: fn() -> Regex,
    ) -> Self {
        Self { text, words, compiled: LazyLock::new(compile) }
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

/// Compiles a pattern of ours so that it must match the whole text.
pub(super) fn full_match(pattern: &str) -> Regex {
    Regex::new(&format!(r"\A(?:{pattern})\z")).expect("the patterns of the tables are legal")
}

impl Range {
    pub(super) const ANY: Self = Self { minimum: 0, maximum: None };

    pub(super) const fn new(minimum: usize, maximum: usize) -> Self {
        Self { minimum, maximum: Some(maximum) }
    }

    pub(super) fn contains(self, count: usize) -> bool {
        count >= self.minimum && self.maximum.is_none_or(|maximum| count <= maximum)
    }

    /// Returns what is allowed, for people.
    pub(super) fn words(self) -> String {
        match self.maximum {
            Some(maximum) if maximum == self.minimum => format!("exactly {maximum}"),
            Some(maximum) if self.minimum == 0 => format!("at most {maximum}"),
            Some(maximum) => format!("{} to {maximum}", self.minimum),
            None => format!("at least {}", self.minimum),
        }
    }
}

impl Text {
    pub(super) const fn new(minimum: usize, maximum: usize) -> Self {
        Self {
            length: Range::new(minimum, maximum),
            pattern: None,
            words: &[],
            is_secret: false,
            is_path_part: false,
        }
    }

    pub(super) const fn one_of(words: &'static [&'static str]) -> Self {
        Self { length: Range::ANY, words, ..Self::new(0, 0) }
    }

    pub(super) const fn matching(self, pattern: &'static Pattern) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    pub(super) const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    pub(super) const fn path_part(self) -> Self {
        Self { is_path_part: true, ..self }
    }
}

/// A member that must be there.
pub(super) const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, is_required: true }
}

/// A member that may be absent.
pub(super) const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, is_required: false }
}

/// A list of `minimum` to `maximum` elements.
pub(super) const fn list(element: &'static Shape, minimum: usize, maximum: usize) -> Shape {
    Shape::List { element, size: Range::new(minimum, maximum) }
}

/// A list of any size, as far as the shape is concerned.
pub(super) const fn any_list(element: &'static Shape) -> Shape {
    Shape::List { element, size: Range::ANY }
}
