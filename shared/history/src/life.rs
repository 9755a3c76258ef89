//! From a pipeline's creation to its deletion: what happened before is not its history.

use engine::change::{Change, PipelineChange};
use model::time::Timestamp;
use runtime::App;
use store::{Error, Head, Record};

use crate::versions;

/// The life of a pipeline that exists. One that was deleted and created again under the same name is
/// another one (R90), in the same log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The record that created it.
    pub created_record: u64,
    /// When that was.
    pub created_at: Timestamp,
    /// The number of the last execution before.
    pub numbers_before: u64,
}

impl Life {
    /// Returns the life that begins in a record.
    pub(crate) fn beginning_in(record: &Record) -> Self {
        Self {
            created_record: record.sequence,
            created_at: record.at,
            // Nothing is started in the record that creates the pipeline.
            numbers_before: record.state.last_number,
        }
    }
}

/// Finds the life that a head is in; none if the pipeline does not exist.
pub(crate) async fn find(app: &App, head: &Head) -> Result<Option<Life>, Error> {
    let record = versions::record_of(app, head, 1).await?;
    Ok(record.as_deref().map(Life::beginning_in))
}

/// Whether a record puts this version of the declaration in force.
pub(crate) fn defines(record: &Record, wanted: u32) -> bool {
    record.changes.iter().any(|change| match change {
        Change::Pipeline(PipelineChange::Defined { version, .. }) => *version == wanted,
        Change::Pipeline(_) | Change::Execution { .. } => false,
    })
}
