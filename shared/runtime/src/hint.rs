//! What one handler tells the next: where to look, never what to conclude.

pub mod text;

use std::fmt;

use async_trait::async_trait;
use engine::Effect;
use engine::state::RunKey;
use model::ids::{ExecutionId, PipelineName};
use store::LogKey;

use crate::action::{self, Error};
use crate::{App, between, conclude, perform, sweep};

/// Something to look at. Handling a hint twice, late, or never changes nothing but time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// This attempt was asked for: start it unless it was started.
    StartAction(LogKey, RunKey),
    /// This attempt may have ended: ask its provider.
    AskProvider(LogKey, RunKey),
    /// This attempt does not count any more: tell its provider to stop.
    CancelAction(LogKey, RunKey),
    /// PARALLEL: what an execution's own log and the pipeline's owe each other.
    Between(PipelineName, Effect),
    /// This execution ended: write its summary.
    Conclude(LogKey, ExecutionId),
    /// This log may owe something: look at all of it.
    Sweep(LogKey),
}

/// Where hints go: a queue in the cloud, a channel on one machine.
#[async_trait]
pub trait Hints: Send + Sync {
    /// Takes a hint. What is lost here, `sweep` finds again.
    async fn send(&self, hint: Hint) -> Result<(), Undelivered>;

    /// Takes a hint that came of a record which this process appended just now, so that nobody can have
    /// followed it before.
    async fn send_first(&self, hint: Hint) -> Result<(), Undelivered> {
        self.send(hint).await
    }

    /// Whether what is taken is followed by this process, right after.
    fn are_followed_here(&self) -> bool {
        false
    }

    /// Takes a hint that is of use only after some seconds. Where nothing can wait, the sweep does.
    async fn send_later(&self, hint: Hint, seconds: u32) -> Result<(), Undelivered> {
        let _ = (hint, seconds);
        Ok(())
    }
}

/// Follows a hint.
pub async fn follow(app: &App, hint: &Hint) -> Result<(), Error> {
    match hint {
        Hint::StartAction(log, run) => action::start(app, log, run).await,
        Hint::AskProvider(log, run) => action::ask(app, log, run).await,
        Hint::CancelAction(log, run) => action::cancel(app, log, run).await,
        Hint::Between(pipeline, effect) => between::tell(app, pipeline, effect).await,
        Hint::Conclude(log, id) => conclude::conclude(app, log, *id).await.map(|_| ()),
        Hint::Sweep(log) => sweep::sweep(app, log).await,
    }
}

/// Follows a hint that came of a record which this process appended just now: what it saw then is new
/// enough to act on, and nothing was begun before.
pub(crate) async fn follow_soon(app: &App, hint: &Hint) -> Result<(), Error> {
    match hint {
        Hint::StartAction(log, run) => Box::pin(action::start_soon(app, log, run)).await,
        Hint::Conclude(log, id) => {
            Box::pin(conclude::conclude_soon(app, log, *id)).await.map(|_| ())
        }
        Hint::AskProvider(..) | Hint::CancelAction(..) | Hint::Between(..) | Hint::Sweep(..) => {
            Box::pin(follow(app, hint)).await
        }
    }
}

/// Follows what an effect asks for, at once instead of through the queue.
pub(crate) async fn owe(app: &App, log: &LogKey, effect: Effect) -> Result<(), Error> {
    // Boxed, because a sweep follows hints and a hint may ask for a sweep.
    Box::pin(follow(app, &perform::hint(log, &effect))).await
}

/// A hint that could not be handed on.
#[derive(Debug, thiserror::Error)]
#[error("failed to hand on a hint: {0}")]
pub struct Undelivered(pub String);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run = |f: &mut fmt::Formatter<'_>, verb: &str, log: &LogKey, run: &RunKey| {
            write!(f, "{verb} {log} {}/{} attempt {}", run.stage, run.action, run.attempt)
        };
        match self {
            Self::StartAction(log, key) => run(f, "start", log, key),
            Self::AskProvider(log, key) => run(f, "ask", log, key),
            Self::CancelAction(log, key) => run(f, "cancel", log, key),
            Self::Between(pipeline, effect) => write!(f, "{pipeline}: {effect}"),
            Self::Conclude(log, id) => write!(f, "conclude {log} {id}"),
            Self::Sweep(log) => write!(f, "sweep {log}"),
        }
    }
}
