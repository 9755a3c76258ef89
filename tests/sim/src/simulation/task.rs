//! The programs' tasks: begun, polled, and what follows from how they ended.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use events::arrival::{self, Arrival, Completion};
use model::attempt_name::AttemptName;
use runtime::start::Answer;
use runtime::turn::Outcome;
use runtime::{Errands, Hint, completions, hint, retry, start, sweep, turn};
use serde_json::json;
use store::LogKey;

use super::act::{Act, Asked};
use super::{Event, Simulation, publisher};
use crate::gate::TaskId;
use crate::sabotage::Sabotage;

/// How often a hint is delivered before it is put aside.
const DELIVERIES_MAX: u32 = 5;

/// A handler at work.
pub(super) struct Task {
    /// In which process.
    pub(super) process: usize,
    /// What it is there for.
    pub(super) purpose: Purpose,
    /// The newest record that it read of each log, by partition.
    pub(super) reads: BTreeMap<String, u64>,
    /// How many records it appended.
    pub(super) appended: u32,
    future: Pin<Box<dyn Future<Output = Ended>>>,
    waker: Waker,
}

/// The tasks that may go on because another task of their process did.
pub(super) type Woken = Arc<Mutex<Vec<TaskId>>>;

/// Wakes a task that waits for another one inside of its process.
struct Alarm {
    task: TaskId,
    woken: Woken,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner).push(self.task);
    }
}

/// What a task is there for.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// To follow a hint, after so many tries.
    Follow(Hint, u32),
    /// To do what a person asks, after so many tries.
    Act(Box<Act>, u32),
    /// To sweep.
    Sweep,
    /// To publish a log.
    Publish(LogKey),
}

/// How a task ended.
enum Ended {
    Done(Result<(), String>),
    Turned(Result<Outcome, String>),
    Started(Result<Answer, String>),
}

impl Simulation {
    /// Hands a hint to some process.
    pub(super) fn deliver(&mut self, hint: Hint, tries: u32) {
        let process = self.latency_chance.place(self.processes.len());
        let app = self.processes[process].app.clone();
        let followed = hint.clone();
        let does_errands = self.settings.does_errands;
        let is_told = self.latency_chance.happens(0.5);
        self.spawn(process, Purpose::Follow(hint, tries), async move {
            if !does_errands {
                return Ended::Done(
                    hint::follow(&app, &followed).await.map_err(|error| chain(&error)),
                );
            }
            let errands = Errands::new(&app);
            let done = match told(&followed).filter(|_| is_told) {
                Some(event) => completions::follow(errands.app(), &event).await.map(drop),
                None => hint::follow(errands.app(), &followed).await,
            };
            errands.run().await;
            Ended::Done(done.map_err(|error| chain(&error)))
        });
    }

    /// Asks for something on a person's behalf.
    pub(super) fn act(&mut self, act: Act, tries: u32) {
        let process = self.latency_chance.place(self.processes.len());
        let app = self.processes[process].app.clone();
        let asked = act.asked.clone();
        self.spawn(process, Purpose::Act(Box::new(act), tries), async move {
            match asked {
                Asked::Start(pipeline, request) => {
                    let answer = start::start(&app, &pipeline, &request).await;
                    Ended::Started(answer.map_err(|error| chain(&error)))
                }
                Asked::Turn(log, input, definition) => {
                    let outcome = turn::turn(&app, &log, &input, definition.as_deref()).await;
                    Ended::Turned(outcome.map_err(|error| chain(&error)))
                }
                Asked::Retry(pipeline, request) => {
                    let outcome = retry::retry(&app, &pipeline, &request).await;
                    Ended::Turned(outcome.map_err(|error| chain(&error)))
                }
            }
        });
    }

    /// Sweeps what is watched, in some process. A sweep reads every partition of watches; those that
    /// are empty are left out here, so that a seed does not spend its time on them.
    pub(super) fn sweep(&mut self) {
        if self.settings.sabotage != Some(Sabotage::NoSweep) {
            let shards: BTreeSet<u8> = self.with_table(|table| {
                let watched = table.rows("LIVE#").map(|(partition, ..)| partition.to_owned());
                watched.filter_map(|name| u8::from_str_radix(&name[5..], 16).ok()).collect()
            });
            let process = self.latency_chance.place(self.processes.len());
            let app = self.processes[process].app.clone();
            self.spawn(process, Purpose::Sweep, async move {
                let mut swept = BTreeSet::new();
                let mut first_error = None;
                for shard in shards {
                    let looked = sweep::sweep_shard(&app, shard, &mut swept).await;
                    first_error = first_error.or(looked.err());
                }
                Ended::Done(first_error.map_or(Ok(()), |error| Err(chain(&error))))
            });
        }
        if let (Some(millis), false) = (self.settings.sweep_millis, self.is_healed) {
            self.plan(millis, Event::Sweep);
            self.plan_publishing(0);
        }
    }

    /// Publishes every log that has news and that nobody is publishing.
    pub(super) fn publish(&mut self) {
        self.is_publishing_planned = false;
        let news: Vec<(LogKey, u64)> = self
            .books
            .logs
            .iter()
            .map(|(log, known)| (log, known.sequence, self.cursors.get(log).copied().unwrap_or(0)))
            .filter(|(log, newest, reached)| newest > reached && !self.publishing.contains(log))
            .map(|(log, _, reached)| (log.clone(), reached))
            .collect();
        for (log, reached) in news {
            self.publishing.insert(log.clone());
            let process = self.latency_chance.place(self.processes.len());
            let app = self.processes[process].app.clone();
            let gate = self.surroundings.gate.clone();
            let order = self.settings.sabotage;
            self.spawn(process, Purpose::Publish(log.clone()), async move {
                Ended::Done(publisher::publish_log(&app, &gate, &log, reached, order).await)
            });
        }
    }

    /// Has the publisher look soon, unless it will anyhow.
    pub(super) fn plan_publishing(&mut self, after_millis: i64) {
        if !self.is_publishing_planned {
            self.is_publishing_planned = true;
            self.plan(after_millis, Event::Publish);
        }
    }

    fn spawn(
        &mut self,
        process: usize,
        purpose: Purpose,
        future: impl Future<Output = Ended> + 'static,
    ) {
        self.task_last += 1;
        let id = self.task_last;
        self.say(format_args!("{id:>4}  begins in process {process}: {}", describe(&purpose)));
        let (reads, appended) = (self.processes[process].seen.clone(), 0);
        let waker = Waker::from(Arc::new(Alarm { task: id, woken: self.woken.clone() }));
        let task = Task { process, purpose, reads, appended, future: Box::pin(future), waker };
        self.tasks.insert(id, task);
        self.poll(id);
    }

    /// Lets a task go on, and then those that waited for it.
    pub(super) fn poll(&mut self, id: TaskId) {
        self.poll_one(id);
        loop {
            let woken =
                std::mem::take(&mut *self.woken.lock().unwrap_or_else(PoisonError::into_inner));
            if woken.is_empty() {
                return;
            }
            for id in woken {
                self.poll_one(id);
            }
        }
    }

    /// Lets a task go on until it calls outside or ends.
    fn poll_one(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        self.surroundings.gate.enter(id);
        let polled = task.future.as_mut().poll(&mut Context::from_waker(&task.waker));
        for call in self.surroundings.gate.take_fresh() {
            let takes = 1 + self.latency_chance.time_millis(self.faults.call_delay_millis);
            self.plan(takes, Event::Open(call.id));
            self.calls.insert(call.id, call);
        }
        if let Poll::Ready(ended) = polled
            && let Some(task) = self.tasks.remove(&id)
        {
            self.ended(id, task, ended);
        }
    }

    fn ended(&mut self, id: TaskId, task: Task, ended: Ended) {
        match ended {
            Ended::Done(Ok(())) => {
                self.say(format_args!("{id:>4}  done"));
                if let Purpose::Publish(log) = &task.purpose {
                    self.publishing.remove(log);
                }
            }
            Ended::Turned(Ok(outcome)) => self.turned(id, &task, &outcome),
            Ended::Started(Ok(answer)) => self.started(id, &task, &answer),
            Ended::Done(Err(error)) | Ended::Turned(Err(error)) | Ended::Started(Err(error)) => {
                self.say(format_args!("{id:>4}  failed: {error}"));
                self.abandoned(task);
            }
        }
    }

    /// A person is told what became of one turn: it must be what that turn really did.
    fn turned(&mut self, id: TaskId, task: &Task, outcome: &Outcome) {
        let Purpose::Act(act, _) = &task.purpose else { return };
        self.say(format_args!("{id:>4}  answered: {}", line(outcome)));
        let appended = task.appended;
        match outcome {
            Outcome::Changed(_) => {
                assert_eq!(appended, 1, "told that it is done, and appended {appended} times (F7)");
            }
            Outcome::Unchanged | Outcome::Refused(_) => {
                assert_eq!(appended, 0, "told that nothing was done, and it was (F7)");
            }
        }
        let act = act.clone();
        self.answered(&act, Some(outcome));
    }

    fn started(&mut self, id: TaskId, task: &Task, answer: &Answer) {
        let Purpose::Act(act, _) = &task.purpose else { return };
        self.say(format_args!("{id:>4}  answered: {answer:?}"));
        assert!(task.appended <= 1, "one start was appended {} times (S20)", task.appended);
        let act = act.clone();
        self.learned(&act, answer, task.appended);
    }

    /// A task failed or died with its process. Whoever sent it may try again.
    pub(super) fn abandoned(&mut self, task: Task) {
        let delay = 1 + self.latency_chance.time_millis(30_000.0);
        match task.purpose {
            Purpose::Follow(hint, tries) => {
                let is_redelivered = self.settings.sabotage != Some(Sabotage::NoRedelivery);
                if tries < DELIVERIES_MAX && is_redelivered {
                    self.plan(delay, Event::Deliver(hint, tries + 1));
                }
            }
            Purpose::Act(act, tries) => {
                let is_patient = self.people_chance.happens(0.7);
                if is_patient || self.settings.sweep_millis.is_none() {
                    self.plan(delay, Event::Act(act, tries + 1));
                }
            }
            Purpose::Sweep => {}
            Purpose::Publish(log) => {
                self.publishing.remove(&log);
                self.plan_publishing(delay);
            }
        }
    }
}

/// Returns the event by which a system would tell of the end that a hint asks after.
fn told(hint: &Hint) -> Option<Completion> {
    let Hint::AskProvider(log, run) = hint else { return None };
    let attempt = AttemptName {
        pipeline: log.pipeline().clone(),
        execution: run.execution,
        stage: run.stage.clone(),
        action: run.action.clone(),
        attempt: run.attempt,
        has_own_log: matches!(log, LogKey::Execution(..)),
    };
    let event = json!({ "id": "1", "source": "aws.codebuild",
        "detail-type": "CodeBuild Build State Change",
        "detail": { "build-status": "SUCCEEDED", "build-id": "web:1",
            "additional-information": { "environment": { "environment-variables": [
                { "name": "TOWPATH_ATTEMPT", "value": attempt.to_string() } ] } } } });
    match arrival::read_value(&event) {
        Ok(Arrival::Completion(completion)) => Some(completion),
        other => panic!("an event of our own is read as {other:?}"),
    }
}

fn describe(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Follow(hint, tries) => format!("{hint} (try {})", tries + 1),
        Purpose::Act(act, tries) => {
            let asked = match &act.asked {
                Asked::Start(pipeline, request) => format!(
                    "start {pipeline} id {:?} token {:?}",
                    request.execution, request.client_request_token
                ),
                Asked::Turn(log, input, _) => format!("{log}: {input}"),
                Asked::Retry(pipeline, request) => format!(
                    "retry {pipeline} {} {} {}",
                    request.execution, request.stage, request.mode
                ),
            };
            format!("person {} asks: {asked} (try {})", act.number, tries + 1)
        }
        Purpose::Sweep => "sweep".to_owned(),
        Purpose::Publish(log) => format!("publish {log}"),
    }
}

fn line(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Changed(decision) => format!("changed, record {}", decision.state.sequence),
        Outcome::Unchanged => "so already".to_owned(),
        Outcome::Refused(rejection) => format!("refused: {rejection}"),
    }
}

/// Renders an error with everything that caused it.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
