//! The commit that a Git trigger brought.

use std::collections::BTreeMap;

use serde::Serialize;

/// The commit that started an execution, as AWS tells it when the execution ends (contract §4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GitTrigger {
    /// Who wrote the commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_display_name: Option<String>,
    /// For example `org/repo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_repository_name: Option<String>,
    /// For example `GitLab`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_type: Option<String>,
    /// Who wrote the commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_email: Option<String>,
    /// The whole message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_message: Option<String>,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_date: Option<String>,
    /// The branch that was pushed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch_name: Option<String>,
    /// The tag that was pushed, instead of a branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_name: Option<String>,
    /// The commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_id: Option<String>,
    /// The connection through which it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_arn: Option<String>,
    /// Who wrote the commit, in the provider's terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_id: Option<String>,
}

impl GitTrigger {
    /// Reads the commit from the output variables of a connection's source action. A tag hides the
    /// branch, since AWS names only the one that was pushed.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> Self {
        let value = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
        let tag_name = value("TagName");
        Self {
            author_display_name: value("AuthorDisplayName"),
            full_repository_name: value("FullRepositoryName"),
            provider_type: value("ProviderType"),
            author_email: value("AuthorEmail"),
            commit_message: value("CommitMessage"),
            author_date: value("AuthorDate"),
            branch_name: value("BranchName").filter(|_| tag_name.is_none()),
            tag_name,
            commit_id: value("CommitId"),
            connection_arn: value("ConnectionArn"),
            author_id: value("AuthorId"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_hides_the_branch_and_what_is_empty_is_absent() {
        let variables = [("BranchName", "main"), ("CommitId", "abc"), ("AuthorId", "")];
        let mut variables: BTreeMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let json = |variables: &BTreeMap<String, String>| {
            serde_json::to_string(&GitTrigger::from_variables(variables)).expect("plain data")
        };
        assert_eq!(json(&variables), r#"{"branch-name":"main","commit-id":"abc"}"#);
        variables.insert("TagName".into(), "v1".into());
        assert_eq!(json(&variables), r#"{"tag-name":"v1","commit-id":"abc"}"#);
    }
}
