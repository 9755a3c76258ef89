//! The record that an event tells of.

use std::sync::Arc;

use engine::ExecutionChange;
use model::ids::{ExecutionId, PipelineName};
use model::status::ExecutionStatus;
use notifications::Event;
use runtime::App;
use runtime::summary::changes_of;
use store::{Error, Head, LogKey, Record};

/// How many records are read at first; then four times as many, up to a hundred.
const PAGE_RECORDS: (u32, u32) = (4, 100);

/// Where an event comes from.
#[derive(Debug)]
pub(super) struct Found {
    /// The execution.
    pub(super) id: ExecutionId,
    /// The log that it lives in.
    pub(super) log: LogKey,
    /// What is true now, of that log.
    pub(super) head: Arc<Head>,
    /// The record that says what the event tells.
    pub(super) record: Arc<Record>,
}

/// Returns where an event comes from, or nothing where the log does not say what it tells.
///
/// An event carries the moment of its record, and reaches us seconds after it. So the log is read from its end,
/// until a record is older than the event; of those that could have made it, the oldest did. A later one tells of a
/// retry.
pub(super) async fn find(app: &App, event: &Event) -> Result<Option<Found>, Error> {
    let Some(id) = event.execution else { return Ok(None) };
    let pipeline = PipelineName::from(event.pipeline.as_str());
    // Most executions live in their pipeline's log. In PARALLEL mode each has its own (R26).
    let own = LogKey::Execution(pipeline.clone(), id);
    match find_in(app, event, LogKey::Pipeline(pipeline), id).await? {
        Some(found) => Ok(Some(found)),
        None => find_in(app, event, own, id).await,
    }
}

async fn find_in(
    app: &App,
    event: &Event,
    log: LogKey,
    id: ExecutionId,
) -> Result<Option<Found>, Error> {
    let mut limit = PAGE_RECORDS.0;
    let (head, mut page) = app.store.load_back(&log, limit).await?;
    let mut oldest_match = None;
    'log: while let Some(oldest) = page.last().map(|record| record.sequence) {
        for record in page {
            // An event's time is cut to the second, so that of its record is never before it.
            if record.at < event.at {
                break 'log;
            }
            if changes_of(&record, id).any(|change| is_told_by(change, event)) {
                oldest_match = Some(record);
            }
        }
        limit = (limit * 4).min(PAGE_RECORDS.1);
        page = match oldest {
            0 | 1 => Vec::new(),
            _ => app.store.records_until(&log, oldest - 1, limit).await?,
        };
    }
    Ok(oldest_match.map(|record| Found { id, log, head, record }))
}

/// Whether an event tells this change.
fn is_told_by(change: &ExecutionChange, event: &Event) -> bool {
    let ended = |status: ExecutionStatus| change.end() == Some(status) && event.stage.is_none();
    // A retry may ask for the same action within the second that the event's time is cut to.
    let is_there = |stage: &str, action: &str, attempt: u32| {
        event.stage.as_deref() == Some(stage)
            && event.action.as_deref() == Some(action)
            && event.attempt == attempt
    };
    match event.state.as_str() {
        "STARTED" if event.stage.is_none() => matches!(change, ExecutionChange::Started(_)),
        "RESUMED" => matches!(change, ExecutionChange::Resumed { .. }),
        "STOPPED" => ended(ExecutionStatus::Stopped),
        "SUPERSEDED" => ended(ExecutionStatus::Superseded),
        "CANCELED" => ended(ExecutionStatus::Cancelled),
        "STARTED" => matches!(
            change,
            ExecutionChange::ActionRequested { stage, action, attempt, .. }
                if is_there(stage.as_str(), action.as_str(), *attempt)
        ),
        "SUCCEEDED" if event.stage.is_some() => matches!(
            change,
            ExecutionChange::ActionSucceeded { stage, action, attempt, .. }
                if is_there(stage.as_str(), action.as_str(), *attempt)
        ),
        "FAILED" if event.stage.is_some() => matches!(
            change,
            ExecutionChange::ActionFailed { stage, action, attempt, .. }
                if is_there(stage.as_str(), action.as_str(), *attempt)
        ),
        "SUCCEEDED" => ended(ExecutionStatus::Succeeded),
        "FAILED" => ended(ExecutionStatus::Failed),
        _ => false,
    }
}
