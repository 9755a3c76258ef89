//! What the API needs of the cloud, at the SDK's own wire.

use std::sync::atomic::{AtomicUsize, Ordering};

use api::{ArtifactScope, Home};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::elsewhere::{ASSUMED, Asked, Elsewhere, answered};
use crate::world::{DEPLOYMENT, home};

const NOW: Timestamp = Timestamp::from_millis(1_795_687_200_000);

fn scope() -> ArtifactScope {
    ArtifactScope {
        reads: vec![("artifacts".into(), "web/code/1".into())],
        writes: vec![("artifacts".into(), "web/made/2".into())],
    }
}

fn decoded(form: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = form.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte.unwrap()).to_digit(16).unwrap();
        bytes.push(match byte {
            b'%' => u8::try_from(digit(rest.next()) * 16 + digit(rest.next())).unwrap(),
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_jobs_keys_are_a_roles_and_limited_to_its_artifacts_for_an_hour() {
    let elsewhere = Elsewhere::new(|_| answered(200, &[("content-type", "text/xml")], ASSUMED));
    let home = home(&elsewhere, Some("arn:aws:iam::111122223333:role/jobs"));
    let keys = home.artifact_credentials(&scope(), NOW).await.unwrap();
    assert_eq!(keys.access_key_id, "ASIAJOB");
    let asked = elsewhere.asked();
    let form = decoded(&asked[0].body);
    for part in [
        "Action=AssumeRole&",
        "RoleArn=arn:aws:iam::111122223333:role/jobs&",
        &format!("ExternalId={DEPLOYMENT}"),
        "DurationSeconds=3600",
        "\"Resource\":[\"arn:aws:s3:::artifacts/web/code/1\"]",
        "\"Resource\":[\"arn:aws:s3:::artifacts/web/made/2\"]",
    ] {
        assert!(form.contains(part), "{part} is not in {form}");
    }
    assert!(!form.contains("arn:aws:s3:::artifacts/*"));
}

#[tokio::test]
async fn without_a_role_or_with_more_than_a_policy_holds_nobody_gets_keys() {
    let elsewhere = Elsewhere::new(|_| answered(200, &[("content-type", "text/xml")], ASSUMED));
    let reason = home(&elsewhere, None).artifact_credentials(&scope(), NOW).await;
    assert!(reason.err().unwrap().contains("TOWPATH_JOB_ROLE"));
    let many = (0..30).map(|number| ("artifacts".into(), format!("{}/{number}", "x".repeat(80))));
    let scope = ArtifactScope { reads: many.collect(), writes: Vec::new() };
    let home = home(&elsewhere, Some("arn:aws:iam::111122223333:role/jobs"));
    let reason = home.artifact_credentials(&scope, NOW).await.err().unwrap();
    assert!(reason.contains("fewer artifacts"), "{reason}");
    assert!(elsewhere.asked().is_empty(), "keys that reach more are not asked for instead");
}

#[tokio::test]
async fn what_sts_refuses_is_told_and_gives_no_keys() {
    let refused = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
        <Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>";
    let elsewhere =
        Elsewhere::new(move |_| answered(403, &[("content-type", "text/xml")], refused));
    let home = home(&elsewhere, Some("arn:aws:iam::111122223333:role/jobs"));
    let reason = home.artifact_credentials(&scope(), NOW).await.err().unwrap();
    assert!(reason.contains("not authorized"), "{reason}");
}

const BYTES: &str = "the bytes of an artifact";

fn digest() -> Vec<u8> {
    Sha256::digest(BYTES).to_vec()
}

#[tokio::test]
async fn an_artifact_with_a_checksum_is_not_read_for_it() {
    let elsewhere = Elsewhere::new(|_| {
        let checksum = STANDARD.encode(digest());
        let head = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 24\r\n\
             x-amz-checksum-sha256: {checksum}\r\nx-amz-checksum-type: FULL_OBJECT\r\n\r\n"
        );
        head.into_bytes()
    });
    let stored = home(&elsewhere, None).stored("artifacts", "web/made/2").await.unwrap().unwrap();
    assert_eq!((stored.sha256, stored.size_bytes), (hex::encode(digest()), 24));
    let asked = elsewhere.asked();
    assert!(asked.iter().all(|asked| asked.line.starts_with("HEAD /artifacts/web/made/2")));
    assert_eq!(asked[0].header("x-amz-checksum-mode"), "ENABLED");
}

/// A checksum of parts' checksums is not one of the bytes, and most objects have none that we can use.
#[tokio::test]
async fn an_artifact_without_a_checksum_of_its_own_is_read_for_one() {
    let serve = |asked: &Asked| {
        if asked.line.starts_with("HEAD") {
            let checksum = STANDARD.encode([1; 32]);
            let head = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 24\r\n\
                 x-amz-version-id: v7\r\nx-amz-checksum-sha256: {checksum}\r\n\
                 x-amz-checksum-type: COMPOSITE\r\n\r\n"
            );
            return head.into_bytes();
        }
        answered(200, &[], BYTES)
    };
    let elsewhere = Elsewhere::new(serve);
    let stored = home(&elsewhere, None).stored("artifacts", "web/made/2").await.unwrap().unwrap();
    assert_eq!((stored.sha256, stored.size_bytes), (hex::encode(digest()), 24));
    let asked = elsewhere.asked();
    assert!(
        asked[1].line.contains("versionId=v7"),
        "the one that was looked at: {}",
        asked[1].line
    );
}

#[tokio::test]
async fn an_artifact_that_is_not_there_and_one_that_may_not_be_seen_are_two_things() {
    let head = |status: u16| {
        Elsewhere::new(move |_| {
            format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                .into_bytes()
        })
    };
    let absent = head(404);
    assert_eq!(home(&absent, None).stored("artifacts", "x").await, Ok(None));
    let hidden = head(403);
    assert!(home(&hidden, None).stored("artifacts", "x").await.is_err());
}

#[tokio::test]
async fn what_is_asked_of_s3_is_signed_and_asked_again_in_a_bad_moment() {
    let asked_before = AtomicUsize::new(0);
    let elsewhere = Elsewhere::new(move |_| {
        let status = if asked_before.fetch_add(1, Ordering::SeqCst) == 0 { 503 } else { 404 };
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            .into_bytes()
    });
    assert_eq!(home(&elsewhere, None).stored("artifacts", "x").await, Ok(None));
    let asked = elsewhere.asked();
    assert_eq!(asked.len(), 2, "once more, and not for ever");
    for part in ["X-Amz-Credential=ASIAFUNCTION", "X-Amz-SignedHeaders=host%3Bx-amz-checksum-mode"]
    {
        assert!(asked[0].line.contains(part), "{part} is not in {}", asked[0].line);
    }
    assert!(asked[0].line.contains("X-Amz-Signature="), "{}", asked[0].line);
}

#[tokio::test]
async fn an_s3_that_stays_away_is_told_and_is_no_missing_artifact() {
    let away = Elsewhere::new(|_| answered(500, &[], ""));
    let reason = home(&away, None).stored("artifacts", "x").await.unwrap_err();
    assert!(reason.contains("500"), "{reason}");
    assert_eq!(away.asked().len(), 3);
    let other = home(&away, None).stored("artifacts", "a/../b").await.unwrap_err();
    assert!(other.contains("no key that an address can spell"), "{other}");
    assert_eq!(away.asked().len(), 3, "another artifact is not looked at instead");
}

#[tokio::test]
async fn a_webhook_has_its_url_and_is_said_not_to_be_registered() {
    let elsewhere = Elsewhere::new(|_| answered(500, &[], ""));
    let home = home(&elsewhere, None);
    assert_eq!(home.webhook_url("ab12"), "https://hooks.example/webhooks/ab12");
    let (code, message) = home
        .register_webhook("hook", "https://hooks.example/webhooks/ab12", true)
        .await
        .unwrap_err();
    assert_eq!(code, "UnsupportedOperation");
    assert!(message.contains("make the hook there yourself"), "{message}");
}
