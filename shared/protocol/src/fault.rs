//! What clients are told when they do not get what they asked for.

use std::borrow::Cow;
use std::fmt;

/// An error of the API: a code that programs read and a sentence that people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The error's shape name, for example `PipelineNotFoundException`.
    pub code: Cow<'static, str>,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Fault {
    /// Makes a fault.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }

    /// Makes a `ValidationException`.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// Makes an `InternalFailure`: the world failed, and asking again may help.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", message)
    }

    /// Returns the HTTP status: 409 for `ConflictException`, 500 for failures of ours, 415 for a content
    /// type that no client of the API sends, else 400 (contract T2).
    pub fn status(&self) -> u16 {
        match self.code.as_ref() {
            "ConflictException" => 409,
            "UnsupportedMediaTypeException" => 415,
            "InternalFailure" => 500,
            _ => 400,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
