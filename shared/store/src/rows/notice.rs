//! What people were told, so that they are told once.
//!
//! Whoever tells people claims the notice, tells it, and notes that it was told. A notice that was noted is told.
//! One that is only claimed is being told by somebody, or by somebody who died: so a claim lasts for some time and
//! no longer, and then another takes over. That is the one case in which something may be told twice, and there
//! is none in which it is not told at all. No lock of a pipeline hangs on this clock; only a doubled message does.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use model::time::Timestamp;

use crate::error::Error;
use crate::item::{Item, number, row};
use crate::store::Store;

/// How long it is remembered that something was told. Queues keep messages for 14 days at most.
const KEPT_DAYS: i64 = 30;

/// The attribute that says until when somebody tells it.
const UNTIL: &str = "claimed_until";
/// The attribute that says that it was told.
const TOLD: &str = "told";

/// What a claim brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeClaim {
    /// Nobody told it, and it is ours to tell.
    Ours,
    /// It was told.
    Told,
    /// Somebody else is telling it.
    Theirs,
}

impl Store {
    /// Claims a notice about something until a moment, unless it was told or somebody else tells it now.
    pub async fn claim_notice(
        &self,
        about: &str,
        key: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<NoticeClaim, Error> {
        let mut item = notice(about, key, now);
        item.insert(UNTIL.to_owned(), number(until.millis()));
        let request = self
            .client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(item))
            // In words: it was not told, and nobody is telling it, or whoever was must be dead by now.
            .condition_expression(
                "attribute_not_exists(PK) OR (attribute_not_exists(told) AND claimed_until <= :now)",
            )
            .expression_attribute_values(":now", number(now.millis()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = request.send().await else { return Ok(NoticeClaim::Ours) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let is_told = failed.item().is_some_and(|found| found.contains_key(TOLD));
                Ok(if is_told { NoticeClaim::Told } else { NoticeClaim::Theirs })
            }
            Some(_) | None => Err(Error::request("claim a notice about", about, error)),
        }
    }

    /// Notes that a notice was told.
    pub async fn note_told(&self, about: &str, key: &str, now: Timestamp) -> Result<(), Error> {
        let mut item = notice(about, key, now);
        item.insert(TOLD.to_owned(), number(now.millis()));
        self.put_row("note that people were told of", about, item).await
    }

    /// Gives back a notice that could not be told, so that the next try need not wait. Nothing happens where
    /// the claim was lost meanwhile.
    pub async fn release_notice(
        &self,
        about: &str,
        key: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), Error> {
        let mut item = notice(about, key, now);
        item.insert(UNTIL.to_owned(), number(0));
        // In words: it is still the claim that we made. Ours has no name, but the moment it lasts until.
        let condition = "attribute_not_exists(told) AND claimed_until = :until";
        let values = [(":until", number(until.millis()))];
        let doing = "give back a notice about";
        self.put_row_if(doing, about, item, condition, values).await.map(|_| ())
    }
}

fn notice(about: &str, key: &str, now: Timestamp) -> Item {
    let mut item = row(format!("NOTICE#{about}"), key);
    let kept_until = now.plus_minutes(KEPT_DAYS * 24 * 60);
    item.insert("expires".to_owned(), number(kept_until.millis().div_euclid(1000)));
    item
}
