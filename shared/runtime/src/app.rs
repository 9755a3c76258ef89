//! What the handlers stand on.

use std::sync::Arc;

use async_trait::async_trait;
use model::time::Timestamp;
use providers::{Job, Provider};
use store::{Committed, Store};
use uuid::Uuid;

use crate::hint::Hints;

/// Everything a handler needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Where decisions become durable.
    pub store: Store,
    /// Where hints go.
    pub hints: Arc<dyn Hints>,
    /// Who does actions.
    pub providers: Arc<dyn Providers>,
    /// What the engine must not have: time and chance.
    pub world: Arc<dyn World>,
    /// Where we are.
    pub place: Place,
}

/// Where a controller runs.
#[derive(Clone, Debug)]
pub struct Place {
    /// The account's 12 digits.
    pub account: String,
    /// The pipeline's Region.
    pub region: String,
    /// Whether this process is the only one that writes, so that what it last saw is true.
    pub is_sole_writer: bool,
}

/// Time, chance, and whoever wants to know what was appended.
pub trait World: Send + Sync {
    /// Reads the clock. Nobody else does.
    fn now(&self) -> Timestamp;

    /// Draws 128 bits that nobody can guess.
    fn draw(&self) -> u128;

    /// Hears of a record that was appended by this process. On one machine the publisher and the
    /// live view listen here; in the cloud the log's stream tells them.
    fn appended(&self, committed: &Committed);

    /// Returns the address under which people reach this deployment's pages, if it has any.
    fn public_url(&self) -> Option<&str> {
        None
    }
}

/// Finds the provider of a job.
#[async_trait]
pub trait Providers: Send + Sync {
    /// Returns who does this job, or a sentence that says why nobody does and what would help.
    fn find(&self, job: &Job) -> Result<&dyn Provider, String>;

    /// Hears of a job that this process is about to start, if what was decided just now becomes durable. Whoever
    /// needs to get ready for it may begin; nothing may come of it outside, since it may not become durable.
    async fn expect(&self, job: &Job) {
        let _ = job;
    }

    /// Whether other processes talk to providers and this one only hints at what is to be asked.
    fn are_elsewhere(&self) -> bool {
        false
    }
}

impl App {
    /// Draws an id whose order is the order of time: 48 bits of milliseconds, then chance.
    pub fn draw_execution_id(&self) -> model::ids::ExecutionId {
        let millis = u64::try_from(self.world.now().millis()).unwrap_or(0);
        let chance = self.world.draw().to_be_bytes();
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&chance[..10]);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid();
        model::ids::ExecutionId::new(id)
    }

    /// Draws a secret of a new pipeline.
    pub fn draw_secret(&self) -> Uuid {
        Uuid::from_u128(self.world.draw())
    }
}
