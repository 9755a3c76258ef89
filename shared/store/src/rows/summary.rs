//! One row for each execution, for the lists that people ask for.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use engine::input::{Revision, Trigger};
use model::ids::{ExecutionId, PipelineName};
use model::outcome::SourceRevision;
use model::status::{ExecutionMode, ExecutionStatus, TriggerType};
use model::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Range;
use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{EXECUTION, SK, partition_of};
use crate::store::Store;

/// What the API's lists say of an execution, and where its records lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Which execution.
    pub execution: ExecutionId,
    /// Its number in the pipeline.
    pub number: u64,
    /// The version of the declaration it is pinned to.
    pub version: u32,
    /// How far it is.
    pub status: ExecutionStatus,
    /// What caused it.
    pub trigger: Trigger,
    /// The revisions that its start asked for.
    pub revisions: Vec<Revision>,
    /// What its source actions brought, by action.
    pub sources: Vec<(String, SourceRevision)>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// When it ended, once it has.
    pub ended_at: Option<Timestamp>,
    /// The first record of its log that is about it.
    pub first_record: u64,
    /// The last one known to be.
    pub last_record: u64,
    /// What else people are told. Rows that were written before there was any of it have none.
    pub particulars: Particulars,
}

/// What people are told of an execution besides how far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// What happened under its declaration when executions met.
    pub mode: Option<ExecutionMode>,
    /// How many stages it went through, counted from the first.
    pub stages_done: usize,
    /// Why somebody stopped it, if they said so (R50).
    pub stop_reason: Option<String>,
    /// One sentence about its status, where the status does not say it all.
    pub explanation: Option<String>,
}

/// A page of summaries, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryPage {
    /// The summaries.
    pub summaries: Vec<Summary>,
    /// Where the next page begins; none after the last.
    pub next: Option<ExecutionId>,
}

/// The members that the table itself does not need to understand.
#[derive(Debug, Serialize, Deserialize)]
struct Detail {
    trigger: TriggerDetail,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    revisions: Vec<RevisionDetail>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<SourceDetail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(default)]
    stages_done: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stop_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TriggerDetail {
    kind: String,
    detail: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct RevisionDetail {
    action: String,
    kind: String,
    value: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct SourceDetail {
    action: String,
    revision: SourceRevision,
}

impl Store {
    /// Writes an execution's summary, or replaces one that knows less.
    pub async fn put_summary(
        &self,
        pipeline: &PipelineName,
        summary: &Summary,
    ) -> Result<(), Error> {
        let request = self
            .client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(render(pipeline, summary)))
            // In words: the row that is there is not about a later record. A late summary of an
            // attempt must not replace that of the retry.
            .condition_expression("attribute_not_exists(PK) OR #last <= :last")
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":last", number(summary.last_record));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(Error::request("write the summary of an execution", pipeline, error)),
        }
    }

    /// Returns the summary of one execution, if one was written.
    pub async fn summary(
        &self,
        pipeline: &PipelineName,
        execution: ExecutionId,
    ) -> Result<Option<Summary>, Error> {
        let doing = "look up an execution";
        let item = self.row_at(doing, partition_of(pipeline), sort_of(execution)).await?;
        item.as_ref().map(parse).transpose()
    }

    /// Returns up to `limit` summaries of a pipeline, newest first, after the one that the page
    /// before ended with.
    pub async fn summaries(
        &self,
        pipeline: &PipelineName,
        limit: u32,
        start_after: Option<ExecutionId>,
    ) -> Result<SummaryPage, Error> {
        let range = Range {
            partition: partition_of(pipeline),
            prefix: EXECUTION,
            after: start_after.map(sort_of),
            // Ids sort by the moment they were made.
            is_ascending: false,
            limit: Some(limit),
        };
        let page = self.page("list executions", range).await?;
        let summaries = page.items.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let next = page.last.and_then(|_| summaries.last().map(|summary| summary.execution));
        Ok(SummaryPage { summaries, next })
    }
}

fn sort_of(execution: ExecutionId) -> String {
    format!("{EXECUTION}{execution}")
}

fn render(pipeline: &PipelineName, summary: &Summary) -> Item {
    let Summary {
        execution,
        number: own_number,
        version,
        status,
        trigger,
        revisions,
        sources,
        started_at,
        updated_at,
        ended_at,
        first_record,
        last_record,
        particulars,
    } = summary;
    let Particulars { mode, stages_done, stop_reason, explanation } = particulars;
    let Trigger { kind, detail } = trigger;
    let revision = |revision: &Revision| {
        let Revision { action, kind, value } = revision;
        RevisionDetail { action: action.to_string(), kind: kind.clone(), value: value.clone() }
    };
    let source = |(action, revision): &(String, SourceRevision)| SourceDetail {
        action: action.clone(),
        revision: revision.clone(),
    };
    let detail = Detail {
        trigger: TriggerDetail { kind: kind.as_str().to_owned(), detail: detail.clone() },
        revisions: revisions.iter().map(revision).collect(),
        sources: sources.iter().map(source).collect(),
        mode: mode.map(|mode| mode.as_str().to_owned()),
        stages_done: *stages_done,
        stop_reason: stop_reason.clone(),
        explanation: explanation.clone(),
    };
    let detail = serde_json::to_string(&detail).expect("texts are always JSON");
    let mut item = row(partition_of(pipeline), sort_of(*execution));
    item.insert("number".to_owned(), number(own_number));
    item.insert("version".to_owned(), number(version));
    item.insert("status".to_owned(), text(status.as_str()));
    item.insert("started".to_owned(), number(started_at.millis()));
    item.insert("updated".to_owned(), number(updated_at.millis()));
    if let Some(ended_at) = ended_at {
        item.insert("ended".to_owned(), number(ended_at.millis()));
    }
    item.insert("first".to_owned(), number(first_record));
    item.insert("last".to_owned(), number(last_record));
    item.insert("detail".to_owned(), text(detail));
    item
}

fn parse(item: &Item) -> Result<Summary, Error> {
    let reader = Reader::new(item)?;
    let wrong = |name: &str| reader.unreadable(format!("`{name}` is not what we write"));
    let execution = reader.text(SK)?.strip_prefix(EXECUTION).and_then(|id| id.parse().ok());
    let detail: Detail = serde_json::from_str(reader.text("detail")?)
        .map_err(|error| reader.unreadable(format!("`detail`: {error}")))?;
    let Detail { trigger, revisions, sources, mode, stages_done, stop_reason, explanation } =
        detail;
    let mode = match mode {
        None => None,
        Some(mode) => Some(ExecutionMode::parse(&mode).ok_or_else(|| wrong("detail"))?),
    };
    let moment = |name| reader.number(name).map(Timestamp::from_millis);
    Ok(Summary {
        execution: execution.ok_or_else(|| wrong(SK))?,
        number: reader.number("number")?,
        version: reader.number("version")?,
        status: ExecutionStatus::parse(reader.text("status")?).ok_or_else(|| wrong("status"))?,
        trigger: Trigger {
            kind: TriggerType::parse(&trigger.kind).ok_or_else(|| wrong("detail"))?,
            detail: trigger.detail,
        },
        revisions: revisions
            .into_iter()
            .map(|RevisionDetail { action, kind, value }| Revision {
                action: action.into(),
                kind,
                value,
            })
            .collect(),
        sources: sources
            .into_iter()
            .map(|SourceDetail { action, revision }| (action, revision))
            .collect(),
        started_at: moment("started")?,
        updated_at: moment("updated")?,
        ended_at: reader.number_if_any("ended")?.map(Timestamp::from_millis),
        first_record: reader.number("first")?,
        last_record: reader.number("last")?,
        particulars: Particulars { mode, stages_done, stop_reason, explanation },
    })
}
