//! What is written down for a provider that does not remember its work by our ids.

use engine::state::RunKey;
use model::time::Timestamp;
use providers::{Job, Memory, Provider};
use store::{Begun, LogKey};

use crate::App;

/// Hands in what the system called the work, if it was noted.
pub(crate) async fn recall(
    app: &App,
    log: &LogKey,
    run: &RunKey,
    provider: &dyn Provider,
    job: &mut Job,
) -> Result<(), store::Error> {
    match provider.memory() {
        Memory::Own => {}
        Memory::Noted | Memory::NotedBefore => {
            job.external_id = match app.store.external_id_seen(run.id()) {
                Some(seen) => Some(seen),
                None => {
                    let live = app.store.live(log.pipeline(), run.execution, run.attempt).await?;
                    live.and_then(|mut live| live.external_ids.remove(&run.id()))
                }
            };
        }
    }
    Ok(())
}

/// Writes down that a start begins, where the provider needs that. Says whether it is to be made: that of
/// an execution that nobody watches any more is not.
pub(crate) async fn begin(
    app: &App,
    log: &LogKey,
    run: &RunKey,
    provider: &dyn Provider,
    job: &mut Job,
) -> Result<bool, store::Error> {
    match provider.memory() {
        Memory::Own | Memory::Noted => Ok(true),
        Memory::NotedBefore => {
            match app.store.begin_start(log.pipeline(), run, app.world.now()).await? {
                Begun::First => {}
                Begun::Before(at) => job.begun_at_millis = Some(at.millis()),
                Begun::Unwatched => return Ok(false),
            }
            Ok(true)
        }
    }
}

/// Notes what the system calls the work, for whoever asks later and for events that name nothing else.
pub(crate) async fn note(
    app: &App,
    log: &LogKey,
    run: &RunKey,
    provider: &dyn Provider,
    job: &Job,
    external_id: Option<&str>,
) -> Result<(), store::Error> {
    let Some(external_id) = external_id else { return Ok(()) };
    if job.external_id.as_deref() == Some(external_id) {
        return Ok(());
    }
    match provider.memory() {
        Memory::Own => {}
        Memory::Noted | Memory::NotedBefore => {
            let deadline = job.deadline_millis.map_or(app.world.now(), Timestamp::from_millis);
            app.store.put_external(&job.provider, external_id, log, run, deadline).await?;
        }
    }
    app.store.note_external(log.pipeline(), run, external_id).await
}
