//! Follows what providers say of work that may have ended.

use events::arrival::{self, Arrival, Nothing};
use runtime::{App, Errands, action, completions};

use crate::batch::{Message, Messages, Unfinished};
use crate::hints::chain;

/// Follows every event of a batch, all at once. One that could not be followed goes back to the queue, and
/// after some tries to the dead letters, where one that nobody can read ends as well.
pub async fn follow(app: &App, messages: &Messages) -> Unfinished {
    messages
        .each(|message| {
            let app = app.clone();
            async move { follow_one(&app, &message).await }
        })
        .await
}

async fn follow_one(app: &App, message: &Message) -> Result<(), Trouble> {
    match arrival::read(message.body.as_bytes()) {
        Ok(Arrival::Completion(completion)) => {
            let errands = Errands::new(app);
            let followed = completions::follow(errands.app(), &completion).await;
            // Also what failed may have asked for something before.
            errands.run().await;
            if let Some(run) = followed? {
                let event = &completion.envelope.id;
                let (execution, stage, action) = (run.execution, run.stage, run.action);
                tracing::info!(event, %execution, %stage, %action, "asked its provider");
            }
        }
        Ok(Arrival::Change(_) | Arrival::Webhook(_) | Arrival::Start(_)) => {
            tracing::info!(message = message.message_id, "what starts something ends nothing");
        }
        Err(Nothing::Passed(reason)) => {
            tracing::debug!(message = message.message_id, reason, "nothing follows from an event");
        }
        Err(Nothing::Malformed(reason)) => return Err(Trouble::Malformed(reason)),
    }
    Ok(())
}

/// Why an event goes back.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Malformed(String),
    #[error("{}", chain(.0))]
    Action(#[from] action::Error),
}
