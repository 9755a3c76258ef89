//! Files put into buckets.

use std::sync::atomic::{AtomicI64, Ordering};

use model::outcome::{Failure, StoredArtifact};
use model::time::Timestamp;
use providers::job::OutputArtifact;

use super::*;
use crate::wire::storage::Storage;
use crate::wire::{Answer, NOW_MILLIS, Wire, job};

fn deploy(settings: &[(&str, &str)], input: &StoredArtifact) -> Job {
    let settings = [&[("BucketName", "site")][..], settings].concat();
    Job {
        inputs: vec![input.clone()],
        artifact_bucket: Some("artifacts".to_owned()),
        ..job("Deploy", "S3", &settings)
    }
}

/// Stores an archive of these files as the input.
async fn site(storage: &Storage, files: &[(&str, &str)]) -> StoredArtifact {
    let directory = tempfile::tempdir().unwrap();
    let mut entries = Vec::new();
    for (number, (name, content)) in files.iter().enumerate() {
        let source = directory.path().join(number.to_string());
        match content.strip_prefix("-> ") {
            Some(target) => std::os::unix::fs::symlink(target, &source).unwrap(),
            None => std::fs::write(&source, content).unwrap(),
        }
        entries.push(artifact::Entry { name: (*name).to_owned(), source });
    }
    let archive = directory.path().join("site.zip");
    artifact::pack(entries, &archive).await.unwrap();
    let output = OutputArtifact {
        name: "Site".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: format!("web-app/Site/{}", files.len()),
    };
    let ground = Wire::to_storage(storage).ground();
    let job = job("Build", "CodeBuild", &[]);
    artifact::write_file(&ground, &job, &output, &archive).await.unwrap()
}

async fn start(wire: &Wire, job: &Job) -> Result<Progress, Error> {
    S3Deploy::new(wire.ground()).start(job).await
}

async fn put(storage: &Storage, job: &Job) {
    let progress = start(&Wire::to_storage(storage), job).await;
    assert!(matches!(progress, Ok(Progress::Done(Outcome::Succeeded(_)))), "{progress:?}");
}

async fn failure(wire: &Wire, job: &Job) -> Failure {
    match start(wire, job).await {
        Ok(Progress::Done(Outcome::Failed(failure))) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_file_is_put_with_its_type_and_its_settings() {
    let storage = Storage::default();
    let input = site(
        &storage,
        &[
            ("index.html", "<h1>"),
            ("js/app.js", "1"),
            ("empty.txt", ""),
            ("start.html", "-> index.html"),
        ],
    )
    .await;
    let job = deploy(
        &[
            ("Extract", "true"),
            ("ObjectKey", "v7/"),
            ("CacheControl", "max-age=60"),
            ("CannedACL", "bucket-owner-full-control"),
            ("KMSEncryptionKeyARN", "arn:aws:kms:us-east-1:111122223333:key/k"),
        ],
        &input,
    );
    put(&storage, &job).await;
    assert_eq!(
        storage.keys("site"),
        ["v7/empty.txt", "v7/index.html", "v7/js/app.js", "v7/start.html"]
    );
    let page = storage.get("site", "v7/index.html").unwrap();
    assert_eq!(page.bytes, b"<h1>");
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "max-age=60"),
        ("x-amz-acl", "bucket-owner-full-control"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:us-east-1:111122223333:key/k"),
    ] {
        assert_eq!(page.headers[name], value, "{name}");
    }
    // A bucket has no links: what a link points at is put in its place.
    assert_eq!(storage.get("site", "v7/start.html").unwrap().bytes, b"<h1>");
    assert!(storage.get("site", "v7/empty.txt").unwrap().bytes.is_empty());
}

#[tokio::test]
async fn without_a_key_the_files_are_at_the_top_of_the_bucket() {
    let storage = Storage::default();
    let input = site(&storage, &[("index.html", "<h1>")]).await;
    put(&storage, &deploy(&[("Extract", "true")], &input)).await;
    assert_eq!(storage.keys("site"), ["index.html"]);
}

#[tokio::test]
async fn the_archive_itself_is_put_under_a_key_that_a_second_start_names_again() {
    let storage = Storage::default();
    let input = site(&storage, &[("index.html", "<h1>")]).await;
    let settings = [("Extract", "false"), ("ObjectKey", "builds/{datetime}-{uuid}.zip")];
    let job = deploy(&settings, &input);
    put(&storage, &job).await;
    put(&storage, &job).await;
    let keys = storage.keys("site");
    assert_eq!(keys.len(), 1, "{keys:?}");
    // The job was asked for a minute before the tests' now.
    assert!(keys[0].starts_with("builds/2027-01-15_07-59-00-"), "{keys:?}");
    let object = storage.get("site", &keys[0]).unwrap();
    assert_eq!(object.bytes, storage.get("artifacts", "web-app/Site/1").unwrap().bytes);
    assert_eq!(object.headers["content-type"], "application/zip");

    let other = Job { run_id: "5f8a1d0e-0000-5000-8000-00000000beef".to_owned(), ..job };
    put(&storage, &other).await;
    assert_eq!(storage.keys("site").len(), 2);
}

#[tokio::test]
async fn what_is_deployed_replaces_what_was_there() {
    let storage = Storage::default();
    storage.put("site", "index.html", b"old");
    storage.put("site", "site.zip", b"old");
    let input = site(&storage, &[("index.html", "new")]).await;
    put(&storage, &deploy(&[("Extract", "true")], &input)).await;
    assert_eq!(storage.get("site", "index.html").unwrap().bytes, b"new");
    let whole = deploy(&[("Extract", "false"), ("ObjectKey", "site.zip")], &input);
    put(&storage, &whole).await;
    assert_ne!(storage.get("site", "site.zip").unwrap().bytes, b"old");
}

/// Every look at the clock takes a minute and a half.
fn hurried() -> Timestamp {
    static MILLIS: AtomicI64 = AtomicI64::new(NOW_MILLIS);
    Timestamp::from_millis(MILLIS.fetch_add(90_000, Ordering::Relaxed))
}

#[tokio::test]
async fn a_large_site_goes_on_where_the_last_call_stopped() {
    let storage = Storage::default();
    let names: Vec<_> = (0..200).map(|number| format!("{number:03}.txt")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let input = site(&storage, &files).await;
    let job = deploy(&[("Extract", "true")], &input);
    // Somebody deployed an older site here, and we know ours from theirs.
    for name in &names {
        storage.put_with("site", name, b"old", &[("x-amz-meta-towpath-run", "another")]);
    }
    let mut calls = 0;
    let mut puts = 0;
    loop {
        let wire = Wire::to_storage(&storage);
        let ground = Ground { now: hurried, ..wire.ground() };
        let progress = S3Deploy::new(ground).poll(&job).await.unwrap();
        calls += 1;
        puts += wire.operations().iter().filter(|it| it.starts_with("PUT")).count();
        if matches!(progress, Progress::Done(Outcome::Succeeded(_))) {
            break;
        }
        let goes_on = matches!(progress, Progress::Running { ask_again_seconds: Some(1), .. });
        assert!(goes_on && calls < 20, "{progress:?} in call {calls}");
    }
    assert!(calls > 2, "{calls}");
    // The block in which a call stopped is put twice, and no other.
    assert!(puts <= 200 + 32 * calls, "{puts} in {calls} calls");
    for name in &names {
        assert_eq!(storage.get("site", name).unwrap().bytes, name.as_bytes(), "{name}");
    }
}

#[tokio::test]
async fn a_role_that_may_not_look_is_told_before_a_large_site_never_ends() {
    let storage = Storage::default();
    let names: Vec<_> = (0..100).map(|number| format!("{number:03}.txt")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let input = site(&storage, &files).await;
    let inside = storage.clone();
    let wire = Wire::to(move |asked| {
        // The deployed bucket may not be looked into; the artifact may.
        if asked.operation.starts_with("HEAD") && asked.uri.contains("//site.") {
            return Answer::Said { status: 403, headers: Vec::new(), body: Vec::new() };
        }
        inside.answer(asked)
    });
    let job = deploy(&[("Extract", "true")], &input);
    let ground = Ground { now: hurried, ..wire.ground() };
    let refused = S3Deploy::new(ground).start(&job).await;
    assert!(
        matches!(&refused, Err(Error::Refused(it)) if it.contains("s3:GetObject")),
        "{refused:?}"
    );
    // A site that is put in one call needs no such permission.
    let small = site(&storage, &[("index.html", "<h1>")]).await;
    let progress = start(&wire, &deploy(&[("Extract", "true")], &small)).await;
    assert!(matches!(progress, Ok(Progress::Done(Outcome::Succeeded(_)))), "{progress:?}");
}

#[tokio::test]
async fn wrong_settings_and_unfit_inputs_are_named_before_anything_is_put() {
    let storage = Storage::default();
    let input = site(&storage, &[("index.html", "<h1>")]).await;
    let wire = Wire::to_storage(&storage);
    for (settings, said) in [
        (&[][..], "Extract"),
        (&[("Extract", "perhaps")], "Extract is \"perhaps\""),
        (&[("Extract", "false")], "ObjectKey is missing"),
        (&[("Extract", "true"), ("CannedACL", "everybody")], "CannedACL is \"everybody\""),
    ] {
        let failure = failure(&wire, &deploy(settings, &input)).await;
        assert_eq!(failure.code, "ConfigurationError");
        assert!(failure.message.contains(said), "{}", failure.message);
    }
    let none = Job { inputs: Vec::new(), ..deploy(&[("Extract", "true")], &input) };
    assert!(failure(&wire, &none).await.message.contains("inputArtifacts"));
    assert!(storage.keys("site").is_empty());
}

#[tokio::test]
async fn a_reference_and_a_file_that_is_no_archive_are_refused() {
    let storage = Storage::default();
    let commit = "c0ffee00".repeat(5);
    let reference = clone_reference::CloneReference::new("web", "main", &commit).render();
    let archive = artifact::pack_one(clone_reference::FILE_NAME, reference.as_bytes()).await;
    let output = OutputArtifact {
        name: "Source".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: "web-app/Source/1".to_owned(),
    };
    let ground = Wire::to_storage(&storage).ground();
    let content = artifact::Content::Bytes(archive.unwrap());
    let source = job("Source", "CodeCommit", &[]);
    let kept = artifact::keep(&ground, &source, &output, content, Some(&commit)).await.unwrap();
    let input = kept.artifact;
    let wire = Wire::to_storage(&storage);
    for extract in ["true", "false"] {
        let settings = [("Extract", extract), ("ObjectKey", "k")];
        let failure = failure(&wire, &deploy(&settings, &input)).await;
        assert!(failure.message.contains("CODEBUILD_CLONE_REF"), "{}", failure.message);
    }
    let output = OutputArtifact {
        name: "Site".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: "web-app/Site/2".to_owned(),
    };
    let build = job("Build", "CodeBuild", &[]);
    let input = artifact::write(&wire.ground(), &build, &output, vec![7; 9]).await.unwrap();
    let failure = failure(&wire, &deploy(&[("Extract", "true")], &input)).await;
    assert_eq!(failure.code, "JobFailed", "{}", failure.message);
    // As it is, it may be put.
    put(&storage, &deploy(&[("Extract", "false"), ("ObjectKey", "k")], &input)).await;
    assert_eq!(storage.get("site", "k").unwrap().bytes, [7; 9]);
}

#[tokio::test]
async fn what_the_bucket_refuses_is_said_with_the_setting_the_permission_and_the_role() {
    let storage = Storage::default();
    let input = site(&storage, &[("index.html", "<h1>")]).await;
    let refusing = |status: u16, code: &'static str| {
        let storage = storage.clone();
        Wire::to(move |asked| {
            if asked.uri.contains("//site.") && asked.operation.starts_with("PUT") {
                return Answer::s3_refusal(status, code);
            }
            storage.answer(asked)
        })
    };
    for extract in ["true", "false"] {
        let job = deploy(&[("Extract", extract), ("ObjectKey", "k")], &input);
        for (status, code, said) in [
            (404, "NoSuchBucket", "BucketName"),
            (301, "PermanentRedirect", "the Region us-east-1 of the action"),
            (400, "AccessControlListNotSupported", "CannedACL"),
        ] {
            let failure = failure(&refusing(status, code), &job).await;
            assert_eq!(failure.code, "ConfigurationError");
            assert!(failure.message.contains(said), "{}", failure.message);
        }
        let refused = start(&refusing(403, "AccessDenied"), &job).await;
        let Err(Error::Refused(reason)) = refused else { panic!("{refused:?}") };
        for part in ["s3:PutObject", "s3://site/k", job.pipeline_role_arn.as_deref().unwrap()] {
            assert!(reason.contains(part), "{part} is not in: {reason}");
        }
        let throttled = start(&refusing(503, "SlowDown"), &job).await;
        assert!(matches!(throttled, Err(Error::Unreachable(_))), "{throttled:?}");
    }
}
