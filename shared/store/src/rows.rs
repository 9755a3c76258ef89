//! The rows beside the logs. Each answers one question that a log would answer slowly.
//!
//! None of them guards a stage: the log is the truth. What the sweep watches, the summaries and the
//! catalogue can all be written again from it; a token only keeps one request from becoming two
//! executions.

mod action_type;
mod catalog;
mod definition;
mod external;
mod job;
mod live;
mod notice;
mod once;
mod source;
mod summary;
mod swap;
mod tag;
mod token;
mod webhook;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;

pub use action_type::{ActionTypeRow, Client};
pub use catalog::{CatalogPage, Catalogued, Declared};
pub use job::{JobId, JobState, Progress, Queue, QueueEntry, QueuePage, WorkerJob};
pub use live::{Begun, LIVE_SHARDS, Live, shard_of};
pub use notice::NoticeClaim;
pub use source::Follower;
pub use summary::{Particulars, Summary, SummaryPage};
pub use tag::Tags;
pub use token::Claim;
pub use webhook::{Webhook, WebhookDefinition, WebhookPage};

use crate::error::Error;
use crate::item::{Item, text};
use crate::keys::{PK, SK, is_watched};
use crate::store::Store;

/// A page of the rows of a partition.
struct Page {
    items: Vec<Item>,
    /// The sort key after which the next page begins; none after the last.
    last: Option<String>,
}

/// Which rows of a partition are wanted.
struct Range<'a> {
    partition: String,
    /// What their sort keys begin with.
    prefix: &'a str,
    /// Where the page before ended.
    after: Option<String>,
    is_ascending: bool,
    limit: Option<u32>,
}

impl Store {
    async fn put_row(&self, doing: &'static str, subject: &str, item: Item) -> Result<(), Error> {
        let request = self.client().put_item().table_name(self.table()).set_item(Some(item));
        request.send().await.map_err(|error| Error::request(doing, subject, error))?;
        Ok(())
    }

    /// Writes a row if the condition holds, and answers whether it did.
    async fn put_row_if(
        &self,
        doing: &'static str,
        subject: &str,
        item: Item,
        condition: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Result<bool, Error> {
        let mut request = self
            .client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(item))
            .condition_expression(condition);
        for (name, value) in values {
            request = request.expression_attribute_values(name, value);
        }
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(Error::request(doing, subject, error)),
        }
    }

    /// Reads one row, strongly: whoever asks for one by its key may decide on it.
    async fn row_at(
        &self,
        doing: &'static str,
        partition: String,
        sort: String,
    ) -> Result<Option<Item>, Error> {
        self.row_in(doing, partition, sort, true).await
    }

    /// Reads one row; if not strongly, then perhaps as it was a moment ago, for half the price.
    async fn row_in(
        &self,
        doing: &'static str,
        partition: String,
        sort: String,
        is_newest: bool,
    ) -> Result<Option<Item>, Error> {
        let request = self
            .client()
            .get_item()
            .table_name(self.table())
            .key(PK, text(&partition))
            .key(SK, text(sort))
            .consistent_read(is_newest);
        let answer =
            request.send().await.map_err(|error| Error::request(doing, &partition, error))?;
        Ok(answer.item)
    }

    async fn delete_row(
        &self,
        doing: &'static str,
        subject: &str,
        partition: String,
        sort: String,
    ) -> Result<(), Error> {
        let request = self
            .client()
            .delete_item()
            .table_name(self.table())
            .key(PK, text(partition))
            .key(SK, text(sort));
        request.send().await.map_err(|error| Error::request(doing, subject, error))?;
        Ok(())
    }

    /// Reads one page with one request. Whoever made a row finds it in the next list (P10), so pages are read
    /// strongly; what is watched is looked at again in a minute, and costs half.
    async fn page(&self, doing: &'static str, range: Range<'_>) -> Result<Page, Error> {
        let Range { partition, prefix, after, is_ascending, limit } = range;
        let start = after.map(|sort| {
            Item::from([
                (PK.to_owned(), text(partition.clone())),
                (SK.to_owned(), AttributeValue::S(sort)),
            ])
        });
        let mut values = Item::from([(":partition".to_owned(), text(partition.clone()))]);
        let mut condition = "PK = :partition";
        // An empty text is no key, and the table refuses to compare with one.
        if !prefix.is_empty() {
            condition = "PK = :partition AND begins_with(SK, :prefix)";
            values.insert(":prefix".to_owned(), text(prefix));
        }
        let request = self
            .client()
            .query()
            .table_name(self.table())
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .scan_index_forward(is_ascending)
            .consistent_read(!is_watched(&partition))
            .set_exclusive_start_key(start)
            .set_limit(limit.map(|limit| i32::try_from(limit.max(1)).unwrap_or(i32::MAX)));
        let answer =
            request.send().await.map_err(|error| Error::request(doing, &partition, error))?;
        let last = answer.last_evaluated_key.as_ref().and_then(|key| key.get(SK)?.as_s().ok());
        Ok(Page { last: last.cloned(), items: answer.items.unwrap_or_default() })
    }

    /// Reads every page.
    async fn all(
        &self,
        doing: &'static str,
        partition: String,
        prefix: &str,
    ) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let partition = partition.clone();
            let range = Range { partition, prefix, after, is_ascending: true, limit: None };
            let page = self.page(doing, range).await?;
            items.extend(page.items);
            after = page.last;
            if after.is_none() {
                return Ok(items);
            }
        }
    }
}
