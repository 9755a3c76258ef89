//! Images found in ECR.

use artifacts::archive;
use model::outcome::Failure;
use providers::job::{OutputArtifact, RevisionOverride};
use serde_json::{Value, json};

use super::*;
use crate::wire::storage::Storage;
use crate::wire::{Answer, Wire, job};

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const NEWER: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

fn source(settings: &[(&str, &str)], revisions: &[(&str, &str)]) -> Job {
    let settings = [&[("RepositoryName", "team/web")][..], settings].concat();
    let revisions = revisions.iter().map(|(kind, value)| RevisionOverride {
        revision_type: (*kind).to_owned(),
        value: (*value).to_owned(),
    });
    Job {
        outputs: vec![OutputArtifact {
            name: "Image".to_owned(),
            files: Vec::new(),
            bucket: "artifacts".to_owned(),
            key: "web-app/Image/1".to_owned(),
        }],
        revisions: revisions.collect(),
        ..job("Source", "ECR", &settings)
    }
}

/// ECR whose tags all name the same image, and S3.
fn wire(storage: &Storage, newest: &'static str) -> Wire {
    let storage = storage.clone();
    Wire::to(move |asked| {
        if asked.operation != "DescribeImages" {
            return storage.answer(asked);
        }
        let asked = asked.json();
        let digest = asked["imageIds"][0]["imageDigest"].as_str().unwrap_or(newest).to_owned();
        Answer::json(&json!({ "imageDetails": [{
            "registryId": "111122223333",
            "repositoryName": asked["repositoryName"],
            "imageDigest": digest,
            "imageTags": ["latest", "v7"],
            "imageSizeInBytes": 44_728_918,
            "imagePushedAt": 1_548_101_040.0,
        }] }))
    })
}

async fn start(wire: &Wire, job: &Job) -> Result<Progress, Error> {
    EcrSource::new(wire.ground()).start(job).await
}

async fn bring(wire: &Wire, job: &Job) -> Success {
    match start(wire, job).await {
        Ok(Progress::Done(Outcome::Succeeded(success))) => success,
        other => panic!("{other:?}"),
    }
}

async fn failure(wire: &Wire, job: &Job) -> Failure {
    match start(wire, job).await {
        Ok(Progress::Done(Outcome::Failed(failure))) => failure,
        other => panic!("{other:?}"),
    }
}

fn detail(storage: &Storage) -> Value {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), storage.get("artifacts", "web-app/Image/1").unwrap().bytes)
        .unwrap();
    let text = archive::read_entry(file.path(), "imageDetail.json", 10_000).unwrap().unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[tokio::test]
async fn the_image_of_the_tag_is_written_down_member_by_member() {
    let storage = Storage::default();
    let success = bring(&wire(&storage, DIGEST), &source(&[("ImageTag", "v7")], &[])).await;
    assert_eq!(
        detail(&storage),
        json!({
            "ImageSizeInBytes": "44728918",
            "ImageDigest": DIGEST,
            "Version": "1.0",
            "ImagePushedAt": "Mon Jan 21 20:04:00 UTC 2019",
            "RegistryId": "111122223333",
            "RepositoryName": "team/web",
            "ImageURI": format!("111122223333.dkr.ecr.us-east-1.amazonaws.com/team/web@{DIGEST}"),
            "ImageTags": ["latest", "v7"],
        })
    );
    let variables: Vec<_> =
        success.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        variables,
        [
            ("ImageDigest", DIGEST),
            ("ImageTag", "v7"),
            ("ImageURI", "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/web:v7"),
            ("RegistryId", "111122223333"),
            ("RepositoryName", "team/web"),
        ]
    );
    assert_eq!(success.revision.unwrap().id, DIGEST);
}

#[tokio::test]
async fn latest_is_the_tag_of_an_action_that_names_none() {
    let wire = wire(&Storage::default(), DIGEST);
    assert_eq!(bring(&wire, &source(&[], &[])).await.variables["ImageTag"], "latest");
    assert_eq!(wire.bodies("DescribeImages")[0]["imageIds"], json!([{ "imageTag": "latest" }]));
}

#[tokio::test]
async fn the_digest_that_the_start_names_is_brought_r7() {
    let wire = wire(&Storage::default(), NEWER);
    let success = bring(&wire, &source(&[], &[("IMAGE_DIGEST", DIGEST)])).await;
    assert_eq!(success.variables["ImageDigest"], DIGEST);
    assert!(success.variables["ImageURI"].ends_with(&format!("/team/web@{DIGEST}")));
    assert_eq!(wire.bodies("DescribeImages")[0]["imageIds"], json!([{ "imageDigest": DIGEST }]));
}

#[tokio::test]
async fn a_start_that_comes_twice_reports_the_image_that_the_first_one_found() {
    let storage = Storage::default();
    let first = bring(&wire(&storage, DIGEST), &source(&[], &[])).await;
    assert_eq!(bring(&wire(&storage, NEWER), &source(&[], &[])).await, first);
    assert_eq!(detail(&storage)["ImageDigest"], DIGEST);
}

#[tokio::test]
async fn an_absent_image_an_absent_repository_and_a_wrong_revision_name_the_setting() {
    for (code, said) in
        [("ImageNotFoundException", "ImageTag"), ("RepositoryNotFoundException", "RepositoryName")]
    {
        let storage = Storage::default();
        let wire = Wire::to(move |asked| match asked.operation.as_str() {
            "DescribeImages" => Answer::refusal(code, "not there"),
            _ => storage.answer(asked),
        });
        let failure = failure(&wire, &source(&[], &[])).await;
        assert!(failure.message.contains(said), "{}", failure.message);
    }
    let wire = wire(&Storage::default(), DIGEST);
    for (kind, value, said) in
        [("COMMIT_ID", "c0ffee", "IMAGE_DIGEST"), ("IMAGE_DIGEST", "latest", "sha256:")]
    {
        let failure = failure(&wire, &source(&[], &[(kind, value)])).await;
        assert!(failure.message.contains(said), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_role_that_may_not_look_is_named_and_a_throttle_passes() {
    let job = source(&[], &[]);
    let answering = |code: &'static str| {
        let storage = Storage::default();
        Wire::to(move |asked| match asked.operation.as_str() {
            "DescribeImages" => Answer::refusal(code, "User: x is not authorized"),
            _ => storage.answer(asked),
        })
    };
    let refused = start(&answering("AccessDeniedException"), &job).await;
    let Err(Error::Refused(reason)) = refused else { panic!("{refused:?}") };
    for part in ["ecr:DescribeImages", "team/web", job.pipeline_role_arn.as_deref().unwrap()] {
        assert!(reason.contains(part), "{part} is not in: {reason}");
    }
    let throttled = start(&answering("ThrottlingException"), &job).await;
    assert!(matches!(throttled, Err(Error::Unreachable(_))), "{throttled:?}");
}
