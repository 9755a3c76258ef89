//! Follows the hints that wait in the queue.

use runtime::{App, action, hint};

use crate::batch::{Message, Messages, Unfinished};

/// Follows every hint of a batch, all at once. What could not be followed goes back to the queue, and
/// after some tries to the dead letters; the others leave it.
pub async fn follow(app: &App, messages: &Messages) -> Unfinished {
    let all = messages.records.iter().map(|message| follow_one(app, message));
    let mut unfinished = Unfinished::default();
    for (message, followed) in
        messages.records.iter().zip(futures_util::future::join_all(all).await)
    {
        if let Err(trouble) = followed {
            tracing::warn!(message = message.message_id, %trouble, "it will be delivered again");
            unfinished.add(message);
        }
    }
    unfinished
}

async fn follow_one(app: &App, message: &Message) -> Result<(), Trouble> {
    let hint = hint::text::read(&message.body)?;
    tracing::info!(%hint, "follow");
    Ok(hint::follow(app, &hint).await?)
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
