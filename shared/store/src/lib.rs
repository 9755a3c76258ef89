//! How a decision becomes durable.
//!
//! What is true of a pipeline is a log, and appending to it is the lock. [`Store::load`] reads the
//! newest record of a log with one strongly consistent query; [`Store::commit`] appends the next one
//! with one conditional put. Of all who saw the same head, DynamoDB lets exactly one append; the
//! others are told who did. There is no transaction, no lease, no index and no scan, and the cost of
//! a turn depends neither on how many pipelines there are nor on how many executions there were.
//!
//! - [`append`] holds the lock, in words.
//! - [`load`] reads: the head, single records, the log forwards and backwards, and the declarations
//!   that executions are pinned to.
//! - [`record`] says what a record looks like at rest. A record never changes once it is written, so
//!   it is cached without asking again.
//! - [`rows`] holds the other rows of the table: what the sweep watches, summaries of executions,
//!   tokens of idempotent starts, the catalogue, action types and the jobs of their workers, webhooks,
//!   tags, and who follows which source.
//!
//! The store speaks the DynamoDB API through the AWS SDK everywhere; on one machine an embedded
//! engine sits under the SDK.
//!
//! Deliberately absent: retries (a lost race is an answer, and events come again), clocks, providers,
//! and every rule of what may happen, which is the `engine` crate's.
//!
//! Start with [`append`], then [`load`].

pub mod append;
mod cache;
mod error;
mod head;
mod image;
mod item;
mod keys;
pub mod load;
pub mod record;
pub mod rows;
mod store;

pub use append::{Commit, Committed, Winner};
pub use error::{Error, Retry};
pub use head::Head;
pub use keys::LogKey;
pub use record::Record;
pub use rows::{
    ActionTypeRow, Begun, CatalogPage, Catalogued, Claim, Client, Declared, Follower, JobId,
    JobState, LIVE_SHARDS, Live, NoticeClaim, Particulars, Progress, Queue, QueueEntry, QueuePage,
    Summary, SummaryPage, Tags, Webhook, WebhookDefinition, WebhookPage, WorkerJob,
};
pub use store::{Store, Turn};
