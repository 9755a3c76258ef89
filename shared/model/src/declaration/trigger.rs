//! Which changes start a pipeline (contract §7.1).

use serde::{Deserialize, Serialize};

/// A trigger of one source action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerDeclaration {
    /// `CodeStarSourceConnection`.
    pub provider_type: String,
    /// Which changes.
    pub git_configuration: GitConfiguration,
}

/// Which changes of a Git repository start the pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitConfiguration {
    /// The source action that they are for.
    pub source_action_name: String,
    /// Pushes: one filter must match (G5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<Vec<GitPushFilter>>,
    /// Pull requests: one filter must match (G5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<Vec<GitPullRequestFilter>>,
}

/// Which pushes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitPushFilter {
    /// Tag names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<GitPatterns>,
    /// Branch names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<GitPatterns>,
    /// Changed files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_paths: Option<GitPatterns>,
}

/// Which pull requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitPullRequestFilter {
    /// `OPEN`, `UPDATED`, `CLOSED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Names of destination branches (G9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<GitPatterns>,
    /// Changed files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_paths: Option<GitPatterns>,
}

/// Glob patterns: some include must match and no exclude (G7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitPatterns {
    /// What matches; empty means everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub includes: Option<Vec<String>>,
    /// What does not, even when included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excludes: Option<Vec<String>>,
}
