//! The names of all pipelines.

use model::ids::PipelineName;
use model::time::Timestamp;

use crate::error::Error;
use crate::item::{Reader, number, row};
use crate::keys::{CATALOG, PIPELINE, SK};
use crate::store::Store;

impl Store {
    /// Lists a pipeline, or lists it again.
    pub async fn put_catalog(&self, pipeline: &PipelineName, now: Timestamp) -> Result<(), Error> {
        let mut item = row(CATALOG, format!("{PIPELINE}{pipeline}"));
        item.insert("at".to_owned(), number(now.millis()));
        self.put_row("list the pipeline", pipeline.as_str(), item).await
    }

    /// Lists a pipeline no longer.
    pub async fn remove_catalog(&self, pipeline: &PipelineName) -> Result<(), Error> {
        let sort = format!("{PIPELINE}{pipeline}");
        let doing = "list no longer the pipeline";
        self.delete_row(doing, pipeline.as_str(), CATALOG.to_owned(), sort).await
    }

    /// Returns the names of all pipelines, in order.
    pub async fn list_catalog(&self) -> Result<Vec<PipelineName>, Error> {
        let items = self.all("list pipelines", CATALOG.to_owned(), PIPELINE).await?;
        let name = |item| {
            let reader = Reader::new(item)?;
            let name = reader.text(SK)?.strip_prefix(PIPELINE);
            name.map(PipelineName::from)
                .ok_or_else(|| reader.unreadable("its sort key does not name a pipeline"))
        };
        items.iter().map(name).collect()
    }
}
