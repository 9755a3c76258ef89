//! Artifacts in S3: stored once, used only while they are what was stored.

use super::*;
use crate::wire::storage::Storage;
use crate::wire::{Answer, Wire, job};

fn output() -> OutputArtifact {
    OutputArtifact {
        name: "Site".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: "web-app/Site/1".to_owned(),
    }
}

fn here() -> Job {
    Job { artifact_bucket: Some("artifacts".to_owned()), ..job("Build", "CodeBuild", &[]) }
}

#[tokio::test]
async fn what_is_written_is_read_back_and_says_its_digest() {
    let storage = Storage::default();
    let ground = Wire::to_storage(&storage).ground();
    let job = Job { encryption_key: Some("alias/pipeline".to_owned()), ..here() };
    let stored = write(&ground, &job, &output(), b"abc".to_vec()).await.unwrap();
    assert_eq!(stored.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!((stored.size_bytes, stored.name.as_str()), (3, "Site"));
    assert_eq!(read(&ground, &job, &stored).await, Ok(b"abc".to_vec()));
    assert_eq!(local(&ground, &job, &stored).await, Ok(stored.clone()));

    let object = storage.get("artifacts", "web-app/Site/1").unwrap();
    assert_eq!(object.headers["x-amz-server-side-encryption"], "aws:kms");
    assert_eq!(object.headers["x-amz-server-side-encryption-aws-kms-key-id"], "alias/pipeline");
    assert_eq!(object.headers["x-amz-meta-towpath-sha256"], stored.sha256);
}

#[tokio::test]
async fn a_second_start_finds_what_the_first_one_stored() {
    let storage = Storage::default();
    let ground = Wire::to_storage(&storage).ground();
    let first = write(&ground, &here(), &output(), b"first".to_vec()).await.unwrap();
    let second = write(&ground, &here(), &output(), b"second".to_vec()).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(storage.get("artifacts", "web-app/Site/1").unwrap().bytes, b"first");
    assert!(
        !storage
            .get("artifacts", "web-app/Site/1")
            .unwrap()
            .headers
            .contains_key("x-amz-server-side-encryption")
    );
}

#[tokio::test]
async fn a_file_is_stored_as_its_bytes_are() {
    let storage = Storage::default();
    let ground = Wire::to_storage(&storage).ground();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("site.zip");
    std::fs::write(&file, vec![7; 300_000]).unwrap();
    let stored = write_file(&ground, &here(), &output(), &file).await.unwrap();
    assert_eq!(stored.size_bytes, 300_000);
    let back = directory.path().join("back.zip");
    fetch(&ground, &here(), &stored, &back).await.unwrap();
    assert_eq!(std::fs::read(back).unwrap(), vec![7; 300_000]);
}

#[tokio::test]
async fn an_object_that_was_replaced_is_refused_wherever_it_is_used() {
    for is_digested in [true, false] {
        let storage = Storage::default();
        let ground = Wire::to_storage(&storage).ground();
        let stored = if is_digested {
            write(&ground, &here(), &output(), b"abc".to_vec()).await.unwrap()
        } else {
            storage.put("artifacts", "web-app/Site/1", b"abc");
            adopt(&ground, &here(), &output()).await.unwrap().unwrap()
        };
        storage.tamper("artifacts", "web-app/Site/1", b"abd");
        let faults = [
            read(&ground, &here(), &stored).await.map(drop).unwrap_err(),
            local(&ground, &here(), &stored).await.map(drop).unwrap_err(),
            member(&ground, &here(), &stored, "a", 10).await.map(drop).unwrap_err(),
        ];
        for fault in faults {
            assert!(fault.is(INTEGRITY), "{fault:?}");
            let failure = fault.into_failure().unwrap();
            assert!(failure.message.contains("the artifact Site (s3://artifacts/web-app/Site/1)"));
        }
    }
}

#[tokio::test]
async fn a_longer_object_is_not_read_to_its_end() {
    let storage = Storage::default();
    let ground = Wire::to_storage(&storage).ground();
    let stored = write(&ground, &here(), &output(), b"abc".to_vec()).await.unwrap();
    storage.tamper("artifacts", "web-app/Site/1", &vec![0; 1_000_000]);
    assert!(read(&ground, &here(), &stored).await.unwrap_err().is(INTEGRITY));
    let large = StoredArtifact { size_bytes: READ_BYTES_MAX + 1, ..stored };
    let fault = read(&ground, &here(), &large).await.unwrap_err();
    assert!(fault.is("ConfigurationError"), "{fault:?}");
}

#[tokio::test]
async fn what_another_system_stored_is_taken_over_and_what_it_did_not_is_none() {
    let storage = Storage::default();
    let ground = Wire::to_storage(&storage).ground();
    assert_eq!(adopt(&ground, &here(), &output()).await, Ok(None));
    storage.put("artifacts", "web-app/Site/1", b"abc");
    let adopted = adopt(&ground, &here(), &output()).await.unwrap().unwrap();
    assert_eq!(adopted.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(adopted.size_bytes, 3);
}

#[tokio::test]
async fn an_input_of_another_region_is_copied_before_it_is_used_and_only_once() {
    let storage = Storage::default();
    let wire = Wire::to_storage(&storage);
    let ground = wire.ground();
    let made = write(&ground, &here(), &output(), b"abc".to_vec()).await.unwrap();
    let there = Job {
        region: "eu-west-1".to_owned(),
        artifact_bucket: Some("artifacts-ireland".to_owned()),
        encryption_key: Some("alias/ireland".to_owned()),
        ..here()
    };
    let placed = local(&ground, &there, &made).await.unwrap();
    assert_eq!((placed.bucket.as_str(), &placed.key), ("artifacts-ireland", &made.key));
    assert_eq!(placed.sha256, made.sha256);
    let copy = storage.get("artifacts-ireland", &made.key).unwrap();
    assert_eq!(copy.headers["x-amz-server-side-encryption-aws-kms-key-id"], "alias/ireland");

    assert_eq!(read(&ground, &there, &made).await, Ok(b"abc".to_vec()));
    assert_eq!(storage.get("artifacts-ireland", &made.key).unwrap().version, copy.version);
    let asked = wire.asked();
    let uris = asked.iter().filter(|it| it.headers.contains_key("x-amz-copy-source"));
    assert!(uris.map(|it| &it.uri).all(|uri| uri.contains(".s3.eu-west-1.amazonaws.com")));

    // A copy that somebody replaced is refused like any other object.
    storage.tamper("artifacts-ireland", &made.key, b"abd");
    assert!(local(&ground, &there, &made).await.unwrap_err().is(INTEGRITY));
}

#[tokio::test]
async fn one_file_is_read_out_of_an_archive() {
    let storage = Storage::default();
    let ground = Wire::to_storage(&storage).ground();
    let archive = pack_one("deploy/template.yaml", b"Resources: {}").await.unwrap();
    let stored = write(&ground, &here(), &output(), archive).await.unwrap();
    let found = member(&ground, &here(), &stored, "deploy/template.yaml", 1000).await;
    assert_eq!(found, Ok(Some(b"Resources: {}".to_vec())));
    assert_eq!(member(&ground, &here(), &stored, "other.yaml", 1000).await, Ok(None));
    let fault = member(&ground, &here(), &stored, "deploy/template.yaml", 3).await.unwrap_err();
    assert!(fault.is("JobFailed"), "{fault:?}");
    assert_eq!(clone_reference(&ground, &here(), &stored).await, Ok(None));
}

#[tokio::test]
async fn a_reference_to_a_repository_holds_no_files() {
    let storage = Storage::default();
    let ground = Wire::to_storage(&storage).ground();
    let commit = "c0ffee00".repeat(5);
    let reference = providers::clone_reference::CloneReference::new("web", "main", &commit);
    let name = providers::clone_reference::FILE_NAME;
    let archive = pack_one(name, reference.render().as_bytes()).await.unwrap();
    // Whoever may push can have a file of that name; only a source notes the commit beside it.
    let mut pushed = output();
    pushed.key.push('2');
    let pushed = write(&ground, &here(), &pushed, archive.clone()).await.unwrap();
    assert_eq!(clone_reference(&ground, &here(), &pushed).await, Ok(None));

    let content = Content::Bytes(archive);
    let stored = keep(&ground, &here(), &output(), content, Some(&commit)).await.unwrap().artifact;
    assert_eq!(clone_reference(&ground, &here(), &stored).await, Ok(Some(reference.clone())));
    let there = Job {
        region: "eu-west-1".to_owned(),
        artifact_bucket: Some("artifacts-ireland".to_owned()),
        ..here()
    };
    assert_eq!(clone_reference(&ground, &there, &stored).await, Ok(Some(reference)));
    let fault = member(&ground, &here(), &stored, "template.yaml", 1000).await.unwrap_err();
    let failure = fault.into_failure().unwrap();
    assert!(failure.message.contains("CODEBUILD_CLONE_REF"), "{}", failure.message);
}

#[tokio::test]
async fn a_role_that_may_not_is_named_with_the_permission_and_a_throttle_passes() {
    let job = here();
    let ground = Wire::to(|_| Answer::s3_refusal(403, "AccessDenied")).ground();
    let refused = write(&ground, &job, &output(), vec![1]).await.unwrap_err();
    let Fault::Forbidden(reason) = refused else { panic!("{refused:?}") };
    for part in
        ["s3:PutObject", "s3://artifacts/web-app/Site/1", job.pipeline_role_arn.as_deref().unwrap()]
    {
        assert!(reason.contains(part), "{part} is not in: {reason}");
    }
    let ground = Wire::to(|_| Answer::s3_refusal(400, "KMS.DisabledException")).ground();
    let refused = write(&ground, &job, &output(), vec![1]).await.unwrap_err();
    assert!(matches!(&refused, Fault::Forbidden(reason) if reason.contains("kms:")), "{refused:?}");
    // S3 refuses by its own code what the key does not allow, and says so in its message alone.
    let said = "User: u is not authorized to perform: kms:GenerateDataKey on resource: k";
    let body = format!("<Error><Code>AccessDenied</Code><Message>{said}</Message></Error>");
    let answer = Answer::Said { status: 403, headers: Vec::new(), body: body.into_bytes() };
    let ground = Wire::to(move |_| answer.clone()).ground();
    let refused = write(&ground, &job, &output(), vec![1]).await.unwrap_err();
    let Fault::Forbidden(reason) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("allow kms:Decrypt and kms:GenerateDataKey on that key"), "{reason}");

    for answer in [Answer::s3_refusal(503, "SlowDown"), Answer::Broken] {
        let ground = Wire::to(move |_| answer.clone()).ground();
        let fault = write(&ground, &job, &output(), vec![1]).await.unwrap_err();
        assert!(matches!(fault.into_failure(), Err(providers::Error::Unreachable(_))));
    }
}
