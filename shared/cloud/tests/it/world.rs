//! A controller whose table is in memory, seen by as many functions as a test wants.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cloud::batch::{Messages, Unfinished};
use engine::input::Expects;
use local::embedded::{Embedded, Meter};
use model::ids::PipelineName;
use model::outcome::{Outcome, StoredArtifact, Success};
use model::pipeline::Pipeline;
use model::time::Timestamp;
use providers::{Error, Job, Memory, Progress, Provider};
use runtime::app::{Place, Providers, World as Outside};
use runtime::define::{self, Definition};
use runtime::hint::{Hints, Undelivered, follow};
use runtime::{App, Hint};
use serde_json::{Value, json};
use store::{Committed, LogKey, Store};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-central-1";
const TABLE: &str = "towpath";

pub(crate) struct World {
    pub(crate) embedded: Embedded,
    pub(crate) app: App,
    pub(crate) provider: Arc<Scripted>,
    hints: Arc<Queue>,
}

/// Time that moves by a second with every look, and numbers that never come twice.
struct Clock {
    millis: AtomicI64,
    drawn: AtomicU64,
}

impl Outside for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.fetch_add(1_000, Ordering::SeqCst))
    }

    fn draw(&self) -> u128 {
        u128::from(self.drawn.fetch_add(1, Ordering::SeqCst)) << 70 | 7 << 60
    }

    fn appended(&self, _: &Committed) {}
}

#[derive(Default)]
struct Queue(Mutex<VecDeque<Hint>>);

#[async_trait]
impl Hints for Queue {
    async fn send(&self, hint: Hint) -> Result<(), Undelivered> {
        self.0.lock().unwrap().push_back(hint);
        Ok(())
    }
}

/// A system that does what the test says, and counts how often it is asked.
#[derive(Default)]
pub(crate) struct Scripted {
    running_as: Mutex<Option<String>>,
    pub(crate) polls: AtomicU64,
    pub(crate) starts: AtomicU64,
    /// Whether it forgot whatever it is asked after.
    pub(crate) knows_nothing: AtomicBool,
    /// Under which ids it was asked.
    pub(crate) asked_by: Mutex<Vec<Option<String>>>,
    /// Whether its events name the attempt.
    pub(crate) names_attempts: AtomicBool,
}

impl Scripted {
    /// Work runs under this id from now on, or is done at once.
    pub(crate) fn run_as(&self, external_id: Option<&str>) {
        *self.running_as.lock().unwrap() = external_id.map(str::to_owned);
    }

    fn progress(&self, job: &Job) -> Progress {
        match self.running_as.lock().unwrap().clone() {
            Some(external_id) => Progress::Running {
                external_id: Some(external_id),
                external_url: None,
                ask_again_seconds: None,
            },
            None => Progress::Done(Outcome::Succeeded(made(job))),
        }
    }
}

/// Returns a success with everything that the job is to make.
fn made(job: &Job) -> Success {
    let artifacts = job.outputs.iter().map(|output| StoredArtifact {
        name: output.name.clone(),
        bucket: output.bucket.clone(),
        key: output.key.clone(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        size_bytes: 1,
    });
    Success { artifacts: artifacts.collect(), ..Success::default() }
}

#[async_trait]
impl Provider for Scripted {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        self.starts.fetch_add(1, Ordering::SeqCst);
        Ok(self.progress(job))
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        self.polls.fetch_add(1, Ordering::SeqCst);
        self.asked_by.lock().unwrap().push(job.external_id.clone());
        if self.knows_nothing.load(Ordering::SeqCst) {
            return Ok(Progress::Unknown);
        }
        Ok(self.progress(job))
    }

    async fn cancel(&self, _: &Job) -> Result<(), Error> {
        Ok(())
    }

    fn memory(&self) -> Memory {
        if self.names_attempts.load(Ordering::SeqCst) { Memory::Named } else { Memory::Noted }
    }
}

impl Providers for Scripted {
    fn find(&self, _: &Job) -> Result<&dyn Provider, String> {
        Ok(self)
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let embedded = Embedded::in_memory().unwrap();
        let store = Store::new(embedded.client(), TABLE);
        store.create_table().await.unwrap();
        let (hints, provider) = (Arc::<Queue>::default(), Arc::<Scripted>::default());
        let millis = AtomicI64::new(1_790_000_000_000);
        let clock = Arc::new(Clock { millis, drawn: AtomicU64::new(1) });
        let app = App {
            store,
            hints: hints.clone(),
            providers: provider.clone(),
            world: clock,
            place: Place {
                account: ACCOUNT.to_owned(),
                region: REGION.to_owned(),
                is_sole_writer: false,
            },
        };
        Self { embedded, app, provider, hints }
    }

    /// Returns another function over the same table, which remembers nothing.
    pub(crate) fn newcomer(&self) -> App {
        App { store: Store::new(self.embedded.client(), TABLE), ..self.app.clone() }
    }

    /// Returns a function whose table is not there.
    pub(crate) fn without_table(&self) -> App {
        App { store: Store::new(self.embedded.client(), "nowhere"), ..self.app.clone() }
    }

    pub(crate) async fn define(&self, declaration: &Value) {
        define(&self.app, declaration).await;
    }

    /// Follows the oldest hint, and leaves those that come of it.
    pub(crate) async fn follow_one_hint(&self) {
        let hint = self.hints.0.lock().unwrap().pop_front().expect("there is a hint");
        follow(&self.app, &hint).await.unwrap();
    }

    /// Follows hints until none is left.
    pub(crate) async fn follow_hints(&self) {
        loop {
            let Some(hint) = self.hints.0.lock().unwrap().pop_front() else { return };
            follow(&self.app, &hint).await.unwrap();
        }
    }

    /// Returns the number of the newest execution.
    pub(crate) async fn executions(&self, pipeline: &str) -> u64 {
        self.app.store.load(&log(pipeline)).await.unwrap().state.last_number
    }

    /// Returns, for every start in the log, what caused it and which revisions it is pinned to.
    pub(crate) async fn starts(&self, pipeline: &str) -> Vec<String> {
        use engine::change::{Change, ExecutionChange, PipelineChange};
        let records = self.app.store.records(&log(pipeline), 1, 1_000).await.unwrap();
        let changes = records.iter().flat_map(|record| &record.changes);
        changes
            .filter_map(|change| {
                let started = match change {
                    Change::Execution { change: ExecutionChange::Started(started), .. }
                    | Change::Pipeline(PipelineChange::Admitted { started, .. }) => started,
                    Change::Pipeline(PipelineChange::Refused { reason, .. }) => {
                        return Some(format!("refused: {reason}"));
                    }
                    Change::Execution { .. } | Change::Pipeline(_) => return None,
                };
                let mut line = started.trigger.kind.as_str().to_owned();
                for revision in &started.revisions {
                    let action = revision.action.as_str();
                    line += &[" ", action, " ", &revision.kind, " ", &revision.value].concat();
                }
                for (name, value) in &started.variables {
                    line += &[" ", name, "=", value].concat();
                }
                Some(line)
            })
            .collect()
    }

    /// Counts what `act` asks of the table.
    pub(crate) async fn count(&self, act: impl Future<Output = ()>) -> Meter {
        let before = self.embedded.meter();
        act.await;
        &self.embedded.meter() - &before
    }
}

/// Puts a declaration in force.
pub(crate) async fn define(app: &App, declaration: &Value) {
    let text = declaration.to_string();
    let pipeline = Arc::new(Pipeline::from_declaration_json(&text).unwrap());
    let definition =
        Definition { pipeline: &pipeline, declaration: &text, by: "ann", expects: Expects::Either };
    let outcome = define::define(app, &definition).await.unwrap();
    assert!(!matches!(outcome, runtime::Outcome::Refused(_)), "{outcome:?}");
}

pub(crate) fn log(pipeline: &str) -> LogKey {
    LogKey::Pipeline(PipelineName::new(pipeline))
}

/// Returns messages as Lambda hands them over, called `m0`, `m1`, …
pub(crate) fn messages(bodies: &[Value]) -> Messages {
    let texts: Vec<_> = bodies.iter().map(Value::to_string).collect();
    texts_of(&texts)
}

/// Returns messages with bodies that need not be JSON.
pub(crate) fn texts_of(bodies: &[String]) -> Messages {
    let records: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| {
            json!({
                "messageId": format!("m{index}"), "receiptHandle": "AQEB", "body": body,
                "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
                "md5OfBody": "", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:111122223333:changes",
                "awsRegion": REGION,
            })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

/// Returns which messages go back.
pub(crate) fn back(unfinished: &Unfinished) -> Vec<String> {
    let answer = serde_json::to_value(unfinished).unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|it| it["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

/// Returns a source action and its settings.
pub(crate) fn source(name: &str, provider: &str, configuration: &Value) -> Value {
    action(name, "Source", provider, configuration, (&[], &[name]))
}

pub(crate) fn code_commit(name: &str, repository: &str, branch: &str) -> Value {
    let settings = json!({
        "RepositoryName": repository, "BranchName": branch, "PollForSourceChanges": "false",
    });
    source(name, "CodeCommit", &settings)
}

fn action(
    name: &str,
    category: &str,
    provider: &str,
    configuration: &Value,
    (inputs, outputs): (&[&str], &[&str]),
) -> Value {
    let artifacts =
        |names: &[&str]| -> Vec<_> { names.iter().map(|name| json!({ "name": name })).collect() };
    json!({
        "name": name,
        "actionTypeId": {
            "category": category, "owner": "AWS", "provider": provider, "version": "1",
        },
        "runOrder": 1,
        "configuration": configuration,
        "inputArtifacts": artifacts(inputs),
        "outputArtifacts": artifacts(outputs),
    })
}

/// Returns a pipeline with these sources, a build and a variable with a default.
pub(crate) fn pipeline(name: &str, mode: &str, sources: &[Value]) -> Value {
    let first = sources[0]["name"].as_str().unwrap();
    let build = json!({ "ProjectName": "web" });
    json!({
        "name": name,
        "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "pipelineType": "V2",
        "executionMode": mode,
        "artifactStore": { "type": "S3", "location": "artifacts" },
        "variables": [{ "name": "env", "defaultValue": "test" }],
        "stages": [
            { "name": "Source", "actions": sources },
            { "name": "Build", "actions": [
                action("Compile", "Build", "CodeBuild", &build, (&[first], &[])),
            ] },
        ],
    })
}
