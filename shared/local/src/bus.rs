//! Hints within one process: a channel, and a bounded number of them followed at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use runtime::hint::{Hints, Undelivered, follow};
use runtime::{App, Hint};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::trouble::{About, Troubles};

/// How many hints are followed at the same time.
const FOLLOWED_MAX: usize = 256;

/// How often a hint that failed is followed again before it is left to the sweep.
const TRIES_MAX: u32 = 5;

/// Where hints go in.
#[derive(Clone, Debug)]
pub struct Bus(mpsc::UnboundedSender<Hint>);

/// Where hints come out.
#[derive(Debug)]
pub struct Delivery {
    hints: mpsc::UnboundedReceiver<Hint>,
    troubles: Option<Troubles>,
}

/// Makes a bus. Its length is bounded by what the logs ask for: a hint is sent for a change, and
/// changes are bounded by the quotas of executions and actions.
pub fn bus() -> (Bus, Delivery) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Bus(sender), Delivery { hints: receiver, troubles: None })
}

#[async_trait]
impl Hints for Bus {
    async fn send(&self, hint: Hint) -> Result<(), Undelivered> {
        self.0.send(hint).map_err(|_| Undelivered("the process is ending".to_owned()))
    }
}

impl Bus {
    /// Sends a hint from outside of a handler.
    pub fn post(&self, hint: Hint) {
        // Nobody listens any more only while the process ends.
        let _ = self.0.send(hint);
    }
}

impl Delivery {
    /// Has it told when a hint is left to the sweep.
    #[must_use]
    pub fn telling(self, troubles: Troubles) -> Self {
        Self { troubles: Some(troubles), ..self }
    }

    /// Follows hints until every sender is gone. Never returns while the controller lives.
    pub async fn run(mut self, app: App) {
        let places = Arc::new(Semaphore::new(FOLLOWED_MAX));
        let mut followed = JoinSet::new();
        while let Some(hint) = self.hints.recv().await {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            let (app, troubles) = (app.clone(), self.troubles.clone());
            followed.spawn(async move {
                try_to_follow(&app, &hint, troubles.as_ref()).await;
                drop(place);
            });
            while followed.try_join_next().is_some() {}
        }
    }
}

async fn try_to_follow(app: &App, hint: &Hint, troubles: Option<&Troubles>) {
    let mut last = None;
    for attempt in 1..=TRIES_MAX {
        match follow(app, hint).await {
            Ok(()) => return,
            Err(error) => {
                tracing::info!(%hint, attempt, error = %chain(&error), "a hint could not be followed");
                last = Some(chain(&error));
                tokio::time::sleep(Duration::from_millis(50 << attempt)).await;
            }
        }
    }
    if let (Some(message), Some(troubles)) = (last, troubles) {
        troubles.tell(About::Work, message);
    }
}

/// Renders an error with everything that caused it.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
