//! Looks at everything that might have been forgotten, and calls the very same functions.

use std::collections::BTreeSet;

use engine::state::RunKey;
use engine::{Effect, Input, Plans, outstanding};
use model::ids::{ExecutionId, PipelineName};
use store::{Head, Live, LogKey};

use crate::action::{self, Error};
use crate::conclude::conclude;
use crate::start::{self, moment_of};
use crate::turn::turn;
use crate::{App, Hint, hint, job};

/// For so many minutes an attempt is asked after each minute; then only every few, since nearly every
/// system sends an event when it is done (PR5).
const ASKED_EACH_MINUTE: i64 = 10;

/// Every how many minutes an attempt is asked after that runs for long.
const ASKED_EVERY_MINUTES: i64 = 5;

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
            Effect::RequestAction(ref run) => ask(app, &head, &plans, run).await,
            Effect::Conclude(id) if app.providers.are_elsewhere() => {
                pass_on(app, Hint::Conclude(log.clone(), id)).await;
                Ok(())
            }
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

/// Asks after an attempt, or has it asked after by who talks to providers.
async fn ask(app: &App, head: &Head, plans: &Plans, run: &RunKey) -> Result<(), Error> {
    if !app.providers.are_elsewhere() {
        return action::ask(app, &head.log, run).await;
    }
    let Some((since, action)) = job::asked_at(head, plans, run) else { return Ok(()) };
    let has_topic = action.configuration.contains_key("NotificationArn");
    if action.is_approval() && (!has_topic || is_noted(app, &head.log, run).await?) {
        return Ok(());
    }
    let minutes = app.world.now().millis_since(since) / 60_000;
    if minutes < ASKED_EACH_MINUTE || minutes % ASKED_EVERY_MINUTES == 0 {
        pass_on(app, Hint::AskProvider(head.log.clone(), run.clone())).await;
    }
    Ok(())
}

async fn is_noted(app: &App, log: &LogKey, run: &RunKey) -> Result<bool, Error> {
    let live = app.store.live(log.pipeline(), run.execution, run.attempt).await?;
    Ok(live.is_some_and(|live| live.external_ids.contains_key(&run.id())))
}

/// Hands a hint on. The next sweep says it again, so a hint that does not arrive is no error.
async fn pass_on(app: &App, hint: Hint) {
    if let Err(undelivered) = app.hints.send(hint).await {
        tracing::warn!(%undelivered, "the next sweep says it again");
    }
}

/// Sweeps every execution that is watched, and throws away watches of executions that never were.
///
/// This is what a timer calls. It costs a read for each of the partitions that hold the watches, and
/// the sweeps of what is unfinished; what has ended costs nothing.
pub async fn sweep_watched(app: &App) -> Result<(), Error> {
    let mut swept = BTreeSet::new();
    let mut first_error = None;
    for shard in 0..store::LIVE_SHARDS {
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
    if app.providers.are_elsewhere() {
        return end_elsewhere(app, live, log).await;
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

/// Has an end written down by who talks to providers: what was given up is stopped on the way. A watch
/// of an execution that never was is thrown away here.
async fn end_elsewhere(app: &App, live: &Live, log: LogKey) -> Result<(), Error> {
    if start::known_in(app, &log, live.execution).await? {
        pass_on(app, Hint::Conclude(log, live.execution)).await;
        return Ok(());
    }
    if is_forgotten(app, live.execution, UNKNOWN_MINUTES_MAX) {
        app.store.delete_live(&live.pipeline, live.execution, live.attempt).await?;
        if start::known_in(app, &log, live.execution).await? {
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
