//! How a shape of AWS's model is written down: members, lengths, patterns, words.
//!
//! A declaration and a request of the API are held against the same shapes: those of a pipeline stand
//! in [`pipeline`], once, and requests and answers refer to them. [`fit()`] walks a value along its
//! shape and names everything that does not fit.

mod constraint;
mod fit;
mod node;
pub mod pipeline;
mod spot;

use std::sync::LazyLock;

use regex::Regex;

pub use fit::{Finding, Kind, Manner, fit};
pub(crate) use fit::{fit_pipeline, unknown_field, written_twice};
pub(crate) use node::Node;

/// What may stand at a place.
#[derive(Debug)]
pub enum Shape {
    /// An object with known members.
    Structure(&'static [Member]),
    /// A list.
    List {
        /// What each element is.
        element: &'static Shape,
        /// How many there may be.
        size: Range,
    },
    /// An object whose keys its author chooses.
    Map {
        /// What each key is.
        key: Text,
        /// What each value is.
        value: &'static Shape,
        /// How many entries there may be.
        size: Range,
    },
    /// A string.
    Text(Text),
    /// A whole number of 32 bits.
    Integer {
        /// The least that is allowed.
        minimum: i64,
        /// The most that is allowed; what 32 bits hold, unless said otherwise.
        maximum: Option<i64>,
    },
    /// True or false.
    Boolean,
    /// A moment: seconds since 1970-01-01T00:00:00Z, kept to the millisecond.
    Moment,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// Its name, as clients write it.
    pub name: &'static str,
    /// What it is.
    pub shape: &'static Shape,
    /// Whether it must be there.
    pub is_required: bool,
}

/// How many characters or elements.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The fewest.
    pub minimum: usize,
    /// The most, if there is such a bound.
    pub maximum: Option<usize>,
}

/// What a string may be.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// How many characters it may have.
    pub length: Range,
    /// What it must be made of.
    pub pattern: Option<&'static Pattern>,
    /// The words of an enum; empty when any text will do.
    pub words: &'static [&'static str],
    /// Whether messages must not repeat the value.
    pub is_secret: bool,
    /// Whether the text becomes part of a path, so that `.` and `..` would lead elsewhere.
    pub is_path_part: bool,
}

/// A pattern that the whole text must match.
#[derive(Debug)]
pub struct Pattern {
    /// The regular expression, as AWS prints it.
    pub text: &'static str,
    /// The same for people.
    pub words: &'static str,
    compiled: LazyLock<Regex>,
}

impl Pattern {
    /// Makes a pattern that is compiled when it is first asked.
    pub const fn new(text: &'static str, words: &'static str, compile: fn() -> Regex) -> Self {
        Self { text, words, compiled: LazyLock::new(compile) }
    }

    /// Whether the whole text matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

/// Compiles a pattern of ours so that it must match the whole text.
pub fn full_match(pattern: &str) -> Regex {
    Regex::new(&format!(r"\A(?:{pattern})\z")).expect("the patterns of the tables are legal")
}

/// Names a pattern: `pattern!(NAME, r"[a-z]+", "letters")`.
#[macro_export]
macro_rules! pattern {
    ($name:ident, $text:literal, $words:literal) => {
        static $name: $crate::shape::Pattern =
            $crate::shape::Pattern::new($text, $words, || $crate::shape::full_match($text));
    };
}

impl Range {
    /// As many as one likes.
    pub const ANY: Self = Self { minimum: 0, maximum: None };

    /// From `minimum` to `maximum`, both included.
    pub const fn new(minimum: usize, maximum: usize) -> Self {
        Self { minimum, maximum: Some(maximum) }
    }

    /// Whether so many are allowed.
    pub fn contains(self, count: usize) -> bool {
        count >= self.minimum && self.maximum.is_none_or(|maximum| count <= maximum)
    }

    /// Returns what is allowed, for people.
    pub fn words(self) -> String {
        match self.maximum {
            Some(maximum) if maximum == self.minimum => format!("exactly {maximum}"),
            Some(maximum) if self.minimum == 0 => format!("at most {maximum}"),
            Some(maximum) => format!("{} to {maximum}", self.minimum),
            None => format!("at least {}", self.minimum),
        }
    }
}

impl Text {
    /// Any text.
    pub const ANY: Self = Self {
        length: Range::ANY,
        pattern: None,
        words: &[],
        is_secret: false,
        is_path_part: false,
    };

    /// A text of `minimum` to `maximum` characters.
    pub const fn new(minimum: usize, maximum: usize) -> Self {
        Self { length: Range::new(minimum, maximum), ..Self::ANY }
    }

    /// One of an enum's words.
    pub const fn one_of(words: &'static [&'static str]) -> Self {
        Self { words, ..Self::ANY }
    }

    /// The same, made of what the pattern allows.
    #[must_use]
    pub const fn matching(self, pattern: &'static Pattern) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    /// The same, and never repeated in a message.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// The same, and not the name of a directory.
    #[must_use]
    pub const fn path_part(self) -> Self {
        Self { is_path_part: true, ..self }
    }
}

/// A member that must be there.
pub const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, is_required: true }
}

/// A member that may be absent.
pub const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, is_required: false }
}

/// A list of `minimum` to `maximum` elements.
pub const fn list(element: &'static Shape, minimum: usize, maximum: usize) -> Shape {
    Shape::List { element, size: Range::new(minimum, maximum) }
}

/// A list of any size, as far as the shape is concerned.
pub const fn any_list(element: &'static Shape) -> Shape {
    Shape::List { element, size: Range::ANY }
}

/// An object with keys of the author's choosing, `minimum` to `maximum` of them.
pub const fn map(key: Text, value: &'static Shape, minimum: usize, maximum: usize) -> Shape {
    Shape::Map { key, value, size: Range::new(minimum, maximum) }
}

/// An object with as many keys of the author's choosing as one likes.
pub const fn any_map(key: Text, value: &'static Shape) -> Shape {
    Shape::Map { key, value, size: Range::ANY }
}

/// A whole number from `minimum` to `maximum`.
pub const fn integer(minimum: i64, maximum: i64) -> Shape {
    Shape::Integer { minimum, maximum: Some(maximum) }
}

/// A whole number that is not below `minimum`.
pub const fn at_least(minimum: i64) -> Shape {
    Shape::Integer { minimum, maximum: None }
}
