//! A walk through a log from a record back.

use std::collections::VecDeque;
use std::sync::Arc;

use runtime::App;
use store::{Error, LogKey, Record};

/// How many records one request brings.
pub(crate) const PAGE_RECORDS: u32 = 100;

/// Walks back, asking the table only for what this process has not seen.
pub(crate) struct Back<'a> {
    app: &'a App,
    log: LogKey,
    /// The next record, if there is one.
    next: u64,
    low: u64,
    page: VecDeque<Arc<Record>>,
}

impl<'a> Back<'a> {
    /// Walks from record `high` down to record `low`.
    pub(crate) fn new(app: &'a App, log: LogKey, (low, high): (u64, u64)) -> Self {
        Self { app, log, next: high, low: low.max(1), page: VecDeque::new() }
    }

    /// Returns the next older record.
    pub(crate) async fn next(&mut self) -> Result<Option<Arc<Record>>, Error> {
        if self.next < self.low {
            return Ok(None);
        }
        let record = match self.page.pop_front() {
            Some(record) => record,
            None => match self.app.store.record_seen(&self.log, self.next) {
                Some(record) => record,
                None => match self.turn_page().await? {
                    Some(record) => record,
                    // What is older was taken away.
                    None => return Ok(None),
                },
            },
        };
        self.next = record.sequence.saturating_sub(1);
        Ok((record.sequence >= self.low).then_some(record))
    }

    async fn turn_page(&mut self) -> Result<Option<Arc<Record>>, Error> {
        let missing = u32::try_from(self.next - self.low + 1).unwrap_or(PAGE_RECORDS);
        let limit = missing.min(PAGE_RECORDS);
        self.page = self.app.store.records_until(&self.log, self.next, limit).await?.into();
        Ok(self.page.pop_front())
    }
}
