use std::sync::{Arc, Mutex};

use model::outcome::{Failure, Outcome, StoredArtifact};
use providers::clone_reference::{self, CloneReference};
use providers::job::{EnvironmentVariable, OutputArtifact};
use providers::{Error, Job, Memory, Progress, Provider};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::CodeBuild;
use crate::wire::bucket::Buckets;
use crate::wire::{Answer, Asked, NOW_MILLIS, Wire, job, object};

/// What lies in the artifact bucket.
const OBJECTS: [(&str, &[u8]); 4] = [
    ("web-app/Source/1", b"zip"),
    ("web-app/Other-Tools/1", b"zip"),
    ("web-app/Site/2", b"made"),
    ("web-app/Report/2", b"made too"),
];

/// CodeBuild, as far as it is asked here: it keeps builds, and honours tokens for five minutes.
#[derive(Default)]
struct Service {
    builds: Vec<Value>,
    /// Builds that a token stands for.
    tokens: Vec<(String, Value, usize)>,
    /// The answer to the next start gets lost on its way.
    loses_answer: bool,
    /// Answers every request like this.
    refuses: Option<Answer>,
}

impl Service {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if let Some(refusal) = &self.refuses {
            return refusal.clone();
        }
        let body = asked.json();
        match asked.operation.as_str() {
            "StartBuild" => self.start(&body, "build"),
            "StartBuildBatch" => self.start(&body, "buildBatch"),
            "BatchGetBuilds" => Answer::json(&json!({ "builds": self.named(&body) })),
            "BatchGetBuildBatches" => Answer::json(&json!({ "buildBatches": self.named(&body) })),
            "ListBuildsForProject" | "ListBuildBatchesForProject" => {
                let ids: Vec<_> = self.builds.iter().rev().map(|build| &build["id"]).collect();
                Answer::json(&json!({ "ids": ids }))
            }
            "StopBuild" | "StopBuildBatch" => Answer::json(&json!({})),
            other => panic!("nobody asks CodeBuild for {other}"),
        }
    }

    fn named(&self, body: &Value) -> Vec<&Value> {
        let ids = body["ids"].as_array().unwrap();
        self.builds.iter().filter(|build| ids.contains(&build["id"])).collect()
    }

    fn start(&mut self, body: &Value, member: &str) -> Answer {
        let token = body["idempotencyToken"].as_str().unwrap().to_owned();
        let known = self.tokens.iter().find(|(known, ..)| *known == token);
        let index = match known {
            Some((_, parameters, _)) if parameters != body => {
                return Answer::refusal("InvalidInputException", "parameter mismatch");
            }
            Some((.., index)) => *index,
            None => {
                let index = self.builds.len();
                self.builds.push(json!({
                    "id": format!("web:{index}"),
                    "arn": format!("arn:aws:codebuild:us-east-1:123456789012:build/web:{index}"),
                    "projectName": "web",
                    "buildStatus": "IN_PROGRESS",
                    "buildBatchStatus": "IN_PROGRESS",
                    "startTime": NOW_MILLIS / 1000,
                    "environment": {
                        "type": "LINUX_CONTAINER",
                        "image": "image",
                        "computeType": "BUILD_GENERAL1_SMALL",
                        "environmentVariables": body["environmentVariablesOverride"],
                    },
                }));
                self.tokens.push((token, body.clone(), index));
                index
            }
        };
        if std::mem::take(&mut self.loses_answer) {
            return Answer::Broken;
        }
        Answer::json(&json!({ member: self.builds[index] }))
    }
}

/// CodeBuild, our provider, and what is between them.
struct Bench {
    service: Arc<Mutex<Service>>,
    wire: Wire,
    codebuild: CodeBuild,
}

fn bench() -> Bench {
    let service = Arc::new(Mutex::new(Service::default()));
    let at_other_end = service.clone();
    let wire = Wire::to(move |asked| match object(asked, &OBJECTS) {
        Some(answer) => answer,
        None => at_other_end.lock().unwrap().answer(asked),
    });
    let codebuild = CodeBuild::new(wire.ground());
    Bench { service, wire, codebuild }
}

impl Bench {
    /// Lets a build be as the test says, and asks for it.
    async fn seen(&self, job: &Job, facts: Value) -> Result<Progress, Error> {
        let mut build = json!({ "id": "web:7", "timeoutInMinutes": 60 });
        build.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
        self.service.lock().unwrap().builds = vec![build];
        let job = Job { external_id: Some("web:7".to_owned()), ..job.clone() };
        self.codebuild.poll(&job).await
    }

    async fn failure(&self, facts: Value) -> Failure {
        match self.seen(&build_job(&[]), facts).await {
            Ok(Progress::Done(Outcome::Failed(failure))) => failure,
            other => panic!("{other:?}"),
        }
    }
}

fn input(name: &str) -> StoredArtifact {
    StoredArtifact {
        name: name.to_owned(),
        bucket: "artifacts".to_owned(),
        key: format!("web-app/{name}/1"),
        sha256: hex::encode(Sha256::digest(b"zip")),
        size_bytes: 3,
    }
}

fn output(name: &str) -> OutputArtifact {
    OutputArtifact {
        name: name.to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: format!("web-app/{name}/2"),
    }
}

fn build_job(settings: &[(&str, &str)]) -> Job {
    let mut all = vec![("ProjectName", "web")];
    all.extend(settings);
    Job { inputs: vec![input("Source")], ..job("Build", "CodeBuild", &all) }
}

fn running(id: &str) -> Progress {
    Progress::Running {
        external_id: Some(id.to_owned()),
        external_url: None,
        ask_again_seconds: Some(15),
    }
}

#[tokio::test]
async fn a_build_reads_its_inputs_and_writes_its_outputs_where_the_pipeline_says_pr6_pr7_pr8() {
    let bench = bench();
    let mut job = build_job(&[
        ("PrimarySource", "Source"),
        (
            "EnvironmentVariables",
            r#"[{"name":"A","value":"1"},{"name":"P","value":"/p","type":"PARAMETER_STORE"}]"#,
        ),
    ]);
    job.inputs = vec![input("Other-Tools"), input("Source")];
    job.outputs = vec![output("Site"), output("Report")];
    job.encryption_key = Some("arn:aws:kms:us-east-1:123456789012:key/1".to_owned());
    job.environment_variables = vec![
        EnvironmentVariable { name: "A".to_owned(), value: "2".to_owned(), is_secret: false },
        EnvironmentVariable { name: "S".to_owned(), value: "db:pw".to_owned(), is_secret: true },
    ];
    assert_eq!(bench.codebuild.start(&job).await.unwrap(), running("web:0"));
    let expected = json!({
        "projectName": "web",
        "idempotencyToken": job.run_id,
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": "artifacts/web-app/Source/1",
        "secondarySourcesOverride": [{
            "type": "S3",
            "location": "artifacts/web-app/Other-Tools/1",
            "sourceIdentifier": "Other_Tools",
        }],
        "artifactsOverride": { "type": "NO_ARTIFACTS" },
        "secondaryArtifactsOverride": [stored("Site", "Site"), stored("Report", "Report")],
        "encryptionKeyOverride": "arn:aws:kms:us-east-1:123456789012:key/1",
        "environmentVariablesOverride": [
            { "name": "P", "value": "/p", "type": "PARAMETER_STORE" },
            { "name": "A", "value": "2", "type": "PLAINTEXT" },
            { "name": "S", "value": "db:pw", "type": "SECRETS_MANAGER" },
            { "name": "TOWPATH_ACTION_EXECUTION_ID", "value": job.run_id, "type": "PLAINTEXT" },
        ],
    });
    assert_eq!(bench.wire.bodies("StartBuild"), [expected]);
    assert_eq!(bench.codebuild.memory(), Memory::Noted);
}

fn stored(name: &str, identifier: &str) -> Value {
    json!({
        "type": "S3",
        "location": "artifacts",
        "path": format!("web-app/{name}"),
        "namespaceType": "NONE",
        "name": "2",
        "packaging": "ZIP",
        "overrideArtifactName": false,
        "artifactIdentifier": identifier,
    })
}

#[tokio::test]
async fn a_build_with_one_output_writes_what_its_buildspec_calls_artifacts() {
    let bench = bench();
    let job = Job { outputs: vec![output("Site")], ..build_job(&[]) };
    bench.codebuild.start(&job).await.unwrap();
    let mut expected = stored("Site", "");
    expected.as_object_mut().unwrap().remove("artifactIdentifier");
    let asked = &bench.wire.bodies("StartBuild")[0];
    assert_eq!(asked["artifactsOverride"], expected);
    assert_eq!(asked["secondaryArtifactsOverride"], Value::Null);
}

#[tokio::test]
async fn a_start_that_is_repeated_at_once_is_the_same_build_pr2() {
    let bench = bench();
    bench.service.lock().unwrap().loses_answer = true;
    let job = build_job(&[]);
    let lost = bench.codebuild.start(&job).await;
    assert!(matches!(lost, Err(Error::Unreachable(_))), "{lost:?}");
    assert_eq!(bench.codebuild.start(&job).await.unwrap(), running("web:0"));
    assert_eq!(bench.service.lock().unwrap().builds.len(), 1);
    assert_eq!(bench.wire.calls(), ["StartBuild", "StartBuild"]);
}

#[tokio::test]
async fn a_start_that_is_repeated_when_the_token_is_dead_finds_the_build() {
    let bench = bench();
    let mut job = build_job(&[]);
    bench.codebuild.start(&job).await.unwrap();
    bench.service.lock().unwrap().tokens.clear();
    job.requested_at_millis = NOW_MILLIS - 4 * 60_000;
    assert_eq!(bench.codebuild.start(&job).await.unwrap(), running("web:0"));
    assert_eq!(bench.service.lock().unwrap().builds.len(), 1);
    // Another attempt is another build.
    let other = Job { run_id: "another".to_owned(), ..job };
    assert_eq!(bench.codebuild.start(&other).await.unwrap(), running("web:1"));
}

#[tokio::test]
async fn a_build_that_is_known_by_its_id_is_not_started_again() {
    let bench = bench();
    let mut job = build_job(&[]);
    bench.codebuild.start(&job).await.unwrap();
    job.external_id = Some("web:0".to_owned());
    assert_eq!(bench.codebuild.start(&job).await.unwrap(), running("web:0"));
    assert_eq!(bench.wire.bodies("StartBuild").len(), 1);
}

#[tokio::test]
async fn the_search_ends_where_the_attempt_was_asked_for_and_never_goes_on_forever() {
    let page = |start: i64| {
        move |asked: &Asked| match asked.operation.as_str() {
            _ if let Some(answer) = object(asked, &OBJECTS) => answer,
            "ListBuildsForProject" => {
                Answer::json(&json!({ "ids": ["web:1"], "nextToken": "more" }))
            }
            "BatchGetBuilds" => {
                Answer::json(&json!({ "builds": [{ "id": "web:1", "startTime": start / 1000 }] }))
            }
            _ => Answer::json(&json!({ "build": { "id": "web:2" } })),
        }
    };
    let job = Job { requested_at_millis: NOW_MILLIS - 600_000, ..build_job(&[]) };
    let old = Wire::to(page(NOW_MILLIS - 3_600_000));
    assert_eq!(CodeBuild::new(old.ground()).start(&job).await.unwrap(), running("web:2"));
    assert_eq!(old.calls(), ["ListBuildsForProject", "BatchGetBuilds", "StartBuild"]);

    let busy = Wire::to(page(NOW_MILLIS));
    let progress = CodeBuild::new(busy.ground()).start(&job).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert!(failure.message.starts_with("nobody knows whether the build was started"));
    assert!(failure.message.contains(&job.run_id), "{failure:?}");
    assert!(busy.bodies("StartBuild").is_empty());
}

#[tokio::test]
async fn a_build_that_goes_on_shows_its_log_and_is_asked_after_again_pr5() {
    let bench = bench();
    let facts = json!({ "buildStatus": "IN_PROGRESS", "logs": { "deepLink": "https://log" } });
    let progress = bench.seen(&build_job(&[]), facts).await.unwrap();
    let expected = Progress::Running {
        external_id: Some("web:7".to_owned()),
        external_url: Some("https://log".to_owned()),
        ask_again_seconds: Some(15),
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

/// Returns what CodeBuild is asked of an input that holds a reference, which a source noted or did not.
async fn asked_of_reference(reference: &CloneReference, note: Option<&str>) -> Value {
    let mut buckets = Buckets::default();
    let mut job = build_job(&[]);
    job.inputs =
        vec![buckets.input("Source", &[(clone_reference::FILE_NAME, &reference.render())])];
    for (_, metadata) in buckets.objects.values_mut() {
        metadata.extend(note.map(|note| ("towpath-note".to_owned(), note.to_owned())));
    }
    let wire = Wire::to(move |asked| {
        let started = || Answer::json(&json!({ "build": { "id": "web:0" } }));
        buckets.answer(asked).unwrap_or_else(started)
    });
    CodeBuild::new(wire.ground()).start(&job).await.unwrap();
    wire.bodies("StartBuild")[0].clone()
}

#[tokio::test]
async fn an_input_that_refers_to_a_repository_is_cloned_at_its_commit() {
    let commit = "c0ffee00".repeat(5);
    let asked =
        asked_of_reference(&CloneReference::new("web", "main", &commit), Some(&commit)).await;
    assert_eq!(asked["sourceTypeOverride"], "CODECOMMIT");
    let location = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/web";
    assert_eq!(asked["sourceLocationOverride"], location);
    assert_eq!(asked["sourceVersion"], commit);

    let arn = "arn:aws:codeconnections:us-east-1:123456789012:connection/a";
    let location = "https://gitlab.com/locks/web.git";
    let reference = CloneReference::new("locks/web", "main", &commit);
    let reference = reference.at("GITLAB", location.to_owned(), Some(arn));
    let asked = asked_of_reference(&reference, Some(&commit)).await;
    assert_eq!(asked["sourceTypeOverride"], "GITLAB");
    assert_eq!(asked["sourceLocationOverride"], location);
    assert_eq!(asked["sourceAuthOverride"], json!({ "type": "CODECONNECTIONS", "resource": arn }));
    assert_eq!(asked["sourceVersion"], commit);
}

#[tokio::test]
async fn a_repository_cannot_pass_a_file_of_its_own_for_a_reference() {
    let commit = "c0ffee00".repeat(5);
    let reference = CloneReference::new("payroll", "main", &commit);
    for note in [None, Some("beef0000beef0000beef0000beef0000beef0000")] {
        let asked = asked_of_reference(&reference, note).await;
        assert_eq!(asked["sourceTypeOverride"], "S3", "{asked}");
    }
}

#[tokio::test]
async fn an_input_that_is_not_what_was_stored_is_never_built() {
    let bench = bench();
    let mut job = build_job(&[]);
    job.inputs[0].sha256 = "0".repeat(64);
    let progress = bench.codebuild.start(&job).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert_eq!(failure.code, "ArtifactIntegrity");
    assert!(bench.wire.calls().is_empty());
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
async fn a_batch_is_started_asked_after_and_stopped_as_a_batch() {
    let bench = bench();
    let mut job = build_job(&[("BatchEnabled", "true"), ("CombineArtifacts", "true")]);
    job.outputs = vec![output("Site")];
    let progress = bench.codebuild.start(&job).await.unwrap();
    let link = "https://us-east-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/web/batch/web%3A0?region=us-east-1";
    let expected = Progress::Running {
        external_id: Some("web:0".to_owned()),
        external_url: Some(link.to_owned()),
        ask_again_seconds: Some(15),
    };
    assert_eq!(progress, expected);
    let asked = &bench.wire.bodies("StartBuildBatch")[0];
    assert_eq!(asked["buildBatchConfigOverride"], json!({ "combineArtifacts": true }));
    // The same start, when the token is dead.
    bench.service.lock().unwrap().tokens.clear();
    let late = Job { requested_at_millis: 0, ..job.clone() };
    assert_eq!(bench.codebuild.start(&late).await.unwrap(), expected);

    let facts = json!({
        "buildBatchStatus": "FAILED",
        "buildGroups": [
            { "identifier": "linux", "currentBuildSummary": { "buildStatus": "SUCCEEDED" } },
            { "identifier": "arm", "currentBuildSummary": { "buildStatus": "FAILED" } },
        ],
    });
    let progress = bench.seen(&job, facts).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert!(failure.message.contains("build arm of the batch"), "{}", failure.message);

    job.external_id = Some("web:7".to_owned());
    bench.codebuild.cancel(&job).await.unwrap();
    assert_eq!(bench.wire.bodies("StopBuildBatch"), [json!({ "id": "web:7" })]);
}

#[tokio::test]
async fn a_build_is_stopped_by_its_id_or_by_what_is_found_of_it() {
    let bench = bench();
    let mut job = build_job(&[]);
    // It was never started, and nothing is stopped.
    bench.codebuild.cancel(&job).await.unwrap();
    assert!(bench.wire.bodies("StopBuild").is_empty());
    bench.codebuild.start(&job).await.unwrap();
    bench.codebuild.cancel(&job).await.unwrap();
    job.external_id = Some("web:0".to_owned());
    bench.codebuild.cancel(&job).await.unwrap();
    let id = json!({ "id": "web:0" });
    assert_eq!(bench.wire.bodies("StopBuild"), [id.clone(), id]);
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

#[tokio::test]
async fn builds_that_find_no_room_wait_for_an_hour() {
    let bench = bench();
    let refusal = Answer::refusal("AccountLimitExceededException", "60 builds at once");
    bench.service.lock().unwrap().refuses = Some(refusal);
    let mut job = build_job(&[]);
    let waits =
        Progress::Running { external_id: None, external_url: None, ask_again_seconds: Some(60) };
    assert_eq!(bench.codebuild.start(&job).await.unwrap(), waits);
    job.requested_at_millis = NOW_MILLIS - 3_600_000;
    // The search is refused as well here; what counts is that it ends.
    let progress = bench.codebuild.start(&job).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert!(failure.message.contains("60 builds at once"), "{}", failure.message);
}

#[tokio::test]
async fn what_is_denied_names_the_permission_and_what_is_throttled_is_tried_again() {
    let bench = bench();
    let denied = Answer::refusal("AccessDeniedException", "not authorized to perform it");
    bench.service.lock().unwrap().refuses = Some(denied);
    let error = bench.codebuild.start(&build_job(&[])).await.unwrap_err();
    let Error::Refused(reason) = &error else { panic!("{error:?}") };
    assert!(reason.contains("codebuild:StartBuild") && reason.contains("web"), "{reason}");

    let throttled = Answer::refusal("ThrottlingException", "Rate exceeded");
    bench.service.lock().unwrap().refuses = Some(throttled);
    let error = bench.codebuild.start(&build_job(&[])).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_named_with_its_fix_before_anything_is_asked() {
    let mut nameless = build_job(&[]);
    nameless.configuration.clear();
    let several = Job { inputs: vec![input("A"), input("B")], ..build_job(&[]) };
    let mut clash = build_job(&[("PrimarySource", "A")]);
    clash.inputs = vec![input("A"), input("x-y"), input("x_y")];
    let mut batch = build_job(&[("BatchEnabled", "true")]);
    batch.outputs = vec![output("Site")];
    let bad_kind = r#"[{"name":"A","value":"secret","type":"VAULT"}]"#;
    let cases = [
        (nameless, "the setting ProjectName is missing; add it"),
        (Job { inputs: Vec::new(), ..build_job(&[]) }, "add it to inputArtifacts"),
        (several, "(A, B) and no PrimarySource; set PrimarySource"),
        (build_job(&[("PrimarySource", "X")]), "PrimarySource is \"X\""),
        (build_job(&[("BatchEnabled", "yes")]), "BatchEnabled is \"yes\"; write `true` or `false`"),
        (build_job(&[("CombineArtifacts", "true")]), "set BatchEnabled to true"),
        (batch, "set CombineArtifacts to true"),
        (clash, "CODEBUILD_SRC_DIR_x_y in the build; rename x_y"),
        (build_job(&[("EnvironmentVariables", "[{]")]), "EnvironmentVariables is not a JSON array"),
        (
            build_job(&[("EnvironmentVariables", bad_kind)]),
            "A has the type \"VAULT\"; write PLAINTEXT",
        ),
        (
            build_job(&[("EnvironmentVariables", r#"[{"name":"CODEBUILD_X","value":"secret"}]"#)]),
            "CODEBUILD_X begins with CODEBUILD_",
        ),
        (
            build_job(&[("EnvironmentVariables", r#"[{"name":"","value":"secret"}]"#)]),
            "without a name",
        ),
    ];
    for (job, words) in cases {
        let bench = bench();
        let progress = bench.codebuild.start(&job).await.unwrap();
        let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
        assert_eq!(failure.code, "ConfigurationError");
        assert!(failure.message.contains(words), "{}", failure.message);
        assert!(!failure.message.contains("secret"), "{}", failure.message);
        assert!(bench.wire.operations().is_empty(), "{words}");
    }
}

#[tokio::test]
async fn a_project_that_is_not_there_is_named_with_the_setting_that_names_it() {
    let bench = bench();
    let refusal = Answer::refusal("ResourceNotFoundException", "Project cannot be found");
    bench.service.lock().unwrap().refuses = Some(refusal);
    let progress = bench.codebuild.start(&build_job(&[])).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    let words = "ProjectName is \"web\", and there is no such project in us-east-1";
    assert!(failure.message.starts_with(words), "{}", failure.message);
}
