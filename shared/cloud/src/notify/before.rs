//! What was before an execution: the last success, the failures since, and what came with them.

use std::collections::BTreeSet;

use model::ids::PipelineName;
use model::status::{ExecutionStatus, TriggerType};
use notifications::facts::{Before, Changes, Revision};
use runtime::App;
use store::{Error, Summary};

/// How many executions are looked back at. A success before that is not called the last one.
const LOOKED_BACK_MAX: u32 = 40;

/// What was before.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) before: Before,
    pub(super) changes: Changes,
}

/// Returns what was before an execution. With a stage, the changes are those since an execution passed it, since
/// that is what somebody who is asked there wants to know.
pub(super) async fn past(
    app: &App,
    pipeline: &PipelineName,
    own: &Summary,
    stage: Option<(usize, &str)>,
) -> Result<Past, Error> {
    let page = app.store.summaries(pipeline, LOOKED_BACK_MAX, Some(own.execution)).await?;
    let mut past = Past::default();
    let before = page.summaries.iter().take_while(|it| it.status != ExecutionStatus::Succeeded);
    let failed = before.filter(|it| it.status == ExecutionStatus::Failed).count();
    past.before.failed_in_a_row = u32::try_from(failed).unwrap_or(u32::MAX);
    let success = page.summaries.iter().find(|it| it.status == ExecutionStatus::Succeeded);
    past.before.succeeded_at = success.and_then(|success| success.ended_at);

    let is_last = |it: &&Summary| match stage {
        Some((index, _)) => it.particulars.stages_done > index,
        None => it.status == ExecutionStatus::Succeeded,
    };
    let last = page.summaries.iter().find(is_last);
    if !is_rollback(own) {
        past.changes.since = last.map(|last| last.number);
        past.changes.through = stage.filter(|_| last.is_some()).map(|(_, stage)| stage.to_owned());
    }
    past.changes.revisions = revisions(own, &page.summaries, last);
    Ok(past)
}

/// Returns what an execution brings, and what those between it and the last success brought.
fn revisions(own: &Summary, before: &[Summary], last: Option<&Summary>) -> Vec<Revision> {
    // What goes back brings nothing but what it goes back to; and where no success is known, nobody knows how far
    // back the changes reach.
    let last = last.filter(|_| !is_rollback(own));
    let end = last.and_then(|last| before.iter().position(|it| it.execution == last.execution));
    let between = &before[..end.unwrap_or(0)];
    // What is in place already is no change, and a revision that was tried twice is one.
    let mut known: BTreeSet<&str> = last.into_iter().flat_map(ids).collect();
    let mut revisions = Vec::new();
    for summary in std::iter::once(own).chain(between) {
        for (_, revision) in &summary.sources {
            if known.insert(&revision.id) {
                revisions.push(Revision {
                    number: summary.number,
                    id: revision.id.clone(),
                    summary: revision.summary.clone(),
                    url: revision.url.clone(),
                });
            }
        }
    }
    revisions
}

fn is_rollback(own: &Summary) -> bool {
    matches!(own.trigger.kind, TriggerType::ManualRollback | TriggerType::AutomatedRollback)
}

fn ids(summary: &Summary) -> impl Iterator<Item = &str> {
    summary.sources.iter().map(|(_, revision)| revision.id.as_str())
}
