//! What the sweep watches: one row for each unfinished execution, in 16 partitions.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use engine::state::RunKey;
use model::ids::{ActionRunId, ExecutionId, PipelineName};
use model::time::Timestamp;

use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{PK, SK, live_partition};
use crate::store::Store;

/// How many partitions the watched executions are spread over. A sweep reads each of them, also where
/// nothing runs, so each costs the idle; and each takes a thousand starts and ends a second.
pub const LIVE_SHARDS: u8 = 16;

/// How the attribute of an attempt's external id begins.
const EXTERNAL: &str = "external-";

/// How the attribute begins that says when an attempt's start was begun.
const BEGUN: &str = "begun-";

/// What is known of a start that is about to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nobody began it before; it is written down now.
    First,
    /// Somebody began it at this moment, and may or may not have made it.
    Before(Timestamp),
    /// The execution is not watched any more, so nothing is to be started.
    Unwatched,
}

/// One attempt of an execution, which the sweep looks after until it ends.
///
/// A retry has a row of its own, so whatever is late about a former attempt's row cannot touch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Its pipeline.
    pub pipeline: PipelineName,
    /// Which execution.
    pub execution: ExecutionId,
    /// 1, and one more for each retry.
    pub attempt: u32,
    /// The providers' ids of running work, by action run.
    pub external_ids: BTreeMap<ActionRunId, String>,
}

impl Live {
    /// Watches an execution of which no outside work is known yet.
    pub fn new(pipeline: &PipelineName, execution: ExecutionId, attempt: u32) -> Self {
        Self { pipeline: pipeline.clone(), execution, attempt, external_ids: BTreeMap::new() }
    }
}

/// Returns the partition in which an execution is watched.
pub fn shard_of(execution: ExecutionId) -> u8 {
    // The front of the id is the moment it was made; only its end is spread evenly.
    execution.uuid().as_bytes()[15] % LIVE_SHARDS
}

impl Store {
    /// Begins to watch an execution. Where it is watched already, what is known of its work stays: whoever
    /// asks for the same start or retry once more must not make others forget what they began.
    pub async fn put_live(&self, live: &Live) -> Result<(), Error> {
        let Live { pipeline, execution, attempt, external_ids } = live;
        let sort = sort_of(pipeline, *execution, *attempt);
        let mut item = row(live_partition(shard_of(*execution)), &sort);
        for (run, external_id) in external_ids {
            item.insert(format!("{EXTERNAL}{run}"), text(external_id));
        }
        let is_unwatched = "attribute_not_exists(SK)";
        self.put_row_if("watch an execution", &sort, item, is_unwatched, []).await.map(|_| ())
    }

    /// Notes the provider's id of an attempt that was started. Each attempt has an attribute of its
    /// own, so two starts at the same time do not write over one another. An execution that is not
    /// watched any more stays so.
    pub async fn note_external(
        &self,
        pipeline: &PipelineName,
        run: &RunKey,
        external_id: &str,
    ) -> Result<(), Error> {
        // An execution's attempt is that of the actions it asks for.
        let RunKey { execution, attempt, .. } = run;
        let sort = sort_of(pipeline, *execution, *attempt);
        let request = self
            .client()
            .update_item()
            .table_name(self.table())
            .key(PK, text(live_partition(shard_of(*execution))))
            .key(SK, text(&sort))
            // In words: the execution is still watched. A late note must not bring back the row of
            // an execution that ended.
            .condition_expression("attribute_exists(PK)")
            .update_expression("SET #run = :external")
            .expression_attribute_names("#run", format!("{EXTERNAL}{}", run.id()))
            .expression_attribute_values(":external", text(external_id));
        self.external_ids_seen().insert(run.id(), external_id.to_owned());
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(Error::request("note the provider's id of", &sort, error)),
        }
    }

    /// Writes down that the start of an attempt begins now, unless it was begun before. Of two that begin
    /// at once, one is the first.
    pub async fn begin_start(
        &self,
        pipeline: &PipelineName,
        run: &RunKey,
        now: Timestamp,
    ) -> Result<Begun, Error> {
        let RunKey { execution, attempt, .. } = run;
        let sort = sort_of(pipeline, *execution, *attempt);
        let name = format!("{BEGUN}{}", run.id());
        let request = self
            .client()
            .update_item()
            .table_name(self.table())
            .key(PK, text(live_partition(shard_of(*execution))))
            .key(SK, text(&sort))
            // In words: the execution is still watched. The first moment stays what it was.
            .condition_expression("attribute_exists(PK)")
            .update_expression("SET #run = if_not_exists(#run, :now)")
            .expression_attribute_names("#run", &name)
            .expression_attribute_values(":now", number(now.millis()))
            .return_values(ReturnValue::UpdatedOld);
        match request.send().await {
            Ok(answer) => {
                let old = answer.attributes.unwrap_or_default();
                let millis = old.get(&name).and_then(|value| value.as_n().ok()?.parse().ok());
                Ok(millis
                    .map_or(Begun::First, |millis| Begun::Before(Timestamp::from_millis(millis))))
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(Begun::Unwatched)
            }
            Err(error) => Err(Error::request("note the start of", &sort, error)),
        }
    }

    /// Begins the start of an attempt anew, unless somebody else did since it was begun at `at`. Says whether
    /// it is ours.
    pub async fn take_start_over(
        &self,
        pipeline: &PipelineName,
        run: &RunKey,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let RunKey { execution, attempt, .. } = run;
        let sort = sort_of(pipeline, *execution, *attempt);
        let request = self
            .client()
            .update_item()
            .table_name(self.table())
            .key(PK, text(live_partition(shard_of(*execution))))
            .key(SK, text(&sort))
            // In words: nobody began it since. Of two that take it over, one does.
            .condition_expression("#run = :at")
            .update_expression("SET #run = :now")
            .expression_attribute_names("#run", format!("{BEGUN}{}", run.id()))
            .expression_attribute_values(":at", number(at.millis()))
            .expression_attribute_values(":now", number(now.millis()));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(Error::request("take over the start of", &sort, error)),
        }
    }

    /// Returns what is known of an execution's attempt that is watched, read strongly.
    pub async fn live(
        &self,
        pipeline: &PipelineName,
        execution: ExecutionId,
        attempt: u32,
    ) -> Result<Option<Live>, Error> {
        let sort = sort_of(pipeline, execution, attempt);
        let partition = live_partition(shard_of(execution));
        let item = self.row_at("look up a watched execution", partition, sort).await?;
        item.as_ref().map(parse).transpose()
    }

    /// Returns what the provider of an attempt called the work, if it was noted some time ago; what was noted just
    /// now may be missing.
    pub async fn external_noted(
        &self,
        pipeline: &PipelineName,
        run: &RunKey,
    ) -> Result<Option<String>, Error> {
        let RunKey { execution, attempt, .. } = run;
        let sort = sort_of(pipeline, *execution, *attempt);
        let partition = live_partition(shard_of(*execution));
        let found = self.row_in("look up a provider's id", partition, sort, false).await?;
        let Some(item) = found else { return Ok(None) };
        Ok(parse(&item)?.external_ids.remove(&run.id()))
    }

    /// Watches an attempt of an execution no longer.
    pub async fn delete_live(
        &self,
        pipeline: &PipelineName,
        execution: ExecutionId,
        attempt: u32,
    ) -> Result<(), Error> {
        let sort = sort_of(pipeline, execution, attempt);
        let partition = live_partition(shard_of(execution));
        self.delete_row("watch no longer an execution", &sort.clone(), partition, sort).await
    }

    /// Returns the attempts of one execution that are watched.
    pub async fn live_of(
        &self,
        pipeline: &PipelineName,
        execution: ExecutionId,
    ) -> Result<Vec<Live>, Error> {
        let partition = live_partition(shard_of(execution));
        let prefix = format!("{pipeline}#{execution}#");
        let items = self.all("look up a watched execution", partition, &prefix).await?;
        items.iter().map(parse).collect()
    }

    /// Returns every execution that is watched in one partition.
    pub async fn list_live(&self, shard: u8) -> Result<Vec<Live>, Error> {
        let items = self.all("list watched executions", live_partition(shard), "").await?;
        items.iter().map(parse).collect()
    }
}

fn sort_of(pipeline: &PipelineName, execution: ExecutionId, attempt: u32) -> String {
    format!("{pipeline}#{execution}#{attempt}")
}

fn parse(item: &Item) -> Result<Live, Error> {
    let reader = Reader::new(item)?;
    let keys = keys_of(reader.text(SK)?);
    let (pipeline, execution, attempt) =
        keys.ok_or_else(|| reader.unreadable("its sort key does not name an execution"))?;
    let mut external_ids = BTreeMap::new();
    for name in item.keys() {
        let Some(run) = name.strip_prefix(EXTERNAL) else { continue };
        let run = run
            .parse()
            .map_err(|_| reader.unreadable(format!("{name:?} does not name an action run")))?;
        external_ids.insert(run, reader.text(name)?.to_owned());
    }
    Ok(Live { pipeline, execution, attempt, external_ids })
}

/// Reads a sort key back. A pipeline's name has no `#` in it, and an id has none either.
fn keys_of(sort: &str) -> Option<(PipelineName, ExecutionId, u32)> {
    let (rest, attempt) = sort.rsplit_once('#')?;
    let (pipeline, execution) = rest.rsplit_once('#')?;
    Some((pipeline.into(), execution.parse().ok()?, attempt.parse().ok()?))
}
