//! Does what a turn asks for in the invocation that took it, instead of sending it through a queue.
//!
//! A hint that travels costs three requests and an invocation, and time. Where whoever takes a turn can
//! also talk to providers, what the turn asks for is done next, right there. Nothing rests on it: what
//! cannot be done, or no longer in time, goes into the queue as it always did, and what dies with the
//! process is found in the log by whoever is delivered the same again, and by the sweep.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::future::join_all;
use model::time::Timestamp;

use crate::hint::{Hints, Undelivered, follow, follow_soon};
use crate::{App, Hint};

/// For how many seconds after its beginning an invocation begins something more. What is begun then has
/// the rest of the invocation's time, so this is a small part of it.
pub const BEGUN_SECONDS_MAX: i64 = 20;

/// How many hints are followed side by side: they share the memory and disk of one invocation.
pub const SIDE_BY_SIDE_MAX: usize = 4;

/// The hints that a piece of work leaves behind, until they are followed.
pub struct Errands {
    app: App,
    held: Arc<Held>,
    since: Timestamp,
}

/// Keeps what is to be done next; what is of use only later goes into the queue at once.
struct Held {
    queue: Arc<dyn Hints>,
    next: Mutex<Vec<Errand>>,
}

/// A hint, and whether nobody can have followed it before.
struct Errand {
    hint: Hint,
    is_first: bool,
}

impl Errands {
    /// Begins to hold the hints of what is done on [`Errands::app`].
    pub fn new(app: &App) -> Self {
        let held = Arc::new(Held { queue: app.hints.clone(), next: Mutex::default() });
        let since = app.world.now();
        Self { app: App { hints: held.clone(), ..app.clone() }, held, since }
    }

    /// Returns the ground to work on: its hints stay here.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Follows what was held, and what comes of that, until nothing is left or time is up; then the queue
    /// gets the rest. Whatever fails goes into the queue as well, which tries it again.
    pub async fn run(self) {
        loop {
            let mut next = self.held.take();
            if next.is_empty() {
                return;
            }
            let is_late =
                self.app.world.now().millis_since(self.since) >= BEGUN_SECONDS_MAX * 1_000;
            let begun = if is_late { 0 } else { next.len().min(SIDE_BY_SIDE_MAX) };
            let rest = next.split_off(begun);
            for errand in rest {
                self.held.pass_on(errand.hint).await;
            }
            join_all(next.into_iter().map(|errand| self.follow(errand))).await;
        }
    }

    async fn follow(&self, Errand { hint, is_first }: Errand) {
        tracing::info!(%hint, "follow at once");
        let followed = if is_first {
            follow_soon(&self.app, &hint).await
        } else {
            Box::pin(follow(&self.app, &hint)).await
        };
        if let Err(error) = followed {
            tracing::warn!(%hint, %error, "the queue tries it again");
            self.held.pass_on(hint).await;
        }
    }
}

impl Held {
    fn hold(&self, hint: Hint, is_first: bool) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.push(Errand { hint, is_first });
    }

    fn take(&self) -> Vec<Errand> {
        mem::take(&mut *self.next.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn pass_on(&self, hint: Hint) {
        let words = hint.to_string();
        if let Err(undelivered) = self.queue.send(hint).await {
            tracing::warn!(hint = words, %undelivered, "the sweep will find it");
        }
    }
}

#[async_trait]
impl Hints for Held {
    async fn send(&self, hint: Hint) -> Result<(), Undelivered> {
        self.hold(hint, false);
        Ok(())
    }

    async fn send_first(&self, hint: Hint) -> Result<(), Undelivered> {
        self.hold(hint, true);
        Ok(())
    }

    fn are_followed_here(&self) -> bool {
        true
    }

    async fn send_later(&self, hint: Hint, seconds: u32) -> Result<(), Undelivered> {
        self.queue.send_later(hint, seconds).await
    }
}
