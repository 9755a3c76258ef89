//! Builds, against a service at the other end of the wire.

mod ending;
mod starting;

use std::sync::{Arc, Mutex};

use model::outcome::{Failure, Outcome, StoredArtifact};
use providers::job::OutputArtifact;
use providers::{Error, Job, Progress, Provider};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::CodeBuild;
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
        ask_again_seconds: None,
    }
}
