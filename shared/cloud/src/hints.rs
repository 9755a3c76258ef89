//! Follows the hints that wait in the queue, and what comes of them.

use runtime::{App, Errands, action, hint};

use crate::batch::{Message, Messages, Unfinished};

/// Follows every hint of a batch, all at once. What could not be followed goes back to the queue, and
/// after some tries to the dead letters; the others leave it.
pub async fn follow(app: &App, messages: &Messages) -> Unfinished {
    messages
        .each(|message| {
            let app = app.clone();
            async move { follow_one(&app, &message).await }
        })
        .await
}

async fn follow_one(app: &App, message: &Message) -> Result<(), Trouble> {
    let hint = hint::text::read(&message.body)?;
    tracing::info!(%hint, "follow");
    let errands = Errands::new(app);
    let followed = hint::follow(errands.app(), &hint).await;
    // Also what failed may have asked for something before.
    errands.run().await;
    Ok(followed?)
}

/// Why a hint goes back.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Unreadable(#[from] hint::text::Unreadable),
    #[error("{}", chain(.0))]
    Action(#[from] action::Error),
}

/// Returns an error with all that it stands on, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
