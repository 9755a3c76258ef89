//! The list of a pipeline's executions, newest first.
//!
//! What ended is read from the summaries, which are written once an execution ends; what is in flight
//! is in the newest state; and what ended without its summary being written yet is on the board. So
//! nothing is ever missing, and a page costs the same however many executions there were.

use std::collections::BTreeMap;

use model::ids::{ExecutionId, StageName};
use runtime::App;
use store::{Error, Summary};

use crate::Look;
use crate::execution::find;

/// How many pages of summaries one request looks through for those that a filter lets pass.
const PAGES_MAX: u32 = 10;

/// A page of executions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The executions, newest first.
    pub executions: Vec<Summary>,
    /// After which execution the next page begins; none after the last.
    pub next: Option<ExecutionId>,
}

/// Returns up to `limit` executions after the one that the page before ended with; with a stage, those
/// that succeeded in it under the declaration in force (R78).
pub async fn list(
    app: &App,
    look: &Look,
    limit: usize,
    after: Option<ExecutionId>,
    succeeded_in: Option<&StageName>,
) -> Result<Page, Error> {
    let Some(stage) = succeeded_in else { return page(app, look, limit, after).await };
    let Some(index) = look.plan.stage_index(stage) else {
        return Ok(Page { executions: Vec::new(), next: None });
    };
    let version = look.head.state.definition.map(|definition| definition.version);
    let mut found = Page { executions: Vec::new(), next: after };
    for _ in 0..PAGES_MAX {
        let page = page(app, look, limit, found.next).await?;
        // Everything before was started under an older declaration.
        let is_past = page.executions.last().is_some_and(|last| Some(last.version) < version);
        for summary in page.executions {
            if Some(summary.version) != version || summary.particulars.stages_done <= index {
                continue;
            }
            if found.executions.len() == limit {
                found.next = found.executions.last().map(|last| last.execution);
                return Ok(found);
            }
            found.executions.push(summary);
        }
        found.next = page.next.filter(|_| !is_past);
        if found.next.is_none() || found.executions.len() == limit {
            break;
        }
    }
    Ok(found)
}

async fn page(
    app: &App,
    look: &Look,
    limit: usize,
    after: Option<ExecutionId>,
) -> Result<Page, Error> {
    let (state, pipeline) = (&look.head.state, look.head.log.pipeline());
    // One more than asked for tells whether there is a next page.
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let written = app.store.summaries(pipeline, wanted, after).await?;
    let mut listed: BTreeMap<ExecutionId, Option<Summary>> = BTreeMap::new();
    let lowest = written.next;
    for summary in written.summaries {
        listed.insert(summary.execution, Some(summary));
    }
    let is_in_page = |id: &ExecutionId| {
        after.is_none_or(|after| *id < after) && lowest.is_none_or(|lowest| *id >= lowest)
    };
    let admitted = state.admitted.iter().filter(|(_, admission)| !admission.is_withdrawn);
    let unfinished = state.executions.keys().chain(admitted.map(|(id, _)| id));
    for id in unfinished.filter(|id| is_in_page(id)) {
        listed.insert(*id, None);
    }
    for (id, ended) in look.board.ended.iter().filter(|(id, _)| is_in_page(id)) {
        let is_told =
            |summary: &Summary| !ended.had_own_log && summary.last_record >= ended.sequence;
        if !listed.get(id).is_some_and(|known| known.as_ref().is_some_and(is_told)) {
            listed.insert(*id, None);
        }
    }
    let mut executions = Vec::new();
    for (id, summary) in listed.into_iter().rev() {
        if executions.len() > limit {
            break;
        }
        let summary = match summary {
            Some(summary) => Some(summary),
            None => find(app, look, id).await?.map(|found| found.summary),
        };
        // What happened before the pipeline was created is not its history.
        executions.extend(summary.filter(|it| it.number > look.life.numbers_before));
    }
    let has_more = executions.len() > limit || (lowest.is_some() && !executions.is_empty());
    executions.truncate(limit);
    let next = executions.last().map(|last| last.execution).filter(|_| has_more);
    Ok(Page { executions, next })
}
