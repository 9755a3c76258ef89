//! The message that SNS is handed, and what its refusals become.

use expect_test::expect;
use model::outcome::{Failure, Outcome};
use providers::job::ApprovalRequest;
use providers::{Error, Job, Progress, Provider as _};

use super::ManualApproval;
use crate::wire::{Answer, Wire, job};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:approvals";

const PUBLISHED: &str = "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult>\
                         </PublishResponse>";

fn approval(settings: &[(&str, &str)]) -> Job {
    let mut job = job("Approval", "Manual", settings);
    job.deadline_millis = Some(1_800_000_059_999);
    job.approval = Some(ApprovalRequest {
        token: "1a2b3c4d-573f-4ea7-a67e-000000000000".to_owned(),
        review_url: Some("https://towpath.example.com/approve/web-app".to_owned()),
        pipeline_url: Some("https://towpath.example.com/web-app".to_owned()),
    });
    job
}

fn topic(status: u16, body: &str) -> (ManualApproval, Wire) {
    let body = body.as_bytes().to_vec();
    let wire = Wire::to(move |_| Answer::Said { status, headers: Vec::new(), body: body.clone() });
    (ManualApproval::new(wire.ground()), wire)
}

fn refusal(code: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>\
         <RequestId>r</RequestId></ErrorResponse>"
    )
}

fn form(wire: &Wire, index: usize) -> std::collections::BTreeMap<String, String> {
    url::form_urlencoded::parse(&wire.asked()[index].bytes).into_owned().collect()
}

fn failure(progress: Progress) -> Failure {
    if let Progress::Done(Outcome::Failed(failure)) = progress {
        return failure;
    }
    panic!("{progress:?}")
}

#[tokio::test]
async fn people_are_asked_in_codepipelines_words() {
    let (provider, wire) = topic(200, PUBLISHED);
    let mut job = approval(&[
        ("NotificationArn", TOPIC),
        ("ExternalEntityLink", "https://example.com/preview"),
        ("CustomData", "Look at \"the lock\", please."),
    ]);
    assert_eq!(provider.poll(&job).await.unwrap(), Progress::Unknown);
    let progress = provider.start(&job).await.unwrap();
    let Progress::Running { external_id, .. } = progress else { panic!("{progress:?}") };
    assert_eq!(external_id.as_deref(), Some("m-1"));
    let form = form(&wire, 0);
    assert_eq!(form["TopicArn"], TOPIC);
    assert_eq!(form["Subject"], "APPROVAL NEEDED: AWS CodePipeline web-app for action Action");
    expect![[r#"{"region":"us-east-1","consoleLink":"https://towpath.example.com/web-app","approval":{"pipelineName":"web-app","stageName":"Stage","actionName":"Action","token":"1a2b3c4d-573f-4ea7-a67e-000000000000","expires":"2027-01-15T08:00Z","externalEntityLink":"https://example.com/preview","approvalReviewLink":"https://towpath.example.com/approve/web-app","customData":"Look at \"the lock\", please."}}"#]]
    .assert_eq(&form["Message"]);

    // What was noted was sent, and is not sent again.
    job.external_id = external_id;
    assert_eq!(provider.start(&job).await.unwrap(), Progress::AwaitsAnswer);
    assert_eq!(provider.poll(&job).await.unwrap(), Progress::AwaitsAnswer);
    assert_eq!(wire.asked().len(), 1);
}

#[tokio::test]
async fn an_approval_without_a_topic_asks_nobody() {
    let (provider, wire) = topic(200, PUBLISHED);
    let job = approval(&[]);
    assert_eq!(provider.start(&job).await.unwrap(), Progress::AwaitsAnswer);
    assert_eq!(provider.poll(&job).await.unwrap(), Progress::AwaitsAnswer);
    assert!(wire.asked().is_empty());
}

#[tokio::test]
async fn a_subject_is_never_longer_than_sns_takes() {
    let (provider, wire) = topic(200, PUBLISHED);
    let mut job = approval(&[("NotificationArn", "arn:aws:sns:us-east-1:1:approvals.fifo")]);
    job.pipeline = "p".repeat(100);
    provider.start(&job).await.unwrap();
    let form = form(&wire, 0);
    assert_eq!(form["Subject"].len(), 100);
    assert!(form["Subject"].ends_with("ppp..."), "{}", form["Subject"]);
    assert_eq!(form["MessageDeduplicationId"], job.run_id);
    assert!(!form["Message"].contains("customData"), "{}", form["Message"]);
}

#[tokio::test]
async fn a_topic_that_cannot_be_meant_is_named() {
    let (provider, wire) = topic(200, PUBLISHED);
    for (topic, said) in [
        ("arn:aws:sns:eu-west-1:123456789012:approvals", "names a topic in eu-west-1"),
        ("approvals", "write arn:aws:sns:us-east-1:ACCOUNT:NAME"),
        ("arn:aws:sqs:us-east-1:123456789012:queue", "which is no topic"),
        ("arn:aws:sns:us-east-1:123456789012:approvals:2f7b", "which is no topic"),
    ] {
        let job = approval(&[("NotificationArn", topic)]);
        let failure = failure(provider.start(&job).await.unwrap());
        assert_eq!(failure.code, "ConfigurationError");
        assert!(failure.message.contains(said), "{}", failure.message);
    }
    assert!(wire.asked().is_empty());
}

#[tokio::test]
async fn what_sns_refuses_is_said_with_its_fix() {
    let job = approval(&[("NotificationArn", TOPIC)]);
    let (provider, _) = topic(403, &refusal("AuthorizationError"));
    let Err(Error::Refused(reason)) = provider.start(&job).await else { panic!("not refused") };
    assert!(reason.contains("sns:Publish"), "{reason}");
    let (provider, _) = topic(404, &refusal("NotFound"));
    let failure = failure(provider.start(&job).await.unwrap());
    assert_eq!(failure.code, "ConfigurationError");
    assert!(failure.message.contains("does not exist, so nobody was asked"));
    let (provider, _) = topic(503, &refusal("ServiceUnavailable"));
    assert!(matches!(provider.start(&job).await, Err(Error::Unreachable(_))));
    // Whoever opens approvals has not done it yet: asking later helps.
    let (provider, wire) = topic(200, PUBLISHED);
    let unopened = Job { approval: None, ..job };
    assert!(matches!(provider.start(&unopened).await, Err(Error::Unreachable(_))));
    assert!(wire.asked().is_empty());
}
