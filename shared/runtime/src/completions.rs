//! Follows what providers say of work that may have ended.
//!
//! The event names an id and no more. Whoever started something under that id asks the provider, which is
//! the only one to be believed (D1). An id that nobody knows is somebody else's work, or its event
//! came before the start was noted; then whoever asks on a timer finds out (PR3).

use engine::state::RunKey;
use events::arrival::Completion;

use crate::App;
use crate::action::{self, Error};

/// Asks the provider of the attempt that is known under one of the event's ids. Returns which one that was.
pub async fn follow(app: &App, completion: &Completion) -> Result<Option<RunKey>, Error> {
    let Completion { provider, ids, envelope } = completion;
    for id in ids {
        if let Some((log, run)) = app.store.external(provider, id).await? {
            action::ask_by_id(app, &log, &run, id).await?;
            return Ok(Some(run));
        }
    }
    tracing::debug!(%provider, ?ids, event = envelope.id, "nobody here started that");
    Ok(None)
}
