//! The controller as it runs on one machine, around actions that are empty.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use engine::Change;
use engine::input::Expects;
use local::bus::bus;
use local::embedded::{Embedded, Meter};
use local::world::{Appended, Machine};
use model::ids::{ExecutionId, PipelineName};
use model::pipeline::Pipeline;
use model::status::{ExecutionMode, ExecutionStatus};
use runtime::app::Place;
use runtime::define::Definition;
use runtime::{App, Outcome};
use store::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::pipeline::declaration;
use crate::stopwatch::Stopwatch;

/// A controller over a directory, with one pipeline or several.
pub struct Rig {
    /// The handlers' ground.
    pub app: App,
    /// Who does the actions.
    pub stopwatch: Stopwatch,
    /// The pipelines.
    pub pipelines: Vec<PipelineName>,
    embedded: Embedded,
    waiting: Arc<Waiting>,
    // Aborted when dropped.
    _tasks: JoinSet<()>,
}

/// Who waits for the end of which execution, and which ended before anybody waited.
type Waiting = Mutex<HashMap<ExecutionId, End>>;

enum End {
    Awaited(oneshot::Sender<ExecutionStatus>),
    Known(ExecutionStatus),
}

impl Rig {
    /// Puts a controller together over an empty directory and defines its pipelines.
    pub async fn open(directory: &Path, mode: ExecutionMode, pipelines: usize) -> Result<Self> {
        let embedded = Embedded::open(directory)?;
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await?;
        let (bus, delivery) = bus();
        let (listener, appended) = mpsc::unbounded_channel();
        let stopwatch = Stopwatch::default();
        let app = App {
            store,
            hints: Arc::new(bus),
            providers: Arc::new(stopwatch.clone()),
            world: Arc::new(Machine::new(listener)),
            place: Place {
                account: local::controller::ACCOUNT.to_owned(),
                region: "eu-central-1".to_owned(),
                is_sole_writer: true,
            },
        };
        let waiting = Arc::<Waiting>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(delivery.run(app.clone()));
        tasks.spawn(listen(appended, waiting.clone()));
        let names = (1..=pipelines).map(|number| PipelineName::new(format!("web-{number}")));
        let pipelines: Vec<_> = names.collect();
        for name in &pipelines {
            define(&app, name, mode).await?;
        }
        Ok(Self { app, stopwatch, pipelines, embedded, waiting, _tasks: tasks })
    }

    /// Returns what was asked of the store so far.
    pub fn meter(&self) -> Meter {
        self.embedded.meter()
    }

    /// Waits until an execution has ended, and returns how.
    pub async fn end_of(&self, id: ExecutionId) -> Result<ExecutionStatus> {
        let receiver = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(End::Known(status)) = waiting.remove(&id) {
                return Ok(status);
            }
            let (sender, receiver) = oneshot::channel();
            waiting.insert(id, End::Awaited(sender));
            receiver
        };
        receiver.await.context("nobody listens to the log")
    }
}

async fn define(app: &App, name: &PipelineName, mode: ExecutionMode) -> Result<()> {
    let json = declaration(name.as_str(), mode);
    let pipeline = Pipeline::from_declaration_json(&json).context("the pipeline is refused")?;
    let definition = Definition {
        pipeline: &Arc::new(pipeline),
        declaration: &json,
        by: "one-machine",
        expects: Expects::Absent,
    };
    let outcome = runtime::define::define(app, &definition).await?;
    ensure!(matches!(outcome, Outcome::Changed(_)), "{name} was not defined: {outcome:?}");
    Ok(())
}

/// Tells whoever waits for an execution how it ended.
async fn listen(mut appended: mpsc::UnboundedReceiver<Appended>, waiting: Arc<Waiting>) {
    while let Some(Appended { record, .. }) = appended.recv().await {
        for change in &record.changes {
            let Change::Execution { id, change, .. } = change else { continue };
            let Some(status) = change.end() else { continue };
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            match waiting.remove(id) {
                // Who lost interest need not be told.
                Some(End::Awaited(caller)) => drop(caller.send(status)),
                Some(End::Known(_)) | None => drop(waiting.insert(*id, End::Known(status))),
            }
        }
    }
}
