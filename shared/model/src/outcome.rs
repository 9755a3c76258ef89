//! How one attempt of an action ended, and what it left behind.
//!
//! These shapes are kept at rest (in the log's records and beside a local run), so they change only
//! by adding optional members.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The end of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The work is done; its artifacts and variables become visible (R34).
    Succeeded(Success),
    /// The work failed.
    Failed(Failure),
}

/// What a successful attempt left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Success {
    /// The provider's id of the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Where the provider shows the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// One line about it, at most 2048 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Output variables, readable under the action's namespace (VAR2).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// Output artifacts, in the order of the declaration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<StoredArtifact>,
    /// For sources: what was brought in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<SourceRevision>,
}

/// Why an attempt failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// One of [`crate::status::FailureType`]'s words, or a provider's own code.
    pub code: String,
    /// A sentence for people: what failed, and what to do about it. At most 5000 characters.
    pub message: String,
    /// The provider's id of the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Where the provider shows the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
}

/// An artifact where it lies, with the digest that every later use verifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredArtifact {
    /// The artifact's name in the pipeline.
    pub name: String,
    /// The bucket of its store.
    pub bucket: String,
    /// The object's key, unique for each attempt.
    pub key: String,
    /// Lower-case hex SHA-256 of the bytes.
    pub sha256: String,
    /// How many bytes.
    pub size_bytes: u64,
}

/// What a source brought in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRevision {
    /// A commit id, image digest or object version; at most 1500 characters.
    pub id: String,
    /// For example the commit's message; at most 2048 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Where people can look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Success {
    /// Returns the line to show about it: the provider's own, or what a source says of its revision.
    pub fn shown_summary(&self) -> Option<&str> {
        let revision = self.revision.as_ref();
        self.summary.as_deref().or_else(|| revision?.summary.as_deref())
    }
}

impl Failure {
    /// Makes a failure of the given type with a sentence for people.
    pub fn new(code: crate::status::FailureType, message: impl Into<String>) -> Self {
        Self { code: code.as_str().to_owned(), message: message.into(), ..Self::default() }
    }
}
