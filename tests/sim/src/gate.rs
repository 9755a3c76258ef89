//! The gate between the programs and everything outside of them.
//!
//! Every call that a program makes of the outside (a request to the table, a hint, a provider) waits
//! here until the simulator opens the gate. Between two such calls a program does nothing that others
//! could see, so to choose the order and the fate of the calls is to choose everything that could
//! happen.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use engine::state::RunKey;
use events::Event;
use providers::{Job, Progress};
use runtime::Hint;
use serde_json::Value;
use store::LogKey;

use crate::table::Reply;

/// What a program asks of the outside.
#[derive(Clone, Debug)]
pub enum Request {
    /// A request to the table.
    Table {
        /// `PutItem`, `Query`, …
        operation: String,
        /// The request's JSON.
        body: Value,
    },
    /// To hand a hint on.
    Hint(Hint),
    /// To start a job.
    Start(Box<Job>),
    /// To say how far a job is.
    Poll(Box<Job>),
    /// To stop a job.
    Cancel(Box<Job>),
    /// To put state-change events on the bus.
    Emit(LogKey, Vec<Event>),
    /// To remember how far a log was published.
    Advance(LogKey, u64),
}

/// What the outside answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The table's answer.
    Reply(Reply),
    /// The provider's answer.
    Progress(Progress),
    /// It is done.
    Done,
    /// The outside refuses, for good.
    Refused(String),
    /// No answer came. Nobody knows whether it was done.
    None,
}

/// The number of a call, in the order in which calls were made.
pub type CallId = u64;
/// The number of a task, in the order in which tasks were begun.
pub type TaskId = u64;

/// A call that waits at the gate.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its number.
    pub id: CallId,
    /// Who makes it.
    pub task: TaskId,
    /// What is asked.
    pub request: Request,
}

/// Where calls wait. Cloning it gives another handle to the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Mutex<Desk>>);

#[derive(Debug, Default)]
struct Desk {
    task: TaskId,
    calls: CallId,
    fresh: Vec<Call>,
    answers: BTreeMap<CallId, Answer>,
}

impl Gate {
    /// Says whose calls come next.
    pub fn enter(&self, task: TaskId) {
        self.desk().task = task;
    }

    /// Takes the calls that were made since this was asked last.
    pub fn take_fresh(&self) -> Vec<Call> {
        std::mem::take(&mut self.desk().fresh)
    }

    /// Answers a call; its task goes on when it is polled.
    pub fn answer(&self, call: CallId, answer: Answer) {
        self.desk().answers.insert(call, answer);
    }

    /// Asks the outside, and waits for its answer.
    pub fn ask(&self, request: Request) -> Asking {
        Asking { gate: self.clone(), request: Some(request), id: 0 }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // A broken law unwinds through here; what is left is only looked at.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that waits for its answer.
#[derive(Debug)]
pub struct Asking {
    gate: Gate,
    request: Option<Request>,
    id: CallId,
}

impl Future for Asking {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Answer> {
        let request = self.request.take();
        let mut desk = self.gate.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(request) = request else {
            return desk.answers.remove(&self.id).map_or(Poll::Pending, Poll::Ready);
        };
        desk.calls += 1;
        let (id, task) = (desk.calls, desk.task);
        desk.fresh.push(Call { id, task, request });
        drop(desk);
        self.id = id;
        Poll::Pending
    }
}

/// Names an attempt as the simulator's books do.
pub fn run_of(job: &Job) -> RunKey {
    let execution = job.execution_id.parse().expect("a job carries an execution's id");
    RunKey {
        execution,
        stage: job.stage.as_str().into(),
        action: job.action.as_str().into(),
        attempt: job.attempt,
    }
}
