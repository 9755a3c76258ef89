//! The sources of many pipelines, each watched by a task of its own.
//!
//! One machine has no events from outside that say that a commit was made, so each pipeline of the
//! catalogue has a [`Sources`] that looks. Whoever changes a declaration asks for a [`Watchers::look_at`];
//! what is in force then decides whether a watch begins, begins anew, or ends.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use executors::Site;
use model::ids::PipelineName;
use runtime::App;
use store::LogKey;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use crate::bus::chain;
use crate::sources::{Noticing, Sources};
use crate::trouble::{About, Troubles};

/// Where changed declarations are told. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Watchers(mpsc::UnboundedSender<PipelineName>);

/// The watches themselves.
pub struct Watching {
    app: App,
    site: Arc<Site>,
    data: PathBuf,
    troubles: Troubles,
    asked: mpsc::UnboundedReceiver<PipelineName>,
    running: BTreeMap<PipelineName, Watch>,
    tasks: JoinSet<()>,
}

/// A pipeline's watch.
struct Watch {
    /// The record that put the watched declaration in force.
    record: u64,
    task: AbortHandle,
}

impl Watchers {
    /// Makes the two ends. Nothing is watched before [`Watching::run`].
    pub fn new(app: App, site: Site, data: PathBuf, troubles: Troubles) -> (Self, Watching) {
        let (sender, asked) = mpsc::unbounded_channel();
        let watching = Watching {
            app,
            site: Arc::new(site),
            data,
            troubles,
            asked,
            running: BTreeMap::new(),
            tasks: JoinSet::new(),
        };
        (Self(sender), watching)
    }

    /// Says that a pipeline's declaration may have changed, or gone.
    pub fn look_at(&self, pipeline: &PipelineName) {
        // Nobody listens any more only while the process ends.
        let _ = self.0.send(pipeline.clone());
    }
}

impl Watching {
    /// Watches every pipeline that there is and every one that comes. Ends when nobody can ask any more.
    pub async fn run(mut self) {
        match self.app.store.list_catalog().await {
            Ok(pipelines) => {
                for pipeline in pipelines {
                    self.look_at(pipeline).await;
                }
            }
            Err(error) => self.troubles.tell(About::Sources, chain(&error)),
        }
        while let Some(pipeline) = self.asked.recv().await {
            self.look_at(pipeline).await;
            while self.tasks.try_join_next().is_some() {}
        }
    }

    /// Makes the watch of a pipeline what its declaration in force asks for.
    async fn look_at(&mut self, name: PipelineName) {
        let log = LogKey::Pipeline(name.clone());
        let found = match self.app.store.load(&log).await {
            Ok(head) => match &head.state.definition {
                Some(definition) => {
                    let plan = self.app.store.plan(&name, definition.record).await;
                    plan.map(|plan| Some((definition.record, plan)))
                }
                None => Ok(None),
            },
            Err(error) => Err(error),
        };
        let found = match found {
            Ok(found) => found,
            // The watch goes on as it was, and the next change or start looks again.
            Err(error) => return self.troubles.tell(About::Sources, chain(&error)),
        };
        let before = self.running.remove(&name);
        let Some((record, pipeline)) = found else {
            if let Some(before) = before {
                before.task.abort();
            }
            // Should the name be used again, the new pipeline has seen nothing yet.
            return Sources::forget(&self.data, &name);
        };
        if let Some(before) = before {
            if before.record == record {
                self.running.insert(name, before);
                return;
            }
            before.task.abort();
        }
        let (app, site, troubles) = (self.app.clone(), self.site.clone(), self.troubles.clone());
        let sources = Sources::new(app, site, pipeline, &self.data, BTreeMap::new(), troubles)
            .noticing(Noticing::AsDeclared);
        if sources.has_any() {
            let task = self.tasks.spawn(sources.run());
            self.running.insert(name, Watch { record, task });
        }
    }
}
