use std::sync::{Arc, Mutex};

use model::outcome::{Failure, Outcome, StoredArtifact};
use providers::job::OutputArtifact;
use providers::{Error, Job, Memory, Progress, Provider};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::StepFunctions;
use crate::wire::{Answer, Asked, NOW_MILLIS, Wire, job, object};

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:release";
const RUN: &str = "5f8a1d0e-0000-5000-8000-00000000c0de";

/// Step Functions, as far as it is asked here. A name is used once.
#[derive(Default)]
struct Service {
    executions: Vec<Value>,
    is_express: bool,
    loses_answer: bool,
    refuses: Option<(&'static str, Answer)>,
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
            "StartExecution" => self.start(&body),
            "DescribeExecution" => {
                let arn = &body["executionArn"];
                match self.executions.iter().find(|it| it["executionArn"] == *arn) {
                    Some(found) => Answer::json(found),
                    None => Answer::refusal("ExecutionDoesNotExist", "no such execution"),
                }
            }
            "DescribeStateMachine" => Answer::json(&json!({
                "stateMachineArn": MACHINE, "name": "release", "definition": "{}",
                "roleArn": "arn:aws:iam::123456789012:role/machine", "creationDate": 1,
                "type": if self.is_express { "EXPRESS" } else { "STANDARD" },
            })),
            "StopExecution" => Answer::json(&json!({ "stopDate": 1 })),
            other => panic!("nobody asks Step Functions for {other}"),
        }
    }

    fn start(&mut self, body: &Value) -> Answer {
        let name = body["name"].as_str().unwrap();
        let arn = if self.is_express {
            format!("arn:aws:states:us-east-1:123456789012:express:release:{name}:1")
        } else {
            format!("arn:aws:states:us-east-1:123456789012:execution:release:{name}")
        };
        if !self.is_express && self.executions.iter().any(|it| it["executionArn"] == arn) {
            return Answer::refusal("ExecutionAlreadyExists", "the name is taken");
        }
        self.executions.push(execution(&arn, "RUNNING"));
        if std::mem::take(&mut self.loses_answer) {
            return Answer::Broken;
        }
        Answer::json(&json!({ "executionArn": arn, "startDate": 1 }))
    }
}

fn execution(arn: &str, status: &str) -> Value {
    json!({ "executionArn": arn, "stateMachineArn": MACHINE, "status": status, "startDate": 1 })
}

fn arn_of(name: &str) -> String {
    format!("arn:aws:states:us-east-1:123456789012:execution:release:{name}")
}

struct Bench {
    service: Arc<Mutex<Service>>,
    wire: Wire,
    states: StepFunctions,
}

fn bench() -> Bench {
    bench_with(Vec::new())
}

/// An account with this artifact.
fn bench_with(artifact: Vec<u8>) -> Bench {
    let service = Arc::new(Mutex::new(Service::default()));
    let at_other_end = service.clone();
    let wire = Wire::to(move |asked| match object(asked, &[("web-app/In/1", &artifact)]) {
        Some(answer) => answer,
        None => at_other_end.lock().unwrap().answer(asked),
    });
    let states = StepFunctions::new(wire.ground());
    Bench { service, wire, states }
}

impl Bench {
    async fn seen(&self, job: &Job, facts: Value) -> Progress {
        let mut found = execution(&arn_of(RUN), "RUNNING");
        found.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
        self.service.lock().unwrap().executions = vec![found];
        self.states.poll(job).await.unwrap()
    }

    async fn failure(&self, facts: Value) -> Failure {
        message(self.seen(&invoke_job(&[]), facts).await)
    }
}

fn invoke_job(settings: &[(&str, &str)]) -> Job {
    let mut all = vec![("StateMachineArn", MACHINE)];
    all.extend(settings);
    job("Invoke", "StepFunctions", &all)
}

fn link(execution: &str) -> String {
    format!(
        "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/{execution}"
    )
}

fn running(execution: &str) -> Progress {
    Progress::Running {
        external_id: Some(execution.to_owned()),
        external_url: Some(link(execution)),
        ask_again_seconds: None,
    }
}

fn message(progress: Progress) -> Failure {
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    failure
}

#[tokio::test]
async fn an_execution_is_named_by_the_attempt_behind_the_prefix_pr2() {
    let bench = bench();
    let plain = invoke_job(&[]);
    assert_eq!(bench.states.start(&plain).await.unwrap(), running(&arn_of(RUN)));
    let named = invoke_job(&[("ExecutionNamePrefix", "nightly"), ("Input", r#"{"a": 1}"#)]);
    let arn = arn_of(&format!("nightly-{RUN}"));
    assert_eq!(bench.states.start(&named).await.unwrap(), running(&arn));
    let expected = [
        json!({ "stateMachineArn": MACHINE, "name": RUN, "input": "{}" }),
        json!({ "stateMachineArn": MACHINE, "name": format!("nightly-{RUN}"), "input": r#"{"a": 1}"# }),
    ];
    assert_eq!(bench.wire.bodies("StartExecution"), expected);
    assert_eq!(bench.states.memory(), Memory::Noted);
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_is_the_same_execution_however_late_it_is_repeated_pr2() {
    let bench = bench();
    bench.service.lock().unwrap().loses_answer = true;
    let mut job = invoke_job(&[]);
    let lost = bench.states.start(&job).await;
    assert!(matches!(lost, Err(Error::Unreachable(_))), "{lost:?}");
    job.requested_at_millis = 0;
    assert_eq!(bench.states.start(&job).await.unwrap(), running(&arn_of(RUN)));
    assert_eq!(bench.service.lock().unwrap().executions.len(), 1);
    // An alias names the same machine's executions.
    let alias = format!("{MACHINE}:live");
    job.configuration.insert("StateMachineArn".to_owned(), alias);
    assert_eq!(bench.states.start(&job).await.unwrap(), running(&arn_of(RUN)));
    assert_eq!(bench.service.lock().unwrap().executions.len(), 1);
}

#[tokio::test]
async fn an_execution_is_found_by_its_name_without_notes() {
    let bench = bench();
    let job = invoke_job(&[]);
    assert_eq!(bench.states.poll(&job).await.unwrap(), Progress::Unknown);
    bench.states.start(&job).await.unwrap();
    assert_eq!(bench.states.poll(&job).await.unwrap(), running(&arn_of(RUN)));
    let noted = Job { external_id: Some(arn_of(RUN)), ..job };
    assert_eq!(bench.states.poll(&noted).await.unwrap(), running(&arn_of(RUN)));
    assert_eq!(bench.states.start(&noted).await.unwrap(), running(&arn_of(RUN)));
    assert_eq!(bench.wire.bodies("StartExecution").len(), 1);
}

#[tokio::test]
async fn an_express_execution_is_over_for_the_pipeline_when_it_was_started() {
    let bench = bench();
    bench.service.lock().unwrap().is_express = true;
    let progress = bench.states.start(&invoke_job(&[])).await.unwrap();
    let Progress::Done(Outcome::Succeeded(success)) = progress else { panic!("{progress:?}") };
    let arn = format!("arn:aws:states:us-east-1:123456789012:express:release:{RUN}:1");
    assert_eq!(success.variables["ExecutionArn"], arn);
    assert_eq!(success.variables["StateMachineArn"], MACHINE);

    let mut job = invoke_job(&[]);
    job.outputs = vec![output()];
    let refused = message(bench.states.start(&job).await.unwrap());
    assert_eq!(refused.code, "ConfigurationError");
    assert!(refused.message.contains("express state machine"), "{}", refused.message);
    assert_eq!(bench.wire.bodies("StartExecution").len(), 1);
}

fn output() -> OutputArtifact {
    OutputArtifact {
        name: "Out".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: "web-app/Out/2".to_owned(),
    }
}

#[tokio::test]
async fn what_an_execution_puts_out_becomes_the_output_artifact() {
    let bench = bench();
    let mut job = invoke_job(&[]);
    job.outputs = vec![output()];
    let facts = json!({ "status": "SUCCEEDED", "output": r#"{"version": 7}"# });
    let progress = bench.seen(&job, facts).await;
    let Progress::Done(Outcome::Succeeded(success)) = progress else { panic!("{progress:?}") };
    assert_eq!(success.external_id, Some(arn_of(RUN)));
    assert_eq!(success.variables["ExecutionArn"], arn_of(RUN));
    let put = bench.wire.asked().into_iter().find(|it| it.operation.starts_with("PUT ")).unwrap();
    assert_eq!(put.operation, "PUT /web-app/Out/2");
    assert_eq!(success.artifacts[0].sha256, hex::encode(Sha256::digest(&put.bytes)));
    let directory = tempfile::tempdir().unwrap();
    let zip = directory.path().join("zip");
    std::fs::write(&zip, &put.bytes).unwrap();
    let file = artifacts::archive::read_entry(&zip, "output.json", 100).unwrap();
    assert_eq!(file.as_deref(), Some(br#"{"version": 7}"#.as_slice()));
}

#[tokio::test]
async fn an_execution_goes_on_while_it_may_be_driven_again() {
    let bench = bench();
    for status in ["RUNNING", "PENDING_REDRIVE", "NEW_WORD"] {
        let progress = bench.seen(&invoke_job(&[]), json!({ "status": status })).await;
        assert_eq!(progress, running(&arn_of(RUN)), "{status}");
    }
}

#[tokio::test]
async fn each_end_that_is_no_success_says_the_cause_first() {
    let bench = bench();
    let cases = [
        (
            json!({ "status": "FAILED", "error": "States.TaskFailed", "cause": "no such table" }),
            "no such table (States.TaskFailed; execution arn:aws:states:",
        ),
        (
            json!({
                "status": "FAILED", "error": "Boom",
                "cause": r#"{"errorMessage":"it broke","errorType":"Boom","stackTrace":[]}"#,
            }),
            "it broke (Boom; execution ",
        ),
        (json!({ "status": "FAILED" }), "the execution failed (execution "),
        (
            json!({ "status": "TIMED_OUT" }),
            "the execution took longer than its state machine allows",
        ),
        (
            json!({ "status": "ABORTED", "cause": "by hand" }),
            "somebody stopped the execution; retry the stage: by hand (",
        ),
    ];
    for (facts, words) in cases {
        let failure = bench.failure(facts).await;
        assert_eq!(failure.code, "JobFailed");
        assert!(failure.message.starts_with(words), "{}", failure.message);
        assert_eq!(failure.external_url, Some(link(&arn_of(RUN))));
    }
    let long = json!({ "status": "FAILED", "cause": "x".repeat(32_000) });
    assert!(bench.failure(long).await.message.chars().count() <= 5000);
}

#[tokio::test]
async fn the_input_may_be_a_file_of_the_input_artifact() {
    let directory = tempfile::tempdir().unwrap();
    let (tree, zip) = (directory.path().join("tree"), directory.path().join("zip"));
    std::fs::create_dir_all(tree.join("assets")).unwrap();
    std::fs::write(tree.join("assets/input.json"), r#"{"b": 2}"#).unwrap();
    std::fs::write(tree.join("bad.json"), "{").unwrap();
    artifacts::archive::pack_tree(&tree, &zip).unwrap();
    let zip = std::fs::read(zip).unwrap();
    let bench = bench_with(zip.clone());
    let of_file = |path: &str| Job {
        inputs: vec![StoredArtifact {
            name: "In".to_owned(),
            bucket: "artifacts".to_owned(),
            key: "web-app/In/1".to_owned(),
            sha256: hex::encode(Sha256::digest(&zip)),
            size_bytes: zip.len() as u64,
        }],
        ..invoke_job(&[("InputType", "FilePath"), ("Input", path)])
    };
    bench.states.start(&of_file("assets/input.json")).await.unwrap();
    assert_eq!(bench.wire.bodies("StartExecution")[0]["input"], r#"{"b": 2}"#);
    let absent = message(bench.states.start(&of_file("none.json")).await.unwrap());
    assert!(absent.message.contains("the input artifact In holds no such file"));
    let broken = message(bench.states.start(&of_file("bad.json")).await.unwrap());
    assert!(broken.message.starts_with("bad.json of the input artifact In is no JSON"));
}

#[tokio::test]
async fn an_execution_is_stopped_by_its_arn_whether_that_was_noted_or_not() {
    let bench = bench();
    let mut job = invoke_job(&[]);
    bench.states.cancel(&job).await.unwrap();
    job.external_id = Some("arn:aws:states:us-east-1:123456789012:execution:release:noted".into());
    bench.states.cancel(&job).await.unwrap();
    let asked = bench.wire.bodies("StopExecution");
    let stopped: Vec<_> = asked.iter().map(|it| it["executionArn"].as_str().unwrap()).collect();
    assert_eq!(stopped, [arn_of(RUN).as_str(), job.external_id.as_deref().unwrap()]);
    let gone = Answer::refusal("ExecutionDoesNotExist", "never started");
    bench.service.lock().unwrap().refuses = Some(("*", gone));
    bench.states.cancel(&job).await.unwrap();
}

#[tokio::test]
async fn an_execution_that_is_forgotten_fails_and_one_that_is_not_shown_yet_goes_on() {
    let bench = bench();
    let mut job = Job { external_id: Some(arn_of("gone")), ..invoke_job(&[]) };
    assert_eq!(bench.states.poll(&job).await.unwrap(), running(&arn_of("gone")));
    job.requested_at_millis = NOW_MILLIS - 3_600_000;
    let failure = message(bench.states.poll(&job).await.unwrap());
    assert!(failure.message.contains(&arn_of("gone")), "{}", failure.message);
}

#[tokio::test]
async fn executions_that_find_no_room_wait_and_what_is_denied_names_the_permission() {
    let bench = bench();
    let full = Answer::refusal("ExecutionLimitExceeded", "a million are open");
    bench.service.lock().unwrap().refuses = Some(("*", full));
    let waits = bench.states.start(&invoke_job(&[])).await.unwrap();
    assert!(matches!(
        waits,
        Progress::Running { external_id: None, ask_again_seconds: Some(60), .. }
    ));
    let denied = Answer::refusal("AccessDeniedException", "not authorized");
    bench.service.lock().unwrap().refuses = Some(("*", denied));
    let error = bench.states.start(&invoke_job(&[])).await.unwrap_err();
    let Error::Refused(reason) = &error else { panic!("{error:?}") };
    assert!(reason.contains("states:StartExecution") && reason.contains(MACHINE), "{reason}");
    let throttled = Answer::refusal("ThrottlingException", "Rate exceeded");
    bench.service.lock().unwrap().refuses = Some(("*", throttled));
    let error = bench.states.start(&invoke_job(&[])).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_named_with_its_fix() {
    let with = |key: &str, value: &str| {
        let mut job = invoke_job(&[]);
        job.configuration.insert(key.to_owned(), value.to_owned());
        job
    };
    let elsewhere = "arn:aws:states:eu-west-1:123456789012:stateMachine:release";
    let cases = [
        (with("StateMachineArn", ""), None, "the setting StateMachineArn is missing"),
        (with("StateMachineArn", "release"), None, "write the whole ARN"),
        (with("StateMachineArn", elsewhere), None, "set the action's region to eu-west-1"),
        (with("InputType", "File"), None, "InputType is \"File\"; write Literal or FilePath"),
        (with("InputType", "FilePath"), None, "the setting Input is missing"),
        (with("Input", "secret"), None, "Input is no JSON (line 1, column 1)"),
        (with("ExecutionNamePrefix", &"x".repeat(50)), None, "is 7 characters too long"),
        (invoke_job(&[]), Some("StateMachineDoesNotExist"), "there is no such state machine"),
        (
            with("ExecutionNamePrefix", "a b"),
            Some("InvalidName"),
            "ExecutionNamePrefix makes \"a b-",
        ),
    ];
    for (job, refusal, words) in cases {
        let bench = bench();
        bench.service.lock().unwrap().refuses =
            refusal.map(|code| ("StartExecution", Answer::refusal(code, "no")));
        let failure = message(bench.states.start(&job).await.unwrap());
        assert_eq!(failure.code, "ConfigurationError");
        assert!(failure.message.contains(words), "{}", failure.message);
        assert!(!failure.message.contains("secret"), "{}", failure.message);
    }
}
