//! A controller over the embedded engine, with time, hints and the outside world in the test's hands.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use engine::Input;
use engine::input::{Expects, Trigger};
use local::embedded::Embedded;
use model::ids::{ExecutionId, PipelineName};
use model::outcome::{Outcome, Success};
use model::pipeline::Pipeline;
use model::status::TriggerType;
use model::time::Timestamp;
use providers::{Error, Job, Memory, Progress, Provider};
use runtime::app::{Place, Providers, World as Surroundings};
use runtime::hint::{Hints, Undelivered, follow};
use runtime::start::{Answer, Request, start};
use runtime::{App, Hint, turn};
use store::{Committed, LogKey, Store};

/// Two stages, so that the second one is there to be given up.
const DECLARATION: &str = r#"{"name":"web","roleArn":"arn:aws:iam::000000000000:role/towpath",
"artifactStore":{"type":"S3","location":"artifacts"},"stages":[
{"name":"Source","actions":[{"name":"Fetch","actionTypeId":{"category":"Source","owner":"AWS","provider":"S3",
"version":"1"},"configuration":{"S3Bucket":"b","S3ObjectKey":"k.zip"},"outputArtifacts":[{"name":"App"}]}]},
{"name":"Deploy","actions":[{"name":"Ship","actionTypeId":{"category":"Deploy","owner":"AWS",
"provider":"CodeDeploy","version":"1"},"configuration":{"ApplicationName":"a","DeploymentGroupName":"g"},
"inputArtifacts":[{"name":"App"}]}]}]}"#;

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) outside: Arc<Outside>,
    pub(crate) hints: Arc<Queue>,
    pub(crate) clock: Arc<Clock>,
    embedded: Embedded,
}

/// Hints, with how many seconds each is to wait.
#[derive(Default)]
pub(crate) struct Queue(Mutex<VecDeque<(Hint, u32)>>);

impl Queue {
    pub(crate) fn take(&self) -> Option<(Hint, u32)> {
        self.0.lock().unwrap().pop_front()
    }
}

#[async_trait]
impl Hints for Queue {
    async fn send(&self, hint: Hint) -> Result<(), Undelivered> {
        self.send_later(hint, 0).await
    }

    async fn send_later(&self, hint: Hint, seconds: u32) -> Result<(), Undelivered> {
        self.0.lock().unwrap().push_back((hint, seconds));
        Ok(())
    }
}

pub(crate) struct Clock {
    millis: AtomicI64,
    drawn: AtomicU64,
}

impl Clock {
    pub(crate) fn pass_minutes(&self, minutes: i64) {
        self.millis.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }
}

impl Surroundings for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::Relaxed))
    }

    fn draw(&self) -> u128 {
        u128::from(self.drawn.fetch_add(1, Ordering::Relaxed)) << 70 | 7 << 60
    }

    fn appended(&self, _: &Committed) {}
}

/// A system that does deployments and knows them by ids of its own only.
#[derive(Default)]
pub(crate) struct Outside(Mutex<Known>);

#[derive(Default)]
pub(crate) struct Known {
    /// Every job that was handed over for a start or a question, in order.
    pub(crate) asked: Vec<Job>,
    /// Every job that was foreseen.
    pub(crate) expected: Vec<Job>,
    /// How often each attempt was started, by run.
    pub(crate) started: BTreeMap<String, u32>,
    /// The ids of what was stopped.
    pub(crate) stopped: Vec<Option<String>>,
    /// Whether the next start is made and its answer lost.
    pub(crate) loses_answer: bool,
    /// Whether what runs is done.
    pub(crate) is_done: bool,
}

impl Outside {
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap()
    }

    fn progress(&self, job: &Job) -> Progress {
        if job.category == "Source" {
            let artifact = model::outcome::StoredArtifact {
                name: "App".to_owned(),
                bucket: "artifacts".to_owned(),
                key: "k".to_owned(),
                sha256: "0".repeat(64),
                size_bytes: 1,
            };
            let success = Success { artifacts: vec![artifact], ..Success::default() };
            return Progress::Done(Outcome::Succeeded(success));
        }
        if self.known().is_done {
            return Progress::Done(Outcome::Succeeded(Success::default()));
        }
        Progress::Running {
            external_id: Some(format!("d-{}", &job.run_id[..8])),
            external_url: None,
            ask_again_seconds: Some(15),
        }
    }
}

#[async_trait]
impl Provider for Outside {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        let loses_answer = {
            let mut known = self.known();
            known.asked.push(job.clone());
            *known.started.entry(job.run_id.clone()).or_default() += 1;
            std::mem::take(&mut known.loses_answer)
        };
        if loses_answer {
            return Err(Error::Unreachable("the connection broke".to_owned()));
        }
        Ok(self.progress(job))
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        self.known().asked.push(job.clone());
        if job.external_id.is_none() {
            return Ok(Progress::Unknown);
        }
        Ok(self.progress(job))
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        self.known().stopped.push(job.external_id.clone());
        Ok(())
    }

    fn memory(&self) -> Memory {
        Memory::NotedBefore
    }
}

#[async_trait]
impl Providers for Outside {
    fn find(&self, _: &Job) -> Result<&dyn Provider, String> {
        Ok(self)
    }

    async fn expect(&self, job: &Job) {
        self.known().expected.push(job.clone());
    }
}

/// A function that talks to no provider.
struct Elsewhere;

impl Providers for Elsewhere {
    fn find(&self, job: &Job) -> Result<&dyn Provider, String> {
        Err(format!("{} is asked elsewhere", job.provider))
    }

    fn are_elsewhere(&self) -> bool {
        true
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let embedded = Embedded::in_memory().unwrap();
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await.unwrap();
        let (hints, outside) = (Arc::<Queue>::default(), Arc::<Outside>::default());
        let millis = AtomicI64::new(1_790_000_000_000);
        let clock = Arc::new(Clock { millis, drawn: AtomicU64::new(1) });
        let place = Place {
            account: "000000000000".to_owned(),
            region: "eu-central-1".to_owned(),
            is_sole_writer: false,
        };
        let app = App {
            store,
            hints: hints.clone(),
            providers: outside.clone(),
            world: clock.clone(),
            place,
        };
        let pipeline = Arc::new(Pipeline::from_declaration_json(DECLARATION).unwrap());
        let by = "arn:aws:iam::000000000000:user/engineer".to_owned();
        let secret = app.draw_secret();
        let input = Input::Define { pipeline, secret, by, expects: Expects::Either };
        turn(&app, &web(), &input, Some(DECLARATION)).await.unwrap();
        Self { app, outside, hints, clock, embedded }
    }

    /// Returns a process that was just started: it remembers nothing.
    pub(crate) fn newcomer(&self) -> App {
        let store = Store::new(self.embedded.client(), "towpath");
        App { store, ..self.app.clone() }
    }

    /// Returns a process that talks to no provider.
    pub(crate) fn sweeper(&self) -> App {
        App { providers: Arc::new(Elsewhere), ..self.newcomer() }
    }

    pub(crate) async fn start(&self) -> ExecutionId {
        let answer = start(&self.app, web().pipeline(), &request()).await.unwrap();
        let Answer::Started(id) = answer else { panic!("{answer:?}") };
        id
    }

    /// Follows hints, each in a new process, until the deployment is asked for. Returns that hint.
    pub(crate) async fn until_deployment(&self) -> Hint {
        while let Some((hint, _)) = self.hints.take() {
            if matches!(&hint, Hint::StartAction(_, run) if run.action.as_str() == "Ship") {
                return hint;
            }
            follow(&self.newcomer(), &hint).await.unwrap();
        }
        panic!("nobody asked for the deployment");
    }
}

/// What somebody asks for who starts the pipeline by hand.
pub(crate) fn request() -> Request {
    Request {
        execution: None,
        trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: String::new() },
        variables: BTreeMap::new(),
        revisions: vec![],
        client_request_token: None,
    }
}

/// The log of the pipeline that everything here is about.
pub(crate) fn web() -> LogKey {
    LogKey::Pipeline(PipelineName::new("web"))
}
