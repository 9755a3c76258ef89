//! Writes down how an execution ended, and stops watching it.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::change::{Change, ExecutionChange, Started};
use engine::state::Execution;
use engine::{Effect, outstanding};
use model::ids::ExecutionId;
use model::outcome::SourceRevision;
use model::status::ExecutionStatus;
use store::{Head, LogKey, Record, Summary};

use crate::action::Error;
use crate::{App, hint};

/// Writes the summary that the List operations read, then stops watching. Doing it again writes the
/// same; doing it before the end does nothing. Returns which attempt ended, if the log knows of an end.
pub async fn conclude(app: &App, log: &LogKey, id: ExecutionId) -> Result<Option<u32>, Error> {
    let Some((end, attempt)) = find_end(app, log, id).await? else { return Ok(None) };
    app.store.put_summary(log.pipeline(), &end).await?;
    // Nobody looks at an execution that is not watched, so its pipeline must know of the end before.
    let head = newest(app, log).await?;
    let owed = outstanding(&head.state, &app.store.plans(&head).await?);
    for closing in owed.into_iter().filter(|effect| matches!(effect, Effect::Close(..))) {
        hint::owe(app, log, closing).await?;
    }
    app.store.delete_live(log.pipeline(), id, attempt).await?;
    Ok(Some(attempt))
}

/// Returns the newest state. Where this process is the only writer, what it last saw is that.
pub(crate) async fn newest(app: &App, log: &LogKey) -> Result<Arc<Head>, store::Error> {
    match app.store.glance(log) {
        Some(head) if app.place.is_sole_writer => Ok(head),
        Some(_) | None => app.store.load(log).await,
    }
}

/// Walks the log back to the execution's end. Records are immutable, so what this process wrote or
/// read before costs nothing.
async fn find_end(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
) -> Result<Option<(Summary, u32)>, store::Error> {
    let head = newest(app, log).await?;
    if head.state.executions.contains_key(&id) {
        return Ok(None);
    }
    let mut sequence = head.state.sequence;
    while let Some(record) = app.store.record(log, sequence).await? {
        if let Some((number, status)) = end_in(&record, id) {
            return summarize(app, log, id, &record, number, status).await.map(Some);
        }
        // Older than the execution itself: there is nothing to find.
        if sequence <= 1 || record.at.millis() < crate::start::millis_of_id(id) {
            break;
        }
        sequence -= 1;
    }
    Ok(None)
}

fn end_in(record: &Record, id: ExecutionId) -> Option<(u64, ExecutionStatus)> {
    record.changes.iter().rev().find_map(|change| match change {
        Change::Execution { id: other, number, change, .. } if *other == id => {
            Some((*number, change.end()?))
        }
        Change::Execution { .. } | Change::Pipeline(_) => None,
    })
}

async fn summarize(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
    end: &Record,
    number: u64,
    status: ExecutionStatus,
) -> Result<(Summary, u32), store::Error> {
    // The record before the end still holds the execution, and with it where its start and its
    // results lie. An execution that started and ended in one record starts there.
    let before = match end.sequence {
        0 | 1 => None,
        sequence => app.store.record(log, sequence - 1).await?,
    };
    let execution = before.as_ref().and_then(|before| before.state.executions.get(&id));
    let first = execution.map_or(end.sequence, |execution| execution.started_record);
    let start = app.store.record(log, first).await?;
    let started = start.as_ref().and_then(|record| start_in(record, id));
    let Some(started) = started else { panic!("{log} holds no start of {id} in record {first}") };
    let summary = Summary {
        execution: id,
        number,
        version: started.definition.version,
        status,
        trigger: started.trigger,
        revisions: started.revisions,
        sources: sources(app, log, id, execution).await?,
        started_at: start.map_or(end.at, |record| record.at),
        updated_at: end.at,
        ended_at: Some(end.at),
        first_record: first,
        last_record: end.sequence,
    };
    Ok((summary, execution.map_or(1, |execution| execution.attempt)))
}

/// Returns what the source actions brought: the results of the first stage, once it was left.
async fn sources(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
    execution: Option<&Execution>,
) -> Result<Vec<(String, SourceRevision)>, store::Error> {
    let results = execution.and_then(|execution| execution.results.first());
    let mut found = Vec::new();
    let records: BTreeSet<u64> = results.into_iter().flatten().map(|done| done.record).collect();
    for sequence in records {
        let record = app.store.record(log, sequence).await?;
        found.extend(record.iter().flat_map(|record| &record.changes).filter_map(|change| {
            match change {
                Change::Execution {
                    id: other,
                    change: ExecutionChange::ActionSucceeded { action, success, .. },
                    ..
                } if *other == id => Some((action.to_string(), success.revision.clone()?)),
                Change::Execution { .. } | Change::Pipeline(_) => None,
            }
        }));
    }
    Ok(found)
}

fn start_in(record: &Record, id: ExecutionId) -> Option<Started> {
    record.changes.iter().find_map(|change| match change {
        Change::Execution { id: other, change: ExecutionChange::Started(started), .. }
            if *other == id =>
        {
            Some(started.as_ref().clone())
        }
        Change::Execution { .. } | Change::Pipeline(_) => None,
    })
}
