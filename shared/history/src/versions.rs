//! The declarations that a pipeline had.

use std::sync::Arc;

use runtime::App;
use store::{Error, Head, Record};

use crate::life::defines;

/// Returns the record that put a version of the declaration in force, in the life that `head` is in.
///
/// Two reads where the record was noted. Where it was not, every declaration's record follows a record
/// whose state names the declaration before, so the versions are a chain that can be gone back.
pub async fn record_of(app: &App, head: &Head, version: u32) -> Result<Option<Arc<Record>>, Error> {
    let Some(current) = head.state.definition else { return Ok(None) };
    if version == 0 || version > current.version {
        return Ok(None);
    }
    if version == current.version {
        return app.store.record(&head.log, current.record).await;
    }
    let noted = app.store.definition_record(head.log.pipeline(), version).await?;
    if let Some(noted) = noted.filter(|noted| *noted < current.record)
        && let Some(record) = app.store.record(&head.log, noted).await?
        // The secret is drawn once in a pipeline's life: a note from before a deletion does not count.
        && record.state.secret == head.state.secret
        && defines(&record, version)
    {
        return Ok(Some(record));
    }
    let mut definition = current;
    while definition.version > version {
        let Some(before) = app.store.record(&head.log, definition.record - 1).await? else {
            return Ok(None);
        };
        let Some(earlier) = before.state.definition else { return Ok(None) };
        definition = earlier;
    }
    app.store.record(&head.log, definition.record).await
}
