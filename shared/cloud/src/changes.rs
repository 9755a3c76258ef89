//! Follows what buses say of sources and of webhooks, and starts what somebody asks for by an event.

use events::arrival::{self, Arrival, Nothing};
use runtime::App;
use runtime::changes::{self, Became};
use runtime::webhook::{self, Answer, WebhookMessage};

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
        Ok(Arrival::Change(change)) => {
            let became = changes::follow(app, &change).await?;
            let (event, source) = (&change.envelope.id, &change.key);
            tracing::info!(event, %source, followers = became.len(), "a source changed");
            became.iter().for_each(say);
        }
        Ok(Arrival::Webhook(asked)) => say(&became(&asked, webhook::follow(app, &asked).await?)),
        Ok(Arrival::Start(start)) => say(&changes::start(app, &start, &message.message_id).await?),
        Ok(Arrival::Completion(completion)) => {
            let event = &completion.envelope.id;
            tracing::info!(event, "work that ended starts nothing");
        }
        Err(Nothing::Passed(reason)) => {
            tracing::info!(message = message.message_id, reason, "nothing follows from an event");
        }
        Err(Nothing::Malformed(reason)) => return Err(Trouble::Malformed(reason)),
    }
    Ok(())
}

/// Words what became of a webhook's message as what became of any other event.
fn became(asked: &WebhookMessage, answer: Answer) -> Became {
    let pipeline = asked.pipeline.clone();
    match answer {
        Answer::Started { execution, is_repeated: true } => Became::Repeated(pipeline, execution),
        Answer::Started { execution, is_repeated: false } => Became::Started(pipeline, execution),
        Answer::NotStarted(reason) => Became::NotStarted(pipeline, reason),
        Answer::Contradicted => {
            let reason = "the message's mark stands for something else".to_owned();
            Became::NotStarted(pipeline, reason)
        }
    }
}

/// Says what became of an event for a pipeline. Whoever wonders why nothing started finds it here.
fn say(became: &Became) {
    match became {
        Became::Started(pipeline, execution) => tracing::info!(%pipeline, %execution, "started"),
        Became::Repeated(pipeline, execution) => {
            tracing::info!(%pipeline, %execution, "started by an earlier delivery");
        }
        Became::NotStarted(pipeline, reason) => {
            tracing::warn!(%pipeline, reason, "not started");
        }
    }
}

/// Why an event goes back.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Malformed(String),
    #[error("{}", chain(.0))]
    Change(#[from] changes::Error),
    #[error("{}", chain(.0))]
    Webhook(#[from] webhook::Error),
}
