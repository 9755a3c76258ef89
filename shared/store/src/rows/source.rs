//! Who follows a source: one row for each action that does, under the source's key.
//!
//! These rows say where to look. Whoever finds one reads the pipeline's declaration and believes that,
//! so a row too many costs a read. A row too few costs a change that nobody notices, so a row is
//! written before the declaration that needs it, and is taken away only by whoever replaced that
//! declaration later.

use model::ids::{ActionName, PipelineName};

use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{PK, SK};
use crate::store::Store;

/// An action of a pipeline that follows a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Follower {
    /// The pipeline.
    pub pipeline: PipelineName,
    /// Its source action.
    pub action: ActionName,
}

impl Follower {
    fn sort(&self) -> String {
        // Neither name can have a `#` in it.
        format!("{}#{}", self.pipeline, self.action)
    }
}

impl Store {
    /// Notes that an action follows a source, by a declaration that is decided on record `head` of the
    /// pipeline's log.
    pub async fn put_follower(
        &self,
        source: &str,
        follower: &Follower,
        head: u64,
    ) -> Result<(), Error> {
        let mut item = row(partition_of(source), follower.sort());
        item.insert("decided_on".to_owned(), number(head));
        // In words: nobody noted the same of a later declaration.
        let condition = "attribute_not_exists(PK) OR decided_on <= :head";
        let values = [(":head", number(head))];
        self.put_row_if("note who follows a source", source, item, condition, values).await?;
        Ok(())
    }

    /// Forgets that an action follows a source, which it does no longer since `record` of the pipeline's
    /// log. What was noted by somebody who had seen that record stays.
    pub async fn delete_follower(
        &self,
        source: &str,
        follower: &Follower,
        record: u64,
    ) -> Result<(), Error> {
        let request = self
            .client()
            .delete_item()
            .table_name(self.table())
            .key(PK, text(partition_of(source)))
            .key(SK, text(follower.sort()))
            .condition_expression("attribute_not_exists(PK) OR decided_on < :record")
            .expression_attribute_values(":record", number(record));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_dynamodb::operation::delete_item::DeleteItemError
                        ::is_conditional_check_failed_exception,
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(Error::request("forget who follows a source", source, error)),
        }
    }

    /// Returns who follows a source, by pipeline and action. Read strongly: whoever was declared before
    /// the source changed is among them.
    pub async fn followers(&self, source: &str) -> Result<Vec<Follower>, Error> {
        let mut followers = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client()
                .query()
                .table_name(self.table())
                .key_condition_expression("PK = :source")
                .expression_attribute_values(":source", text(partition_of(source)))
                .consistent_read(true)
                .set_exclusive_start_key(start);
            let answer = request
                .send()
                .await
                .map_err(|error| Error::request("find who follows a source", source, error))?;
            for item in answer.items.iter().flatten() {
                followers.push(parse(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(followers);
            }
        }
    }
}

fn parse(item: &Item) -> Result<Follower, Error> {
    let reader = Reader::new(item)?;
    let names = reader.text(SK)?.split_once('#');
    let (pipeline, action) =
        names.ok_or_else(|| reader.unreadable("its sort key names no action"))?;
    Ok(Follower { pipeline: pipeline.into(), action: action.into() })
}

fn partition_of(source: &str) -> String {
    format!("SOURCE#{source}")
}
