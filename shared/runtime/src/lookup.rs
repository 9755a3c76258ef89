//! Finds the record at which something began, without reading those in between.
//!
//! Every record holds the whole state after it, so what stays true once it is true can be searched for
//! like a word in a dictionary. The search begins at the end where the answer usually lies.

use std::sync::Arc;

use engine::State;
use store::{Error, LogKey, Record};

use crate::App;

/// Returns the first record of `low..=high` at which `holds`, looking near `high` first. It must hold at
/// `high`, and go on holding from the record that is looked for up to there.
pub async fn since(
    app: &App,
    log: &LogKey,
    (low, high): (u64, u64),
    holds: impl Fn(&State) -> bool + Send,
) -> Result<Option<Arc<Record>>, Error> {
    let Some(mut known) = app.store.record(log, high).await? else { return Ok(None) };
    let mut step = 1;
    while known.sequence > low {
        let probe = known.sequence.saturating_sub(step).max(low);
        match app.store.record(log, probe).await? {
            Some(record) if holds(&record.state) => known = record,
            Some(_) | None => return between(app, log, probe, known, holds).await.map(Some),
        }
        step *= 2;
    }
    Ok(Some(known))
}

/// Returns the first record after `low` and up to `high` at which `holds`, looking near `low` first. It
/// must hold at `high`, and go on holding from the record that is looked for up to there.
pub async fn first_after(
    app: &App,
    log: &LogKey,
    (low, high): (u64, u64),
    holds: impl Fn(&State) -> bool + Send,
) -> Result<Option<Arc<Record>>, Error> {
    let (mut low, mut step) = (low, 1);
    while low < high {
        let probe = low.saturating_add(step).min(high);
        match app.store.record(log, probe).await? {
            Some(record) if holds(&record.state) => {
                return between(app, log, low, record, holds).await.map(Some);
            }
            Some(_) | None => low = probe,
        }
        step *= 2;
    }
    Ok(None)
}

/// It does not hold at `low`, and it holds at `known`.
async fn between(
    app: &App,
    log: &LogKey,
    mut low: u64,
    mut known: Arc<Record>,
    holds: impl Fn(&State) -> bool + Send,
) -> Result<Arc<Record>, Error> {
    while known.sequence > low + 1 {
        let middle = low + (known.sequence - low) / 2;
        match app.store.record(log, middle).await? {
            Some(record) if holds(&record.state) => known = record,
            Some(_) | None => low = middle,
        }
    }
    Ok(known)
}
