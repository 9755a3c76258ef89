//! Which record holds which version of a pipeline's declaration.

use model::ids::PipelineName;

use crate::error::Error;
use crate::item::{Reader, number, row};
use crate::keys::partition_of;
use crate::store::Store;

impl Store {
    /// Notes which record of the pipeline's log holds a version of its declaration. A pipeline that was
    /// deleted and created again counts from 1 again, and its notes replace those from before.
    pub async fn put_definition_record(
        &self,
        pipeline: &PipelineName,
        version: u32,
        record: u64,
    ) -> Result<(), Error> {
        let mut item = row(partition_of(pipeline), sort_of(version));
        item.insert("record".to_owned(), number(record));
        self.put_row("note the declaration", pipeline.as_str(), item).await
    }

    /// Returns the record that holds a version of the declaration, if it was noted.
    pub async fn definition_record(
        &self,
        pipeline: &PipelineName,
        version: u32,
    ) -> Result<Option<u64>, Error> {
        let doing = "find the declaration";
        let item = self.row_at(doing, partition_of(pipeline), sort_of(version)).await?;
        item.as_ref().map(|item| Reader::new(item)?.number("record")).transpose()
    }
}

fn sort_of(version: u32) -> String {
    format!("DEFINITION#{version:07}")
}
