//! The attempts of actions, newest first, with what each was given and left behind.

mod detail;
mod walk;

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::state::{Execution, Run, RunKey};
use model::ids::{ActionRunId, ApprovalToken, ExecutionId};
use model::pipeline::{Action, Pipeline};
use model::time::Timestamp;
use providers::Job;
use runtime::App;
use store::Error;

use crate::board::Attempt;
use crate::execution::{Found, last_state};
use crate::{History, Look};

use self::detail::detail;
use self::walk::{Asked, Walk};

/// Which attempts are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Filter<'a> {
    /// Those of all executions.
    All,
    /// Those of one execution.
    Of(&'a Found),
    /// Of one execution, the newest of each action.
    NewestOf(&'a Found),
}

/// Where an attempt stands: a record, and a change in it. In PARALLEL mode the record is the one that
/// admitted the execution, and the attempt stands in the execution's own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The record.
    pub sequence: u64,
    /// The change, counted from 0.
    pub change: usize,
    /// Record and change in the execution's own log.
    pub own: Option<(ExecutionId, u64, usize)>,
}

/// A page of attempts.
#[derive(Clone, Debug)]
pub struct Page {
    /// The attempts, newest first.
    pub details: Vec<Detail>,
    /// After which position the next page begins; none after the last. A page that stops early because
    /// enough was read may be short, or empty.
    pub next: Option<Position>,
}

/// An attempt, with what it was given.
#[derive(Clone, Debug)]
pub struct Detail {
    /// How far it is.
    pub attempt: Attempt,
    /// The version of the declaration that it runs under.
    pub version: u32,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// How it is declared.
    pub action: Action,
    /// What it was given, references resolved; none where they could not be.
    pub job: Option<Job>,
    /// What whoever works on it said so far, while it is running.
    pub said: store::Progress,
    /// What an answer must present, while a person is asked (R81).
    pub token: Option<ApprovalToken>,
}

/// Returns up to `limit` attempts after a position.
pub async fn list(
    history: &History,
    app: &App,
    look: &Look,
    filter: Filter<'_>,
    after: Option<Position>,
    limit: usize,
) -> Result<Page, Error> {
    let mut walk = Walk::new(app, look, after, limit + 1);
    match filter {
        Filter::All => walk.whole_log().await?,
        Filter::Of(found) => walk.one_execution(found, |_| true).await?,
        Filter::NewestOf(found) => {
            let last = last_of(app, found).await?;
            let mut seen = BTreeSet::new();
            let is_newest = |asked: &Asked| {
                let run = &asked.run;
                let is_superseded =
                    last.as_ref().is_some_and(|(plan, last)| has_newer(plan, last, run));
                !is_superseded && seen.insert((run.stage.clone(), run.action.clone()))
            };
            walk.one_execution(found, is_newest).await?;
        }
    }
    let (mut asked, stopped_at) = walk.into_found();
    let has_more = asked.len() > limit;
    asked.truncate(limit);
    let next = if has_more { asked.last().map(|asked| asked.position) } else { stopped_at };
    let mut details = Vec::with_capacity(asked.len());
    for asked in &asked {
        details.extend(detail(history, app, look, asked).await?);
    }
    Ok(Page { details, next })
}

/// What became of looking for an attempt by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// It exists.
    Found,
    /// There is none in this pipeline.
    Absent,
    /// Enough was read for one request; what is older than this position was not.
    Further(Position),
}

/// Looks for an attempt by its id, from a position back. Ids are derived from names, so there is nothing
/// to look one up in.
pub async fn seek(
    app: &App,
    look: &Look,
    id: ActionRunId,
    after: Option<Position>,
) -> Result<Sought, Error> {
    let mut walk = Walk::new(app, look, after, 1);
    walk.only(id);
    walk.whole_log().await?;
    Ok(match walk.into_found() {
        (found, _) if !found.is_empty() => Sought::Found,
        (_, Some(position)) => Sought::Further(position),
        (_, None) => Sought::Absent,
    })
}

/// Returns what was last known of an execution, with its declaration.
async fn last_of(app: &App, found: &Found) -> Result<Option<(Arc<Pipeline>, Execution)>, Error> {
    let Some(execution) = last_state(app, found).await? else { return Ok(None) };
    let plan = app.store.plan(found.log.pipeline(), execution.definition.record).await?;
    Ok(Some((plan, execution)))
}

/// Whether a later attempt of the action was asked for.
fn has_newer(plan: &Pipeline, last: &Execution, run: &RunKey) -> bool {
    let Some(stage) = plan.stage_index(&run.stage) else { return false };
    let Some(action) = plan.stages[stage].action_index(&run.action) else { return false };
    let newest = match last.results.get(stage) {
        Some(results) => results.get(action).map(|done| done.attempt),
        None if last.stage == stage => last.runs.get(action).and_then(Run::attempt),
        None => None,
    };
    newest.is_some_and(|newest| newest > run.attempt)
}
