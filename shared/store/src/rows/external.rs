//! Which attempt a provider's id of its work belongs to, for events that carry no id of ours (PR3).
//!
//! The row says where to look and nothing else. It is written after the start, so an event that comes
//! before it finds nothing; whoever asks the provider on a timer finds out then.

use engine::state::RunKey;
use model::time::Timestamp;

use crate::error::Error;
use crate::item::{Reader, number, row, text};
use crate::keys::{ALONE, LogKey};
use crate::store::Store;

/// How long the row is kept after the attempt's deadline at most: events do not come later.
const KEPT_DAYS: i64 = 2;

impl Store {
    /// Notes that a provider calls an attempt by this id. The row may be thrown away some time after
    /// `deadline`.
    pub async fn put_external(
        &self,
        provider: &str,
        external_id: &str,
        log: &LogKey,
        run: &RunKey,
        deadline: Timestamp,
    ) -> Result<(), Error> {
        let partition = partition_of(provider, external_id);
        let mut item = row(partition.clone(), ALONE);
        item.insert("pipeline".to_owned(), text(log.pipeline().as_str()));
        item.insert("execution".to_owned(), text(run.execution.to_string()));
        item.insert("stage".to_owned(), text(run.stage.as_str()));
        item.insert("action".to_owned(), text(run.action.as_str()));
        item.insert("attempt".to_owned(), number(run.attempt));
        if let LogKey::Execution(..) = log {
            item.insert("own".to_owned(), number(1));
        }
        let kept_until = deadline.plus_minutes(KEPT_DAYS * 24 * 60);
        item.insert("expires".to_owned(), number(kept_until.millis().div_euclid(1000)));
        self.put_row("note the provider's id", &partition, item).await
    }

    /// Returns the attempt that a provider calls by this id, and the log that it lives in.
    pub async fn external(
        &self,
        provider: &str,
        external_id: &str,
    ) -> Result<Option<(LogKey, RunKey)>, Error> {
        let partition = partition_of(provider, external_id);
        let found = self.row_at("look up a provider's id", partition, ALONE.to_owned()).await?;
        let Some(item) = found else { return Ok(None) };
        let reader = Reader::new(&item)?;
        let execution = reader.text("execution")?;
        let execution = execution
            .parse()
            .map_err(|_| reader.unreadable(format!("{execution:?} is no execution's id")))?;
        let pipeline = model::ids::PipelineName::from(reader.text("pipeline")?);
        let run = RunKey {
            execution,
            stage: reader.text("stage")?.into(),
            action: reader.text("action")?.into(),
            attempt: reader.number("attempt")?,
        };
        let has_own = reader.number_if_any::<u8>("own")?.is_some();
        let log = if has_own {
            LogKey::Execution(pipeline, execution)
        } else {
            LogKey::Pipeline(pipeline)
        };
        Ok(Some((log, run)))
    }
}

fn partition_of(provider: &str, external_id: &str) -> String {
    format!("EXTERNAL#{provider}#{external_id}")
}
