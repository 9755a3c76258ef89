//! Objects brought in from S3.

use model::outcome::Failure;
use providers::job::{OutputArtifact, RevisionOverride};

use super::*;
use crate::wire::storage::Storage;
use crate::wire::{Answer, Wire, job};

fn source(settings: &[(&str, &str)], revisions: &[(&str, &str)]) -> Job {
    let settings =
        [&[("S3Bucket", "code"), ("S3ObjectKey", "site/app.zip")][..], settings].concat();
    let revisions = revisions.iter().map(|(kind, value)| RevisionOverride {
        revision_type: (*kind).to_owned(),
        value: (*value).to_owned(),
    });
    Job {
        outputs: vec![OutputArtifact {
            name: "Source".to_owned(),
            files: Vec::new(),
            bucket: "artifacts".to_owned(),
            key: "web-app/Source/1".to_owned(),
        }],
        artifact_bucket: Some("artifacts".to_owned()),
        revisions: revisions.collect(),
        ..job("Source", "S3", &settings)
    }
}

async fn bring(storage: &Storage, job: &Job) -> Success {
    match start(&Wire::to_storage(storage), job).await {
        Ok(Progress::Done(Outcome::Succeeded(success))) => success,
        other => panic!("{other:?}"),
    }
}

async fn start(wire: &Wire, job: &Job) -> Result<Progress, Error> {
    S3Source::new(wire.ground()).start(job).await
}

async fn failure(wire: &Wire, job: &Job) -> Failure {
    match start(wire, job).await {
        Ok(Progress::Done(Outcome::Failed(failure))) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_newest_version_is_brought_as_it_is_with_its_variables() {
    let storage = Storage::default();
    storage.put("code", "site/app.zip", b"old");
    let summary = [("x-amz-meta-codepipeline-artifact-revision-summary", "Release 7")];
    let version = storage.put_with("code", "site/app.zip", b"abc", &summary);
    let success = bring(&storage, &source(&[], &[])).await;
    let variables: Vec<_> =
        success.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        variables,
        [
            ("BucketName", "code"),
            ("ETag", "ba7816bf8f01cfea414140de5dae2223"),
            ("ObjectKey", "site/app.zip"),
            ("VersionId", version.as_str()),
        ]
    );
    let revision = success.revision.unwrap();
    assert_eq!((revision.id.as_str(), revision.summary.as_deref()), (&*version, Some("Release 7")));
    assert!(
        revision.url.unwrap().contains("/s3/object/code?region=us-east-1&prefix=site%2Fapp%2Ezip")
    );
    let [artifact] = success.artifacts.as_slice() else { panic!("{:?}", success.artifacts) };
    assert_eq!(artifact.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(storage.get("artifacts", "web-app/Source/1").unwrap().bytes, b"abc");
}

#[tokio::test]
async fn the_version_is_the_summary_of_an_object_that_says_none() {
    let storage = Storage::default();
    let version = storage.put("code", "site/app.zip", b"abc");
    let success = bring(&storage, &source(&[], &[])).await;
    assert_eq!(success.revision.unwrap().summary, Some(version));
}

#[tokio::test]
async fn the_version_that_the_start_names_is_brought_and_not_the_newest_r7() {
    let storage = Storage::default();
    let version = storage.put("code", "site/app.zip", b"old");
    storage.put("code", "site/app.zip", b"new");
    let job = source(&[], &[("S3_OBJECT_VERSION_ID", &version)]);
    assert_eq!(bring(&storage, &job).await.variables["VersionId"], version);
    assert_eq!(storage.get("artifacts", "web-app/Source/1").unwrap().bytes, b"old");
}

#[tokio::test]
async fn another_key_is_brought_only_where_the_action_allows_it_r7() {
    let storage = Storage::default();
    storage.put("code", "other.zip", b"other");
    let asked = [("S3_OBJECT_KEY", "other.zip")];
    let job = source(&[("AllowOverrideForS3ObjectKey", "true")], &asked);
    assert_eq!(bring(&storage, &job).await.variables["ObjectKey"], "other.zip");

    let refused = failure(&Wire::to_storage(&storage), &source(&[], &asked)).await;
    assert!(refused.message.contains("AllowOverrideForS3ObjectKey"), "{}", refused.message);
    let wrong = source(&[], &[("COMMIT_ID", "c0ffee")]);
    let refused = failure(&Wire::to_storage(&storage), &wrong).await;
    assert!(refused.message.contains("S3_OBJECT_VERSION_ID"), "{}", refused.message);
}

#[tokio::test]
async fn a_start_that_comes_twice_reports_the_version_that_the_first_one_brought() {
    let storage = Storage::default();
    storage.put("code", "site/app.zip", b"old");
    let first = bring(&storage, &source(&[], &[])).await;
    storage.put("code", "site/app.zip", b"new");
    assert_eq!(bring(&storage, &source(&[], &[])).await, first);
    assert_eq!(storage.get("artifacts", "web-app/Source/1").unwrap().bytes, b"old");
}

/// Goal: two starts at once never report a version whose bytes the other one's artifact does not hold.
/// Method: the artifact of another start appears between our look and our copy.
#[tokio::test]
async fn a_start_that_is_overtaken_reports_what_the_faster_one_brought() {
    let storage = Storage::default();
    let old = storage.put("code", "site/app.zip", b"old");
    let inside = storage.clone();
    let mut is_overtaken = false;
    let wire = Wire::to(move |asked| {
        if asked.headers.contains_key("x-amz-copy-source") && !is_overtaken {
            is_overtaken = true;
            let note = [("x-amz-meta-towpath-note", old.as_str())];
            inside.put_with("artifacts", "web-app/Source/1", b"old", &note);
        }
        inside.answer(asked)
    });
    storage.put("code", "site/app.zip", b"new");
    let Ok(Progress::Done(Outcome::Succeeded(success))) = start(&wire, &source(&[], &[])).await
    else {
        panic!("it was not brought");
    };
    assert_eq!(success.variables["VersionId"], "version-1");
    assert_eq!(success.artifacts[0].size_bytes, 3);
}

#[tokio::test]
async fn a_bucket_without_versions_an_absent_object_and_an_absent_version_name_the_way_out() {
    let storage = Storage::default();
    let wire = Wire::to_storage(&storage);
    let absent = failure(&wire, &source(&[], &[])).await;
    assert_eq!(absent.code, "RevisionUnavailable");
    assert!(absent.message.contains("site/app.zip of bucket code"), "{}", absent.message);

    storage.put("code", "site/app.zip", b"abc");
    let job = source(&[], &[("S3_OBJECT_VERSION_ID", "never")]);
    let absent = failure(&wire, &job).await;
    assert!(absent.message.contains("version never"), "{}", absent.message);

    storage.forget_versions("code");
    let unversioned = failure(&wire, &source(&[], &[])).await;
    assert_eq!(unversioned.code, "ConfigurationError");
    assert!(unversioned.message.contains("versioning"), "{}", unversioned.message);
}

#[tokio::test]
async fn a_bucket_of_another_region_is_told_with_its_region() {
    let wire = Wire::to(|asked| {
        let status = if asked.uri.contains("//code.") { 301 } else { 404 };
        Answer::Said { status, headers: Vec::new(), body: Vec::new() }
            .with("x-amz-bucket-region", "eu-west-1")
    });
    let refused = failure(&wire, &source(&[], &[])).await;
    assert!(refused.message.contains("lies in the Region eu-west-1"), "{}", refused.message);
}

#[tokio::test]
async fn a_role_that_may_not_look_is_named_and_a_throttle_passes() {
    let job = source(&[], &[]);
    let wire = Wire::to(|_| Answer::Said { status: 403, headers: Vec::new(), body: Vec::new() });
    let refused = start(&wire, &job).await;
    let Err(Error::Refused(reason)) = refused else { panic!("{refused:?}") };
    for part in
        ["s3:GetObject", "s3://code/site/app.zip", job.pipeline_role_arn.as_deref().unwrap()]
    {
        assert!(reason.contains(part), "{part} is not in: {reason}");
    }
    let wire = Wire::to(|_| Answer::Said { status: 503, headers: Vec::new(), body: Vec::new() });
    assert!(matches!(start(&wire, &job).await, Err(Error::Unreachable(_))));
}

#[tokio::test]
async fn a_source_without_an_output_is_refused_before_anybody_is_asked() {
    let wire = Wire::to_storage(&Storage::default());
    let job = Job { outputs: Vec::new(), ..source(&[], &[]) };
    assert!(failure(&wire, &job).await.message.contains("outputArtifacts"));
    assert!(wire.asked().is_empty());
}
