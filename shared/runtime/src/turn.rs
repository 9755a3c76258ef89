//! The only loop in the system that changes anything.

use std::borrow::Cow;

use engine::{Decision, Effect, Input, Plans, Rejection, decide, outstanding};
use futures_util::future::join;
use store::{Commit, Head, LogKey};

use crate::App;
use crate::conclude::{newest, recent};
use crate::foreseen::foresee;
use crate::perform::{perform, repeat};

/// How often a turn is replayed while other writers get there first. Beyond that the input goes back
/// to where it came from.
pub const COMMIT_ATTEMPTS_MAX: usize = 16;

/// What a turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The log has a new record; this is what it says.
    Changed(Decision),
    /// What was asked for was so already.
    Unchanged,
    /// The input was refused; nothing changed.
    Refused(Rejection),
}

/// The world failed; nothing is known to have changed. The input may be given again as it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be used.
    #[error("failed to take a turn on {log}")]
    Store {
        /// Which log.
        log: LogKey,
        /// Why.
        #[source]
        source: store::Error,
    },
    /// Other writers were faster every time.
    #[error("failed to take a turn on {log}: others were faster {COMMIT_ATTEMPTS_MAX} times")]
    Contended {
        /// Which log.
        log: LogKey,
    },
}

/// Takes one turn on a log, replaying it while other writers get there first.
///
/// `definition` is the declaration's JSON when the input defines the pipeline.
pub async fn turn(
    app: &App,
    log: &LogKey,
    input: &Input,
    definition: Option<&str>,
) -> Result<Outcome, Error> {
    take(app, log, |_| Cow::Borrowed(input), definition, Sight::Newest).await
}

/// Takes one turn for whoever looked at the log just now: what was seen then is new enough to be decided on,
/// since only what is still the newest can be appended to. A decision that appends nothing has no such
/// proof, and is taken on a state that is read.
pub(crate) async fn turn_soon(app: &App, log: &LogKey, input: &Input) -> Result<Outcome, Error> {
    take(app, log, |_| Cow::Borrowed(input), None, Sight::Recent).await
}

/// Takes one turn whose input says something of the very head that it is decided on.
pub(crate) async fn turn_on<'a>(
    app: &App,
    log: &LogKey,
    input_on: impl Fn(&Head) -> Cow<'a, Input>,
    sight: Sight,
) -> Result<Outcome, Error> {
    take(app, log, input_on, None, sight).await
}

/// On which state a turn is tried first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// On the newest, which is read.
    Newest,
    /// On what this process saw last, for whoever looked just now.
    Recent,
}

async fn take<'a>(
    app: &App,
    log: &LogKey,
    input_on: impl Fn(&Head) -> Cow<'a, Input>,
    definition: Option<&str>,
    mut sight: Sight,
) -> Result<Outcome, Error> {
    let failed = |source| Error::Store { log: log.clone(), source };
    for attempt in 0..COMMIT_ATTEMPTS_MAX {
        // Inputs of one log that meet in this process wait here instead of racing at the table: the
        // append stays the lock, and a race that is not run is not lost.
        let place = app.store.queue(log).await;

        // Load: the head of the log, which holds the whole state.
        let head = match (attempt, sight) {
            (0, Sight::Recent) => recent(app, log).await,
            (0, Sight::Newest) => newest(app, log).await,
            _ => app.store.load(log).await,
        };
        let head = head.map_err(failed)?;
        let input = &*input_on(&head);
        let plans = plans(app, &head, input).await.map_err(failed)?;

        // Decide: pure and total. The same state and input give the same decision.
        let decision = match decide(&head.state, &plans, input, app.world.now()) {
            Ok(decision) if !decision.is_empty() => decision,
            // What was seen a while ago may be used to append, and for nothing else.
            Ok(_) | Err(_) if sight == Sight::Recent => {
                sight = Sight::Newest;
                continue;
            }
            // Already so, perhaps by an earlier delivery that died: hint again at what is owed.
            Ok(_) => {
                drop(place);
                repeat(app, log, &owed(input, outstanding(&head.state, &plans))).await;
                return Ok(Outcome::Unchanged);
            }
            Err(rejection) => return Ok(Outcome::Refused(rejection)),
        };

        // Persist: one record, appended only if nobody else has appended. This is the stage lock.
        // The number tells our own record from another's when the answer to the write is lost.
        let turn = u64::try_from(app.world.draw() >> 65).unwrap_or_default();
        let commit = app.store.commit(&head, input, decision.clone(), definition, turn);
        let (commit, ()) = join(commit, Box::pin(foresee(app, log, &plans, &decision))).await;
        match commit.map_err(failed)? {
            Commit::Applied(committed) => {
                app.world.appended(&committed);
                drop(place);
                // Perform: only `commit` can make a `Committed`, so nothing leaves before it is durable.
                perform(app, log, &committed.effects()).await;
                return Ok(Outcome::Changed(decision));
            }
            // Somebody else moved first. That is news, not an error: look again.
            Commit::Conflict(winner) => tracing::debug!(%log, ?winner, "somebody was faster"),
        }
    }
    Err(Error::Contended { log: log.clone() })
}

/// Returns the declarations that deciding needs: those that the state is pinned to, and the one that
/// a log begins with.
async fn plans(app: &App, head: &Head, input: &Input) -> Result<Plans, store::Error> {
    let mut plans = app.store.plans(head).await?;
    if let Input::Begin(begin) = input
        && !plans.holds(begin.definition.record)
    {
        let record = begin.definition.record;
        plans.insert(record, app.store.plan(head.log.pipeline(), record).await?);
    }
    Ok(plans)
}

/// Returns what to hint at again after an input that changed nothing. A tick comes from the sweep,
/// which looks at what is owed by itself. Of what two logs tell each other only that is answered which
/// moves the other one on: if each said again all that it owes, they would talk for ever.
fn owed(input: &Input, effects: Vec<Effect>) -> Vec<Effect> {
    let answers =
        |is_one: fn(&Effect) -> bool| effects.iter().filter(|e| is_one(e)).cloned().collect();
    match input {
        Input::Tick | Input::Close { .. } | Input::Reopen { .. } => Vec::new(),
        Input::Relay { .. } | Input::Withdraw { .. } => answers(|e| matches!(e, Effect::Close(..))),
        Input::Begin(_) => answers(|e| matches!(e, Effect::RequestAction(_) | Effect::Close(..))),
        Input::Define { .. }
        | Input::Delete { .. }
        | Input::Start(_)
        | Input::Report { .. }
        | Input::Approve(_)
        | Input::Disable { .. }
        | Input::Enable { .. }
        | Input::Stop { .. }
        | Input::Retry { .. } => effects,
    }
}
