//! What becomes of a call at the gate.

use runtime::Hint;

use super::{Event, Process, Simulation};
use crate::gate::{Answer, Call, CallId, Request, TaskId};
use crate::table::Reply;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Done,
    /// It is not done, and the caller hears of an error.
    Failed,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// It is done, its answer is lost, and the SDK sends it again.
    SentAgain,
    /// The caller hears of an error, and it is done later.
    DoneLate,
    /// The process dies before it is done.
    CrashBefore,
    /// The process dies after it was done, before it hears of it.
    CrashAfter,
}

impl Fate {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Done => None,
            Self::Failed => Some("call failed"),
            Self::AnswerLost => Some("call done, answer lost"),
            Self::SentAgain => Some("write done, answer lost, sent again"),
            Self::DoneLate => Some("call failed, and done later"),
            Self::CrashBefore => Some("crash before a call"),
            Self::CrashAfter => Some("crash after a call"),
        }
    }
}

impl Simulation {
    /// Opens the gate for a call.
    pub(super) fn open(&mut self, id: CallId) {
        // Who made the call may have died in the meantime.
        let Some(call) = self.calls.remove(&id) else { return };
        self.steps += 1;
        let fate = self.fate(&call);
        let task = call.task;
        self.say(format_args!("{:>4}  {fate:?}  {}", task, label(&call.request)));
        if let Some(class) = fate.class() {
            self.tally.fault(class);
        }
        match fate {
            Fate::Done => {
                let answer = self.execute(&call.request, Some(task));
                self.go_on(id, task, answer);
            }
            Fate::Failed => {
                let answer = self.failure(&call.request);
                self.go_on(id, task, answer);
            }
            Fate::AnswerLost => {
                self.execute(&call.request, Some(task));
                self.go_on(id, task, Answer::None);
            }
            Fate::SentAgain => {
                self.execute(&call.request, Some(task));
                let answer = self.execute(&call.request, Some(task));
                self.go_on(id, task, answer);
            }
            Fate::DoneLate => {
                let late = 1 + self.latency_chance.time_millis(60_000.0);
                self.plan(late, Event::Arrive(call.request));
                self.go_on(id, task, Answer::None);
            }
            Fate::CrashBefore => self.crash(task),
            Fate::CrashAfter => {
                self.execute(&call.request, Some(task));
                self.crash(task);
            }
        }
    }

    fn fate(&mut self, call: &Call) -> Fate {
        if let Some(fate) = self.script.get(&self.steps) {
            return *fate;
        }
        let (faults, chance) = (&self.faults, &mut self.faults_chance);
        // Each class is drawn each time, so that one does not move the others.
        let crashed = chance.happens(faults.crashed);
        let is_after = chance.happens(0.5);
        let failed = chance.happens(faults.failed);
        let answer_lost = chance.happens(faults.answer_lost);
        let sent_again = chance.happens(faults.sent_again);
        let done_late = chance.happens(faults.done_late);
        let is_write = matches!(&call.request, Request::Table { operation, .. }
            if operation != "Query" && operation != "GetItem");
        let now = self.now();
        if self.blackout.0 <= now && now < self.blackout.1 {
            return Fate::Failed;
        }
        if self.settings.sweep_millis.is_none() && matches!(call.request, Request::Hint(_)) {
            // Where nobody sweeps, the queue must be sound.
            return Fate::Done;
        }
        match () {
            () if crashed && is_after => Fate::CrashAfter,
            () if crashed => Fate::CrashBefore,
            () if failed => Fate::Failed,
            () if answer_lost => Fate::AnswerLost,
            () if sent_again && is_write => Fate::SentAgain,
            () if done_late => Fate::DoneLate,
            () => Fate::Done,
        }
    }

    /// Makes an error of one kind or another.
    fn failure(&mut self, request: &Request) -> Answer {
        if !matches!(request, Request::Table { .. }) {
            return Answer::None;
        }
        match self.faults_chance.place(3) {
            0 => Answer::None,
            1 => Answer::Reply(Reply::refused("InternalServerError", "it broke")),
            _ => Answer::Reply(Reply::refused("ThrottlingException", "too much is asked")),
        }
    }

    /// Kills the process of a task: what it knew is gone, and so is everything that it was doing.
    /// Of the calls that were under way, some arrive and some do not.
    fn crash(&mut self, task: TaskId) {
        let Some(place) = self.tasks.get(&task).map(|task| task.process) else { return };
        let dead: Vec<TaskId> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.process == place)
            .map(|(id, _)| *id)
            .collect();
        self.say(format_args!("process {place} dies with {} tasks", dead.len()));
        for id in dead {
            let Some(task) = self.tasks.remove(&id) else { continue };
            let under_way: Vec<CallId> =
                self.calls.values().filter(|call| call.task == id).map(|call| call.id).collect();
            for call in under_way {
                let Some(call) = self.calls.remove(&call) else { continue };
                self.tally.state("a process that died with calls in flight");
                let arrives = self.faults_chance.happens(0.5);
                if arrives
                    && !self.settings.is_sole_writer
                    && !matches!(call.request, Request::Hint(_))
                {
                    let late = 1 + self.latency_chance.time_millis(5_000.0);
                    self.plan(late, Event::Arrive(call.request));
                }
            }
            self.abandoned(task);
        }
        let skew_millis = self.processes[place].skew_millis;
        let app = self.surroundings.process(skew_millis, self.settings.is_sole_writer);
        self.processes[place] = Process::new(app, skew_millis);
    }

    /// A call whose caller does not wait any more arrives.
    pub(super) fn arrive(&mut self, request: &Request) {
        self.say(format_args!("late  {}", label(request)));
        self.tally.state("a write that arrived after its writer died");
        self.execute(request, None);
    }

    /// Answers a call and lets its task go on.
    fn go_on(&mut self, call: CallId, task: TaskId, answer: Answer) {
        self.surroundings.gate.answer(call, answer);
        self.poll(task);
    }
}

/// Returns one short line about a request.
fn label(request: &Request) -> String {
    match request {
        Request::Table { operation, body } => {
            let key = if body["Item"].is_object() { &body["Item"] } else { &body["Key"] };
            let partition = key["PK"]["S"].as_str().or_else(|| {
                let values = body["ExpressionAttributeValues"].as_object()?;
                values.get(":log").or(values.get(":partition"))?["S"].as_str()
            });
            let sort = key["SK"]["S"].as_str().unwrap_or_default();
            format!("{operation} {} {sort}", partition.unwrap_or("?"))
        }
        Request::Hint(hint) => match hint {
            Hint::StartAction(..)
            | Hint::AskProvider(..)
            | Hint::CancelAction(..)
            | Hint::Between(..)
            | Hint::Conclude(..)
            | Hint::Sweep(_) => format!("hint: {hint}"),
        },
        Request::Start(job) => {
            format!("start job {}/{} attempt {}", job.stage, job.action, job.attempt)
        }
        Request::Poll(job) => {
            format!("poll job {}/{} attempt {}", job.stage, job.action, job.attempt)
        }
        Request::Cancel(job) => {
            format!("cancel job {}/{} attempt {}", job.stage, job.action, job.attempt)
        }
        Request::Emit(log, events) => format!("publish {} events of {log}", events.len()),
        Request::Advance(log, reached) => format!("{log} is published up to {reached}"),
    }
}
