//! What an attempt was given and left behind, found from where it was asked for.
//!
//! The state that the asking record made is the very state that the job was made of. So what an
//! attempt was given need not be kept: it is made again.

use engine::State;
use engine::state::{Place, Run, RunKey};
use model::ids::ApprovalToken;
use runtime::conclude::newest;
use runtime::summary::changes_of;
use runtime::{App, job, lookup};
use store::{Error, Head, Progress};

use super::Detail;
use super::walk::Asked;
use crate::board::{self, Attempt};
use crate::{History, Look, Running};

/// Returns everything about an attempt.
pub(super) async fn detail(
    history: &History,
    app: &App,
    look: &Look,
    asked: &Asked,
) -> Result<Option<Detail>, Error> {
    let Asked { log, record, run, .. } = asked;
    let pipeline = log.pipeline();
    let Some(execution) = record.state.executions.get(&run.execution) else { return Ok(None) };
    let plan = app.store.plan(pipeline, execution.definition.record).await?;
    let stage = &plan.stages[execution.stage];
    let Some(index) = stage.action_index(&run.action) else { return Ok(None) };
    let action = stage.actions[index].clone();
    let head = if *log == look.head.log { look.head.clone() } else { newest(app, log).await? };
    let attempt = outcome(app, &head, asked, (execution.stage, index)).await?;
    let then = Head { log: log.clone(), state: record.state.clone() };
    let job = job::recall(app, &then, &plan, run).await?.and_then(Result::ok);
    let is_open = attempt.progress == board::Progress::InProgress;
    let token = (is_open && action.is_approval())
        .then(|| ApprovalToken::derive(head.state.secret, run.id()));
    let said = if is_open {
        let board = (*log == look.head.log).then_some(&*look.board);
        let asked = Some(record.sequence);
        history.running(app, &Running { pipeline, action: &action, run, asked, board }).await?
    } else {
        Progress::default()
    };
    Ok(Some(Detail {
        attempt,
        version: execution.definition.version,
        asked_at: record.at,
        action,
        job,
        said,
        token,
    }))
}

/// Finds how an attempt ended, if it did. `place` says which stage and which action of it, as declared.
async fn outcome(
    app: &App,
    head: &Head,
    asked: &Asked,
    place: (usize, usize),
) -> Result<Attempt, Error> {
    let Asked { log, record, run, .. } = asked;
    let open = Attempt {
        run: run.clone(),
        asked: Some(record.sequence),
        changed_at: record.at,
        progress: board::Progress::InProgress,
        by: None,
    };
    if is_in_progress(&head.state, run, place) {
        return Ok(open);
    }
    let range = (record.sequence, head.state.sequence);
    let has_ended = |state: &State| !is_in_progress(state, run, place);
    let end = lookup::first_after(app, log, range, has_ended).await?;
    let ended = end.as_ref().and_then(|end| {
        let mut progress = changes_of(end, run.execution)
            .filter_map(|it| board::Progress::after(run.execution, it));
        let (_, progress, by) = progress.find(|(other, progress, _)| {
            other == run && *progress != board::Progress::InProgress
        })?;
        Some(Attempt { changed_at: end.at, progress, by, ..open.clone() })
    });
    Ok(ended.unwrap_or(open))
}

/// Whether an attempt is in progress. What ended does not begin again: the next attempt has another
/// number.
fn is_in_progress(state: &State, run: &RunKey, (stage, action): (usize, usize)) -> bool {
    state.executions.get(&run.execution).is_some_and(|execution| {
        execution.place == Place::Inside
            && execution.stage == stage
            && matches!(
                execution.runs.get(action),
                Some(Run::InProgress { attempt, .. }) if *attempt == run.attempt
            )
    })
}
