//! The shape in which Lambda hands over what a table's stream tells.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::batch::{ItemFailure, Unfinished};

/// Rows of a table that changed, in the order of the stream.
#[derive(Debug, Deserialize)]
pub struct Changes {
    /// One shard's, oldest first.
    #[serde(rename = "Records")]
    pub records: Vec<RowChange>,
}

/// A row that changed.
#[derive(Debug, Deserialize)]
pub struct RowChange {
    /// `INSERT`, `MODIFY` or `REMOVE`.
    #[serde(rename = "eventName")]
    pub event_name: String,
    /// What changed.
    pub dynamodb: RowImages,
}

/// What changed in a row.
#[derive(Debug, Deserialize)]
pub struct RowImages {
    /// The place in the stream; names it in [`Unfinished`].
    #[serde(rename = "SequenceNumber")]
    pub sequence_number: String,
    /// The row as it is now; none where it is gone.
    #[serde(rename = "NewImage", default)]
    pub new_image: Option<Map<String, Value>>,
}

impl Unfinished {
    /// Says that this change and all after it are to be told again: a stream goes back to the first one that
    /// is named, and hands over again what follows.
    pub fn from(change: &RowChange) -> Self {
        let item_identifier = change.dynamodb.sequence_number.clone();
        Self { batch_item_failures: vec![ItemFailure { item_identifier }] }
    }
}
