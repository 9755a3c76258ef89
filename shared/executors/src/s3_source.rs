//! S3 as a source: one object of a bucket (contract §5.1).

use std::collections::BTreeMap;

use model::outcome::{Failure, SourceRevision, Success};
use providers::Job;
use providers::revision::{self, ObjectAsked};

use crate::Site;
use crate::bucket::{Bucket, Found, Key};
use crate::task::Task;
use providers::Settings;

/// Finds what would stop the job before it begins.
pub(crate) fn check(job: &Job, site: &Site) -> Result<(), Failure> {
    let wanted = Wanted::read(job)?;
    Bucket::find(site, &wanted.bucket).map(drop)
}

/// Brings in an object, as it is.
pub(crate) fn perform(task: &Task) -> Result<Success, Failure> {
    let output = task.output()?;
    let Wanted { bucket: name, key, version } = Wanted::read(task.job)?;
    let bucket = Bucket::find(task.site, &name)?;
    let copy = task.workplace.directory.join("object");
    let found = bucket.copy_out(&key, version.as_deref(), &copy)?;
    let Found { version: found, etag } = found;
    task.say(&format!("Object {key} of bucket {name}, version {found}"));
    let stored = task.store(output, &copy)?;
    let variables = [
        ("BucketName", name.as_str()),
        ("ObjectKey", key.as_str()),
        ("VersionId", found.as_str()),
        ("ETag", etag.as_str()),
    ];
    Ok(Success {
        external_id: Some(found.clone()),
        variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        artifacts: vec![stored],
        revision: Some(SourceRevision { summary: Some(found.clone()), id: found, url: None }),
        ..Success::default()
    })
}

/// Returns the version that an object has now; for a source that is watched.
pub(crate) fn newest_version(
    configuration: &BTreeMap<String, String>,
    site: &Site,
) -> Result<String, Failure> {
    let settings = Settings::new("S3", configuration);
    let key = Key::parse("S3ObjectKey", settings.required("S3ObjectKey")?)?;
    Bucket::find(site, settings.required("S3Bucket")?)?.version_of(&key)
}

/// The object that is asked for.
struct Wanted {
    bucket: String,
    key: Key,
    version: Option<String>,
}

impl Wanted {
    /// Reads the settings and what the start asked for (R7).
    fn read(job: &Job) -> Result<Wanted, Failure> {
        let ObjectAsked { bucket, key, version } = revision::object(job)?;
        Ok(Wanted { bucket, key: Key::parse("S3ObjectKey", &key)?, version })
    }
}
