//! Under which key those are found who follow a source.

use std::collections::BTreeMap;
use std::fmt;

use model::pipeline::ActionTypeId;
use model::status::{ActionCategory, ActionOwner};

/// How many bytes a key may have: twice the longest legal object key, and less than the table allows for
/// a key of its own. What is longer names nothing that can exist.
const BYTES_MAX: usize = 1_900;

/// The tag that an ECR action follows when it names none (contract §5.1).
const TAG_DEFAULT: &str = "latest";

/// Names a source: `codecommit/<repository>/<branch>`, `ecr/<repository>/<tag>` or
/// `s3/<bucket>/<key>`.
///
/// A separator inside of the middle part is written `%2F`, and a percent sign `%25`. The last part
/// stands as it is, since nothing comes after it; so two sources never have one key.
///
/// Neither account nor Region is part of it, because actions name neither. Whoever finds a pipeline
/// under a key compares them with where the pipeline works.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceKey(String);

impl SourceKey {
    /// Names a branch of a CodeCommit repository.
    pub fn code_commit(repository: &str, branch: &str) -> Option<Self> {
        Self::new("codecommit", repository, branch)
    }

    /// Names a tag of an ECR repository.
    pub fn ecr(repository: &str, tag: &str) -> Option<Self> {
        Self::new("ecr", repository, tag)
    }

    /// Names an object in a bucket.
    pub fn s3(bucket: &str, object_key: &str) -> Option<Self> {
        Self::new("s3", bucket, object_key)
    }

    /// Returns what an action follows, if events tell of its changes.
    pub fn of_action(
        type_id: &ActionTypeId,
        configuration: &BTreeMap<String, String>,
    ) -> Option<Self> {
        if type_id.category != ActionCategory::Source || type_id.owner != ActionOwner::Aws {
            return None;
        }
        let setting = |name: &str| configuration.get(name).map(String::as_str);
        match type_id.provider.as_str() {
            "CodeCommit" => Self::code_commit(setting("RepositoryName")?, setting("BranchName")?),
            "ECR" => {
                Self::ecr(setting("RepositoryName")?, setting("ImageTag").unwrap_or(TAG_DEFAULT))
            }
            "S3" => Self::s3(setting("S3Bucket")?, setting("S3ObjectKey")?),
            _ => None,
        }
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new(kind: &str, place: &str, name: &str) -> Option<Self> {
        if place.is_empty() || name.is_empty() {
            return None;
        }
        let place = place.replace('%', "%25").replace('/', "%2F");
        Some(format!("{kind}/{place}/{name}")).filter(|key| key.len() <= BYTES_MAX).map(Self)
    }
}

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sources_never_have_one_key() {
        let key = |key: Option<SourceKey>| key.expect("it names something").to_string();
        assert_eq!(key(SourceKey::code_commit("web", "feature/x")), "codecommit/web/feature/x");
        assert_eq!(key(SourceKey::ecr("team/web", "latest")), "ecr/team%2Fweb/latest");
        assert_ne!(
            SourceKey::ecr("team", "web/latest").map(key_of),
            SourceKey::ecr("team/web", "latest").map(key_of)
        );
        assert_ne!(
            SourceKey::ecr("team%2Fweb", "1").map(key_of),
            SourceKey::ecr("team/web", "1").map(key_of)
        );
        assert_ne!(SourceKey::s3("web", "a").map(key_of), SourceKey::ecr("web", "a").map(key_of));
    }

    fn key_of(key: SourceKey) -> String {
        key.0
    }

    #[test]
    fn what_cannot_exist_has_no_key() {
        assert_eq!(SourceKey::s3("", "site.zip"), None);
        assert_eq!(SourceKey::s3("bucket", ""), None);
        assert_eq!(SourceKey::s3("bucket", &"k".repeat(4_000)), None);
        assert!(SourceKey::s3(&"b".repeat(63), &"/".repeat(1_024)).is_some());
    }
}
