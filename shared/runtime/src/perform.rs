//! Tells the world what a durable decision asks of it.
//!
//! Only hints leave from here. A hint that cannot be sent is no error of the turn, which is durable
//! already: the sweep finds what is owed in the log.

use engine::Effect;
use store::LogKey;

use crate::App;
use crate::hint::{Hint, Undelivered};

/// Hands on what follows from a decision that was committed just now, in order.
pub async fn perform(app: &App, log: &LogKey, effects: &[Effect]) {
    for effect in effects {
        told(log, effect, app.hints.send_first(hint(log, effect)).await);
    }
}

/// Hands on once more what follows from decisions that were committed at some time.
pub async fn repeat(app: &App, log: &LogKey, effects: &[Effect]) {
    for effect in effects {
        told(log, effect, app.hints.send(hint(log, effect)).await);
    }
}

fn told(log: &LogKey, effect: &Effect, sent: Result<(), Undelivered>) {
    if let Err(undelivered) = sent {
        tracing::warn!(%log, %effect, %undelivered, "the sweep will find it");
    }
}

/// Returns the hint that an effect becomes.
pub(crate) fn hint(log: &LogKey, effect: &Effect) -> Hint {
    match effect {
        Effect::RequestAction(run) => Hint::StartAction(log.clone(), run.clone()),
        Effect::CancelAction(run) => Hint::CancelAction(log.clone(), run.clone()),
        Effect::Conclude(id) => Hint::Conclude(log.clone(), *id),
        Effect::Open(_)
        | Effect::Relay(_)
        | Effect::Withdraw(_)
        | Effect::Close(..)
        | Effect::Reopen(..) => Hint::Between(log.pipeline().clone(), effect.clone()),
    }
}
