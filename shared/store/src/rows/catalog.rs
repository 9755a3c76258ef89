//! The pipelines that there are, with what a list says of each.

use model::ids::PipelineName;
use model::status::{ExecutionMode, PipelineType};
use model::time::Timestamp;

use super::Range;
use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{CATALOG, PIPELINE, SK};
use crate::store::Store;

/// What the list of pipelines says of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogued {
    /// Its name.
    pub name: PipelineName,
    /// When it was created.
    pub created_at: Timestamp,
    /// What is known of its declaration. A pipeline whose creation was interrupted has none yet.
    pub declared: Option<Declared>,
}

/// What the list says of a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its version, counted from 1.
    pub version: u32,
    /// The generation.
    pub pipeline_type: PipelineType,
    /// What happens when executions meet.
    pub mode: ExecutionMode,
    /// When it was put in force.
    pub updated_at: Timestamp,
}

/// A page of the catalogue, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogPage {
    /// The pipelines.
    pub pipelines: Vec<Catalogued>,
    /// Whether more follow.
    pub has_more: bool,
}

impl Store {
    /// Lists a pipeline, unless it is listed: written before it is created, so that no pipeline
    /// exists that is on no list.
    pub async fn put_catalog(&self, pipeline: &PipelineName, now: Timestamp) -> Result<(), Error> {
        let mut item = row(CATALOG, format!("{PIPELINE}{pipeline}"));
        item.insert("at".to_owned(), number(now.millis()));
        // In words: it is not listed. When it was created stays what it was.
        let condition = "attribute_not_exists(PK)";
        let doing = "list the pipeline";
        self.put_row_if(doing, pipeline.as_str(), item, condition, []).await.map(|_| ())
    }

    /// Lists a pipeline with what is known of its declaration, unless a later one is listed.
    pub async fn put_catalogued(&self, catalogued: &Catalogued) -> Result<(), Error> {
        let Catalogued { name, created_at, declared } = catalogued;
        let Some(Declared { version, pipeline_type, mode, updated_at }) = declared else {
            return self.put_catalog(name, *created_at).await;
        };
        let mut item = row(CATALOG, format!("{PIPELINE}{name}"));
        item.insert("at".to_owned(), number(created_at.millis()));
        item.insert("version".to_owned(), number(version));
        item.insert("type".to_owned(), text(pipeline_type.as_str()));
        item.insert("mode".to_owned(), text(mode.as_str()));
        item.insert("updated".to_owned(), number(updated_at.millis()));
        // In words: nothing newer is known. Of two that update at once, the later one is listed.
        let condition = "attribute_not_exists(updated) OR updated <= :updated";
        let values = [(":updated", number(updated_at.millis()))];
        let doing = "list the pipeline";
        self.put_row_if(doing, name.as_str(), item, condition, values).await.map(|_| ())
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
        items.iter().map(|item| name_of(&Reader::new(item)?)).collect()
    }

    /// Returns up to `limit` pipelines by name, after the one that the page before ended with.
    pub async fn catalog_page(
        &self,
        limit: u32,
        after: Option<&PipelineName>,
    ) -> Result<CatalogPage, Error> {
        let range = Range {
            partition: CATALOG.to_owned(),
            prefix: PIPELINE,
            after: after.map(|after| format!("{PIPELINE}{after}")),
            is_ascending: true,
            limit: Some(limit),
        };
        let page = self.page("list pipelines", range).await?;
        let pipelines = page.items.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(CatalogPage { pipelines, has_more: page.last.is_some() })
    }

    /// Returns what the list says of one pipeline, if it is listed.
    pub async fn catalogued(&self, pipeline: &PipelineName) -> Result<Option<Catalogued>, Error> {
        let sort = format!("{PIPELINE}{pipeline}");
        let item = self.row_at("look up the pipeline", CATALOG.to_owned(), sort).await?;
        item.as_ref().map(parse).transpose()
    }
}

fn name_of(reader: &Reader<'_>) -> Result<PipelineName, Error> {
    let name = reader.text(SK)?.strip_prefix(PIPELINE);
    name.map(PipelineName::from)
        .ok_or_else(|| reader.unreadable("its sort key does not name a pipeline"))
}

fn parse(item: &Item) -> Result<Catalogued, Error> {
    let reader = Reader::new(item)?;
    let wrong = |name: &str| reader.unreadable(format!("`{name}` is not what we write"));
    let declared = match reader.number_if_any("version")? {
        None => None,
        Some(version) => Some(Declared {
            version,
            pipeline_type: PipelineType::parse(reader.text("type")?)
                .ok_or_else(|| wrong("type"))?,
            mode: ExecutionMode::parse(reader.text("mode")?).ok_or_else(|| wrong("mode"))?,
            updated_at: Timestamp::from_millis(reader.number("updated")?),
        }),
    };
    Ok(Catalogued {
        name: name_of(&reader)?,
        created_at: Timestamp::from_millis(reader.number("at")?),
        declared,
    })
}
