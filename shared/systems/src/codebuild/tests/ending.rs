//! How far a build is, and how it ended.

use model::outcome::Outcome;
use providers::{Progress, Provider};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{bench, build_job, output, running};
use crate::wire::NOW_MILLIS;

#[tokio::test]
async fn a_build_that_goes_on_shows_its_log_and_is_asked_after_again_pr5() {
    let bench = bench();
    let facts = json!({ "buildStatus": "IN_PROGRESS", "logs": { "deepLink": "https://log" } });
    let progress = bench.seen(&build_job(&[]), facts).await.unwrap();
    let expected = Progress::Running {
        external_id: Some("web:7".to_owned()),
        external_url: Some("https://log".to_owned()),
        ask_again_seconds: None,
    };
    assert_eq!(progress, expected);
}

#[tokio::test]
async fn a_build_that_succeeded_hands_over_the_variables_that_its_buildspec_exports() {
    let bench = bench();
    let facts = json!({
        "buildStatus": "SUCCEEDED",
        "logs": { "deepLink": "https://log" },
        "exportedEnvironmentVariables": [{ "name": "TAG", "value": "1.2" }],
    });
    let progress = bench.seen(&build_job(&[]), facts).await.unwrap();
    let Progress::Done(Outcome::Succeeded(success)) = progress else { panic!("{progress:?}") };
    assert_eq!(success.variables, [("TAG".to_owned(), "1.2".to_owned())].into());
    assert_eq!(success.external_id.as_deref(), Some("web:7"));
    assert_eq!(success.external_url.as_deref(), Some("https://log"));
}

#[tokio::test]
async fn what_a_build_wrote_is_taken_over_and_what_it_did_not_write_is_missed_pr8() {
    let bench = bench();
    let succeeded = json!({ "buildStatus": "SUCCEEDED" });
    let mut job = build_job(&[]);
    job.outputs = vec![output("Site"), output("Report")];
    let progress = bench.seen(&job, succeeded.clone()).await.unwrap();
    let Progress::Done(Outcome::Succeeded(success)) = progress else { panic!("{progress:?}") };
    let made: Vec<_> =
        success.artifacts.iter().map(|it| (it.name.as_str(), it.sha256.clone())).collect();
    let digest = |content: &[u8]| hex::encode(Sha256::digest(content));
    assert_eq!(made, [("Site", digest(b"made")), ("Report", digest(b"made too"))]);

    job.outputs.push(output("Docs"));
    let progress = bench.seen(&job, succeeded).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    let words = "the build succeeded and left no output artifact Docs at artifacts/web-app/Docs/2; list \
                 its files in the buildspec under `artifacts: secondary-artifacts: Docs`";
    assert!(failure.message.starts_with(words), "{}", failure.message);
}

#[tokio::test]
async fn a_build_that_failed_says_first_what_its_failing_phase_says() {
    let bench = bench();
    let message = "Error while executing command: make. Reason: exit status 2";
    let failure = bench
        .failure(json!({
            "buildStatus": "FAILED",
            "logs": { "deepLink": "https://log" },
            "phases": [
                { "phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED" },
                { "phaseType": "INSTALL", "phaseStatus": "SUCCEEDED", "contexts": [{ "message": "" }] },
                { "phaseType": "BUILD", "phaseStatus": "FAILED",
                  "contexts": [{ "statusCode": "COMMAND_EXECUTION_ERROR", "message": message }] },
                { "phaseType": "UPLOAD_ARTIFACTS", "phaseStatus": "FAILED",
                  "contexts": [{ "message": "no matching artifact paths" }] },
                { "phaseType": "COMPLETED" },
            ],
        }))
        .await;
    assert_eq!(failure.code, "JobFailed");
    let expected = format!("{message} (phase BUILD of build web:7; the log: https://log)");
    assert_eq!(failure.message, expected);
    assert_eq!(failure.external_url.as_deref(), Some("https://log"));
}

#[tokio::test]
async fn each_end_of_a_build_that_is_no_success_says_what_to_do() {
    let bench = bench();
    let ends = [
        ("FAULT", "SystemUnavailable", "CodeBuild could not run the build; retry the stage"),
        (
            "TIMED_OUT",
            "JobFailed",
            "the build was stopped after 60 minutes, the limit of its project",
        ),
        ("STOPPED", "JobFailed", "somebody stopped the build; retry the stage"),
        ("FAILED", "JobFailed", "the build failed"),
    ];
    for (status, code, words) in ends {
        let failure = bench.failure(json!({ "buildStatus": status })).await;
        assert_eq!(failure.code, code);
        assert!(failure.message.starts_with(words), "{status}: {}", failure.message);
    }
}

#[tokio::test]
async fn a_project_whose_role_may_not_read_the_artifacts_is_told_what_to_allow() {
    let bench = bench();
    let failure = bench
        .failure(json!({
            "buildStatus": "FAILED",
            "phases": [{
                "phaseType": "DOWNLOAD_SOURCE", "phaseStatus": "FAILED",
                "contexts": [{ "message": "AccessDenied: Access Denied\n\tstatus code: 403" }],
            }],
        }))
        .await;
    assert!(failure.message.starts_with("AccessDenied"), "{}", failure.message);
    let advice =
        "Allow s3:GetObject on arn:aws:s3:::artifacts/* in the service role of the project";
    assert!(failure.message.contains(advice), "{}", failure.message);
}

#[tokio::test]
async fn a_build_that_codebuild_forgot_fails_and_one_that_it_does_not_show_yet_goes_on() {
    let bench = bench();
    let mut job = build_job(&[]);
    job.external_id = Some("web:9".to_owned());
    assert_eq!(bench.codebuild.poll(&job).await.unwrap(), running("web:9"));
    job.requested_at_millis = NOW_MILLIS - 3_600_000;
    let progress = bench.codebuild.poll(&job).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert!(failure.message.contains("web:9"), "{}", failure.message);
    job.external_id = None;
    assert_eq!(bench.codebuild.poll(&job).await.unwrap(), Progress::Unknown);
}
