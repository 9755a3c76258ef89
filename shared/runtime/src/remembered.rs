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
        Memory::Own => return Ok(()),
        Memory::Noted | Memory::Named | Memory::NotedBefore => {}
    }
    job.external_id = app.store.external_id_seen(run.id());
    if job.external_id.is_none() {
        let live = app.store.live(log.pipeline(), run.execution, run.attempt).await?;
        job.external_id = live.and_then(|mut live| live.external_ids.remove(&run.id()));
    }
    Ok(())
}

/// The same for whoever was told by an event: the work has ended, so its id was noted a while ago. Where it was
/// not yet, the start is repeated, which is the same start.
pub(crate) async fn recall_told(
    app: &App,
    log: &LogKey,
    run: &RunKey,
    provider: &dyn Provider,
    job: &mut Job,
) -> Result<(), store::Error> {
    match provider.memory() {
        Memory::Own => return Ok(()),
        Memory::Noted | Memory::Named | Memory::NotedBefore => {}
    }
    job.external_id = app.store.external_id_seen(run.id());
    if job.external_id.is_none() {
        job.external_id = app.store.external_noted(log.pipeline(), run).await?;
    }
    Ok(())
}

/// For how long whoever began a start may still be at it. Nobody else makes the start meanwhile, since what
/// is not there yet cannot be found.
const AT_IT_SECONDS_MAX: i64 = 60;

/// Whether a start is to be made.
pub(crate) enum Begin {
    /// It is, by whoever asked.
    Made,
    /// Somebody else may be at it; in so many seconds it is known whether they were.
    Awaited(u32),
    /// Nobody watches the execution any more.
    Dropped,
}

/// Writes down that a start begins, where the provider needs that. A start that somebody began and may have
/// made is taken over by one, once they cannot be at it any more.
pub(crate) async fn begin(
    app: &App,
    log: &LogKey,
    run: &RunKey,
    provider: &dyn Provider,
    job: &mut Job,
) -> Result<Begin, store::Error> {
    match provider.memory() {
        Memory::Own | Memory::Noted | Memory::Named => return Ok(Begin::Made),
        Memory::NotedBefore => {}
    }
    let now = app.world.now();
    let at = match app.store.begin_start(log.pipeline(), run, now).await? {
        Begun::First => return Ok(Begin::Made),
        Begun::Before(at) => at,
        Begun::Unwatched => return Ok(Begin::Dropped),
    };
    let seconds_left = AT_IT_SECONDS_MAX - now.millis_since(at) / 1000;
    if let Ok(seconds) = u32::try_from(seconds_left)
        && seconds > 0
    {
        return Ok(Begin::Awaited(seconds));
    }
    if !app.store.take_start_over(log.pipeline(), run, at, now).await? {
        return Ok(Begin::Awaited(u32::try_from(AT_IT_SECONDS_MAX).unwrap_or_default()));
    }
    job.begun_at_millis = Some(at.millis());
    Ok(Begin::Made)
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
        Memory::Own | Memory::Named => {}
        Memory::Noted | Memory::NotedBefore => {
            let deadline = job.deadline_millis.map_or(app.world.now(), Timestamp::from_millis);
            app.store.put_external(&job.provider, external_id, log, run, deadline).await?;
        }
    }
    app.store.note_external(log.pipeline(), run, external_id).await
}
