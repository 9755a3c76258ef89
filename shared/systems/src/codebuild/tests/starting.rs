//! What is asked of CodeBuild, and how often.

use model::outcome::Outcome;
use providers::clone_reference::{self, CloneReference};
use providers::job::EnvironmentVariable;
use providers::{Error, Job, Memory, Progress, Provider};
use serde_json::{Value, json};

use super::{OBJECTS, bench, build_job, input, output, running};
use crate::codebuild::CodeBuild;
use crate::wire::bucket::Buckets;
use crate::wire::{Answer, Asked, NOW_MILLIS, Wire, object};

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
            {
                "name": "TOWPATH_ATTEMPT",
                "value": job.attempt_name().expect("a job of an execution").to_string(),
                "type": "PLAINTEXT",
            },
        ],
    });
    assert_eq!(bench.wire.bodies("StartBuild"), [expected]);
    assert_eq!(bench.codebuild.memory(), Memory::Named);
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
