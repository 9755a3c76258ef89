//! Writes down how an execution ended, and stops watching it.

use std::sync::Arc;

use engine::change::Change;
use engine::{Effect, outstanding};
use model::ids::ExecutionId;
use model::status::ExecutionStatus;
use store::{Head, LogKey, Record, Summary};

use crate::action::Error;
use crate::{App, given_up, hint, summary};

/// Writes the summary that the List operations read, then stops watching. Doing it again writes the
/// same; doing it before the end does nothing. Returns which attempt ended, if the log knows of an end.
pub async fn conclude(app: &App, log: &LogKey, id: ExecutionId) -> Result<Option<u32>, Error> {
    let head = newest(app, log).await?;
    let Some((end, attempt)) = find_end(app, &head, id).await? else { return Ok(None) };
    write_down(app, &end, attempt, &*newest(app, log).await?).await
}

/// The same for an end that this process wrote down just now: what it saw then holds the end, and whatever it
/// owes its pipeline.
pub(crate) async fn conclude_soon(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
) -> Result<Option<u32>, Error> {
    let head = recent(app, log).await?;
    let Some((end, attempt)) = find_end(app, &head, id).await? else { return Ok(None) };
    write_down(app, &end, attempt, &head).await
}

async fn write_down(
    app: &App,
    end: &Summary,
    attempt: u32,
    head: &Head,
) -> Result<Option<u32>, Error> {
    let log = &head.log;
    given_up::stop(app, log, end, attempt).await?;
    app.store.put_summary(log.pipeline(), end).await?;
    // Nobody looks at an execution that is not watched, so its pipeline must know of the end before.
    let owed = outstanding(&head.state, &app.store.plans(head).await?);
    for closing in owed.into_iter().filter(|effect| matches!(effect, Effect::Close(..))) {
        hint::owe(app, log, closing).await?;
    }
    app.store.delete_live(log.pipeline(), end.execution, attempt).await?;
    Ok(Some(attempt))
}

/// Returns the newest state. Where this process is the only writer, what it last saw is that.
pub async fn newest(app: &App, log: &LogKey) -> Result<Arc<Head>, store::Error> {
    match app.store.glance(log) {
        Some(head) if app.place.is_sole_writer => Ok(head),
        Some(_) | None => app.store.load(log).await,
    }
}

/// Returns what this process saw last of a log, or the newest state where it saw nothing. Enough for what
/// follows at once from what was seen, and for a turn that looks again before it changes nothing.
pub(crate) async fn recent(app: &App, log: &LogKey) -> Result<Arc<Head>, store::Error> {
    match app.store.glance(log) {
        Some(head) => Ok(head),
        None => app.store.load(log).await,
    }
}

/// Walks the log back to the execution's end. Records are immutable, so what this process wrote or
/// read before costs nothing.
async fn find_end(
    app: &App,
    head: &Head,
    id: ExecutionId,
) -> Result<Option<(Summary, u32)>, store::Error> {
    let log = &head.log;
    if head.state.executions.contains_key(&id) {
        return Ok(None);
    }
    let mut sequence = head.state.sequence;
    while let Some(record) = app.store.record(log, sequence).await? {
        if let Some((number, status)) = end_in(&record, id) {
            return summary::of_ended(app, log, id, &record, (number, status)).await.map(Some);
        }
        // Older than the execution itself: there is nothing to find.
        if sequence <= 1 || record.at.millis() < crate::start::millis_of_id(id) {
            break;
        }
        sequence -= 1;
    }
    Ok(None)
}

/// Returns an execution's number and how it ended, if it did in this record.
pub fn end_in(record: &Record, id: ExecutionId) -> Option<(u64, ExecutionStatus)> {
    record.changes.iter().rev().find_map(|change| match change {
        Change::Execution { id: other, number, change, .. } if *other == id => {
            Some((*number, change.end()?))
        }
        Change::Execution { .. } | Change::Pipeline(_) => None,
    })
}
