//! Pipelines over an embedded store, moved by hand, with everything that was appended at hand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use engine::Input;
use engine::input::{Approve, Expects, Trigger};
use engine::state::{Run, RunKey};
use history::stages::{StageView, stages};
use history::{History, Look};
use local::embedded::Embedded;
use model::ids::{ApprovalToken, ExecutionId, PipelineName};
use model::outcome::{Failure, Outcome, SourceRevision, StoredArtifact, Success};
use model::pipeline::Pipeline;
use model::status::{FailureType, RetryMode, TriggerType};
use model::time::Timestamp;
use providers::{Job, Provider};
use runtime::app::{Place, Providers, World as Outside};
use runtime::define::{Definition, define, delete};
use runtime::hint::{Hints, Undelivered, follow};
use runtime::turn::turn;
use runtime::{App, Hint, Outcome as Turned, retry, start};
use store::{Committed, Head, LogKey, Record, Store};

pub(crate) const ANN: &str = "arn:aws:iam::123456789012:user/ann";

pub(crate) struct World {
    pub(crate) embedded: Embedded,
    pub(crate) app: App,
    pub(crate) history: History,
    pub(crate) outside: Arc<Hand>,
    hints: Arc<Queue>,
}

/// A clock that is moved by hand, and everything that was appended.
#[derive(Default)]
pub(crate) struct Hand {
    pub(crate) millis: AtomicI64,
    drawn: AtomicU64,
    pub(crate) appended: Mutex<Vec<(LogKey, Arc<Record>)>>,
}

impl Outside for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.fetch_add(7, Ordering::Relaxed))
    }

    fn draw(&self) -> u128 {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &number.to_be_bytes()).as_u128()
    }

    fn appended(&self, committed: &Committed) {
        let (log, record) = (committed.head().log.clone(), committed.record().clone());
        self.appended.lock().unwrap().push((log, record));
    }
}

/// Keeps hints until somebody follows them.
#[derive(Default)]
struct Queue(Mutex<VecDeque<Hint>>);

#[async_trait]
impl Hints for Queue {
    async fn send(&self, hint: Hint) -> Result<(), Undelivered> {
        self.0.lock().unwrap().push_back(hint);
        Ok(())
    }
}

/// Nobody works here: the tests report.
struct Nobody;

impl Providers for Nobody {
    fn find(&self, _job: &Job) -> Result<&dyn Provider, String> {
        Err("nobody works here".to_owned())
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let embedded = Embedded::in_memory().unwrap();
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await.unwrap();
        let outside = Arc::new(Hand::default());
        outside.millis.store(1_790_000_000_000, Ordering::Relaxed);
        let hints = Arc::new(Queue::default());
        let place = Place {
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            is_sole_writer: true,
        };
        let app = App {
            store,
            hints: hints.clone(),
            providers: Arc::new(Nobody),
            world: outside.clone(),
            place,
        };
        Self { embedded, app, history: History::default(), outside, hints }
    }

    /// A world with a pipeline `web` in it.
    pub(crate) async fn with(json: &str) -> Self {
        let world = Self::new().await;
        world.define(json).await;
        world
    }

    /// A process that remembers nothing, over the same table.
    pub(crate) fn newcomer(&self) -> App {
        App { store: Store::new(self.embedded.client(), "towpath"), ..self.app.clone() }
    }

    pub(crate) async fn define(&self, json: &str) {
        let pipeline = Arc::new(Pipeline::from_declaration_json(json).unwrap());
        let definition = Definition {
            pipeline: &pipeline,
            declaration: json,
            by: ANN,
            expects: Expects::Either,
        };
        define(&self.app, &definition).await.unwrap();
    }

    pub(crate) async fn delete(&self) {
        delete(&self.app, &web(), ANN).await.unwrap();
    }

    pub(crate) async fn start(&self) -> ExecutionId {
        let request = start::Request {
            execution: None,
            trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: ANN.to_owned() },
            variables: BTreeMap::new(),
            revisions: Vec::new(),
            client_request_token: None,
        };
        let answer = start::start(&self.app, &web(), &request).await.unwrap();
        let start::Answer::Started(id) = answer else { panic!("{answer:?}") };
        id
    }

    /// Follows what is owed between logs, and nothing else.
    pub(crate) async fn relay(&self) {
        self.follow(|hint| matches!(hint, Hint::Between(..))).await;
    }

    /// Writes down what ended, as well.
    pub(crate) async fn conclude(&self) {
        self.follow(|hint| matches!(hint, Hint::Between(..) | Hint::Conclude(..))).await;
    }

    async fn follow(&self, is_wanted: fn(&Hint) -> bool) {
        loop {
            let next = {
                let mut hints = self.hints.0.lock().unwrap();
                let place = hints.iter().position(is_wanted);
                place.and_then(|place| hints.remove(place))
            };
            let Some(hint) = next else { return };
            follow(&self.app, &hint).await.unwrap();
        }
    }

    /// Returns the head of the log that an execution lives in.
    pub(crate) async fn head_of(&self, id: ExecutionId) -> Arc<Head> {
        let log = runtime::address::log_of(&self.app, &web(), id).await.unwrap();
        self.app.store.load(&log).await.unwrap()
    }

    /// Returns the attempts that are in progress, of every log.
    pub(crate) async fn in_progress(&self) -> Vec<(LogKey, RunKey, bool)> {
        let head = self.app.store.load(&log()).await.unwrap();
        let own = head.state.admitted.keys().map(|id| LogKey::Execution(web(), *id));
        let mut found = Vec::new();
        for log in [log()].into_iter().chain(own) {
            let head = self.app.store.load(&log).await.unwrap();
            for (id, execution) in &head.state.executions {
                let plan = self.app.store.plan(&web(), execution.definition.record).await.unwrap();
                let Some(stage) = plan.stages.get(execution.stage) else { continue };
                for (action, run) in stage.actions.iter().zip(&execution.runs) {
                    let Run::InProgress { attempt, .. } = run else { continue };
                    let (stage, name) = (stage.name.clone(), action.name.clone());
                    let run = RunKey { execution: *id, stage, action: name, attempt: *attempt };
                    found.push((log.clone(), run, action.is_approval()));
                }
            }
        }
        found
    }

    /// Reports the attempt of an action that is in progress.
    pub(crate) async fn report(&self, id: ExecutionId, action: &str, is_success: bool) {
        let runs = self.in_progress().await;
        let is_it = |run: &RunKey| run.execution == id && run.action.as_str() == action;
        let (log, run, is_approval) = runs
            .into_iter()
            .find(|(_, run, _)| is_it(run))
            .unwrap_or_else(|| panic!("{action} is not in progress"));
        self.end(&log, &run, is_approval, is_success).await;
    }

    pub(crate) async fn end(&self, log: &LogKey, run: &RunKey, is_approval: bool, good: bool) {
        let input = if is_approval {
            let secret = self.app.store.load(log).await.unwrap().state.secret;
            Input::Approve(Approve {
                stage: run.stage.clone(),
                action: run.action.clone(),
                token: ApprovalToken::derive(secret, run.id()),
                is_approved: good,
                summary: "looked at".to_owned(),
                by: ANN.to_owned(),
            })
        } else {
            let outcome = if good { Outcome::Succeeded(success(run)) } else { failure(run) };
            Input::Report { run: run.clone(), outcome }
        };
        self.turn(log, &input).await;
    }

    pub(crate) async fn turn(&self, log: &LogKey, input: &Input) -> Turned {
        turn(&self.app, log, input, None).await.unwrap()
    }

    pub(crate) async fn disable(&self, stage: &str, reason: &str) {
        let (stage, reason) = (stage.into(), reason.to_owned());
        self.turn(&log(), &Input::Disable { stage, reason, by: ANN.to_owned() }).await;
    }

    pub(crate) async fn enable(&self, stage: &str) {
        self.turn(&log(), &Input::Enable { stage: stage.into(), by: "bob".to_owned() }).await;
    }

    pub(crate) async fn stop(&self, id: ExecutionId, abandon: bool, reason: Option<&str>) {
        let log = runtime::address::log_of(&self.app, &web(), id).await.unwrap();
        let reason = reason.map(str::to_owned);
        self.turn(&log, &Input::Stop { execution: id, abandon, reason, by: ANN.to_owned() }).await;
    }

    pub(crate) async fn retry(&self, id: ExecutionId, stage: &str, mode: RetryMode) -> Turned {
        let request =
            retry::Request { execution: id, stage: stage.into(), mode, by: ANN.to_owned() };
        retry::retry(&self.app, &web(), &request).await.unwrap()
    }

    pub(crate) async fn look(&self) -> Look {
        self.history.look(&self.app, &web()).await.unwrap().unwrap()
    }

    /// Returns a stage as people see it.
    pub(crate) async fn stage(&self, name: &str) -> StageView {
        let views = stages(&self.look().await);
        views.into_iter().find(|view| view.name.as_str() == name).unwrap()
    }

    /// Brings an execution to its end, without anything failing.
    pub(crate) async fn finish(&self, id: ExecutionId) {
        loop {
            let runs = self.in_progress().await;
            let own = runs.into_iter().find(|(_, run, _)| run.execution == id);
            let Some((log, run, is_approval)) = own else { return };
            self.end(&log, &run, is_approval, true).await;
            self.relay().await;
        }
    }
}

pub(crate) fn web() -> PipelineName {
    "web".into()
}

pub(crate) fn log() -> LogKey {
    LogKey::Pipeline(web())
}

fn success(run: &RunKey) -> Success {
    let id = run.id().to_string();
    let is_source = run.stage.as_str() == "Source";
    let artifact = |name: &str| StoredArtifact {
        name: name.to_owned(),
        bucket: "artifacts".to_owned(),
        key: format!("web/{name}/{}", &id[..8]),
        sha256: "0".repeat(64),
        size_bytes: 1,
    };
    Success {
        external_id: Some(format!("external-{}", &id[..8])),
        summary: Some(format!("{} is done", run.action)),
        variables: BTreeMap::from([("VALUE".to_owned(), format!("value-{}", &id[..8]))]),
        artifacts: match run.action.as_str() {
            "Commit" => vec![artifact("Code")],
            "Compile" => vec![artifact("Site")],
            _ => Vec::new(),
        },
        revision: is_source.then(|| SourceRevision {
            id: id[..8].to_owned(),
            summary: Some("Open the canal".to_owned()),
            url: Some(format!("https://example.com/{}", &id[..8])),
        }),
        ..Success::default()
    }
}

fn failure(run: &RunKey) -> Outcome {
    let message = format!("{} leaks", run.action);
    Outcome::Failed(Failure::new(FailureType::JobFailed, message))
}

/// Source(Commit), Build(Compile ∥ Test), Approve(Release), Deploy(Host).
pub(crate) fn demonstration(mode: &str) -> String {
    declaration(mode, &["Source", "Build", "Approve", "Deploy"])
}

/// A pipeline of some of the demonstration's stages.
pub(crate) fn declaration(mode: &str, stages: &[&str]) -> String {
    use serde_json::json;
    let known = json!({
        "Source": [{
            "name": "Commit", "runOrder": 1, "namespace": "Source",
            "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
            "configuration": {"RepositoryName": "web", "BranchName": "main"},
            "outputArtifacts": [{"name": "Code"}],
        }],
        "Build": [{
            "name": "Compile", "runOrder": 1, "namespace": "Made",
            "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
            "configuration": {"ProjectName": "web-#{Source.VALUE}"},
            "inputArtifacts": [{"name": "Code"}], "outputArtifacts": [{"name": "Site"}],
        }, {
            "name": "Test", "runOrder": 2,
            "actionTypeId": {"category": "Test", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
            "configuration": {"ProjectName": "test-#{Made.VALUE}"},
            "inputArtifacts": [{"name": "Code"}],
        }],
        "Approve": [{
            "name": "Release", "runOrder": 1,
            "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
            "configuration": {"CustomData": "release #{codepipeline.PipelineExecutionId}?"},
        }],
        "Deploy": [{
            "name": "Host", "runOrder": 1,
            "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": "CodeDeploy", "version": "1"},
            "configuration": {"ApplicationName": "web", "DeploymentGroupName": "all"},
            "inputArtifacts": [{"name": "Code"}],
        }],
        "Audit": [{
            "name": "Look", "runOrder": 1,
            "actionTypeId": {"category": "Test", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
            "configuration": {"ProjectName": "audit"},
            "inputArtifacts": [{"name": "Code"}],
        }],
    });
    let stages: Vec<_> =
        stages.iter().map(|name| json!({"name": name, "actions": known[name]})).collect();
    json!({
        "name": "web",
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "pipelineType": "V2",
        "executionMode": mode,
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": stages,
    })
    .to_string()
}
