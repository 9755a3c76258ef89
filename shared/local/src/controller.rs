//! The whole controller over one data directory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use engine::input::Expects;
use engine::state::RunKey;
use engine::{Effect, Input, outstanding};
use model::ids::PipelineName;
use model::pipeline::Pipeline;
use providers::{Job, Provider};
use runtime::app::{Place, Providers};
use runtime::between::sweep_all;
use runtime::define::{Definition, define, refresh};
use runtime::jobs::JobWorkers;
use runtime::sweep::sweep_watched;
use runtime::turn::{self, turn};
use runtime::{App, Hint, Outcome};
use store::{LogKey, Record, Store};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::bus::{Bus, bus, chain};
use crate::embedded::{self, Embedded};
use crate::past;
use crate::publisher::{EventFile, Publisher};
use crate::supervise::{Supervised, stop_unwanted, tidy};
use crate::trouble::{About, Trouble, Troubles};
use crate::world::{Appended, Machine};

/// How often overdue actions are looked for.
const TICK: Duration = Duration::from_secs(5);

/// How many run directories are kept, with their logs.
const RUNS_KEPT_MAX: usize = 1_000;

/// Every how many ticks everything is swept.
const SWEEP_TICKS: u32 = 12;

/// The account that stands in ARNs and events on one machine.
pub const ACCOUNT: &str = "000000000000";

/// How a controller is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The directory that holds everything; it belongs to one process at a time.
    pub data: PathBuf,
    /// What stands for the cloud.
    pub site: executors::Site,
    /// The program that does actions when called with `perform DIRECTORY`.
    pub program: PathBuf,
    /// The Region that stands in ARNs and events.
    pub region: String,
    /// Where to write state-change events, if anywhere.
    pub events: Option<PathBuf>,
}

/// The controller could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory could not be made.
    #[error("failed to make the data directory {path}")]
    Directory {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The embedded engine could not be opened.
    #[error("failed to open the store")]
    Embedded(#[from] embedded::Error),
    /// The store could not be used.
    #[error("failed to use the store")]
    Store(#[from] store::Error),
    /// A turn failed.
    #[error("failed to change the pipeline")]
    Turn(#[from] turn::Error),
    /// The file of events could not be opened.
    #[error("failed to open the file of events {path}")]
    Events {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A running controller. Dropping it stops its tasks; actions go on in processes of their own.
pub struct Controller {
    /// The handlers' ground.
    pub app: App,
    /// Where hints go in.
    pub bus: Bus,
    settings: Settings,
    troubles: Troubles,
    heard: Option<mpsc::UnboundedReceiver<Trouble>>,
    left: BTreeMap<PipelineName, Vec<(LogKey, Arc<Record>)>>,
    // Aborted when dropped.
    _tasks: JoinSet<()>,
}

/// Finds who does actions on this machine: programs of this machine, or job workers that poll.
struct Machines {
    machine: Supervised,
    workers: JobWorkers,
}

impl Providers for Machines {
    fn find(&self, job: &Job) -> Result<&dyn Provider, String> {
        match (job.owner.as_str(), self.machine.can_do(job)) {
            // A partner's type may be registered; the job workers know.
            ("Custom", _) | ("ThirdParty", Err(_)) => Ok(&self.workers),
            (_, Ok(())) => Ok(&self.machine),
            (_, Err(reason)) => Err(reason),
        }
    }
}

impl Controller {
    /// Opens the data directory and starts working. What is appended from now on comes out of the
    /// returned channel, after its events were written.
    pub async fn open(
        settings: Settings,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Appended>), Error> {
        let data = settings.data.clone();
        let failed = |source| Error::Directory { path: data.clone(), source };
        std::fs::create_dir_all(data.join("runs")).map_err(failed)?;
        let embedded = Embedded::open(&data)?;
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await?;
        let (bus, delivery) = bus();
        let (appended, heard) = mpsc::unbounded_channel();
        let (viewer, view) = mpsc::unbounded_channel();
        let ended = ended(store.clone(), bus.clone());
        let runs = data.join("runs");
        let machine = Supervised::new(runs, settings.site.clone(), settings.program.clone(), ended);
        let world = Arc::new(Machine::new(appended));
        let site = settings.site.clone();
        let workers = JobWorkers::new(store.clone(), world.clone())
            .otherwise(Arc::new(move |job| executors::can_perform(job, &site).err()));
        let app = App {
            store,
            hints: Arc::new(bus.clone()),
            providers: Arc::new(Machines { machine, workers }),
            world,
            place: Place {
                account: ACCOUNT.to_owned(),
                region: settings.region.clone(),
                is_sole_writer: true,
            },
        };
        let file = match &settings.events {
            None => None,
            Some(path) => Some(
                EventFile::open(path)
                    .map_err(|source| Error::Events { path: path.clone(), source })?,
            ),
        };
        let (troubles, heard_of) = Troubles::channel();
        let mut publisher = Publisher::new(app.clone(), file, viewer, troubles.clone());
        let pipelines = app.store.list_catalog().await?;
        publisher.catch_up(&pipelines).await;
        // Read before anything goes on, so that what ended meanwhile counts as unfinished still.
        let mut left = BTreeMap::new();
        for pipeline in &pipelines {
            refresh(&app, pipeline).await?;
            left.insert(pipeline.clone(), past::read(&app.store, pipeline).await?);
        }
        let mut tasks = JoinSet::new();
        tasks.spawn(delivery.telling(troubles.clone()).run(app.clone()));
        tasks.spawn(publisher.run(heard));
        tasks.spawn(tick(app.clone(), embedded, troubles.clone()));
        for pipeline in &pipelines {
            sweep(&app, pipeline, &troubles).await;
        }
        sweep_rest(&app).await;
        let wanted = wanted(&app, &pipelines).await?;
        stop_unwanted(&data.join("runs"), &wanted).map_err(failed)?;
        let tidied = tidy(&data.join("runs"), RUNS_KEPT_MAX, &|id| wanted.contains(id));
        tidied.map_err(failed)?;
        let heard = Some(heard_of);
        Ok((Self { app, bus, settings, troubles, heard, left, _tasks: tasks }, view))
    }

    /// Puts a declaration in force unless it is already, and says whether it was new.
    pub async fn define(&self, pipeline: &Arc<Pipeline>, declaration: &str) -> Result<bool, Error> {
        let log = LogKey::Pipeline(pipeline.name.clone());
        let head = self.app.store.load(&log).await?;
        if let Some(definition) = head.state.definition {
            let record = self.app.store.record(&log, definition.record).await?;
            let current = record.as_ref().and_then(|record| record.definition.as_deref());
            if current == Some(declaration) {
                return Ok(false);
            }
        }
        let definition =
            Definition { pipeline, declaration, by: "towpath run", expects: Expects::Either };
        let outcome = define(&self.app, &definition).await?;
        Ok(matches!(outcome, Outcome::Changed(_)))
    }

    /// Returns the records of what an earlier process left unfinished, oldest first. What came of it
    /// since is told like everything that is appended.
    pub fn left_unfinished(&self, pipeline: &PipelineName) -> &[(LogKey, Arc<Record>)] {
        self.left.get(pipeline).map_or(&[], Vec::as_slice)
    }

    /// Returns where to tell of troubles.
    pub fn troubles(&self) -> Troubles {
        self.troubles.clone()
    }

    /// Returns what comes out of [`Controller::troubles`], to the first who asks.
    pub fn hear_troubles(&mut self) -> Option<mpsc::UnboundedReceiver<Trouble>> {
        self.heard.take()
    }

    /// Returns how the controller is set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// Returns the ids of attempts that the logs still ask for.
async fn wanted(app: &App, pipelines: &[PipelineName]) -> Result<BTreeSet<String>, store::Error> {
    let mut wanted = BTreeSet::new();
    for pipeline in pipelines {
        for log in logs(app, pipeline) {
            let Some(head) = app.store.glance(&log) else { continue };
            let plans = app.store.plans(&head).await?;
            wanted.extend(outstanding(&head.state, &plans).iter().filter_map(
                |effect| match effect {
                    Effect::RequestAction(run) => Some(run.id().to_string()),
                    Effect::CancelAction(_)
                    | Effect::Open(_)
                    | Effect::Relay(_)
                    | Effect::Withdraw(_)
                    | Effect::Close(..)
                    | Effect::Reopen(..)
                    | Effect::Conclude(_) => None,
                },
            ));
        }
    }
    Ok(wanted)
}

/// Returns a pipeline's log and the logs of the executions that it admitted.
fn logs(app: &App, pipeline: &PipelineName) -> Vec<LogKey> {
    let log = LogKey::Pipeline(pipeline.clone());
    let head = app.store.glance(&log);
    let admitted = head.iter().flat_map(|head| head.state.admitted.keys().copied());
    let mut logs: Vec<_> = admitted.map(|id| LogKey::Execution(pipeline.clone(), id)).collect();
    logs.push(log);
    logs
}

/// Tells the handlers that the process of an attempt has ended.
fn ended(store: Store, bus: Bus) -> crate::supervise::Ended {
    Arc::new(move |job: &Job| {
        let Ok(execution) = job.execution_id.parse() else { return };
        let pipeline = PipelineName::new(&job.pipeline);
        let run = RunKey {
            execution,
            stage: job.stage.as_str().into(),
            action: job.action.as_str().into(),
            attempt: job.attempt,
        };
        let of_execution = LogKey::Execution(pipeline.clone(), execution);
        // A log that somebody merely asked for was seen, too, and has no record.
        let log = match store.glance(&of_execution) {
            Some(head) if head.state.sequence > 0 => of_execution,
            Some(_) | None => LogKey::Pipeline(pipeline),
        };
        bus.post(Hint::AskProvider(log, run));
    })
}

/// Looks for what is overdue, and now and then at everything.
async fn tick(app: App, _embedded: Embedded, troubles: Troubles) {
    let mut count = 0_u32;
    loop {
        tokio::time::sleep(TICK).await;
        count = count.wrapping_add(1);
        let Ok(pipelines) = app.store.list_catalog().await else { continue };
        if count.is_multiple_of(SWEEP_TICKS) {
            sweep_rest(&app).await;
        }
        for pipeline in pipelines {
            if count.is_multiple_of(SWEEP_TICKS) {
                sweep(&app, &pipeline, &troubles).await;
            } else {
                tick_one(&app, &pipeline).await;
            }
        }
    }
}

async fn tick_one(app: &App, pipeline: &PipelineName) {
    for log in logs(app, pipeline) {
        let is_running = app.store.glance(&log).is_some_and(|head| {
            head.state.executions.values().any(|execution| execution.in_progress() > 0)
        });
        if is_running && let Err(error) = turn(app, &log, &Input::Tick, None).await {
            tracing::warn!(%log, error = %chain(&error), "overdue actions are found later");
        }
    }
}

/// Sweeps what only the watches still know: executions that ended without being concluded.
async fn sweep_rest(app: &App) {
    if let Err(error) = sweep_watched(app).await {
        tracing::warn!(error = %chain(&error), "swept again in a minute");
    }
}

async fn sweep(app: &App, pipeline: &PipelineName, troubles: &Troubles) {
    match sweep_all(app, pipeline).await {
        Ok(()) => troubles.is_over(About::Work),
        Err(error) => troubles.tell(About::Work, chain(&error)),
    }
}
