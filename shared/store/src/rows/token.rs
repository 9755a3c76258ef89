//! Tokens that make a start happen once, however often it is asked for (R5).

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use model::ids::{ExecutionId, PipelineName};
use model::time::Timestamp;

use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{ALONE, PIPELINE};
use crate::store::Store;

/// How long a token is remembered (R5).
const KEPT_MINUTES: i64 = 24 * 60;

/// What a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody used it in the last 24 hours; it stands for the given execution now.
    New,
    /// It was used with the same parameters, and stands for this execution.
    Same(ExecutionId),
    /// It was used with other parameters.
    Other,
}

impl Store {
    /// Lets a token of a start request stand for an execution, unless it does for another one.
    pub async fn claim_token(
        &self,
        pipeline: &PipelineName,
        token: &str,
        parameters_digest: &str,
        execution: ExecutionId,
        now: Timestamp,
    ) -> Result<Claim, Error> {
        let mut item = row(format!("TOKEN#{pipeline}#{token}"), ALONE);
        item.insert("digest".to_owned(), text(parameters_digest));
        item.insert("execution".to_owned(), text(execution.to_string()));
        // The table's own expiry counts in seconds.
        let expires = now.plus_minutes(KEPT_MINUTES).millis().div_euclid(1000);
        item.insert("expires".to_owned(), number(expires));
        let request = self
            .client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(item))
            // In words: the token stands for nothing, or for something of more than 24 hours ago.
            // Expiry takes rows away days late, so an expired one may still be there.
            .condition_expression("attribute_not_exists(PK) OR expires <= :now")
            .expression_attribute_values(":now", number(now.millis().div_euclid(1000)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = request.send().await else { return Ok(Claim::New) };
        let subject = || format!("{PIPELINE}{pipeline}");
        let found = match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => failed.item(),
            Some(_) | None => return Err(Error::request("claim a token", &subject(), error)),
        };
        let Some(found) = found else {
            return Err(Error::request("read a token", &subject(), error));
        };
        claim_of(found, parameters_digest)
    }
}

fn claim_of(found: &Item, parameters_digest: &str) -> Result<Claim, Error> {
    let reader = Reader::new(found)?;
    if reader.text("digest")? != parameters_digest {
        return Ok(Claim::Other);
    }
    let execution = reader.text("execution")?.parse();
    execution.map(Claim::Same).map_err(|_| reader.unreadable("`execution` is not an id"))
}
