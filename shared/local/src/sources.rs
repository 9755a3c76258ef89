//! Notices new revisions of sources: file notification first, a slow look behind it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::input::{Revision, Trigger};
use executors::Site;
use executors::watch::{Watched, newest_revision, watched};
use model::ids::PipelineName;
use model::pipeline::{Action, Pipeline};
use model::status::{ActionCategory, TriggerType};
use notify::{RecursiveMode, Watcher};
use runtime::App;
use runtime::start::{self, Request};
use tokio::sync::mpsc;

use crate::trouble::{About, Troubles};

/// How long to wait after a notification for the writing to finish.
const SETTLE: Duration = Duration::from_millis(100);

/// How often to look although nobody notified us: what a file system or a remote host does not tell.
const LOOK_SECONDS: u64 = 60;

/// Which changes are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticing {
    /// Those of every source, from the first look on: watching stands for whatever would notice
    /// changes elsewhere.
    Everything,
    /// Those of sources that are declared to be watched (`PollForSourceChanges`, `DetectChanges`), and
    /// only what changes after the first look: whoever created the pipeline started it as well.
    AsDeclared,
}

/// Watches the sources of one pipeline.
pub struct Sources {
    app: App,
    site: Arc<Site>,
    pipeline: Arc<Pipeline>,
    memory: PathBuf,
    variables: BTreeMap<String, String>,
    troubles: Troubles,
    noticing: Noticing,
}

impl Sources {
    /// Makes a watcher that remembers in `data` which revisions it has seen.
    /// Every execution that it starts has the given variables (R6).
    pub fn new(
        app: App,
        site: Arc<Site>,
        pipeline: Arc<Pipeline>,
        data: &Path,
        variables: BTreeMap<String, String>,
        troubles: Troubles,
    ) -> Self {
        let memory = memory(data, &pipeline.name);
        let noticing = Noticing::Everything;
        Self { app, site, pipeline, memory, variables, troubles, noticing }
    }

    /// Says which changes are noticed; every one unless told.
    #[must_use]
    pub fn noticing(self, noticing: Noticing) -> Self {
        Self { noticing, ..self }
    }

    /// Forgets what was seen of a pipeline.
    pub fn forget(data: &Path, pipeline: &PipelineName) {
        if let Err(error) = std::fs::remove_file(memory(data, pipeline))
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%pipeline, %error, "what was seen of its sources could not be forgotten");
        }
    }

    /// Whether there is anything to watch.
    pub fn has_any(&self) -> bool {
        self.actions().next().is_some()
    }

    /// Returns the newest revision of every source that can tell, as a start pins them (R4, R8).
    pub async fn newest(&self) -> Result<Vec<Revision>, String> {
        let mut revisions = Vec::new();
        for action in self.actions() {
            if let Some(value) = self.look(action).await? {
                let kind = kind_of(action).to_owned();
                revisions.push(Revision { action: action.name.clone(), kind, value });
            }
        }
        Ok(revisions)
    }

    /// Starts an execution at the newest revisions if any source moved since the last look.
    pub async fn start_if_changed(&self, kind: TriggerType) -> Result<bool, String> {
        let newest = self.newest().await?;
        let seen = self.remembered();
        let now: BTreeMap<String, String> = newest
            .iter()
            .map(|revision| (self.place_of(revision), revision.value.clone()))
            .collect();
        if seen.as_ref() == Some(&now) {
            return Ok(false);
        }
        let moved = newest.iter().find(|revision| {
            let before = seen.as_ref().and_then(|seen| seen.get(&self.place_of(revision)));
            match self.noticing {
                Noticing::Everything => before != Some(&revision.value),
                Noticing::AsDeclared => before.is_some_and(|before| *before != revision.value),
            }
        });
        if moved.is_none() && self.noticing == Noticing::AsDeclared {
            self.remember(&now)?;
            return Ok(false);
        }
        let detail = moved
            .map_or_else(String::new, |revision| format!("{} {}", revision.action, revision.value));
        // The token stands for this step from what was seen to what is there now. Should the process
        // die before it remembers, the same step asks for the same execution (S21).
        let token = token(self.pipeline.name.as_str(), seen.as_ref(), &now, &self.variables);
        let request = Request {
            execution: None,
            trigger: Trigger { kind, detail },
            variables: self.variables.clone(),
            revisions: newest,
            client_request_token: Some(token),
        };
        let name: &PipelineName = &self.pipeline.name;
        let answer = start::start(&self.app, name, &request).await;
        match answer.map_err(|error| crate::bus::chain(&error))? {
            start::Answer::Started(_) => {}
            start::Answer::TokenMismatch => return Err("the start's token was used twice".into()),
            start::Answer::Refused(rejection) => return Err(rejection.to_string()),
        }
        self.remember(&now)?;
        Ok(true)
    }

    /// Watches until the process ends. The first look is now where it only remembers or catches up
    /// with what changed while nobody looked.
    pub async fn run(self) {
        let (sender, mut notified) = mpsc::unbounded_channel();
        let mut watcher = self.notify(sender.clone());
        let mut is_troubled = false;
        let mut is_first = self.noticing == Noticing::AsDeclared;
        loop {
            if !is_first {
                let look = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS));
                tokio::select! {
                    Some(()) = notified.recv() => tokio::time::sleep(SETTLE).await,
                    () = look => {}
                }
            }
            is_first = false;
            while notified.try_recv().is_ok() {}
            match self.start_if_changed(TriggerType::PollForSourceChanges).await {
                Ok(_) if is_troubled => {
                    is_troubled = false;
                    self.troubles.is_over(About::Sources);
                    // What was not there could not be watched.
                    drop(watcher.take());
                    watcher = self.notify(sender.clone());
                }
                Ok(_) => self.troubles.is_over(About::Sources),
                Err(error) => {
                    is_troubled = true;
                    let name = &self.pipeline.name;
                    self.troubles.tell(About::Sources, format!("{name}: {error}"));
                }
            }
        }
    }

    /// Has the file system tell us of changes. Without it the slow look remains.
    fn notify(&self, sender: mpsc::UnboundedSender<()>) -> Option<notify::RecommendedWatcher> {
        let heard = move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                // Nobody listens any more only while the process ends.
                let _ = sender.send(());
            }
        };
        let mut watcher = notify::recommended_watcher(heard).ok()?;
        for action in self.actions() {
            let found = watched(&action.type_id.provider, &settings(action), &self.site);
            let Ok(Some(Watched { paths })) = found else { continue };
            for path in paths {
                if let Err(error) = watcher.watch(&path, RecursiveMode::Recursive) {
                    tracing::warn!(path = %path.display(), %error, "looked at once a minute instead");
                }
            }
        }
        Some(watcher)
    }

    fn actions(&self) -> impl Iterator<Item = &Action> {
        let actions = self.pipeline.stages.iter().flat_map(|stage| &stage.actions);
        actions
            .filter(|action| action.type_id.category == ActionCategory::Source)
            .filter(|action| self.noticing == Noticing::Everything || self.is_declared(action))
    }

    /// Whether the declaration wants this source watched. What cannot be told is looked at, so that
    /// the trouble is told.
    fn is_declared(&self, action: &Action) -> bool {
        let found = watched(&action.type_id.provider, &action.configuration, &self.site);
        !matches!(found, Ok(None))
    }

    /// Names what was looked at. A source that is declared differently is a source not seen before.
    fn place_of(&self, revision: &Revision) -> String {
        let action = revision.action.to_string();
        match self.noticing {
            Noticing::Everything => action,
            Noticing::AsDeclared => {
                let of = self.actions().find(|of| of.name == revision.action);
                let text = format!("{:?}", of.map(|of| (&of.type_id, &of.configuration)));
                let place = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes());
                format!("{action} {place}")
            }
        }
    }

    async fn look(&self, action: &Action) -> Result<Option<String>, String> {
        let (provider, configuration) =
            (action.type_id.provider.clone(), action.configuration.clone());
        let site = self.site.clone();
        let looked =
            tokio::task::spawn_blocking(move || newest_revision(&provider, &configuration, &site));
        looked.await.map_err(|error| error.to_string())?
    }

    fn remembered(&self) -> Option<BTreeMap<String, String>> {
        serde_json::from_slice(&std::fs::read(&self.memory).ok()?).ok()
    }

    fn remember(&self, seen: &BTreeMap<String, String>) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.memory.display());
        let draft = self.memory.with_extension("draft");
        let text = serde_json::to_vec(seen).map_err(|error| error.to_string())?;
        std::fs::write(&draft, text).map_err(failed)?;
        std::fs::rename(&draft, &self.memory).map_err(failed)
    }
}

/// Returns a source's settings without those that leave noticing changes to an EventBridge rule: on
/// one machine, watching stands for the rule.
fn settings(action: &Action) -> BTreeMap<String, String> {
    let mut settings = action.configuration.clone();
    settings.remove("PollForSourceChanges");
    settings.remove("DetectChanges");
    settings
}

fn memory(data: &Path, pipeline: &PipelineName) -> PathBuf {
    data.join(format!("sources-{pipeline}.json"))
}

fn kind_of(action: &Action) -> &'static str {
    match action.type_id.provider.as_str() {
        "S3" => "S3_OBJECT_VERSION_ID",
        "ECR" => "IMAGE_DIGEST",
        _ => "COMMIT_ID",
    }
}

fn token(
    pipeline: &str,
    seen: Option<&BTreeMap<String, String>>,
    now: &BTreeMap<String, String>,
    variables: &BTreeMap<String, String>,
) -> String {
    let text = format!("{pipeline} {seen:?} {now:?} {variables:?}");
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
}
