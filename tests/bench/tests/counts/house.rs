//! A controller whose time, chance and hints are in the test's hands.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bench::stopwatch::Stopwatch;
use engine::Input;
use engine::input::{Expects, Trigger};
use engine::state::RunKey;
use local::embedded::{Embedded, Meter};
use model::ids::{ExecutionId, PipelineName};
use model::pipeline::Pipeline;
use model::status::TriggerType;
use model::time::Timestamp;
use providers::{Error, Job, Progress, Provider};
use runtime::app::{Place, Providers, World};
use runtime::hint::{Hints, Undelivered, follow};
use runtime::start::{Answer, Request, start};
use runtime::{App, Hint, Outcome, turn};
use store::{Committed, LogKey, Store};

/// What whoever takes a turn remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// What it wrote itself, as the only one who writes: one machine.
    Warm,
    /// What never changes, as one of several who write: a function in the cloud.
    Shared,
    /// Nothing: a function that was just started.
    Cold,
}

pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) scripted: Arc<Scripted>,
    pub(crate) clock: Arc<Clock>,
    embedded: Embedded,
    hints: Arc<Queue>,
}

/// Hints that wait until the test follows them.
#[derive(Default)]
struct Queue(Mutex<VecDeque<Hint>>);

#[async_trait]
impl Hints for Queue {
    async fn send(&self, hint: Hint) -> Result<(), Undelivered> {
        self.0.lock().unwrap().push_back(hint);
        Ok(())
    }
}

/// Time that passes when the test says so.
pub(crate) struct Clock {
    millis: AtomicI64,
    drawn: AtomicU64,
}

impl World for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::Relaxed))
    }

    fn draw(&self) -> u128 {
        // Any number that never comes twice; ids take its upper bits.
        u128::from(self.drawn.fetch_add(1, Ordering::Relaxed)) << 70 | 7 << 60
    }

    fn appended(&self, _committed: &Committed) {}
}

impl Clock {
    pub(crate) fn pass(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::Relaxed);
    }
}

/// A provider that is done at once, or never by itself.
#[derive(Default)]
pub(crate) struct Scripted {
    done: Stopwatch,
    running: Mutex<Option<Running>>,
}

/// The provider's own id of work that does not end, if it gives one.
#[derive(Clone)]
struct Running(Option<String>);

impl Scripted {
    /// Makes jobs run from now on, under the given id if any.
    pub(crate) fn run_under(&self, external_id: Option<&str>) {
        *self.running.lock().unwrap() = Some(Running(external_id.map(str::to_owned)));
    }

    /// Makes jobs be done as soon as they are asked about.
    pub(crate) fn be_done(&self) {
        *self.running.lock().unwrap() = None;
    }
}

#[async_trait]
impl Provider for Scripted {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        self.poll(job).await
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        let running = self.running.lock().unwrap().clone();
        match running {
            None => self.done.poll(job).await,
            Some(Running(external_id)) => {
                Ok(Progress::Running { external_id, external_url: None, ask_again_seconds: None })
            }
        }
    }

    async fn cancel(&self, _job: &Job) -> Result<(), Error> {
        Ok(())
    }
}

impl Providers for Scripted {
    fn find(&self, _job: &Job) -> Result<&dyn Provider, String> {
        Ok(self)
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        let embedded = Embedded::in_memory().unwrap();
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await.unwrap();
        let hints = Arc::<Queue>::default();
        let scripted = Arc::<Scripted>::default();
        let clock =
            Arc::new(Clock { millis: AtomicI64::new(1_790_000_000_000), drawn: AtomicU64::new(1) });
        let place = Place {
            account: "000000000000".to_owned(),
            region: "eu-central-1".to_owned(),
            is_sole_writer: true,
        };
        let (providers, world) = (scripted.clone(), clock.clone());
        let app = App { store, hints: hints.clone(), providers, world, place };
        Self { app, scripted, clock, embedded, hints }
    }

    /// Counts what `act` asks of the store. It is handed whoever takes the turn.
    pub(crate) async fn count(&self, memory: Memory, act: impl AsyncFnOnce(&App)) -> Meter {
        let app = self.handlers(memory);
        self.clock.pass(1_000);
        let before = self.embedded.meter();
        act(&app).await;
        &self.embedded.meter() - &before
    }

    fn handlers(&self, memory: Memory) -> App {
        match memory {
            Memory::Warm => self.app.clone(),
            Memory::Shared => {
                let mut app = self.app.clone();
                app.place.is_sole_writer = false;
                app
            }
            Memory::Cold => self.newcomer(),
        }
    }

    /// Returns handlers over the same table that remember nothing and are not alone.
    pub(crate) fn newcomer(&self) -> App {
        let mut app = self.app.clone();
        app.store = Store::new(self.embedded.client(), "towpath");
        app.place.is_sole_writer = false;
        app
    }

    pub(crate) async fn define(&self, json: &str) {
        define(&self.app, json).await;
        self.clock.pass(1_000);
    }

    pub(crate) async fn start(&self) -> ExecutionId {
        self.clock.pass(1_000);
        let id = self.app.draw_execution_id();
        begin(&self.app, id).await;
        id
    }

    /// Follows every hint there is, and every one that follows from it.
    pub(crate) async fn follow_all(&self, memory: Memory) {
        while let Some(hint) = self.take() {
            self.clock.pass(1_000);
            follow(&self.handlers(memory), &hint).await.unwrap();
        }
    }

    /// Follows hints until none is left, or one asks for `action`; that one is forgotten.
    pub(crate) async fn follow_until(&self, action: &str) -> RunKey {
        while let Some(hint) = self.take() {
            if let Hint::StartAction(_, run) = &hint
                && run.action.as_str() == action
            {
                return run.clone();
            }
            self.clock.pass(1_000);
            follow(&self.app, &hint).await.unwrap();
        }
        panic!("nobody asked for {action}");
    }

    /// Takes the hint that has waited longest.
    pub(crate) fn take(&self) -> Option<Hint> {
        self.hints.0.lock().unwrap().pop_front()
    }

    /// Returns what a successful action left behind, as a report.
    pub(crate) fn report(run: &RunKey) -> Input {
        let outcome = model::outcome::Outcome::Succeeded(model::outcome::Success::default());
        Input::Report { run: run.clone(), outcome }
    }
}

/// The log of the pipeline that everything here is about.
pub(crate) fn web() -> LogKey {
    LogKey::Pipeline(PipelineName::new("web"))
}

pub(crate) async fn define(app: &App, json: &str) {
    let pipeline = Arc::new(Pipeline::from_declaration_json(json).unwrap());
    let input =
        Input::Define { pipeline, secret: app.draw_secret(), by: user(), expects: Expects::Either };
    let outcome = turn(app, &web(), &input, Some(json)).await.unwrap();
    assert!(matches!(outcome, Outcome::Changed(_)), "{outcome:?}");
}

/// Starts an execution under an id that its cause determines.
pub(crate) async fn begin(app: &App, id: ExecutionId) {
    let answer = ask_to_start(app, Some(id)).await;
    assert_eq!(answer, Answer::Started(id));
}

/// Starts an execution under a new id.
pub(crate) async fn begin_new(app: &App) {
    let answer = ask_to_start(app, None).await;
    assert!(matches!(answer, Answer::Started(_)), "{answer:?}");
}

async fn ask_to_start(app: &App, execution: Option<ExecutionId>) -> Answer {
    let request = Request {
        execution,
        trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: user() },
        variables: BTreeMap::new(),
        revisions: vec![],
        client_request_token: None,
    };
    start(app, web().pipeline(), &request).await.unwrap()
}

pub(crate) fn user() -> String {
    "arn:aws:iam::000000000000:user/engineer".to_owned()
}
