//! Buckets, as sources and as targets.

use std::fs;
use std::os::unix::fs::symlink;

use providers::Job;
use providers::job::RevisionOverride;

use crate::scratch::{Machine, read, with_inputs, with_outputs, write};

fn machine() -> Machine {
    let mut machine = Machine::new();
    let bucket = machine.make("bucket").display().to_string();
    machine.site.buckets.insert("store".to_owned(), bucket);
    machine
}

fn source(machine: &Machine, key: &str, revisions: &[(&str, &str)]) -> Job {
    let settings = [("S3Bucket", "store"), ("S3ObjectKey", key)];
    let mut job = with_outputs(machine.job("Source", "S3", &settings), &["Code"]);
    let revisions = revisions.iter().map(|(kind, value)| RevisionOverride {
        revision_type: (*kind).to_owned(),
        value: (*value).to_owned(),
    });
    job.revisions = revisions.collect();
    job
}

fn deploy(machine: &Machine, settings: &[(&str, &str)], files: &[(&str, &str)]) -> Job {
    let artifact = machine.artifact("Built", files);
    let all = [&[("BucketName", "store")], settings].concat();
    with_inputs(machine.job("Deploy", "S3", &all), &[&artifact])
}

#[test]
fn an_object_is_passed_on_as_it_is_and_its_digest_is_its_version() {
    let machine = machine();
    write(&machine.path("bucket/a/code.tar"), "abc");
    let done = machine.succeed(&source(&machine, "a/code.tar", &[]));
    let version = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(done.variables["VersionId"], version);
    assert_eq!(done.variables["BucketName"], "store");
    assert_eq!(done.variables["ObjectKey"], "a/code.tar");
    assert_eq!(done.revision.unwrap().id, version);
    assert_eq!(read(&machine.stored(&done.artifacts[0])), "abc");
    machine.succeed(&source(&machine, "a/code.tar", &[("S3_OBJECT_VERSION_ID", version)]));
}

/// R7, R8: a pinned version that is gone is not replaced by another one.
#[test]
fn another_version_than_the_pinned_one_and_another_key_are_refused() {
    let machine = machine();
    write(&machine.path("bucket/code.zip"), "one");
    write(&machine.path("bucket/other.zip"), "two");
    let failure = machine.fail(&source(&machine, "code.zip", &[("S3_OBJECT_VERSION_ID", "0")]));
    assert_eq!(failure.code, "RevisionOutOfSync");
    let mut job = source(&machine, "code.zip", &[("S3_OBJECT_KEY", "other.zip")]);
    assert!(machine.fail(&job).message.contains("AllowOverrideForS3ObjectKey"));
    job = source(&machine, "code.zip", &[("S3_OBJECT_KEY", "other.zip")]);
    job.configuration.insert("AllowOverrideForS3ObjectKey".to_owned(), "true".to_owned());
    assert_eq!(machine.succeed(&job).variables["ObjectKey"], "other.zip");
    let job = source(&machine, "code.zip", &[("COMMIT_ID", "x")]);
    assert!(machine.fail(&job).message.contains("COMMIT_ID was given"));
}

#[test]
fn no_object_outside_of_the_bucket_is_read() {
    let machine = machine();
    write(&machine.path("secret"), "hunter2");
    symlink(machine.path("secret"), machine.path("bucket/absolute")).unwrap();
    symlink("../secret", machine.path("bucket/relative")).unwrap();
    symlink("..", machine.path("bucket/up")).unwrap();
    machine.make("bucket/directory");
    for key in
        ["../secret", "/etc/passwd", "absolute", "relative", "up/secret", "directory", "absent"]
    {
        let failure = machine.fail(&source(&machine, key, &[]));
        assert!(failure.message.contains(key), "{key}: {failure:?}");
        assert!(!failure.message.contains("hunter2"));
    }
}

#[test]
fn files_are_extracted_below_a_prefix_and_what_a_file_cannot_hold_is_written_down() {
    let machine = machine();
    let settings = [
        ("Extract", "true"),
        ("ObjectKey", "site/"),
        ("CacheControl", "max-age=60"),
        ("CannedACL", "public-read"),
    ];
    machine.succeed(&deploy(&machine, &settings, &[("index.html", "one"), ("css/a.css", "two")]));
    assert_eq!(read(&machine.path("bucket/site/index.html")), "one");
    assert_eq!(read(&machine.path("bucket/site/css/a.css")), "two");
    let note = machine.path("bucket/.towpath/metadata/site/index.html.json");
    let note: serde_json::Value = serde_json::from_str(&read(&note)).unwrap();
    assert_eq!(note, serde_json::json!({"CacheControl": "max-age=60", "CannedACL": "public-read"}));
    // What is said no more is written down no more.
    let settings = [("Extract", "true"), ("ObjectKey", "site")];
    machine.succeed(&deploy(&machine, &settings, &[("index.html", "three")]));
    assert_eq!(read(&machine.path("bucket/site/index.html")), "three");
    assert_eq!(read(&machine.path("bucket/site/css/a.css")), "two");
    assert!(!machine.path("bucket/.towpath/metadata/site/index.html.json").exists());
}

#[test]
fn an_archive_is_put_under_its_key_and_placeholders_are_filled() {
    let machine = machine();
    let settings = [("Extract", "false"), ("ObjectKey", "builds/{datetime}-{uuid}.zip")];
    let job = deploy(&machine, &settings, &[("a", "a")]);
    machine.succeed(&job);
    let names: Vec<_> = fs::read_dir(machine.path("bucket/builds"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 1);
    // 2019-01-10_07-39-57, a hyphen, a UUID, `.zip`.
    assert_eq!(names[0].len(), 19 + 1 + 36 + 4, "{names:?}");
    let stored = fs::read(machine.stored(&job.inputs[0])).unwrap();
    assert_eq!(fs::read(machine.path("bucket/builds").join(&names[0])).unwrap(), stored);
}

#[test]
fn nothing_is_written_outside_of_the_bucket() {
    let machine = machine();
    machine.make("outside");
    symlink("../outside", machine.path("bucket/out")).unwrap();
    write(&machine.path("outside/kept"), "kept");
    symlink("../outside/kept", machine.path("bucket/kept")).unwrap();
    for (extract, key) in [
        ("true", "out"),
        ("true", "../outside"),
        ("true", "/tmp"),
        ("false", "out/a"),
        ("false", "../a"),
        ("false", ".towpath/a"),
    ] {
        let settings = [("Extract", extract), ("ObjectKey", key)];
        machine.fail(&deploy(&machine, &settings, &[("a", "a")]));
    }
    // A link in the way is replaced, and what it points at is not touched.
    machine.succeed(&deploy(&machine, &[("Extract", "true")], &[("kept", "new")]));
    assert_eq!(read(&machine.path("outside/kept")), "kept");
    assert_eq!(read(&machine.path("bucket/kept")), "new");
    assert_eq!(fs::read_dir(machine.path("outside")).unwrap().count(), 1);
}

#[test]
fn a_link_in_the_artifact_becomes_what_it_points_at() {
    let machine = machine();
    let tree = machine.make("tree/directory");
    write(&tree.join("file"), "text");
    symlink("directory/file", machine.path("tree/link")).unwrap();
    symlink("directory", machine.path("tree/linked")).unwrap();
    let archive = machine.path("tree.zip");
    artifacts::archive::pack_tree(&machine.path("tree"), &archive).unwrap();
    let artifact = machine.store("Built", &archive);
    let settings = [("BucketName", "store"), ("Extract", "true")];
    let job = with_inputs(machine.job("Deploy", "S3", &settings), &[&artifact]);
    let (_, log) = machine.perform(&job);
    assert!(log.contains("linked is a link to a directory"), "{log}");
    assert_eq!(read(&machine.path("bucket/link")), "text");
    assert!(!fs::symlink_metadata(machine.path("bucket/link")).unwrap().is_symlink());
}

#[test]
fn a_target_that_is_declared_wrongly_says_which_setting_to_correct() {
    let machine = machine();
    for (settings, said) in [
        (&[][..], "Extract is missing"),
        (&[("Extract", "maybe")], "Extract is \"maybe\""),
        (&[("Extract", "false")], "ObjectKey is missing"),
        (&[("Extract", "true"), ("BucketName", "other")], "--bucket other=DIR"),
    ] {
        let failure = machine.fail(&deploy(&machine, settings, &[("a", "a")]));
        assert_eq!(failure.code, "ConfigurationError");
        assert!(failure.message.contains(said), "{failure:?}");
    }
}
