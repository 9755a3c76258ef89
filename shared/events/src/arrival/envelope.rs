//! What EventBridge writes on every event.

use model::time::Timestamp;
use serde_json::Value;

use super::Nothing;
use super::members::text;

/// The envelope of an event, without its detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The same for every delivery of the same event.
    pub id: String,
    /// Who speaks, for example `aws.s3`.
    pub source: String,
    /// About what.
    pub detail_type: String,
    /// In which account it happened; empty where it is not said.
    pub account: String,
    /// In which Region it happened; empty where it is not said.
    pub region: String,
    /// When it happened, where that can be read.
    pub at: Option<Timestamp>,
    /// The ARNs of what it is about.
    pub resources: Vec<String>,
    /// Whether it happened before and is told again from an archive.
    pub is_replayed: bool,
}

impl Envelope {
    pub(super) fn read(value: &Value) -> Result<Self, Nothing> {
        let optional = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let resources = value["resources"].as_array().into_iter().flatten();
        Ok(Self {
            id: text(value, &["id"])?.to_owned(),
            source: text(value, &["source"])?.to_owned(),
            detail_type: text(value, &["detail-type"])?.to_owned(),
            account: optional("account"),
            region: optional("region"),
            at: value["time"].as_str().and_then(Timestamp::parse),
            resources: resources.filter_map(Value::as_str).map(str::to_owned).collect(),
            is_replayed: value.get("replay-name").is_some_and(|name| !name.is_null()),
        })
    }
}
