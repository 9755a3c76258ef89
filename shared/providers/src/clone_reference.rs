//! An artifact that holds no files, only where to clone them from (contract §1.6).
//!
//! It names the repository as the pipeline does, not where it lies: that is looked up again when it
//! is cloned, so that no archive can send us anywhere else.

use serde::{Deserialize, Serialize};

/// The only file of such an archive.
pub const FILE_NAME: &str = "codebuild-clone-reference.json";

/// The longest reference that is read.
pub const BYTES_MAX: u64 = 64 * 1024;

/// A commit to clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloneReference {
    v: u32,
    /// The repository, as the source action names it.
    pub repository: String,
    /// The branch of the source action.
    pub branch: String,
    /// The commit.
    pub commit: String,
    /// What CodeBuild calls the kind of host, where one of its kinds was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Where Git clones from, for whoever shows it; nothing is sent there on this file's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The ARN of the connection that opens the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
}

impl CloneReference {
    /// Refers to a commit.
    pub fn new(repository: &str, branch: &str, commit: &str) -> CloneReference {
        CloneReference {
            v: 1,
            repository: repository.to_owned(),
            branch: branch.to_owned(),
            commit: commit.to_owned(),
            kind: None,
            url: None,
            connection: None,
        }
    }

    /// Says at which host the repository is, and which connection opens it.
    #[must_use]
    pub fn at(mut self, kind: &str, url: String, connection: Option<&str>) -> CloneReference {
        self.kind = Some(kind.to_owned());
        self.url = Some(url);
        self.connection = connection.map(str::to_owned);
        self
    }

    /// Returns the text of the file.
    pub fn render(&self) -> String {
        serde_json::to_string(self).expect("a number and three texts are always JSON")
    }

    /// Reads the file; `None` if it is none of ours: a repository may have a file of that name and be
    /// none the worse for it.
    pub fn parse(text: &[u8]) -> Option<CloneReference> {
        let reference = serde_json::from_slice::<CloneReference>(text).ok()?;
        let is_id = |id: &str| id.len() >= 40 && id.bytes().all(|it| it.is_ascii_hexdigit());
        (reference.v == 1 && is_id(&reference.commit)).then_some(reference)
    }
}

/// Returns what to say of an input that only refers to a repository, to an action that cannot take it.
pub fn refusal(artifact: &str) -> String {
    format!(
        "the input artifact {artifact} refers to a Git repository (its source action has \
         OutputArtifactFormat CODEBUILD_CLONE_REF), and only CodeBuild can take that; set \
         OutputArtifactFormat to CODE_ZIP, or use the output of a CodeBuild action"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_back_and_a_file_of_somebody_else_is_none() {
        let reference = CloneReference::new("web", "main", &"c0ffee00".repeat(5));
        assert_eq!(CloneReference::parse(reference.render().as_bytes()), Some(reference));
        for text in ["", "{}", r#"{"v":1,"repository":"a","branch":"b","commit":"c"}"#] {
            assert_eq!(CloneReference::parse(text.as_bytes()), None, "{text}");
        }
    }
}
