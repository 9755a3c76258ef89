//! S3 as a target: puts the input artifact, or the files in it, into a bucket (contract §5.3).

use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use model::outcome::{Failure, Success};
use providers::Job;
use providers::object_key::fill;
use walkdir::WalkDir;

use crate::bucket::{Bucket, Key, Note};
use crate::task::Task;
use crate::{Site, fault};
use providers::Settings;

/// Finds what would stop the job before it begins.
pub(crate) fn check(job: &Job, site: &Site) -> Result<(), Failure> {
    let settings = Settings::new(&job.provider, &job.configuration);
    Bucket::find(site, settings.required("BucketName")?)?;
    Plan::read(job).map(drop)
}

/// Puts the input artifact into the bucket.
pub(crate) fn perform(task: &Task) -> Result<Success, Failure> {
    let name = task.settings().required("BucketName")?;
    let bucket = Bucket::find(task.site, name)?;
    let plan = Plan::read(task.job)?;
    let note = note(task.settings());
    let input = task.input()?;
    match plan {
        Plan::Whole(key) => {
            let archive = task.fetch(input)?;
            let opened = std::fs::File::open(&archive);
            let file = opened
                .map_err(|error| fault::machine(format!("open {}", archive.display()), &error))?;
            bucket.put(&key, file, &note)?;
            task.say(&format!("Put the artifact {} into {name} as {key}", input.name));
        }
        Plan::Files(prefix) => {
            let source = task.unpack(input, "extracted")?;
            let files = put_files(task, &bucket, prefix.as_ref(), &source, &note)?;
            let below = prefix.map_or_else(String::new, |prefix| format!(" below {prefix}"));
            task.say(&format!("Put {files} files into {name}{below}"));
        }
    }
    Ok(Success::default())
}

/// What goes where.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    /// The archive itself, under this key.
    Whole(Key),
    /// Every file in it, below this prefix.
    Files(Option<Key>),
}

impl Plan {
    fn read(job: &Job) -> Result<Plan, Failure> {
        let settings = Settings::new(&job.provider, &job.configuration);
        settings.required("Extract")?;
        if settings.is_set("Extract", false)? {
            // S3 takes a prefix with or without its slash.
            let prefix = settings.optional("ObjectKey").map(|key| key.trim_end_matches('/'));
            let prefix = prefix.filter(|prefix| !prefix.is_empty());
            let key = prefix.map(|prefix| Key::parse("ObjectKey", &fill(prefix, job)));
            return Ok(Plan::Files(key.transpose()?));
        }
        let Some(key) = settings.optional("ObjectKey") else {
            return Err(fault::configuration(
                "ObjectKey is missing, and with Extract false it names the object; add ObjectKey to \
                 the configuration of the S3 action",
            ));
        };
        Ok(Plan::Whole(Key::parse("ObjectKey", &fill(key, job))?))
    }
}

/// Puts every file below `source` into the bucket. A bucket has no links: what a link points at is
/// put in its place, and the archive was refused already if one leads out of it.
fn put_files(
    task: &Task,
    bucket: &Bucket,
    prefix: Option<&Key>,
    source: &Path,
    note: &Note,
) -> Result<usize, Failure> {
    let failed = |path: &Path, error: &dyn std::error::Error| {
        fault::machine(format!("read {} of the artifact", path.display()), error)
    };
    let inside = Dir::open_ambient_dir(source, ambient_authority());
    let inside = inside.map_err(|error| failed(source, &error))?;
    let mut files = 0;
    for entry in WalkDir::new(source).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|error| failed(source, &error))?;
        let path = entry.path().strip_prefix(source).unwrap_or(entry.path());
        if entry.file_type().is_dir() {
            continue;
        }
        let metadata = inside.metadata(path).map_err(|error| failed(path, &error))?;
        if !metadata.is_file() {
            task.say(&format!("Note: {} is a link to a directory and is left out", path.display()));
            continue;
        }
        let key = Key::below(prefix, &path.to_string_lossy())?;
        let file = inside.open(path).map_err(|error| failed(path, &error))?;
        bucket.put(&key, file.into_std(), note)?;
        files += 1;
    }
    Ok(files)
}

/// Returns what the objects have besides their bytes.
fn note(settings: Settings) -> Note {
    let keys = ["CacheControl", "CannedACL", "KMSEncryptionKeyARN"];
    let given = keys.into_iter().filter_map(|key| Some((key, settings.optional(key)?.to_owned())));
    Note { settings: given.collect() }
}
