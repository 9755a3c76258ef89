//! A pipeline over an embedded store, moved by hand, and the function that tells of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cloud::batch::{Messages, Unfinished};
use cloud::deliver::Reach;
use cloud::notify::{self, Subscriptions, Topic, Voice};
use cloud::subscribers::Subscribers;
use engine::Input;
use engine::input::{Approve, Expects, Trigger};
use engine::state::{Run, RunKey};
use events::Event;
use local::embedded::Embedded;
use model::ids::{ApprovalToken, ExecutionId, PipelineName};
use model::outcome::{Failure, Outcome, SourceRevision, StoredArtifact, Success};
use model::pipeline::Pipeline;
use model::status::{FailureType, RetryMode, TriggerType};
use model::time::Timestamp;
use providers::{Job, Provider};
use runtime::app::{Place, Providers, World as Outside};
use runtime::define::{Definition, define};
use runtime::hint::{Hints, Undelivered, follow};
use runtime::turn::turn;
use runtime::{App, Hint, retry, start};
use serde_json::{Value, json};
use store::{Committed, LogKey, Store};

use crate::wire::Wire;

pub(crate) const ANA: &str = "arn:aws:sts::111122223333:assumed-role/Developer/ana";
pub(crate) const PAGES: &str = "https://pages.example.com/";

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) wire: Wire,
    pub(crate) voice: Voice,
    hand: Arc<Hand>,
    hints: Arc<Queue>,
    /// The table is gone when this is.
    _embedded: Embedded,
    /// How much of each log was made into events.
    reached: Mutex<BTreeMap<LogKey, u64>>,
}

/// A clock that is moved by hand.
struct Hand {
    millis: AtomicI64,
    drawn: AtomicU64,
}

impl Outside for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::Relaxed))
    }

    fn draw(&self) -> u128 {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &number.to_be_bytes()).as_u128()
    }

    fn appended(&self, _: &Committed) {}

    fn public_url(&self) -> Option<&str> {
        Some(PAGES)
    }
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

/// Nobody works here: the tests report.
struct Nobody;

impl Providers for Nobody {
    fn find(&self, _: &Job) -> Result<&dyn Provider, String> {
        Err("nobody works here".to_owned())
    }
}

impl World {
    /// A world with a pipeline `payments` in it, and nobody who subscribes on their own.
    pub(crate) async fn new(mode: &str) -> Self {
        let embedded = Embedded::in_memory().unwrap();
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await.unwrap();
        let hand =
            Arc::new(Hand { millis: AtomicI64::new(1_790_000_000_000), drawn: AtomicU64::new(0) });
        let hints = Arc::new(Queue::default());
        let place = Place {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            is_sole_writer: false,
        };
        let app = App {
            store,
            hints: hints.clone(),
            providers: Arc::new(Nobody),
            world: hand.clone(),
            place,
        };
        let wire = Wire::default();
        let topic = Topic::new(&wire.own(), "arn:aws:sns:eu-west-1:111122223333:releases");
        let voice = Voice { topic, subscriptions: Subscriptions::none() };
        let world =
            Self { app, wire, voice, hand, hints, _embedded: embedded, reached: Mutex::default() };
        world.define(mode).await;
        world
    }

    /// Adds subscribers of its own.
    pub(crate) fn with_subscribers(mut self, list: &str) -> Self {
        self.wire.keep_secret(list);
        let own = self.wire.own();
        let subscribers = Subscribers::new(&own, "arn:secret", Reach::Loopback);
        self.voice.subscriptions = Subscriptions::new(&own, subscribers, "https://sqs/deliveries");
        self
    }

    async fn define(&self, mode: &str) {
        let json = declaration(mode);
        let pipeline = Arc::new(Pipeline::from_declaration_json(&json).unwrap());
        let definition = Definition {
            pipeline: &pipeline,
            declaration: &json,
            by: ANA,
            expects: Expects::Either,
        };
        define(&self.app, &definition).await.unwrap();
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.hand.millis.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }

    pub(crate) async fn start(&self) -> ExecutionId {
        self.wait(2);
        let request = start::Request {
            execution: None,
            trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: ANA.to_owned() },
            variables: BTreeMap::new(),
            revisions: Vec::new(),
            client_request_token: None,
        };
        let answer = start::start(&self.app, &payments(), &request).await.unwrap();
        let start::Answer::Started(id) = answer else { panic!("{answer:?}") };
        self.relay().await;
        id
    }

    /// Follows what is owed between logs, and writes down what ended.
    async fn relay(&self) {
        loop {
            let next = {
                let is_wanted =
                    |hint: &Hint| matches!(hint, Hint::Between(..) | Hint::Conclude(..));
                let mut hints = self.hints.0.lock().unwrap();
                let place = hints.iter().position(is_wanted);
                place.and_then(|place| hints.remove(place))
            };
            let Some(hint) = next else { return };
            follow(&self.app, &hint).await.unwrap();
        }
    }

    async fn log_of(&self, id: ExecutionId) -> LogKey {
        runtime::address::log_of(&self.app, &payments(), id).await.unwrap()
    }

    /// Returns the attempt of an action of an execution that is in progress.
    pub(crate) async fn run_of(&self, id: ExecutionId, action: &str) -> RunKey {
        let head = self.app.store.load(&self.log_of(id).await).await.unwrap();
        let execution = &head.state.executions[&id];
        let plan = self.app.store.plan(&payments(), execution.definition.record).await.unwrap();
        let stage = &plan.stages[execution.stage];
        let index = stage.action_index(&action.into()).unwrap_or_else(|| panic!("no {action}"));
        let Run::InProgress { attempt, .. } = execution.runs[index] else {
            panic!("{action} is not in progress")
        };
        RunKey { execution: id, stage: stage.name.clone(), action: action.into(), attempt }
    }

    /// Ends the attempt of an action.
    pub(crate) async fn report(&self, id: ExecutionId, action: &str, failure: Option<&str>) {
        let run = self.run_of(id, action).await;
        let outcome = match failure {
            None => Outcome::Succeeded(success(&run)),
            Some(message) => Outcome::Failed(Failure::new(FailureType::JobFailed, message)),
        };
        self.turn(id, &Input::Report { run, outcome }).await;
    }

    pub(crate) async fn answer(&self, id: ExecutionId, is_approved: bool, summary: &str) {
        let run = self.run_of(id, "Sign-off").await;
        let secret = self.app.store.load(&self.log_of(id).await).await.unwrap().state.secret;
        let token = ApprovalToken::derive(secret, run.id());
        let RunKey { stage, action, .. } = run;
        let (summary, by) = (summary.to_owned(), ANA.to_owned());
        self.turn(id, &Input::Approve(Approve { stage, action, token, is_approved, summary, by }))
            .await;
    }

    pub(crate) async fn stop(&self, id: ExecutionId, abandon: bool, reason: &str) {
        let reason = Some(reason.to_owned());
        self.turn(id, &Input::Stop { execution: id, abandon, reason, by: ANA.to_owned() }).await;
    }

    pub(crate) async fn tick(&self, id: ExecutionId) {
        self.turn(id, &Input::Tick).await;
    }

    async fn turn(&self, id: ExecutionId, input: &Input) {
        self.wait(2);
        let log = self.log_of(id).await;
        turn(&self.app, &log, input, None).await.unwrap();
        self.relay().await;
    }

    pub(crate) async fn retry(&self, id: ExecutionId, stage: &str) {
        self.wait(2);
        let mode = RetryMode::FailedActions;
        let request =
            retry::Request { execution: id, stage: stage.into(), mode, by: ANA.to_owned() };
        retry::retry(&self.app, &payments(), &request).await.unwrap();
        self.relay().await;
    }

    /// Brings an execution up to an action, which is then in progress.
    pub(crate) async fn advance(&self, id: ExecutionId, until: &str) {
        for action in ["Commit", "Compile", "Sign-off", "Deploy"] {
            if action == until {
                return;
            }
            match action {
                "Sign-off" => self.answer(id, true, "").await,
                action => self.report(id, action, None).await,
            }
        }
    }

    /// Returns the events since the last time, of the pipeline's log and of those of some executions.
    pub(crate) async fn events(&self, own: &[ExecutionId]) -> Vec<String> {
        let own = own.iter().map(|id| LogKey::Execution(payments(), *id));
        let mut found: Vec<Event> = Vec::new();
        for log in [LogKey::Pipeline(payments())].into_iter().chain(own) {
            loop {
                let reached = self.reached.lock().unwrap().get(&log).copied().unwrap_or(0);
                let published = runtime::publish::publish(&self.app, &log, reached).await.unwrap();
                if published.reached == reached {
                    break;
                }
                found.extend(published.events);
                self.reached.lock().unwrap().insert(log.clone(), published.reached);
            }
        }
        found.iter().enumerate().map(|(place, event)| on_the_bus(event, place)).collect()
    }

    /// Tells of some events, and returns what goes back to the queue.
    pub(crate) async fn tell(&self, bodies: &[String]) -> Unfinished {
        notify::tell(&self.app, &self.voice, &batch(bodies)).await
    }

    /// Tells of everything new, in batches of a queue's size, and expects that nothing goes back.
    pub(crate) async fn tell_new(&self, own: &[ExecutionId]) {
        for bodies in self.events(own).await.chunks(10) {
            let unfinished = self.tell(bodies).await;
            assert!(unfinished.batch_item_failures.is_empty(), "{unfinished:?}");
        }
    }
}

/// Returns a batch as Lambda hands it over.
pub(crate) fn batch(bodies: &[String]) -> Messages {
    let record =
        |(index, body): (usize, &String)| json!({ "messageId": format!("m{index}"), "body": body });
    let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

/// Returns an event as the bus hands it over: with an envelope, and an id, of the bus's own.
fn on_the_bus(event: &Event, place: usize) -> String {
    let detail: Value = serde_json::from_str(&event.marked_detail_json()).unwrap();
    let envelope = json!({
        "version": "0", "id": format!("bus-{place}"), "detail-type": event.detail_type(),
        "source": event.source, "account": event.account, "time": event.time(),
        "region": event.region, "resources": event.resources, "detail": detail,
    });
    envelope.to_string()
}

pub(crate) fn payments() -> PipelineName {
    "payments".into()
}

fn success(run: &RunKey) -> Success {
    let id = run.id().to_string();
    let artifact = |name: &str| StoredArtifact {
        name: name.to_owned(),
        bucket: "artifacts".to_owned(),
        key: format!("payments/{name}/{}", &id[..8]),
        sha256: "0".repeat(64),
        size_bytes: 1,
    };
    let is_source = run.stage.as_str() == "Source";
    Success {
        artifacts: if is_source { vec![artifact("Code")] } else { Vec::new() },
        revision: is_source.then(|| SourceRevision {
            id: id[..8].to_owned(),
            summary: Some(format!("Change {}", &id[..4])),
            url: Some(format!("https://example.com/{}", &id[..8])),
        }),
        ..Success::default()
    }
}

/// Source(Commit), Build(Compile), Prod(Sign-off, then Deploy).
fn declaration(mode: &str) -> String {
    let action = |name: &str, order: u32, category: &str, provider: &str, settings: Value| {
        json!({
            "name": name, "runOrder": order, "configuration": settings,
            "actionTypeId":
                { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
        })
    };
    let mut commit = action(
        "Commit",
        1,
        "Source",
        "CodeCommit",
        json!({ "RepositoryName": "payments", "BranchName": "main" }),
    );
    commit["outputArtifacts"] = json!([{ "name": "Code" }]);
    let mut compile =
        action("Compile", 1, "Build", "CodeBuild", json!({ "ProjectName": "payments" }));
    compile["inputArtifacts"] = json!([{ "name": "Code" }]);
    let sign_off = action(
        "Sign-off",
        1,
        "Approval",
        "Manual",
        json!({ "CustomData": "Release to all?", "ExternalEntityLink": "https://staging.example.com" }),
    );
    let mut deploy = action(
        "Deploy",
        2,
        "Deploy",
        "CodeDeploy",
        json!({ "ApplicationName": "payments", "DeploymentGroupName": "all" }),
    );
    deploy["inputArtifacts"] = json!([{ "name": "Code" }]);
    json!({
        "name": "payments",
        "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "pipelineType": "V2",
        "executionMode": mode,
        "artifactStore": { "type": "S3", "location": "artifacts" },
        "stages": [
            { "name": "Source", "actions": [commit] },
            { "name": "Build", "actions": [compile] },
            { "name": "Prod", "actions": [sign_off, deploy] },
        ],
    })
    .to_string()
}
