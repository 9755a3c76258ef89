//! Keeps the rows that say who follows which source up with the declarations.
//!
//! Two people may replace a declaration at the same time, and either may die in between. Whatever they
//! do, the declaration that is in force in the end has its rows. [`note`] writes them on the
//! strength of a head, and only whoever appended a declaration later than that head may take them away. If
//! anything was appended between the head and the declaration, [`settle`] writes them again.

use std::collections::BTreeSet;

use events::SourceKey;
use model::pipeline::Pipeline;
use store::{Error, Follower, LogKey};

use crate::App;
use crate::conclude::newest;

type Followed = BTreeSet<(SourceKey, Follower)>;

/// Writes the rows of a declaration that is about to be put in force. Returns on which record's strength;
/// none if the declaration follows nothing, which then costs nothing.
pub(crate) async fn note(
    app: &App,
    log: &LogKey,
    pipeline: &Pipeline,
) -> Result<Option<u64>, Error> {
    let followed = followed(pipeline);
    if followed.is_empty() {
        return Ok(None);
    }
    let head = newest(app, log).await?.state.sequence;
    put(app, &followed, head).await?;
    Ok(Some(head))
}

/// Takes the rows away that a declaration had and the one of `record` has not, or none has.
pub(crate) async fn settle(
    app: &App,
    log: &LogKey,
    pipeline: Option<&Pipeline>,
    noted: Option<u64>,
    record: u64,
) -> Result<(), Error> {
    let followed = pipeline.map(followed).unwrap_or_default();
    if noted.is_some_and(|head| head + 1 != record) {
        put(app, &followed, record).await?;
    }
    for (source, follower) in before(app, log, record).await?.difference(&followed) {
        app.store.delete_follower(source.as_str(), follower, record).await?;
    }
    Ok(())
}

/// Returns what was followed by the declaration that a record replaced. The turn has just read both, so
/// this rarely asks the table.
async fn before(app: &App, log: &LogKey, record: u64) -> Result<Followed, Error> {
    let before = match record.checked_sub(1).filter(|before| *before > 0) {
        Some(before) => app.store.record(log, before).await?,
        None => None,
    };
    match before.and_then(|before| before.state.definition) {
        Some(definition) => {
            Ok(followed(&*app.store.plan(log.pipeline(), definition.record).await?))
        }
        None => Ok(Followed::new()),
    }
}

async fn put(app: &App, followed: &Followed, head: u64) -> Result<(), Error> {
    for (source, follower) in followed {
        app.store.put_follower(source.as_str(), follower, head).await?;
    }
    Ok(())
}

fn followed(pipeline: &Pipeline) -> Followed {
    let actions = pipeline.stages.iter().flat_map(|stage| &stage.actions);
    actions
        .filter_map(|action| {
            let source = SourceKey::of_action(&action.type_id, &action.configuration)?;
            let (pipeline, action) = (pipeline.name.clone(), action.name.clone());
            Some((source, Follower { pipeline, action }))
        })
        .collect()
}
