//! Tags: one row for each resource that has any, by its ARN.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::item::{Reader, number, row, text};
use crate::keys::ALONE;
use crate::store::Store;

/// The tags of a resource, and the edition they were read in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// By key.
    pub tags: BTreeMap<String, String>,
    /// Counts changes; 0 where there were none.
    pub edition: u64,
}

impl Store {
    /// Returns the tags of a resource.
    pub async fn tags(&self, arn: &str) -> Result<Tags, Error> {
        let Some(item) = self.row_at("read the tags", partition_of(arn), ALONE.to_owned()).await?
        else {
            return Ok(Tags::default());
        };
        let reader = Reader::new(&item)?;
        let tags = serde_json::from_str(reader.text("tags")?)
            .map_err(|error| reader.unreadable(format!("`tags`: {error}")))?;
        Ok(Tags { tags, edition: reader.number("edition")? })
    }

    /// Replaces the tags of a resource, unless somebody else did since they were read. Answers whether
    /// it did.
    pub async fn put_tags(&self, arn: &str, tags: &Tags) -> Result<bool, Error> {
        let Tags { tags, edition } = tags;
        let content = serde_json::to_string(tags).expect("texts are always JSON");
        let mut item = row(partition_of(arn), ALONE);
        item.insert("tags".to_owned(), text(content));
        item.insert("edition".to_owned(), number(edition + 1));
        // In words: nobody changed them since they were read.
        let condition = "attribute_not_exists(PK) OR edition = :edition";
        let values = [(":edition", number(edition))];
        self.put_row_if("write the tags", arn, item, condition, values).await
    }

    /// Forgets the tags of a resource that is gone.
    pub async fn remove_tags(&self, arn: &str) -> Result<(), Error> {
        self.delete_row("forget the tags", arn, partition_of(arn), ALONE.to_owned()).await
    }
}

fn partition_of(arn: &str) -> String {
    format!("TAGS#{arn}")
}
