//! What is wrong with a declaration, where, by which rule, and how to put it right.

use std::fmt;

/// What kind of wrong it is: the order of the classes is the order in which they are refused
/// (contract §1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// The text is not JSON or YAML at all.
    Syntax,
    /// A member that CodePipeline does not know.
    UnknownField,
    /// A member that is missing, of the wrong type, or outside its lengths, patterns or words.
    Shape,
    /// The pipeline as a whole does not hold together.
    Structure,
    /// A stage does not.
    Stage,
    /// A blocker was declared; the member is reserved.
    Blocker,
    /// An action does not.
    Action,
}

impl ErrorClass {
    /// Every class, in the order in which they are refused.
    pub const ALL: &'static [Self] = &[
        Self::Syntax,
        Self::UnknownField,
        Self::Shape,
        Self::Structure,
        Self::Stage,
        Self::Blocker,
        Self::Action,
    ];

    /// Returns the API's error for this class.
    pub const fn exception(self) -> &'static str {
        match self {
            Self::Syntax | Self::UnknownField | Self::Shape => "ValidationException",
            Self::Structure => "InvalidStructureException",
            Self::Stage => "InvalidStageDeclarationException",
            Self::Blocker => "InvalidBlockerDeclarationException",
            Self::Action => "InvalidActionDeclarationException",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.exception())
    }
}

/// Whether a finding refuses the declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not, but its author should know.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What kind of wrong.
    pub class: ErrorClass,
    /// Whether it refuses the declaration.
    pub severity: Severity,
    /// Where, as the file's author counts: `pipeline.stages[1].actions[0].name`.
    pub path: String,
    /// Where, as AWS counts: `pipeline.stages.2.member.actions.1.member.name`.
    pub member_path: String,
    /// The rule of the contract, or AWS's limit in words.
    pub rule: &'static str,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// For shapes: the rest of AWS's sentence, from the word "Value" on.
    pub constraint: Option<String>,
}

impl Violation {
    /// Makes a finding that refuses the declaration.
    pub fn error(
        class: ErrorClass,
        place: &Place,
        rule: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            class,
            severity: Severity::Error,
            path: place.path.clone(),
            member_path: place.member_path.clone(),
            rule,
            message: message.into(),
            fix: fix.into(),
            constraint: None,
        }
    }

    /// Makes a finding that only warns.
    pub fn warning(
        class: ErrorClass,
        place: &Place,
        rule: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(class, place, rule, message, fix) }
    }

    /// Adds AWS's own sentence about it.
    pub(crate) fn with_constraint(mut self, constraint: String) -> Self {
        self.constraint = Some(constraint);
        self
    }

    /// Whether it refuses the declaration.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]; {}", self.path, self.message, self.rule, self.fix)
    }
}

/// Why a declaration is refused: all violations of the first failing class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The first failing class.
    pub error: ErrorClass,
    /// All violations of it, at least one.
    pub violations: Vec<Violation>,
}

impl Refusal {
    /// Keeps the violations of the first failing class, if any of `violations` refuses.
    pub fn first_class(violations: Vec<Violation>) -> Option<Self> {
        let error =
            violations.iter().filter(|violation| violation.is_error()).map(|v| v.class).min()?;
        let violations =
            violations.into_iter().filter(|v| v.is_error() && v.class == error).collect();
        Some(Self { error, violations })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.violations.len();
        if self.violations.iter().any(|violation| violation.constraint.is_some()) {
            let errors = if count == 1 { "error" } else { "errors" };
            write!(f, "{count} validation {errors} detected: ")?;
        }
        for (index, violation) in self.violations.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            match &violation.constraint {
                Some(constraint) => write!(f, "{separator}{constraint}")?,
                None => write!(f, "{separator}{}: {}", violation.path, violation.message)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

/// A place in a declaration, in both ways of counting.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: String,
    member_path: String,
}

impl Place {
    /// Returns the place of a member of the document itself, for example `pipeline`.
    pub fn root(name: &str) -> Self {
        Self { path: name.to_owned(), member_path: name.to_owned() }
    }

    /// Returns the place of the whole pipeline.
    pub fn pipeline() -> Self {
        Self::root("pipeline")
    }

    /// Returns the place of a member of the structure that stands here.
    pub fn member(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            member_path: format!("{}.{name}", self.member_path),
        }
    }

    /// Returns the place of an element of the list that stands here; `index` counts from 0.
    pub fn item(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            member_path: format!("{}.{}.member", self.member_path, index + 1),
        }
    }

    /// Returns the place of an entry of the map that stands here.
    pub fn entry(&self, key: &str) -> Self {
        Self {
            path: format!("{}.{key}", self.path),
            member_path: format!("{}.{key}.member", self.member_path),
        }
    }

    /// Returns the place as the file's author counts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the place as AWS counts.
    pub fn member_path(&self) -> &str {
        &self.member_path
    }
}
