//! Looks at everything that might have been forgotten, and calls the very same functions.

use std::collections::BTreeSet;

use engine::{Effect, Input, outstanding};
use model::ids::{ExecutionId, PipelineName};
use store::{Live, LogKey};

use crate::action::{self, Error};
use crate::conclude::conclude;
use crate::start::moment_of;
use crate::turn::turn;
use crate::{App, hint};

/// How long a watched execution may be unknown to its log before the watch is thrown away: its start
/// may still be on its way.
const UNKNOWN_MINUTES_MAX: i64 = 15;

/// Sweeps one log: what is overdue fails, what is asked for is asked after, and what was promised to
/// another log is told again. Sweeping too often costs reads and nothing else. One thing that cannot
/// be looked at does not keep us from the others.
pub async fn sweep(app: &App, log: &LogKey) -> Result<(), Error> {
    turn(app, log, &Input::Tick, None).await?;
    let head = app.store.load(log).await?;
    let plans = app.store.plans(&head).await?;
    let mut first_error = None;
    for effect in outstanding(&head.state, &plans) {
        let looked = match effect {
            Effect::RequestAction(ref run) => action::ask(app, log, run).await,
            Effect::CancelAction(_)
            | Effect::Open(_)
            | Effect::Relay(_)
            | Effect::Withdraw(_)
            | Effect::Close(..)
            | Effect::Reopen(..)
            | Effect::Conclude(_) => hint::owe(app, log, effect).await,
        };
        first_error = first_error.or(looked.err());
    }
    first_error.map_or(Ok(()), Err)
}

/// Sweeps every execution that is watched, and throws away watches of executions that never were.
///
/// This is what a timer calls. It costs a read for each of the partitions that hold the watches, and
/// the sweeps of what is unfinished; what has ended costs nothing.
pub async fn sweep_watched(app: &App) -> Result<(), Error> {
    let mut swept = BTreeSet::new();
    let mut first_error = None;
    for shard in 0..=u8::MAX {
        let looked = sweep_shard(app, shard, &mut swept).await;
        first_error = first_error.or(looked.err());
    }
    first_error.map_or(Ok(()), Err)
}

/// Sweeps what is watched in one partition, for whoever spreads the work. `swept` holds the pipelines
/// whose own logs were swept already.
pub async fn sweep_shard(
    app: &App,
    shard: u8,
    swept: &mut BTreeSet<PipelineName>,
) -> Result<(), Error> {
    let mut first_error = None;
    for live in app.store.list_live(shard).await? {
        let looked = sweep_live(app, &live, swept).await;
        first_error = first_error.or(looked.err());
    }
    first_error.map_or(Ok(()), Err)
}

async fn sweep_live(
    app: &App,
    live: &Live,
    swept: &mut BTreeSet<PipelineName>,
) -> Result<(), Error> {
    let of_pipeline = LogKey::Pipeline(live.pipeline.clone());
    let of_execution = LogKey::Execution(live.pipeline.clone(), live.execution);
    if swept.insert(live.pipeline.clone()) {
        sweep(app, &of_pipeline).await?;
    }
    if is_unfinished(app, &of_pipeline, live).await? {
        return Ok(());
    }
    let has_own_log = app.store.load(&of_execution).await?.state.sequence > 0;
    let log = if has_own_log { of_execution } else { of_pipeline };
    if has_own_log {
        sweep(app, &log).await?;
        if is_unfinished(app, &log, live).await? {
            return Ok(());
        }
    }
    let is_over = match conclude(app, &log, live.execution).await? {
        // This watch went with the end.
        Some(attempt) if attempt == live.attempt => return Ok(()),
        Some(_) => true,
        None => is_forgotten(app, live.execution, UNKNOWN_MINUTES_MAX),
    };
    if is_over {
        app.store.delete_live(&live.pipeline, live.execution, live.attempt).await?;
        // A start or a retry that was under way for long may have happened meanwhile.
        let state = &app.store.load(&log).await?.state;
        if state.executions.contains_key(&live.execution)
            || state.admitted.contains_key(&live.execution)
        {
            app.store.put_live(live).await?;
        }
    }
    Ok(())
}

/// Whether a log holds the execution as unfinished, or is about to open a log for it.
async fn is_unfinished(app: &App, log: &LogKey, live: &Live) -> Result<bool, Error> {
    let state = &app.store.load(log).await?.state;
    if state.executions.contains_key(&live.execution) {
        return Ok(true);
    }
    let of_execution = LogKey::Execution(live.pipeline.clone(), live.execution);
    Ok(state.admitted.contains_key(&live.execution)
        && app.store.load(&of_execution).await?.state.sequence == 0)
}

/// Whether an execution's id is so old that a sweep may take it for one that never started, while
/// its start is under way. Then its watch must be written once more after it has started.
pub(crate) fn may_be_forgotten(app: &App, execution: ExecutionId) -> bool {
    // Half the time: the clocks of who starts and who sweeps differ.
    is_forgotten(app, execution, UNKNOWN_MINUTES_MAX / 2)
}

fn is_forgotten(app: &App, execution: ExecutionId, minutes_max: i64) -> bool {
    let minutes = app.world.now().millis_since(moment_of(execution)) / 60_000;
    minutes > minutes_max
}
