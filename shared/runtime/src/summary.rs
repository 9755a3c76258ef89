//! What there is to say of one execution, found in its log.
//!
//! The state keeps only what is in flight and points to the rest by the records' numbers, so this reads
//! a handful of records, however long the log is.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::change::{Change, ExecutionChange, Started};
use engine::state::{Ending, Execution, Run};
use model::ids::ExecutionId;
use model::outcome::SourceRevision;
use model::status::ExecutionStatus;
use store::{Error, Head, LogKey, Particulars, Record, Summary};

use crate::{App, lookup};

/// Returns what there is to say of an execution that is unfinished at this head; nothing when it is not.
pub async fn of_unfinished(
    app: &App,
    head: &Head,
    id: ExecutionId,
) -> Result<Option<Summary>, Error> {
    let Some(execution) = head.state.executions.get(&id) else { return Ok(None) };
    let (log, first) = (&head.log, execution.started_record);
    let (started, started_at) = start(app, log, first, id).await?;
    let is_as_now = |state: &engine::State| state.executions.get(&id) == Some(execution);
    let newest = lookup::since(app, log, (first, head.state.sequence), is_as_now).await?;
    let stop_reason = stop_reason(app, log, id, execution, head.state.sequence).await?;
    Ok(Some(Summary {
        execution: id,
        number: execution.number,
        version: execution.definition.version,
        status: execution.status(),
        trigger: started.trigger,
        revisions: started.revisions,
        sources: sources(app, log, id, Some(execution), None).await?,
        started_at,
        updated_at: newest.as_ref().map_or(started_at, |record| record.at),
        ended_at: None,
        first_record: first,
        last_record: newest.map_or(first, |record| record.sequence),
        particulars: Particulars {
            mode: Some(started.definition.mode),
            stages_done: execution.results.len(),
            stop_reason,
            explanation: None,
        },
    }))
}

/// Returns what there is to say of an execution that ended in the given record, with the number and the
/// status that the record says, and its attempt.
pub async fn of_ended(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
    end: &Arc<Record>,
    (number, status): (u64, ExecutionStatus),
) -> Result<(Summary, u32), Error> {
    // The record before the end still holds the execution, and with it where its start and its
    // results lie. An execution that started and ended in one record starts there.
    let before = match end.sequence {
        0 | 1 => None,
        sequence => app.store.record(log, sequence - 1).await?,
    };
    let execution = before.as_ref().and_then(|before| before.state.executions.get(&id));
    let first = execution.map_or(end.sequence, |execution| execution.started_record);
    let (started, started_at) = start(app, log, first, id).await?;
    let left = changes_of(end, id)
        .filter(|change| matches!(change, ExecutionChange::StageSucceeded { .. }))
        .count();
    let stop_reason = match (asked_to_stop(end, id), execution) {
        _ if status != ExecutionStatus::Stopped => None,
        (Some(reason), _) => reason,
        (None, Some(execution)) => stop_reason(app, log, id, execution, end.sequence - 1).await?,
        (None, None) => None,
    };
    let summary = Summary {
        execution: id,
        number,
        version: started.definition.version,
        status,
        trigger: started.trigger,
        revisions: started.revisions,
        sources: sources(app, log, id, execution, Some(end)).await?,
        started_at,
        updated_at: end.at,
        ended_at: Some(end.at),
        first_record: first,
        last_record: end.sequence,
        particulars: Particulars {
            mode: Some(started.definition.mode),
            stages_done: execution.map_or(0, |execution| execution.results.len()) + left,
            stop_reason,
            explanation: explanation(end, id),
        },
    };
    Ok((summary, execution.map_or(1, |execution| execution.attempt)))
}

/// Returns the changes of one execution in a record.
pub fn changes_of(record: &Record, id: ExecutionId) -> impl Iterator<Item = &ExecutionChange> {
    record.changes.iter().filter_map(move |change| match change {
        Change::Execution { id: other, change, .. } if *other == id => Some(change),
        Change::Execution { .. } | Change::Pipeline(_) => None,
    })
}

/// Returns how an execution was started, and when.
pub async fn start(
    app: &App,
    log: &LogKey,
    first: u64,
    id: ExecutionId,
) -> Result<(Started, model::time::Timestamp), Error> {
    let record = app.store.record(log, first).await?;
    let started = record.as_ref().and_then(|record| {
        let started = changes_of(record, id).find_map(|change| {
            let ExecutionChange::Started(started) = change else { return None };
            Some(started.as_ref().clone())
        });
        Some((started?, record.at))
    });
    Ok(started.unwrap_or_else(|| panic!("{log} holds no start of {id} in record {first}")))
}

/// Returns what the source actions brought: the results of the first stage, as far as there are any.
async fn sources(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
    execution: Option<&Execution>,
    end: Option<&Arc<Record>>,
) -> Result<Vec<(String, SourceRevision)>, Error> {
    let mut records: BTreeSet<u64> = match execution {
        None => BTreeSet::new(),
        Some(execution) => match execution.results.first() {
            Some(results) => results.iter().map(|done| done.record).collect(),
            None => execution.runs.iter().filter_map(done_record).collect(),
        },
    };
    // What was brought in the very record that ended it is not pointed to by any state.
    records.extend(end.map(|end| end.sequence));
    let mut found = Vec::new();
    for sequence in records {
        let record = app.store.record(log, sequence).await?;
        let changes = record.iter().flat_map(|record| changes_of(record, id));
        found.extend(changes.filter_map(|change| {
            let ExecutionChange::ActionSucceeded { action, success, .. } = change else {
                return None;
            };
            Some((action.to_string(), success.revision.clone()?))
        }));
    }
    Ok(found)
}

fn done_record(run: &Run) -> Option<u64> {
    match run {
        Run::Succeeded(done) => Some(done.record),
        Run::Pending | Run::InProgress { .. } | Run::Failed { .. } | Run::Abandoned { .. } => None,
    }
}

/// Returns why an execution is being stopped, given its state at record `until`.
async fn stop_reason(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
    execution: &Execution,
    until: u64,
) -> Result<Option<String>, Error> {
    let is_stopping = |execution: &Execution| match execution.ending {
        Ending::Stopping | Ending::Abandoning => true,
        Ending::No | Ending::Cancelling => false,
    };
    if !is_stopping(execution) {
        return Ok(None);
    }
    let holds = |state: &engine::State| {
        let then = state.executions.get(&id);
        then.is_some_and(|then| then.attempt == execution.attempt && is_stopping(then))
    };
    let asked = lookup::since(app, log, (execution.started_record, until), holds).await?;
    Ok(asked.and_then(|record| asked_to_stop(&record, id)).flatten())
}

/// Returns the reason that a stop gave, if the record holds one.
#[expect(clippy::option_option, reason = "whether it was asked for, and whether they said why")]
fn asked_to_stop(record: &Record, id: ExecutionId) -> Option<Option<String>> {
    changes_of(record, id).find_map(|change| {
        let ExecutionChange::Stopping { reason, .. } = change else { return None };
        Some(reason.clone())
    })
}

/// Returns a sentence about the end, where the status does not say it all.
fn explanation(end: &Record, id: ExecutionId) -> Option<String> {
    let mut failure = None;
    for change in changes_of(end, id) {
        if let ExecutionChange::Superseded { stage, by } = change {
            return Some(format!("Execution #{by} took its place before stage {stage}."));
        }
        if let ExecutionChange::Cancelled { reason } = change {
            return Some(format!("Cancelled: {reason}."));
        }
        if let ExecutionChange::ActionFailed { stage, action, failure: why, .. } = change {
            let line = why.message.lines().next().unwrap_or_default();
            let line: String = line.chars().take(EXPLANATION_CHARACTERS_MAX).collect();
            failure = Some(format!("Action {action} of stage {stage} failed: {line}"));
        }
    }
    failure
}

/// How much of a failure's message stands in an execution's summary; the action's own says it all.
const EXPLANATION_CHARACTERS_MAX: usize = 500;
