//! A controller with somebody in front of it.

mod approving;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use engine::change::{Change, PipelineChange};
use engine::input::Trigger;
use engine::state::{Execution, RunKey, State};
use local::controller::{Controller, Error};
use local::sources::Sources;
use local::trouble::{About, Trouble};
use local::world::{Appended, now};
use model::ids::ExecutionId;
use model::pipeline::Pipeline;
use model::status::{ExecutionStatus, TriggerType};
use runtime::start::{self, Answer, Request};
use store::{LogKey, Record};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::ending::Ending;
use crate::run::approvals::Open;
use crate::run::outside::{Heard, Outside, stop_here};
use crate::run::prepare::Prepared;
use crate::view::{View, Wishes};

/// How often the live view is drawn anew.
const REFRESH: Duration = Duration::from_millis(100);

/// How long a session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until nothing is unfinished any more.
    Ended,
    /// Until somebody interrupts it.
    Interrupted,
}

/// A controller that runs one pipeline for somebody.
pub(crate) struct Session {
    pub(crate) controller: Controller,
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) view: View,
    variables: BTreeMap<String, String>,
    feed: mpsc::UnboundedReceiver<Appended>,
    troubles: Option<mpsc::UnboundedReceiver<Trouble>>,
    /// What does not work right now, and why.
    troubled: BTreeMap<About, String>,
    outside: Outside,
    approves_all: bool,
    /// Approvals are neither given nor asked for while this is set.
    holds_approvals: bool,
    is_new: bool,
    asked: Option<Open>,
    /// Approvals that were answered here, as long as they are shown as waiting.
    given: BTreeSet<RunKey>,
    /// The approval that nobody is there to give, as it was said last.
    announced: Option<Open>,
    /// Executions that were started and not shown yet.
    awaited: BTreeSet<ExecutionId>,
    /// What was shown last of every log with unfinished executions.
    shown: BTreeMap<LogKey, Arc<Record>>,
    /// How every execution ended that ended while we looked, by number.
    ended: BTreeMap<u64, ExecutionStatus>,
    tasks: JoinSet<()>,
}

impl Session {
    /// Opens the data directory and puts the declaration in force.
    pub(crate) async fn open(
        prepared: Prepared,
        approves_all: bool,
        wishes: Wishes,
    ) -> Result<Self, Ending> {
        let Prepared { pipeline, declaration, settings, notes, variables } = prepared;
        let runs = settings.data.join("runs");
        let outside = Outside::new(!approves_all).map_err(|error| {
            Ending::Failed(Some(format!("signals cannot be listened to: {error}")))
        })?;
        let opened = Controller::open(settings).await;
        let (mut controller, feed) = opened.map_err(|error| refuse(&error))?;
        let defined = controller.define(&pipeline, &declaration).await;
        let is_new = defined.map_err(|error| refuse(&error))?;
        let mut view = View::new(wishes, pipeline.clone(), runs);
        let left = controller.left_unfinished(&pipeline.name).to_vec();
        view.recall(&left.iter().map(|(_, record)| record.clone()).collect::<Vec<_>>());
        for note in &notes {
            view.say(note);
        }
        let troubles = controller.hear_troubles();
        Ok(Self {
            controller,
            pipeline,
            view,
            variables,
            feed,
            troubles,
            troubled: BTreeMap::new(),
            outside,
            approves_all,
            holds_approvals: false,
            is_new,
            asked: None,
            given: BTreeSet::new(),
            announced: None,
            awaited: BTreeSet::new(),
            shown: left.into_iter().collect(),
            ended: BTreeMap::new(),
            tasks: JoinSet::new(),
        })
    }

    /// Starts an execution at the newest revisions.
    pub(crate) async fn start(&mut self) -> Result<(), Ending> {
        let kind = if self.is_new && self.variables.is_empty() {
            TriggerType::CreatePipeline
        } else {
            TriggerType::StartPipelineExecution
        };
        let request = Request {
            execution: None,
            trigger: Trigger { kind, detail: "towpath run".to_owned() },
            variables: self.variables.clone(),
            revisions: self.sources().newest().await.map_err(Ending::BadInput)?,
            client_request_token: None,
        };
        let answer = start::start(&self.controller.app, &self.pipeline.name, &request).await;
        match answer {
            Ok(Answer::Started(id)) => {
                self.awaited.insert(id);
                Ok(())
            }
            Ok(Answer::TokenMismatch) => {
                Err(Ending::Failed(Some("the start's token was used before".to_owned())))
            }
            Ok(Answer::Refused(rejection)) => Err(Ending::BadInput(rejection.to_string())),
            Err(error) => Err(Ending::Failed(Some(local::bus::chain(&error)))),
        }
    }

    /// Starts an execution if a source moved since an earlier look.
    pub(crate) async fn start_if_changed(&mut self, kind: TriggerType) -> Result<bool, String> {
        let kind = if self.is_new { TriggerType::CreatePipeline } else { kind };
        self.sources().start_if_changed(kind).await
    }

    /// Watches the sources from now on.
    pub(crate) fn watch(&mut self) {
        self.tasks.spawn(self.sources().run());
    }

    fn sources(&self) -> Sources {
        let settings = self.controller.settings();
        let (app, site) = (self.controller.app.clone(), Arc::new(settings.site.clone()));
        let (variables, troubles) = (self.variables.clone(), self.controller.troubles());
        Sources::new(app, site, self.pipeline.clone(), &settings.data, variables, troubles)
    }

    /// Whether any execution has not ended yet, as far as was shown. The store may know more already,
    /// but what was not shown has not been published either.
    fn has_unfinished(&self) -> bool {
        let states = self.shown.values().map(|record| &record.state);
        let unfinished = |state: &State| !state.executions.is_empty() || !state.admitted.is_empty();
        !self.awaited.is_empty() || states.clone().any(unfinished)
    }

    /// Returns the numbers of the executions that an earlier process left unfinished.
    pub(crate) fn left(&self) -> BTreeSet<u64> {
        let mut left = BTreeSet::new();
        let records = self.controller.left_unfinished(&self.pipeline.name);
        for change in records.iter().flat_map(|(_, record)| &record.changes) {
            if let Change::Execution { number, change, .. } = change {
                if change.is_end() {
                    left.remove(number);
                } else {
                    left.insert(*number);
                }
            }
        }
        left
    }

    /// Shows what happens until the session is over, and says how it ended.
    pub(crate) async fn follow(mut self, until: Until) -> Ending {
        self.view.reports_at_once = until == Until::Interrupted;
        loop {
            if let Some(ending) = self.step(until).await {
                self.view.finish();
                return ending;
            }
        }
    }

    /// Shows the next thing that happens. Returns how the session ended, once it has.
    pub(crate) async fn step(&mut self, until: Until) -> Option<Ending> {
        let troubles = async {
            match &mut self.troubles {
                Some(troubles) => troubles.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            appended = self.feed.recv() => self.show(&appended?),
            Some(trouble) = troubles => self.hear_of(trouble),
            heard = self.outside.hear() => match heard {
                Heard::Keys(bytes) => {
                    if let Some(line) = self.view.typed(&bytes) {
                        self.answer(&line).await;
                    }
                }
                Heard::Silence => {}
                Heard::Interrupt => return Some(self.interrupted()),
                Heard::Stop => {
                    self.view.suspend();
                    stop_here();
                    self.view.resume();
                }
            },
            () = tokio::time::sleep(REFRESH) => {}
        }
        while let Ok(appended) = self.feed.try_recv() {
            self.show(&appended);
        }
        if let Err(message) = self.approve_or_ask().await {
            self.hear_of(Trouble { about: About::Work, message: Some(message) });
        }
        self.view.refresh(now());
        match until {
            Until::Interrupted => {
                self.announce_approval();
                None
            }
            Until::Ended => self.ending(),
        }
    }

    fn show(&mut self, appended: &Appended) {
        for change in &appended.record.changes {
            match change {
                Change::Execution { id, number, change, .. } => {
                    self.awaited.remove(id);
                    self.ended.extend(change.end().map(|status| (*number, status)));
                }
                Change::Pipeline(PipelineChange::Admitted { execution, .. }) => {
                    self.awaited.remove(execution);
                }
                Change::Pipeline(_) => {}
            }
        }
        let log = appended.before.log.clone();
        let is_over = appended.record.state.executions.is_empty();
        match &log {
            LogKey::Execution(..) if is_over => drop(self.shown.remove(&log)),
            LogKey::Execution(..) | LogKey::Pipeline(_) => {
                self.shown.insert(log, appended.record.clone());
            }
        }
        self.view.appended(appended);
    }

    /// Says that something does not work, or works again; once, not at every attempt.
    fn hear_of(&mut self, trouble: Trouble) {
        let Trouble { about, message } = trouble;
        let what = match about {
            About::Work => "the work is held up",
            About::Sources => "the sources cannot be looked at",
            About::Events => "events cannot be written",
        };
        let before = self.troubled.remove(&about);
        match (message, before) {
            (Some(message), before) => {
                if before.as_ref() != Some(&message) {
                    self.view.say(&format!("! {what}: {message}"));
                }
                self.troubled.insert(about, message);
            }
            (None, Some(_)) => self.view.say(&format!("✓ no longer: {what}")),
            (None, None) => {}
        }
    }

    /// Returns how the session ended if nothing more can happen by itself.
    fn ending(&mut self) -> Option<Ending> {
        if let Some(message) = self.troubled.get(&About::Work) {
            let rest = "nothing is lost: mend it and run this again";
            return Some(Ending::Failed(Some(format!("{message}; {rest}"))));
        }
        if !self.has_unfinished() {
            let status = self.ended.values().next_back().copied();
            let ending = status.map_or(Ending::Succeeded, ending_of);
            return Some(match (ending, self.troubled.get(&About::Events)) {
                // What was asked for is not all there.
                (Ending::Succeeded, Some(message)) => Ending::Failed(Some(message.clone())),
                (ending, _) => ending,
            });
        }
        if self.approves_all || self.outside.is_answering() {
            return None;
        }
        let waiting = self.waiting();
        let running: usize = self.shown().map(Execution::in_progress).sum();
        let first = waiting.first().filter(|_| running == waiting.len())?;
        Some(Ending::AwaitsApproval(approving::awaits(first)))
    }

    fn interrupted(&mut self) -> Ending {
        let left: BTreeSet<_> = self.shown().map(|execution| execution.number).collect();
        let last = self.ended.values().next_back().copied();
        if left.is_empty() {
            return last.map_or(Ending::Succeeded, ending_of);
        }
        let left: Vec<_> = left.iter().map(|number| format!("#{number}")).collect();
        self.view.say(&format!(
            "interrupted; what runs is not stopped, and {} will go on when you run this again",
            left.join(", ")
        ));
        Ending::Stopped
    }

    /// Returns how an execution ended, if it did while we looked.
    pub(crate) fn ended(&self, number: u64) -> Option<ExecutionStatus> {
        self.ended.get(&number).copied()
    }

    /// Leaves approvals alone, or not any more.
    pub(crate) fn hold_approvals(&mut self, holds: bool) {
        self.holds_approvals = holds;
    }

    /// Returns the unfinished executions as they were shown last.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Execution> {
        self.shown.values().flat_map(|record| record.state.executions.values())
    }
}

/// Returns the command's ending for an execution's.
pub(crate) fn ending_of(status: ExecutionStatus) -> Ending {
    match status {
        ExecutionStatus::Succeeded => Ending::Succeeded,
        ExecutionStatus::Failed => Ending::Failed(None),
        ExecutionStatus::Stopped
        | ExecutionStatus::Superseded
        | ExecutionStatus::Cancelled
        | ExecutionStatus::InProgress
        | ExecutionStatus::Stopping => Ending::Stopped,
    }
}

/// A data directory that cannot be used is the user's to mend; anything else is this machine's.
fn refuse(error: &Error) -> Ending {
    let message = local::bus::chain(error);
    match error {
        Error::Directory { .. } | Error::Embedded(_) | Error::Events { .. } => {
            Ending::BadInput(message)
        }
        Error::Store(_) | Error::Turn(_) => Ending::Failed(Some(message)),
    }
}
