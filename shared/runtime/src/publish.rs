//! Turns appended records into state-change events, in order.
//!
//! In the cloud the log's stream calls this; on one machine the process that appended does. Either
//! way it is driven by the log alone: whoever publishes remembers how far it came, and publishes
//! the rest. Publishing a record twice gives the same events with the same ids.

use std::collections::BTreeMap;

use engine::State;
use engine::state::Scope;
use events::{Announced, Event, Origin, announce};
use store::{Head, LogKey, Record};

use crate::App;

/// How many records are read at a time.
const RECORDS_MAX: u32 = 100;

/// Events of some records of one log, and how far they reach.
#[derive(Debug)]
pub struct Published {
    /// The events, in order.
    pub events: Vec<Event>,
    /// The number of the last record they cover.
    pub reached: u64,
}

/// Returns the events of the records after `reached`, at most a hundred records of them.
pub async fn publish(app: &App, log: &LogKey, reached: u64) -> Result<Published, store::Error> {
    let records = app.store.records(log, reached + 1, RECORDS_MAX).await?;
    let mut before = state_at(app, log, reached).await?;
    let origin = Origin::new(&app.place.account, &app.place.region);
    let mut published = Published { events: Vec::new(), reached };
    for record in records {
        published.events.extend(events_of(app, log, &before, &record, &origin).await?);
        published.reached = record.sequence;
        before = record.state.clone();
    }
    Ok(published)
}

async fn state_at(app: &App, log: &LogKey, sequence: u64) -> Result<State, store::Error> {
    let scope = match log {
        LogKey::Pipeline(_) => Scope::Pipeline,
        LogKey::Execution(..) => Scope::Execution,
    };
    if sequence == 0 {
        return Ok(State::new(scope));
    }
    let record = app.store.record(log, sequence).await?;
    Ok(record.map_or_else(|| State::new(scope), |record| record.state.clone()))
}

/// Returns the events of one record, given the state before it.
pub async fn events_of(
    app: &App,
    log: &LogKey,
    before: &State,
    record: &Record,
    origin: &Origin,
) -> Result<Vec<Event>, store::Error> {
    let mut plans = engine::Plans::default();
    for state in [before, &record.state] {
        let head = Head { log: log.clone(), state: state.clone() };
        let loaded = app.store.plans(&head).await?;
        for definition in state.definitions() {
            plans.insert(definition, loaded.get(definition).clone());
        }
    }
    // What a Git host says of a push comes with the host's webhooks.
    let commits = BTreeMap::new();
    let announced = Announced {
        sequence: record.sequence,
        at: record.at,
        changes: &record.changes,
        commits: &commits,
    };
    Ok(announce(before, &plans, &announced, origin))
}
