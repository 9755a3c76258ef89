//! What an earlier process left unfinished, read back from the logs.

use std::sync::Arc;

use model::ids::PipelineName;
use model::time::Timestamp;
use store::{Error, LogKey, Record, Store};

/// How many records of each log are read back at most.
const RECORDS_MAX: usize = 2_000;

/// Returns the records that tell how the unfinished executions came to where they are, oldest first;
/// none when nothing is unfinished.
pub(crate) async fn read(
    store: &Store,
    pipeline: &PipelineName,
) -> Result<Vec<(LogKey, Arc<Record>)>, Error> {
    let log = LogKey::Pipeline(pipeline.clone());
    let head = store.load(&log).await?;
    let own = head.state.admitted.keys().map(|id| LogKey::Execution(pipeline.clone(), *id));
    let logs = [log].into_iter().chain(own);
    let mut records = Vec::new();
    for log in logs {
        let head = store.load(&log).await?;
        let started = head.state.executions.values().map(|execution| execution.started_at);
        let Some(since) = started.min() else { continue };
        let of_log = back_to(store, &log, since).await?;
        records.extend(of_log.into_iter().map(|record| (log.clone(), record)));
    }
    records.sort_by_key(|(_, record)| record.at);
    Ok(records)
}

async fn back_to(store: &Store, log: &LogKey, since: Timestamp) -> Result<Vec<Arc<Record>>, Error> {
    let mut walk = store.records_back(log, since);
    let mut records = Vec::new();
    while let Some(record) = walk.next().await? {
        records.push(record);
        if records.len() == RECORDS_MAX {
            break;
        }
    }
    records.reverse();
    Ok(records)
}
