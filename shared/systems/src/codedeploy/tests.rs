use std::sync::{Arc, Mutex};

use model::outcome::{Failure, Outcome, StoredArtifact};
use providers::{Error, Job, Memory, Progress, Provider};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{CodeDeploy, bundle_type};
use crate::wire::{Answer, Asked, NOW_MILLIS, Wire, job, object};

const ZIP: &[u8] = b"PK\x03\x04 and the rest";

/// CodeDeploy, as far as it is asked here. It honours no token: each call is one more deployment.
#[derive(Default)]
struct Service {
    deployments: Vec<Value>,
    targets: Vec<Value>,
    /// The answer to the next start gets lost on its way.
    loses_answer: bool,
    /// Answers these operations like this.
    refuses: Option<(&'static str, Answer)>,
    /// Always has one more page of deployments.
    is_endless: bool,
}

impl Service {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let operation = asked.operation.as_str();
        if let Some((refused, answer)) = &self.refuses
            && (*refused == operation || *refused == "*")
        {
            return answer.clone();
        }
        let body = asked.json();
        match operation {
            "CreateDeployment" => {
                let id = format!("d-{}", self.deployments.len());
                self.deployments.push(json!({
                    "deploymentId": id,
                    "status": "Created",
                    "description": body["description"],
                }));
                if std::mem::take(&mut self.loses_answer) {
                    return Answer::Broken;
                }
                Answer::json(&json!({ "deploymentId": id }))
            }
            "GetDeployment" => {
                let id = &body["deploymentId"];
                match self.deployments.iter().find(|it| it["deploymentId"] == *id) {
                    Some(found) => Answer::json(&json!({ "deploymentInfo": found })),
                    None => {
                        Answer::refusal("DeploymentDoesNotExistException", "no such deployment")
                    }
                }
            }
            "ListDeployments" => {
                let ids: Vec<_> = self.deployments.iter().map(|it| &it["deploymentId"]).collect();
                let next = self.is_endless.then_some("more");
                Answer::json(&json!({ "deployments": ids, "nextToken": next }))
            }
            "BatchGetDeployments" => Answer::json(&json!({ "deploymentsInfo": self.deployments })),
            "ListDeploymentTargets" => {
                let ids: Vec<_> =
                    (0..self.targets.len()).map(|index| format!("i-{index}")).collect();
                Answer::json(&json!({ "targetIds": ids }))
            }
            "BatchGetDeploymentTargets" => {
                Answer::json(&json!({ "deploymentTargets": self.targets }))
            }
            "StopDeployment" => Answer::json(&json!({ "status": "Pending" })),
            other => panic!("nobody asks CodeDeploy for {other}"),
        }
    }
}

struct Bench {
    service: Arc<Mutex<Service>>,
    wire: Wire,
    codedeploy: CodeDeploy,
}

fn bench() -> Bench {
    let service = Arc::new(Mutex::new(Service::default()));
    let at_other_end = service.clone();
    let wire = Wire::to(move |asked| match object(asked, &[("web-app/Site/1", ZIP)]) {
        Some(answer) => answer.with("etag", "\"tag\"").with("x-amz-version-id", "v1"),
        None => at_other_end.lock().unwrap().answer(asked),
    });
    let codedeploy = CodeDeploy::new(wire.ground());
    Bench { service, wire, codedeploy }
}

impl Bench {
    async fn seen(&self, facts: Value) -> Progress {
        let mut deployment = json!({ "deploymentId": "d-7" });
        deployment.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
        self.service.lock().unwrap().deployments = vec![deployment];
        let job = Job { external_id: Some("d-7".to_owned()), ..deploy_job() };
        self.codedeploy.poll(&job).await.unwrap()
    }

    async fn failure(&self, facts: Value) -> Failure {
        let progress = self.seen(facts).await;
        let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
        failure
    }
}

fn deploy_job() -> Job {
    let settings = [("ApplicationName", "web"), ("DeploymentGroupName", "blue")];
    Job { inputs: vec![input(ZIP)], ..job("Deploy", "CodeDeploy", &settings) }
}

fn input(content: &[u8]) -> StoredArtifact {
    StoredArtifact {
        name: "Site".to_owned(),
        bucket: "artifacts".to_owned(),
        key: "web-app/Site/1".to_owned(),
        sha256: hex::encode(Sha256::digest(content)),
        size_bytes: content.len() as u64,
    }
}

fn running(id: &str) -> Progress {
    let link = format!(
        "https://us-east-1.console.aws.amazon.com/codesuite/codedeploy/deployments/{id}?region=us-east-1"
    );
    Progress::Running {
        external_id: Some(id.to_owned()),
        external_url: Some(link),
        ask_again_seconds: None,
    }
}

#[tokio::test]
async fn a_deployment_is_of_the_artifact_as_it_lies_and_names_the_attempt_pr2() {
    let bench = bench();
    let job = deploy_job();
    assert_eq!(bench.codedeploy.start(&job).await.unwrap(), running("d-0"));
    let expected = json!({
        "applicationName": "web",
        "deploymentGroupName": "blue",
        "revision": {
            "revisionType": "S3",
            "s3Location": {
                "bucket": "artifacts",
                "key": "web-app/Site/1",
                "bundleType": "zip",
                "version": "v1",
                "eTag": "\"tag\"",
            },
        },
        "description": format!(
            "web-app #42, Stage/Action (Towpath, action execution {})", job.run_id
        ),
    });
    assert_eq!(bench.wire.bodies("CreateDeployment"), [expected]);
    assert_eq!(bench.codedeploy.memory(), Memory::NotedBefore);
}

#[test]
fn an_archive_is_told_by_its_first_bytes() {
    let name = |head: &[u8]| bundle_type(head).map(|kind| kind.as_str().to_owned());
    let mut tar = [0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    assert_eq!(name(ZIP).as_deref(), Some("zip"));
    assert_eq!(name(b"\x1f\x8b\x08").as_deref(), Some("tgz"));
    assert_eq!(name(&tar).as_deref(), Some("tar"));
    assert_eq!(name(b"version: 0.0"), None);
    assert_eq!(name(b""), None);
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_finds_the_deployment_and_makes_no_second_one_pr2() {
    let bench = bench();
    bench.service.lock().unwrap().loses_answer = true;
    let mut job = deploy_job();
    let lost = bench.codedeploy.start(&job).await;
    assert!(matches!(lost, Err(Error::Unreachable(_))), "{lost:?}");
    job.begun_at_millis = Some(NOW_MILLIS - 1000);
    assert_eq!(bench.codedeploy.start(&job).await.unwrap(), running("d-0"));
    assert_eq!(bench.service.lock().unwrap().deployments.len(), 1);
    let asked = &bench.wire.bodies("ListDeployments")[0];
    let since = asked["createTimeRange"]["start"].as_f64().unwrap();
    let expected = f64::from(u32::try_from((NOW_MILLIS - 1000) / 1000 - 300).unwrap());
    assert!((since - expected).abs() < 1.0, "{since}");
    // Another attempt is another deployment.
    job.run_id = "another".to_owned();
    assert_eq!(bench.codedeploy.start(&job).await.unwrap(), running("d-1"));
}

#[tokio::test]
async fn a_start_that_cannot_be_told_from_others_fails_instead_of_deploying_twice() {
    let bench = bench();
    bench.service.lock().unwrap().is_endless = true;
    let job = Job { begun_at_millis: Some(NOW_MILLIS - 1000), ..deploy_job() };
    let progress = bench.codedeploy.start(&job).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert!(failure.message.starts_with("nobody knows whether the deployment began"));
    assert!(bench.wire.bodies("CreateDeployment").is_empty());
}

#[tokio::test]
async fn a_deployment_goes_on_until_codedeploy_says_how_it_ended() {
    let bench = bench();
    for status in ["Created", "Queued", "InProgress", "Baking", "Ready", "NewWord"] {
        assert_eq!(bench.seen(json!({ "status": status })).await, running("d-7"), "{status}");
    }
    let Progress::Done(Outcome::Succeeded(success)) =
        bench.seen(json!({ "status": "Succeeded" })).await
    else {
        panic!()
    };
    assert_eq!(success.external_id.as_deref(), Some("d-7"));
    let stopped = bench.failure(json!({ "status": "Stopped" })).await;
    assert!(stopped.message.starts_with("somebody stopped the deployment; retry the stage"));
}

#[tokio::test]
async fn a_deployment_that_failed_says_first_which_script_failed_on_which_machine() {
    let bench = bench();
    let target = |id: &str, ended: i64, name: &str| {
        json!({
            "deploymentTargetType": "InstanceTarget",
            "instanceTarget": {
                "targetId": id, "status": "Failed",
                "lifecycleEvents": [
                    { "lifecycleEventName": "Install", "status": "Succeeded" },
                    { "lifecycleEventName": name, "status": "Failed", "endTime": ended,
                      "diagnostics": {
                          "errorCode": "ScriptFailed", "scriptName": "scripts/start.sh",
                          "message": "Script exited with code 7.", "logTail": "[stderr]no such user\n",
                      } },
                    { "lifecycleEventName": "ValidateService", "status": "Skipped" },
                ],
            },
        })
    };
    bench.service.lock().unwrap().targets =
        vec![target("i-1", 200, "AfterInstall"), target("i-0", 100, "ApplicationStart")];
    let failure = bench
        .failure(json!({
            "status": "Failed",
            "errorInformation": { "code": "HEALTH_CONSTRAINTS", "message": "Too many machines failed." },
            "rollbackInfo": { "rollbackDeploymentId": "d-8" },
        }))
        .await;
    let words = "ApplicationStart failed on i-0: Script exited with code 7 (script scripts/start.sh). \
                 Its last words: [stderr]no such user. Too many machines failed. (deployment d-7; \
                 CodeDeploy rolls back with d-8; https://";
    assert!(failure.message.starts_with(words), "{}", failure.message);
    assert_eq!(failure.code, "JobFailed");
}

#[tokio::test]
async fn a_failure_is_told_without_its_machines_where_they_may_not_be_seen() {
    let bench = bench();
    let denied = Answer::refusal("AccessDeniedException", "no");
    bench.service.lock().unwrap().refuses = Some(("ListDeploymentTargets", denied));
    let facts = json!({
        "status": "Failed",
        "errorInformation": { "code": "IAM_ROLE_PERMISSIONS", "message": "The role lacks rights." },
    });
    let failure = bench.failure(facts).await;
    assert!(failure.message.starts_with("The role lacks rights."), "{}", failure.message);
    assert_eq!(failure.code, "PermissionError");
}

#[tokio::test]
async fn a_deployment_waits_for_the_one_before_it_and_not_forever() {
    let bench = bench();
    let full = Answer::refusal("DeploymentLimitExceededException", "the group has d-9 under way");
    bench.service.lock().unwrap().refuses = Some(("CreateDeployment", full));
    let mut job = deploy_job();
    let waits =
        Progress::Running { external_id: None, external_url: None, ask_again_seconds: Some(60) };
    assert_eq!(bench.codedeploy.start(&job).await.unwrap(), waits);
    job.requested_at_millis = NOW_MILLIS - 3_600_000;
    let progress = bench.codedeploy.start(&job).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert!(failure.message.contains("d-9 under way"), "{}", failure.message);
}

#[tokio::test]
async fn a_deployment_is_stopped_by_its_id_or_by_what_is_found_of_it() {
    let bench = bench();
    let mut job = deploy_job();
    bench.codedeploy.cancel(&job).await.unwrap();
    assert!(bench.wire.calls().is_empty());
    bench.codedeploy.start(&job).await.unwrap();
    job.begun_at_millis = Some(NOW_MILLIS);
    bench.codedeploy.cancel(&job).await.unwrap();
    job.external_id = Some("d-0".to_owned());
    bench.codedeploy.cancel(&job).await.unwrap();
    let id = json!({ "deploymentId": "d-0" });
    assert_eq!(bench.wire.bodies("StopDeployment"), [id.clone(), id]);
    let over = Answer::refusal("DeploymentAlreadyCompletedException", "it is over");
    bench.service.lock().unwrap().refuses = Some(("StopDeployment", over));
    bench.codedeploy.cancel(&job).await.unwrap();
}

#[tokio::test]
async fn a_deployment_that_codedeploy_forgot_fails_and_one_that_it_does_not_show_yet_goes_on() {
    let bench = bench();
    let mut job = Job { external_id: Some("d-9".to_owned()), ..deploy_job() };
    assert_eq!(bench.codedeploy.start(&job).await.unwrap(), running("d-9"));
    job.requested_at_millis = NOW_MILLIS - 3_600_000;
    let progress = bench.codedeploy.poll(&job).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert!(failure.message.contains("d-9"), "{}", failure.message);
    job.external_id = None;
    assert_eq!(bench.codedeploy.poll(&job).await.unwrap(), Progress::Unknown);
}

#[tokio::test]
async fn what_is_denied_names_the_permission_and_what_is_throttled_is_tried_again() {
    let bench = bench();
    let denied = Answer::refusal("AccessDeniedException", "not authorized");
    bench.service.lock().unwrap().refuses = Some(("*", denied));
    let error = bench.codedeploy.start(&deploy_job()).await.unwrap_err();
    let Error::Refused(reason) = &error else { panic!("{error:?}") };
    assert!(reason.contains("codedeploy:CreateDeployment on web/blue"), "{reason}");
    let throttled = Answer::refusal("ThrottlingException", "Rate exceeded");
    bench.service.lock().unwrap().refuses = Some(("*", throttled));
    let error = bench.codedeploy.start(&deploy_job()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn a_setting_that_is_missing_or_names_nothing_is_named_with_its_fix() {
    let without = |key: &str| {
        let mut job = deploy_job();
        job.configuration.remove(key);
        job
    };
    let cases = [
        (without("ApplicationName"), None, "the setting ApplicationName is missing"),
        (without("DeploymentGroupName"), None, "the setting DeploymentGroupName is missing"),
        (Job { inputs: Vec::new(), ..deploy_job() }, None, "add it to inputArtifacts"),
        (
            deploy_job(),
            Some("ApplicationDoesNotExistException"),
            "ApplicationName is \"web\", and CodeDeploy has no such application in us-east-1",
        ),
        (
            deploy_job(),
            Some("DeploymentGroupDoesNotExistException"),
            "DeploymentGroupName is \"blue\", and the application web has no such group",
        ),
    ];
    for (job, refusal, words) in cases {
        let bench = bench();
        bench.service.lock().unwrap().refuses =
            refusal.map(|code| ("CreateDeployment", Answer::refusal(code, "it is not there")));
        let progress = bench.codedeploy.start(&job).await.unwrap();
        let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
        assert_eq!(failure.code, "ConfigurationError");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[tokio::test]
async fn what_is_no_archive_is_refused_before_anything_is_deployed() {
    let wire = Wire::to(|asked| object(asked, &[("web-app/Site/1", b"plain text")]).unwrap());
    let job = Job { inputs: vec![input(b"plain text")], ..deploy_job() };
    let progress = CodeDeploy::new(wire.ground()).start(&job).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    let words = "the input artifact Site is neither a ZIP archive nor a tar";
    assert!(failure.message.starts_with(words), "{}", failure.message);
}
