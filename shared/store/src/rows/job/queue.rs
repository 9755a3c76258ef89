//! The queues in which workers look for jobs.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use model::ids::ExecutionId;
use model::time::Timestamp;

use super::{JobId, WorkerJob};
use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{PK, SK};
use crate::rows::Range;
use crate::store::Store;

/// What the sort keys of entries begin with.
const JOB: &str = "JOB#";

/// Where workers look: one queue for each action type and, where the type has a queryable setting,
/// for each of its values (J4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Queue {
    /// The type, as `Owner/Category/Provider/Version`.
    pub action_type: String,
    /// The value of its queryable setting, if it has one.
    pub value: Option<String>,
}

/// A hint at a job that may be there to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEntry {
    /// Which job.
    pub job: JobId,
    /// For which execution; older ones come first.
    pub execution: ExecutionId,
    /// When the entry was written.
    pub at: Timestamp,
}

/// Some of the entries of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePage {
    /// The entries, those of older executions first.
    pub entries: Vec<QueueEntry>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

impl Queue {
    fn partition(&self) -> String {
        // Neither a type's name nor a queryable value has a `#` in it.
        let value = self.value.as_ref().map(|value| format!("#{value}")).unwrap_or_default();
        format!("QUEUE#{}{value}", self.action_type)
    }
}

impl QueueEntry {
    /// Returns the entry of the job that is current.
    pub fn of(job: &WorkerJob, at: Timestamp) -> Self {
        Self { job: job.id(), execution: job.run.execution, at }
    }

    fn sort(&self) -> String {
        // Ids of executions sort by the moment they were made.
        format!("{JOB}{}#{}", self.execution, self.job)
    }
}

impl Store {
    /// Enters a job, or enters it again.
    pub async fn put_queue_entry(&self, queue: &Queue, entry: &QueueEntry) -> Result<(), Error> {
        let mut item = row(queue.partition(), entry.sort());
        item.insert("at".to_owned(), number(entry.at.millis()));
        self.put_row("enter into its queue the job", &entry.job.to_string(), item).await
    }

    /// Returns up to `limit` entries of a queue, after the one that the page before ended with.
    pub async fn queue_page(
        &self,
        queue: &Queue,
        limit: u32,
        after: Option<String>,
    ) -> Result<QueuePage, Error> {
        let range = Range {
            partition: queue.partition(),
            prefix: JOB,
            after,
            is_ascending: true,
            limit: Some(limit),
        };
        let page = self.page("look into a queue of jobs", range).await?;
        let entries = page.items.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(QueuePage { entries, next: page.last })
    }

    /// Takes an entry away, unless it was written again since.
    pub async fn delete_queue_entry(&self, queue: &Queue, entry: &QueueEntry) -> Result<(), Error> {
        let request = self
            .client()
            .delete_item()
            .table_name(self.table())
            .key(PK, text(queue.partition()))
            .key(SK, text(entry.sort()))
            // In words: it is the entry that was seen. Somebody may just be entering the job again.
            .condition_expression("attribute_not_exists(PK) OR #at <= :at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", number(entry.at.millis()));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(Error::request("take from its queue the job", &entry.job, error)),
        }
    }
}

fn parse(item: &Item) -> Result<QueueEntry, Error> {
    let reader = Reader::new(item)?;
    let keys = reader.text(SK)?.strip_prefix(JOB).and_then(|keys| keys.split_once('#'));
    let keys = keys.and_then(|(execution, job)| Some((execution.parse().ok()?, job.parse().ok()?)));
    let (execution, job) =
        keys.ok_or_else(|| reader.unreadable("its sort key does not name a job"))?;
    Ok(QueueEntry { job, execution, at: Timestamp::from_millis(reader.number("at")?) })
}
