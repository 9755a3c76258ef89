//! Reading logs.
//!
//! Only [`Store::load`] is on the way of a turn. It reads strongly: an append is guarded and could
//! only lose after a stale read, but a refusal, or "nothing to do", must not rest on one. Records
//! and declarations never change, so what was read once is not asked for again; and whoever asks for
//! them by number is content with any replica that has them, for half the price. Only where it has
//! not, the one is asked that has everything.

use std::collections::VecDeque;
use std::sync::Arc;

use engine::Plans;
use model::ids::PipelineName;
use model::pipeline::Pipeline;
use model::time::Timestamp;

use crate::error::Error;
use crate::head::Head;
use crate::item::{Item, text};
use crate::keys::{LOG, LOG_END, LogKey, PK, SK, log_sort};
use crate::record::Record;
use crate::store::Store;

/// How many records one request brings at most on the way backwards.
const PAGE_RECORDS: i32 = 100;

impl Store {
    /// Returns the head of a log: one strongly consistent query for its newest record.
    pub async fn load(&self, log: &LogKey) -> Result<Arc<Head>, Error> {
        Ok(self.load_back(log, 1).await?.0)
    }

    /// Returns the head of a log together with its newest records, newest first: one strongly consistent
    /// query for both.
    pub async fn load_back(
        &self,
        log: &LogKey,
        limit: u32,
    ) -> Result<(Arc<Head>, Vec<Arc<Record>>), Error> {
        let limit = i32::try_from(limit.max(1)).unwrap_or(i32::MAX);
        let items =
            self.query_log(log, (LOG, LOG_END), Order::NewestFirst, limit, Replica::Newest).await?;
        let records: Vec<_> =
            items.iter().map(|item| self.remember(log, item)).collect::<Result<_, _>>()?;
        let newest = records.first().map(|record| record.to_head(log));
        let head = Arc::new(newest.unwrap_or_else(|| Head::empty(log)));
        self.saw(&head);
        Ok((head, records))
    }

    /// Returns the declarations that a decision on `head` may need. Asks the table only for those
    /// that this process has not seen, one request each.
    pub async fn plans(&self, head: &Head) -> Result<Plans, Error> {
        let mut plans = Plans::default();
        for record in head.state.definitions() {
            if !plans.holds(record) {
                plans.insert(record, self.plan(head.log.pipeline(), record).await?);
            }
        }
        Ok(plans)
    }

    /// Returns the declaration that a record of the pipeline's log holds. Asks the table only if this
    /// process has not seen it.
    pub async fn plan(&self, pipeline: &PipelineName, record: u64) -> Result<Arc<Pipeline>, Error> {
        let key = (pipeline.clone(), record);
        if let Some(plan) = self.plans_seen().get(&key) {
            return Ok(plan);
        }
        // Also the log of one execution is pinned to records of its pipeline's log.
        let log = LogKey::Pipeline(pipeline.clone());
        let pipeline = || pipeline.clone();
        let found = self.record(&log, record).await?;
        let json = found.as_ref().and_then(|found| found.definition.as_deref());
        let Some(json) = json else {
            return Err(Error::DefinitionMissing { pipeline: pipeline(), record });
        };
        let plan = Pipeline::from_declaration_json(json).map_err(|source| {
            Error::DefinitionUnreadable { pipeline: pipeline(), record, source }
        })?;
        let plan = Arc::new(plan);
        self.plans_seen().insert(key, plan.clone());
        Ok(plan)
    }

    /// Returns a record by its number, or `None` when the log has none of it yet.
    pub async fn record(&self, log: &LogKey, sequence: u64) -> Result<Option<Arc<Record>>, Error> {
        if let Some(record) = self.records_seen().get(&(log.clone(), sequence)) {
            return Ok(Some(record));
        }
        for replica in [Replica::Any, Replica::Newest] {
            // Boxed, since what waits for it lies deep in other futures already.
            if let Some(item) = Box::pin(self.record_in(replica, log, sequence)).await? {
                return self.remember(log, &item).map(Some);
            }
        }
        Ok(None)
    }

    async fn record_in(
        &self,
        replica: Replica,
        log: &LogKey,
        sequence: u64,
    ) -> Result<Option<Item>, Error> {
        let request = self
            .client()
            .get_item()
            .table_name(self.table())
            .key(PK, text(log.partition()))
            .key(SK, text(log_sort(sequence)))
            .consistent_read(replica == Replica::Newest);
        let answer = request
            .send()
            .await
            .map_err(|error| Error::request("read a record of the log", log, error))?;
        Ok(answer.item)
    }

    /// Returns a record that this process has read or written, without asking the table.
    pub fn record_seen(&self, log: &LogKey, sequence: u64) -> Option<Arc<Record>> {
        self.records_seen().get(&(log.clone(), sequence))
    }

    /// Returns up to `limit` records from number `to` back, newest first.
    pub async fn records_until(
        &self,
        log: &LogKey,
        to: u64,
        limit: u32,
    ) -> Result<Vec<Arc<Record>>, Error> {
        let limit = i32::try_from(limit.max(1)).unwrap_or(i32::MAX);
        let range = (LOG, &*log_sort(to));
        let mut items = self.query_log(log, range, Order::NewestFirst, limit, Replica::Any).await?;
        // A log has no gaps. A replica that lacks the first one answers with older ones instead.
        let all = to.min(u64::from(limit.unsigned_abs()));
        let wanted = (0..all).map(|back| log_sort(to - back));
        if !wanted.eq(items.iter().filter_map(sort_of)) {
            items = self.query_log(log, range, Order::NewestFirst, limit, Replica::Newest).await?;
        }
        items.iter().map(|item| self.remember(log, item)).collect()
    }

    /// Returns up to `limit` records from number `from` on, oldest first.
    pub async fn records(
        &self,
        log: &LogKey,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Arc<Record>>, Error> {
        let limit = i32::try_from(limit.max(1)).unwrap_or(i32::MAX);
        let range = (&*log_sort(from), LOG_END);
        let items = self.query_log(log, range, Order::OldestFirst, limit, Replica::Newest).await?;
        items.iter().map(|item| self.remember(log, item)).collect()
    }

    /// Walks a log backwards from its newest record, down to the last one that is not older than
    /// `until`. Nothing is read before it is asked for.
    pub fn records_back(&self, log: &LogKey, until: Timestamp) -> RecordsBack {
        RecordsBack {
            store: self.clone(),
            log: log.clone(),
            until,
            page: VecDeque::new(),
            older_than: Some(LOG_END.to_owned()),
        }
    }

    async fn query_log(
        &self,
        log: &LogKey,
        (from, to): (&str, &str),
        order: Order,
        limit: i32,
        replica: Replica,
    ) -> Result<Vec<Item>, Error> {
        let request = self
            .client()
            .query()
            .table_name(self.table())
            .key_condition_expression("PK = :log AND SK BETWEEN :from AND :to")
            .expression_attribute_values(":log", text(log.partition()))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .scan_index_forward(order == Order::OldestFirst)
            .consistent_read(replica == Replica::Newest)
            .limit(limit);
        let answer =
            request.send().await.map_err(|error| Error::request("read the log", log, error))?;
        Ok(answer.items.unwrap_or_default())
    }

    fn remember(&self, log: &LogKey, item: &Item) -> Result<Arc<Record>, Error> {
        let record = Arc::new(Record::from_item(item)?);
        self.records_seen().insert((log.clone(), record.sequence), record.clone());
        Ok(record)
    }
}

/// From which end a log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    OldestFirst,
    NewestFirst,
}

fn sort_of(item: &Item) -> Option<String> {
    item.get(SK)?.as_s().ok().cloned()
}

/// Which replica of the table is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replica {
    /// Whichever is at hand. It may lack what was written lately.
    Any,
    /// The one that has everything.
    Newest,
}

/// A walk through a log, newest record first.
#[derive(Debug)]
pub struct RecordsBack {
    store: Store,
    log: LogKey,
    until: Timestamp,
    page: VecDeque<Arc<Record>>,
    /// Where the next page ends; `None` after the first record of the log, or the first too old.
    older_than: Option<String>,
}

impl RecordsBack {
    /// Returns the next older record, or `None` at the end of the walk.
    pub async fn next(&mut self) -> Result<Option<Arc<Record>>, Error> {
        if self.page.is_empty()
            && let Some(to) = self.older_than.take()
        {
            self.read_page(&to).await?;
        }
        let record = self.page.pop_front();
        let Some(record) = record.filter(|record| record.at >= self.until) else {
            self.page.clear();
            self.older_than = None;
            return Ok(None);
        };
        Ok(Some(record))
    }

    async fn read_page(&mut self, to: &str) -> Result<(), Error> {
        let (store, range) = (&self.store, (LOG, to));
        let items = store
            .query_log(&self.log, range, Order::NewestFirst, PAGE_RECORDS, Replica::Newest)
            .await?;
        for item in &items {
            self.page.push_back(Arc::new(Record::from_item(item)?));
        }
        let oldest = self.page.back().map(|record| record.sequence);
        self.older_than = oldest.filter(|oldest| *oldest > 1).map(|oldest| log_sort(oldest - 1));
        Ok(())
    }
}
