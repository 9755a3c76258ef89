//! Which revision a start asked a source for (R7, R8), read the same wherever it is brought in.

use model::outcome::Failure;
use model::status::FailureType;

use crate::Job;
use crate::setting::Settings;

/// How many characters the line that people see of a revision may have.
pub const SUMMARY_CHARACTERS_MAX: usize = 2048;

/// Returns the commit that the start asked of a Git source, in lower case.
pub fn commit(job: &Job) -> Result<Option<String>, Failure> {
    let mut pinned = None;
    for revision in &job.revisions {
        let value = &revision.value;
        if revision.revision_type != "COMMIT_ID" {
            return Err(configuration(format!(
                "a Git source takes a revision of type COMMIT_ID, and {} was given; start the \
                 pipeline with COMMIT_ID",
                revision.revision_type
            )));
        }
        let is_id =
            matches!(value.len(), 40 | 64) && value.bytes().all(|it| it.is_ascii_hexdigit());
        if !is_id {
            return Err(configuration(format!(
                "the revision {value:?} is no commit id; write all 40 (or 64) hexadecimal digits"
            )));
        }
        pinned = Some(value.to_ascii_lowercase());
    }
    Ok(pinned)
}

/// The object that an S3 source is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectAsked {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key: the action's, or the start's where the action allows it.
    pub key: String,
    /// The version, if the start named one.
    pub version: Option<String>,
}

/// Reads the settings of an S3 source and what the start asked of it.
pub fn object(job: &Job) -> Result<ObjectAsked, Failure> {
    let settings = Settings::new(&job.provider, &job.configuration);
    let bucket = settings.required("S3Bucket")?.to_owned();
    let mut key = settings.required("S3ObjectKey")?.to_owned();
    let mut version = None;
    for revision in &job.revisions {
        match revision.revision_type.as_str() {
            "S3_OBJECT_VERSION_ID" => version = Some(revision.value.clone()),
            "S3_OBJECT_KEY" if settings.is_set("AllowOverrideForS3ObjectKey", false)? => {
                key.clone_from(&revision.value);
            }
            "S3_OBJECT_KEY" => {
                return Err(configuration(
                    "the start names another object key, and the action does not allow it; set \
                     AllowOverrideForS3ObjectKey to true"
                        .to_owned(),
                ));
            }
            other => {
                return Err(configuration(format!(
                    "an S3 source takes revisions of type S3_OBJECT_VERSION_ID and \
                     S3_OBJECT_KEY, and {other} was given; start the pipeline with one of those"
                )));
            }
        }
    }
    Ok(ObjectAsked { bucket, key, version })
}

fn configuration(message: String) -> Failure {
    Failure::new(FailureType::ConfigurationError, message)
}
