//! The programs under test: the real handlers over the real store, with the simulator around them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::time::Timestamp;
use providers::{Error, Job, Progress, Provider};
use runtime::app::{Place, Providers, World};
use runtime::hint::{Hints, Undelivered};
use runtime::{App, Hint};
use store::{Committed, Store};

use crate::chance::Chance;
use crate::gate::{Answer, Gate, Request};
use crate::transport;

/// The table's name.
pub const TABLE: &str = "towpath";

/// What every process of a world shares.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Where calls wait.
    pub gate: Gate,
    /// The true time, in milliseconds.
    pub clock: Arc<AtomicI64>,
    /// What programs draw.
    pub chance: Arc<Mutex<Chance>>,
    /// Whether attempts to append cannot be told apart (sabotage).
    pub is_unnumbered: bool,
}

impl Surroundings {
    /// Starts a process: it knows nothing of what an earlier one knew.
    pub fn process(&self, skew_millis: i64, is_sole_writer: bool) -> App {
        App {
            store: Store::new(transport::gated(self.gate.clone()), TABLE),
            hints: Arc::new(Queue(self.gate.clone())),
            providers: Arc::new(Remote(self.gate.clone())),
            world: Arc::new(Local { surroundings: self.clone(), skew_millis }),
            place: Place {
                account: "123456789012".to_owned(),
                region: "us-east-1".to_owned(),
                is_sole_writer,
            },
        }
    }
}

/// Time and chance as one process sees them.
struct Local {
    surroundings: Surroundings,
    skew_millis: i64,
}

impl World for Local {
    fn now(&self) -> Timestamp {
        let millis = self.surroundings.clock.load(Ordering::Relaxed);
        Timestamp::from_millis(millis + self.skew_millis)
    }

    fn draw(&self) -> u128 {
        let chance = &self.surroundings.chance;
        let bits = chance.lock().unwrap_or_else(PoisonError::into_inner).bits();
        // The number of an attempt is taken from the first bits.
        if self.surroundings.is_unnumbered { bits >> 64 | 1 << 127 } else { bits }
    }

    fn appended(&self, _committed: &Committed) {
        // The simulator watches the table itself: a process that dies tells nobody anything.
    }
}

/// The queue of hints, behind the gate.
struct Queue(Gate);

#[async_trait]
impl Hints for Queue {
    async fn send(&self, hint: Hint) -> Result<(), Undelivered> {
        match self.0.ask(Request::Hint(hint)).await {
            Answer::Done => Ok(()),
            other
            @ (Answer::Reply(_) | Answer::Progress(_) | Answer::Refused(_) | Answer::None) => {
                Err(Undelivered(format!("{other:?}")))
            }
        }
    }
}

/// Every provider, behind the gate.
struct Remote(Gate);

impl Providers for Remote {
    fn find(&self, job: &Job) -> Result<&dyn Provider, String> {
        match job.approval {
            None => Ok(self),
            Some(_) => Err("a person answers it".to_owned()),
        }
    }
}

#[async_trait]
impl Provider for Remote {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        told(self.0.ask(Request::Start(Box::new(job.clone()))).await)
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        told(self.0.ask(Request::Poll(Box::new(job.clone()))).await)
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        told(self.0.ask(Request::Cancel(Box::new(job.clone()))).await).map(drop)
    }
}

fn told(answer: Answer) -> Result<Progress, Error> {
    match answer {
        Answer::Progress(progress) => Ok(progress),
        Answer::Done => Ok(Progress::Unknown),
        Answer::Refused(reason) => Err(Error::Refused(reason)),
        Answer::None | Answer::Reply(_) => Err(Error::Unreachable("no answer came".to_owned())),
    }
}
