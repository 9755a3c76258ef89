//! The table of a simulated world: DynamoDB's answers, without a disk.
//!
//! It speaks the JSON of the DynamoDB API, as far as the store uses it, and refuses the rest. It may
//! stand in for the embedded engine because it sits the same exam (`tests/table.rs`); it exists
//! because a seed takes some hundred requests and there are 20 000 seeds.

mod expression;

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::{Map, Value, json};

use self::expression::{Context, condition, update};

/// A row, as the API's JSON writes it: a name and a typed value for each attribute.
pub type Item = Map<String, Value>;

/// How many bytes of rows one answer holds at most.
const PAGE_BYTES_MAX: usize = 1 << 20;

/// The table's rows.
#[derive(Clone, Debug, Default)]
pub struct Table {
    partitions: BTreeMap<String, BTreeMap<String, Item>>,
}

/// What the table answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
}

/// A write that took place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The row's partition key.
    pub partition: String,
    /// The row's sort key.
    pub sort: String,
    /// Whether a row was there before.
    pub replaced: bool,
}

impl Reply {
    /// Makes an answer that refuses.
    pub fn refused(code: &str, message: &str) -> Self {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
        let status = if code == "InternalServerError" { 500 } else { 400 };
        Self { status, body: json!({ "__type": kind, "message": message, "Message": message }) }
    }

    fn done(body: Value) -> Self {
        Self { status: 200, body }
    }

    fn invalid(message: &str) -> Self {
        Self::refused("ValidationException", message)
    }
}

impl Table {
    /// Does one request, and says what it wrote, if it did.
    pub fn request(&mut self, operation: &str, body: &Value) -> (Reply, Option<Written>) {
        let outcome = match operation {
            "PutItem" => self.put(body),
            "UpdateItem" => self.update(body),
            "DeleteItem" => self.delete(body),
            "GetItem" => self.get(body).map(|reply| (reply, None)),
            "Query" => self.query(body).map(|reply| (reply, None)),
            "CreateTable" => Ok((Reply::done(json!({ "TableDescription": {} })), None)),
            other => Err(format!("the simulated table does not do {other}")),
        };
        outcome.unwrap_or_else(|reason| (Reply::invalid(&reason), None))
    }

    /// Returns a row.
    pub fn row(&self, partition: &str, sort: &str) -> Option<&Item> {
        self.partitions.get(partition)?.get(sort)
    }

    /// Returns every row whose partition key begins with `prefix`.
    pub fn rows<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a Item)> {
        let partitions = self.partitions.range(prefix.to_owned()..);
        let partitions = partitions.take_while(move |(partition, _)| partition.starts_with(prefix));
        partitions.flat_map(|(partition, rows)| {
            rows.iter().map(|(sort, row)| (partition.as_str(), sort.as_str(), row))
        })
    }

    fn put(&mut self, body: &Value) -> Result<(Reply, Option<Written>), String> {
        let item = body["Item"].as_object().ok_or("the item is missing")?.clone();
        let (partition, sort) = keys(&item)?;
        let former = self.row(&partition, &sort);
        if let Some(refused) = check(body, former)? {
            return Ok((refused, None));
        }
        let replaced = former.is_some();
        self.partitions.entry(partition.clone()).or_default().insert(sort.clone(), item);
        Ok((Reply::done(json!({})), Some(Written { partition, sort, replaced })))
    }

    fn update(&mut self, body: &Value) -> Result<(Reply, Option<Written>), String> {
        let key = body["Key"].as_object().ok_or("the key is missing")?;
        let (partition, sort) = keys(key)?;
        let former = self.row(&partition, &sort);
        if let Some(refused) = check(body, former)? {
            return Ok((refused, None));
        }
        let replaced = former.is_some();
        let mut item = former.unwrap_or(key).clone();
        let text = body["UpdateExpression"].as_str().ok_or("the update expression is missing")?;
        update(text, &Context::of(body), &mut item)?;
        let answer = match body["ReturnValues"].as_str() {
            Some("ALL_NEW") => json!({ "Attributes": item }),
            Some(_) | None => json!({}),
        };
        self.partitions.entry(partition.clone()).or_default().insert(sort.clone(), item);
        Ok((Reply::done(answer), Some(Written { partition, sort, replaced })))
    }

    fn delete(&mut self, body: &Value) -> Result<(Reply, Option<Written>), String> {
        let (partition, sort) = keys(body["Key"].as_object().ok_or("the key is missing")?)?;
        if let Some(refused) = check(body, self.row(&partition, &sort))? {
            return Ok((refused, None));
        }
        let rows = self.partitions.get_mut(&partition);
        let replaced = rows.is_some_and(|rows| rows.remove(&sort).is_some());
        Ok((Reply::done(json!({})), Some(Written { partition, sort, replaced })))
    }

    fn get(&self, body: &Value) -> Result<Reply, String> {
        let (partition, sort) = keys(body["Key"].as_object().ok_or("the key is missing")?)?;
        Ok(Reply::done(match self.row(&partition, &sort) {
            Some(item) => json!({ "Item": item }),
            None => json!({}),
        }))
    }

    fn query(&self, body: &Value) -> Result<Reply, String> {
        let text = body["KeyConditionExpression"].as_str().ok_or("the key condition is missing")?;
        let (partition, low, high) = Context::of(body).range(text)?;
        let (mut low, mut high) = (Bound::Included(low), Bound::Included(high));
        let is_forward = body["ScanIndexForward"].as_bool().unwrap_or(true);
        match (body["ExclusiveStartKey"]["SK"]["S"].as_str(), is_forward) {
            // A page's end lies within the range that it is a page of.
            (Some(after), true) => low = Bound::Excluded(after.to_owned()),
            (Some(before), false) => high = Bound::Excluded(before.to_owned()),
            (None, _) => {}
        }
        let limit = body["Limit"].as_u64().unwrap_or(u64::MAX);
        let none = BTreeMap::new();
        let rows = self.partitions.get(&partition).unwrap_or(&none);
        let page = if is_forward {
            Page::take(rows.range((low, high)), limit)
        } else {
            Page::take(rows.range((low, high)).rev(), limit)
        };
        let mut answer = json!({ "Items": page.items, "Count": page.items.len() });
        if let (Some(last), true) = (page.items.last(), page.has_more) {
            answer["LastEvaluatedKey"] = json!({ "PK": last["PK"], "SK": last["SK"] });
        }
        Ok(Reply::done(answer))
    }
}

/// One answer's rows.
struct Page<'a> {
    items: Vec<&'a Item>,
    has_more: bool,
}

impl<'a> Page<'a> {
    /// Takes rows until there are as many as are wanted, or as fit.
    fn take(rows: impl Iterator<Item = (&'a String, &'a Item)>, limit: u64) -> Self {
        let mut page = Self { items: Vec::new(), has_more: false };
        let mut bytes = 0;
        for (_, item) in rows {
            bytes += item.values().filter_map(text_of).map(str::len).sum::<usize>();
            page.items.push(item);
            // A full page does not know whether it is the last.
            page.has_more = page.items.len() as u64 >= limit || bytes >= PAGE_BYTES_MAX;
            if page.has_more {
                break;
            }
        }
        page
    }
}

fn text_of(value: &Value) -> Option<&str> {
    value["S"].as_str()
}

/// Returns the partition and sort key of a row.
fn keys(item: &Item) -> Result<(String, String), String> {
    let key = |name: &str| {
        let text = item.get(name).and_then(|value| value["S"].as_str());
        text.map(str::to_owned).ok_or_else(|| format!("the key {name} is missing"))
    };
    Ok((key("PK")?, key("SK")?))
}

/// Returns the refusal of a write whose condition does not hold.
fn check(body: &Value, former: Option<&Item>) -> Result<Option<Reply>, String> {
    let Some(text) = body["ConditionExpression"].as_str() else { return Ok(None) };
    if condition(text, &Context::of(body), former)? {
        return Ok(None);
    }
    let message = "The conditional request failed";
    let mut refused = Reply::refused("ConditionalCheckFailedException", message);
    let wants_item = body["ReturnValuesOnConditionCheckFailure"].as_str() == Some("ALL_OLD");
    if let (Some(item), true) = (former, wants_item) {
        refused.body["Item"] = Value::Object(item.clone());
    }
    Ok(Some(refused))
}
