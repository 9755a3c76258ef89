//! Records as the table's stream tells of them.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use model::ids::PipelineName;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::item::{Item, Reader};
use crate::keys::{EXECUTION, LOG, LogKey, PIPELINE, PK, SK};
use crate::record::{PIPELINE_NAME, Record};
use crate::store::Store;

impl Store {
    /// Reads a row's new image, in the JSON in which a stream has it; `None` if the row is no record of
    /// a log. A record never changes, so this one is not asked for again.
    pub fn record_told(
        &self,
        image: &Map<String, Value>,
    ) -> Result<Option<(LogKey, Arc<Record>)>, Error> {
        let item: Item = image
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), attribute(value)?)))
            .collect();
        let is_text = |name: &str, start: &str| {
            let text = item.get(name).and_then(|value| value.as_s().ok());
            text.is_some_and(|text| text.starts_with(start))
        };
        let is_log = is_text(SK, LOG) && (is_text(PK, PIPELINE) || is_text(PK, EXECUTION));
        if !is_log {
            return Ok(None);
        }
        let log = log_of(&Reader::new(&item)?)?;
        let record = Arc::new(Record::from_item(&item)?);
        self.records_seen().insert((log.clone(), record.sequence), record.clone());
        Ok(Some((log, record)))
    }
}

/// Returns a value of the two kinds that our rows have. What a later version may add is passed over.
fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    let value = value.as_str()?.to_owned();
    match kind.as_str() {
        "S" => Some(AttributeValue::S(value)),
        "N" => Some(AttributeValue::N(value)),
        _ => None,
    }
}

fn log_of(reader: &Reader<'_>) -> Result<LogKey, Error> {
    let partition = reader.text(PK)?;
    if let Some(pipeline) = partition.strip_prefix(PIPELINE) {
        return Ok(LogKey::Pipeline(PipelineName::from(pipeline)));
    }
    let execution = partition.strip_prefix(EXECUTION).and_then(|id| id.parse().ok());
    let execution = execution.ok_or_else(|| reader.unreadable("its key names no execution"))?;
    Ok(LogKey::Execution(PipelineName::from(reader.text(PIPELINE_NAME)?), execution))
}
