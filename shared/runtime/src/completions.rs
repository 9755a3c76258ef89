//! Follows what providers say of work that may have ended.
//!
//! The event names an attempt, or an id and no more. Whoever started something under that name asks the
//! provider, under the id that was noted with the start: only the provider is to be believed (D1). An id
//! that nobody knows is somebody else's work, or its event came before the start was noted; then whoever
//! asks on a timer finds out (PR3).

use engine::state::RunKey;
use events::arrival::Completion;

use model::attempt_name::AttemptName;
use store::LogKey;

use crate::App;
use crate::action::{self, Error};

/// Asks the provider of the attempt that is known under one of the event's ids. Returns which one that was.
pub async fn follow(app: &App, completion: &Completion) -> Result<Option<RunKey>, Error> {
    let Completion { provider, ids, attempt, envelope } = completion;
    if let Some(name) = attempt {
        let (log, run) = found_in(name);
        action::ask_told(app, &log, &run, None).await?;
        return Ok(Some(run));
    }
    for id in ids {
        if let Some((log, run)) = app.store.external(provider, id).await? {
            action::ask_told(app, &log, &run, Some(id)).await?;
            return Ok(Some(run));
        }
    }
    tracing::debug!(%provider, ?ids, event = envelope.id, "nobody here started that");
    Ok(None)
}

/// Returns where the attempt of a name is looked for. Whether there is one is what is looked at next.
fn found_in(name: &AttemptName) -> (LogKey, RunKey) {
    let AttemptName { pipeline, execution, stage, action, attempt, has_own_log } = name.clone();
    let run = RunKey { execution, stage, action, attempt };
    let log = if has_own_log {
        LogKey::Execution(pipeline, execution)
    } else {
        LogKey::Pipeline(pipeline)
    };
    (log, run)
}
