//! The operations that the store uses, from a request's body to an answer's, with what each costs.

use std::fmt;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dynoxide::DynoxideError;
use dynoxide::actions::{create_table, delete_item, get_item, put_item, query, update_item};
use dynoxide::storage::Storage;
use dynoxide::types::{ConsumedCapacity, item_size, write_capacity_units};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::meter::Count;

/// Has the engine say what a request costs.
const TOTAL: &str = "TOTAL";

/// What the engine puts in front of the text of a request's refusal.
const MARKS: [&str; 3] = ["VALIDATION_REQUEST:", "VALIDATION:", "SERIALIZATION:"];

/// A request that was read and is ready to be done.
pub(super) struct Operation {
    /// Whether it may change anything, so that its answer depends on the disk.
    pub(super) is_write: bool,
    run: Box<dyn FnOnce(&Storage) -> Outcome + Send>,
}

/// What became of a request.
pub(super) struct Outcome {
    status: u16,
    /// Writes the answer down. That is the caller's work and not the engine's.
    render: Box<dyn FnOnce() -> Vec<u8> + Send>,
    count: Count,
}

/// An answer's status and body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Operation {
    /// Reads a request; the error is the refusal of one that cannot be read.
    pub(super) fn parse(name: &str, body: &[u8]) -> Result<Self, Answer> {
        match name {
            "CreateTable" => read(body).map(create_table_operation),
            "PutItem" => read(body).map(put_operation),
            "UpdateItem" => read(body).map(update_operation),
            "DeleteItem" => read(body).map(delete_operation),
            "GetItem" => read(body).map(get_operation),
            "Query" => read(body).map(query_operation),
            _ => {
                let message = format!("the embedded database does not do {name}");
                Err(refusal(&DynoxideError::ValidationException(message)))
            }
        }
    }

    /// Does what is asked for.
    pub(super) fn run(self, storage: &Storage) -> Outcome {
        (self.run)(storage)
    }

    fn reads(run: impl FnOnce(&Storage) -> Outcome + Send + 'static) -> Self {
        Self { is_write: false, run: Box::new(run) }
    }

    fn writes(run: impl FnOnce(&Storage) -> Outcome + Send + 'static) -> Self {
        Self { is_write: true, run: Box::new(run) }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("is_write", &self.is_write).finish_non_exhaustive()
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Outcome {
    /// Returns the answer and what the request cost.
    pub(super) fn into_answer(self) -> (Answer, Count) {
        (Answer { status: self.status, body: (self.render)() }, self.count)
    }

    /// Makes the answer of a request that the engine cannot do any more.
    pub(super) fn broken(reason: &str) -> Self {
        failed(DynoxideError::InternalServerError(reason.to_owned()), Count::default())
    }
}

fn create_table_operation(request: create_table::CreateTableRequest) -> Operation {
    Operation::writes(move |storage| match finish(create_table::execute(storage, request)) {
        Ok(response) => done(response, Count::default()),
        Err(error) => failed(error, Count::default()),
    })
}

/// The condition of a put that makes a row and never replaces one: the guard of the log's append.
const IF_ABSENT: &str = "attribute_not_exists(PK)";

fn put_operation(mut request: put_item::PutItemRequest) -> Operation {
    let wants_item = demand_item(&mut request.return_values_on_condition_check_failure);
    request.return_consumed_capacity = Some(TOTAL.to_owned());
    let guarded_puts = u64::from(request.condition_expression.as_deref() == Some(IF_ABSENT));
    let bytes = item_size(&request.item);
    Operation::writes(move |storage| {
        let mut outcome = match finish(put_item::execute(storage, request)) {
            Ok(mut response) => {
                let capacity = response.consumed_capacity.take();
                done(response, written(capacity.as_ref()))
            }
            Err(error) => not_written(error, wants_item, bytes),
        };
        outcome.count.guarded_puts = guarded_puts;
        outcome
    })
}

fn update_operation(mut request: update_item::UpdateItemRequest) -> Operation {
    let wants_item = demand_item(&mut request.return_values_on_condition_check_failure);
    request.return_consumed_capacity = Some(TOTAL.to_owned());
    Operation::writes(move |storage| match finish(update_item::execute(storage, request)) {
        Ok(mut response) => {
            let capacity = response.consumed_capacity.take();
            done(response, written(capacity.as_ref()))
        }
        Err(error) => not_written(error, wants_item, 0),
    })
}

fn delete_operation(mut request: delete_item::DeleteItemRequest) -> Operation {
    let wants_item = demand_item(&mut request.return_values_on_condition_check_failure);
    request.return_consumed_capacity = Some(TOTAL.to_owned());
    Operation::writes(move |storage| match finish(delete_item::execute(storage, request)) {
        Ok(mut response) => {
            let capacity = response.consumed_capacity.take();
            done(response, written(capacity.as_ref()))
        }
        Err(error) => not_written(error, wants_item, 0),
    })
}

fn get_operation(mut request: get_item::GetItemRequest) -> Operation {
    request.return_consumed_capacity = Some(TOTAL.to_owned());
    Operation::reads(move |storage| match finish(get_item::execute(storage, request)) {
        Ok(mut response) => {
            let capacity = response.consumed_capacity.take();
            done(response, was_read(capacity.as_ref()))
        }
        Err(error) => failed(error, Count::default()),
    })
}

fn query_operation(mut request: query::QueryRequest) -> Operation {
    request.return_consumed_capacity = Some(TOTAL.to_owned());
    Operation::reads(move |storage| match finish(query::execute(storage, request)) {
        Ok(mut response) => {
            let capacity = response.consumed_capacity.take();
            done(response, was_read(capacity.as_ref()))
        }
        Err(error) => failed(error, Count::default()),
    })
}

/// Runs an action of the engine, which never waits for anything but the disk.
fn finish<T>(action: impl Future<Output = Result<T, DynoxideError>>) -> Result<T, DynoxideError> {
    match pin!(action).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("the engine's storage answers at once"),
    }
}

fn read<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, Answer> {
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        // The engine marks the class of some refusals in front of their text.
        let text = MARKS.iter().find_map(|mark| message.strip_prefix(mark)).unwrap_or(&message);
        refusal(&DynoxideError::ValidationException(text.to_owned()))
    })
}

fn refusal(error: &DynoxideError) -> Answer {
    Answer { status: error.status_code(), body: error.to_json().into_bytes() }
}

fn done(response: impl Serialize + Send + 'static, count: Count) -> Outcome {
    let render = move || serde_json::to_vec(&response).expect("the engine's answers are JSON");
    Outcome { status: 200, render: Box::new(render), count }
}

fn failed(error: DynoxideError, count: Count) -> Outcome {
    let status = error.status_code();
    Outcome { status, render: Box::new(move || error.to_json().into_bytes()), count }
}

/// Makes the answer of a write that did not happen. A condition that fails costs what the larger of
/// the row that is there and the row that was to be written would have cost.
fn not_written(mut error: DynoxideError, wants_item: bool, bytes: usize) -> Outcome {
    let mut count = Count::default();
    if let DynoxideError::ConditionalCheckFailedException(_, item) = &mut error {
        let there = item.as_ref().map_or(0, item_size);
        count.failed_conditions = 1;
        count.write_units = whole(write_capacity_units(there.max(bytes)));
        if !wants_item {
            *item = None;
        }
    }
    failed(error, count)
}

/// Has the engine hand over the row that a condition failed on, and says whether the caller wants it.
fn demand_item(member: &mut Option<String>) -> bool {
    member.replace("ALL_OLD".to_owned()).is_some_and(|wanted| wanted == "ALL_OLD")
}

fn written(capacity: Option<&ConsumedCapacity>) -> Count {
    let write_units = capacity.map_or(0, |capacity| whole(capacity.capacity_units));
    Count { write_units, ..Count::default() }
}

fn was_read(capacity: Option<&ConsumedCapacity>) -> Count {
    let read_half_units = capacity.map_or(0, |capacity| whole(capacity.capacity_units * 2.0));
    Count { read_half_units, ..Count::default() }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "units are whole, positive and far below 2^53"
)]
fn whole(units: f64) -> u64 {
    units.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_does_not_do_is_refused_by_name() {
        let refused = Operation::parse("TransactWriteItems", b"{}").unwrap_err();
        assert_eq!(refused.status, 400);
        let body = String::from_utf8(refused.body).unwrap();
        assert!(body.contains("does not do TransactWriteItems"), "{body}");
    }

    #[test]
    fn a_request_that_cannot_be_read_is_refused_in_plain_words() {
        for body in ["", "{", r#"{"TableName":"a","Item":{}}"#, r#"{"TableName":7}"#] {
            let refused = Operation::parse("PutItem", body.as_bytes()).unwrap_err();
            assert_eq!(refused.status, 400);
            let answer = String::from_utf8(refused.body).unwrap();
            assert!(answer.contains("ValidationException"), "{answer}");
            assert!(MARKS.iter().all(|mark| !answer.contains(mark)), "{answer}");
        }
    }

    #[test]
    fn units_are_counted_as_they_are_billed() {
        let storage = Storage::memory().unwrap();
        let run = |name: &str, body: serde_json::Value| {
            let operation = Operation::parse(name, body.to_string().as_bytes()).unwrap();
            operation.run(&storage).into_answer()
        };
        let key =
            |name: &str, kind: &str| serde_json::json!({"AttributeName": name, "KeyType": kind});
        let text = |name: &str| serde_json::json!({"AttributeName": name, "AttributeType": "S"});
        let table = serde_json::json!({
            "TableName": "units", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [key("PK", "HASH")], "AttributeDefinitions": [text("PK")],
        });
        assert_eq!(run("CreateTable", table).0.status, 200);
        let put = |bytes: usize, condition: Option<&str>| {
            // Names and values count: `PK` and `a` are two bytes, `x` and `a` three more.
            let filling = "f".repeat(bytes - 4);
            let mut body = serde_json::json!({
                "TableName": "units",
                "Item": { "PK": { "S": "a" }, "x": { "S": filling } },
            });
            if let Some(condition) = condition {
                body["ConditionExpression"] = condition.into();
            }
            run("PutItem", body).1
        };
        let absent = Some("attribute_not_exists(PK)");
        assert_eq!((put(1024, absent).write_units, put(1024, None).write_units), (1, 1));
        assert_eq!(put(1025, None).write_units, 2);
        // The larger of the old row and the new one is what counts, also when nothing is written.
        assert_eq!(put(10, None).write_units, 2);
        assert_eq!(put(4097, None).write_units, 5);
        let failed = put(10, absent);
        assert_eq!((failed.failed_conditions, failed.guarded_puts, failed.write_units), (1, 1, 5));
        let get = |key: &str, is_consistent: bool| {
            let body = serde_json::json!({
                "TableName": "units", "Key": { "PK": { "S": key } },
                "ConsistentRead": is_consistent,
            });
            run("GetItem", body).1.read_half_units
        };
        assert_eq!((get("a", true), get("a", false)), (4, 2));
        assert_eq!((get("none", true), get("none", false)), (2, 1));
    }
}
