//! Tells people and machines what happened.
//!
//! A batch of state changes is read, what is known around each is looked up in the table, and what means something
//! is told: to the topic, in every protocol's words, and to subscribers of our own through a queue.
//!
//! Buses and queues deliver more than once. So each notice is claimed in the table **before** it is told, noted as
//! told **after**, and given back where telling failed ([`store::NoticeClaim`]). Nothing is lost: what was claimed by
//! a process that died is told by the next delivery, once the claim has run out. Something is told twice only where a
//! process dies, or the table cannot be written, between telling and noting. A note written only before would lose
//! what was not told yet; one written only after would let two deliveries at the same moment both tell.
//!
//! What can never be told (a message that is no event) goes back to the queue as well, and ends in its dead letters,
//! where somebody looks at it.

mod before;
mod facts;
mod found;
mod subscriptions;
mod topic;

use std::collections::BTreeMap;

use model::time::Timestamp;
use notifications::{Bundle, Event, Notice, gather};
use runtime::App;
use store::NoticeClaim;

use crate::batch::{Message, Messages, Unfinished};
use crate::hints::chain;

pub use subscriptions::Subscriptions;
pub use topic::Topic;

/// How long a claim lasts: longer than the function may run, and shorter than the queue hides a message.
const CLAIMED_SECONDS: i64 = 45;

/// Where everything is told.
#[derive(Debug)]
pub struct Voice {
    /// The topic that people and machines subscribe to.
    pub topic: Topic,
    /// Subscribers of our own.
    pub subscriptions: Subscriptions,
}

/// Tells what a batch brings. What could not be told goes back to the queue.
pub async fn tell(app: &App, voice: &Voice, messages: &Messages) -> Unfinished {
    let mut batch = Batch::default();
    // One after the other: a batch is small, and what is read for one is often remembered for the next.
    for (index, message) in messages.records.iter().enumerate() {
        match look(app, message).await {
            Ok(Some(notice)) => batch.add(index, notice),
            Ok(None) => {}
            Err(trouble) => {
                let trouble = chain(&trouble);
                tracing::warn!(message = message.message_id, trouble, "it will be delivered again");
                batch.failed.push(index);
            }
        }
    }
    let until = app.world.now().plus_millis(CLAIMED_SECONDS * 1_000);
    let claimed = batch.claim(app, until).await;
    for bundle in &gather(claimed) {
        if !tell_one(app, voice, bundle, until).await {
            bundle.notices.iter().for_each(|notice| batch.fail(notice));
        }
    }
    batch.unfinished(messages)
}

/// Returns what there is to tell about a message, if there is anything.
async fn look(app: &App, message: &Message) -> Result<Option<Notice>, Trouble> {
    let event = Event::read(&message.body)?;
    if !event.may_matter() {
        return Ok(None);
    }
    let Some(facts) = facts::facts(app, &event).await? else {
        // Somebody else may put events onto the bus; only what the log knows is told.
        tracing::warn!(event = event.id, pipeline = event.pipeline, "the log knows nothing of it");
        return Ok(None);
    };
    Ok(Notice::new(event, facts))
}

/// Tells one message, and answers whether it was told.
async fn tell_one(app: &App, voice: &Voice, bundle: &Bundle, until: Timestamp) -> bool {
    let message = bundle.message();
    let sent = async {
        // First those who know a repetition by its id: if the topic fails after them, they pass over the second.
        voice.subscriptions.send(bundle, &message, app.world.now()).await?;
        voice.topic.publish(&message).await
    };
    let sent = sent.await;
    let now = app.world.now();
    match &sent {
        Ok(()) => tracing::info!(subject = message.subject, things = bundle.notices.len(), "told"),
        Err(failed) => tracing::warn!(subject = message.subject, failed, "told again later"),
    }
    for notice in &bundle.notices {
        let (about, key) = notice.identity();
        let noted = match &sent {
            Ok(()) => app.store.note_told(&about, &key, now).await,
            Err(_) => app.store.release_notice(&about, &key, now, until).await,
        };
        if let Err(error) = noted {
            // The claim runs out by itself; after that it would be told a second time.
            tracing::error!(about, key, error = chain(&error), "it may be told twice");
        }
    }
    sent.is_ok()
}

/// Why a message goes back.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("failed to read a message")]
    Unreadable(#[from] notifications::event::Unreadable),
    #[error("failed to look up what is known around an event")]
    Store(#[from] store::Error),
}

/// What a batch holds, and what becomes of it.
#[derive(Debug, Default)]
struct Batch {
    /// What is to be told, each once, with the messages that say it.
    notices: BTreeMap<(String, String), (Notice, Vec<usize>)>,
    /// The messages that go back.
    failed: Vec<usize>,
}

impl Batch {
    fn add(&mut self, index: usize, notice: Notice) {
        let entry = self.notices.entry(notice.identity()).or_insert((notice, Vec::new()));
        entry.1.push(index);
    }

    fn fail(&mut self, notice: &Notice) {
        if let Some((_, indexes)) = self.notices.get(&notice.identity()) {
            self.failed.extend(indexes);
        }
    }

    /// Claims everything, and returns what is ours to tell.
    async fn claim(&mut self, app: &App, until: Timestamp) -> Vec<Notice> {
        let now = app.world.now();
        let mut ours = Vec::new();
        for ((about, key), (notice, indexes)) in &self.notices {
            match app.store.claim_notice(about, key, now, until).await {
                Ok(NoticeClaim::Ours) => ours.push(notice.clone()),
                Ok(NoticeClaim::Told) => {}
                // They may die before they have told it.
                Ok(NoticeClaim::Theirs) => self.failed.extend(indexes),
                Err(error) => {
                    tracing::warn!(error = chain(&error), "told again later");
                    self.failed.extend(indexes);
                }
            }
        }
        ours.sort_by_key(|notice| notice.event.at);
        ours
    }

    fn unfinished(mut self, messages: &Messages) -> Unfinished {
        self.failed.sort_unstable();
        self.failed.dedup();
        let mut unfinished = Unfinished::default();
        let id = |index: &usize| messages.records[*index].message_id.clone();
        self.failed.iter().map(id).for_each(|id| unfinished.add(id));
        unfinished
    }
}
