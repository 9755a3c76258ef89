//! The table, and what this process remembers of it.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use model::ids::{ActionRunId, PipelineName};
use model::pipeline::Pipeline;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::cache::Cache;
use crate::error::Error;
use crate::head::Head;
use crate::keys::{LogKey, PK, SK};
use crate::record::Record;

/// How many newest heads are remembered, at least, for [`Store::glance`].
const HEADS_REMEMBERED: usize = 4096;
/// How many records are remembered, at least. They never change.
const RECORDS_REMEMBERED: usize = 4096;
/// How many parsed declarations are remembered, at least. They never change.
const PLANS_REMEMBERED: usize = 1024;
/// How many providers' ids of running work are remembered, at least.
const EXTERNAL_IDS_REMEMBERED: usize = 4096;
/// How many queues before logs are kept, at least. One that is forgotten too early costs a lost race.
const QUEUES_REMEMBERED: usize = 4096;

/// The table in which everything durable lies. Cloning it is cheap, and clones share what they
/// remember.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    table: String,
    heads: Cache<LogKey, Arc<Head>>,
    records: Cache<(LogKey, u64), Arc<Record>>,
    plans: Cache<(PipelineName, u64), Arc<Pipeline>>,
    queues: Cache<LogKey, Arc<Mutex<()>>>,
    external_ids: Cache<ActionRunId, String>,
}

/// A place at the head of the queue before a log. Dropping it lets the next one in.
///
/// It saves lost races and guards nothing: the append is the lock.
#[derive(Debug)]
pub struct Turn {
    _guard: OwnedMutexGuard<()>,
}

impl Store {
    /// Makes a store over a table, which may not exist yet.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            client,
            table: table.into(),
            heads: Cache::new(HEADS_REMEMBERED),
            records: Cache::new(RECORDS_REMEMBERED),
            plans: Cache::new(PLANS_REMEMBERED),
            queues: Cache::new(QUEUES_REMEMBERED),
            external_ids: Cache::new(EXTERNAL_IDS_REMEMBERED),
        }))
    }

    /// Creates the table unless it is there: on demand, two keys, no index, no stream.
    ///
    /// In the cloud the table belongs to the infrastructure's template, which gives it its stream
    /// and its expiry; this is for one machine and for tests.
    pub async fn create_table(&self) -> Result<(), Error> {
        let attribute = |name| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .expect("name and type are given")
        };
        let key = |name, kind| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
                .expect("name and kind are given")
        };
        let request = self
            .client()
            .create_table()
            .table_name(self.table())
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute(PK))
            .attribute_definitions(attribute(SK))
            .key_schema(key(PK, KeyType::Hash))
            .key_schema(key(SK, KeyType::Range));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(CreateTableError::is_resource_in_use_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(Error::request("create the table", self.table(), error)),
        }
    }

    /// Returns the newest head of a log that this process has seen, without asking the table.
    ///
    /// It may be old. It is good enough to show to people and never to decide on.
    pub fn glance(&self, log: &LogKey) -> Option<Arc<Head>> {
        self.0.heads.get(log)
    }

    /// Returns the provider's id of an attempt, if this process noted it.
    pub fn external_id_seen(&self, run: ActionRunId) -> Option<String> {
        self.0.external_ids.get(&run)
    }

    /// Waits until nobody else in this process is about to append to the log.
    pub async fn queue(&self, log: &LogKey) -> Turn {
        let queue = match self.0.queues.get(log) {
            Some(queue) => queue,
            None => self.0.queues.get_or_insert(log, Arc::default()),
        };
        Turn { _guard: queue.lock_owned().await }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn table(&self) -> &str {
        &self.0.table
    }

    pub(crate) fn records_seen(&self) -> &Cache<(LogKey, u64), Arc<Record>> {
        &self.0.records
    }

    pub(crate) fn external_ids_seen(&self) -> &Cache<ActionRunId, String> {
        &self.0.external_ids
    }

    pub(crate) fn plans_seen(&self) -> &Cache<(PipelineName, u64), Arc<Pipeline>> {
        &self.0.plans
    }

    /// Forgets the head of a log: whether a record followed it is not known.
    pub(crate) fn lost_sight(&self, log: &LogKey) {
        self.0.heads.remove(log);
    }

    /// Remembers a head, unless a newer one is remembered.
    pub(crate) fn saw(&self, head: &Arc<Head>) {
        let sequence = head.state.sequence;
        self.0.heads.insert_unless(head.log.clone(), head.clone(), |known| {
            known.state.sequence >= sequence
        });
    }
}
