//! What is known of work that is running. It is noted beside the log, since nothing is decided on it.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use engine::state::RunKey;
use model::ids::{ActionRunId, PipelineName};
use model::pipeline::Action;
use model::status::ActionOwner;
use runtime::App;
use store::{Error, JobId, Progress};

use crate::History;
use crate::board::Board;

/// How many answers are remembered.
const REMEMBERED_MAX: usize = 4_096;

/// An attempt that is in progress.
pub struct Running<'a> {
    /// Of which pipeline.
    pub pipeline: &'a PipelineName,
    /// How it is declared.
    pub action: &'a Action,
    /// Which one.
    pub run: &'a RunKey,
    /// The record that asked for it, if that is known, of the log that `board` is about.
    pub asked: Option<u64>,
    /// The board, unless the attempt stands in a log of its own.
    pub board: Option<&'a Board>,
}

impl History {
    /// Returns what whoever works on an attempt said of it so far. Nobody works on an approval.
    pub async fn running(&self, app: &App, running: &Running<'_>) -> Result<Progress, Error> {
        let Running { action, run, .. } = running;
        if action.is_approval() {
            return Ok(Progress::default());
        }
        match action.type_id.owner {
            // Job workers say more than their id, and again and again.
            ActionOwner::Custom | ActionOwner::ThirdParty => {
                let job = app.store.worker_job(JobId::of(run.id(), 0)).await?;
                if let Some(job) = job.filter(|job| job.run == **run) {
                    return Ok(job.progress);
                }
            }
            ActionOwner::Aws => {}
        }
        let external_id = self.external_id(app, running).await?;
        Ok(Progress { external_id, ..Progress::default() })
    }

    /// Returns the provider's id of an attempt, if the provider said one when it was started.
    async fn external_id(&self, app: &App, running: &Running<'_>) -> Result<Option<String>, Error> {
        let Running { pipeline, action: _, run, asked, board } = running;
        let id = run.id();
        if let Some(external_id) = app.store.external_id_seen(id) {
            return Ok(Some(external_id));
        }
        if app.place.is_sole_writer {
            // Whoever started it is this process, and would have noted an id.
            let is_witnessed =
                asked.zip(*board).is_some_and(|(asked, board)| asked > board.witnessed_after);
            if is_witnessed {
                return Ok(None);
            }
            if let Some(known) = self.lock_external_ids().get(&id) {
                return Ok(known.clone());
            }
        }
        let watched = app.store.live(pipeline, run.execution, run.attempt).await?;
        let external_id = watched.and_then(|mut live| live.external_ids.remove(&id));
        if app.place.is_sole_writer {
            let mut known = self.lock_external_ids();
            if known.len() >= REMEMBERED_MAX {
                known.clear();
            }
            known.insert(id, external_id.clone());
        }
        Ok(external_id)
    }

    fn lock_external_ids(&self) -> MutexGuard<'_, HashMap<ActionRunId, Option<String>>> {
        // Every change leaves the map whole, so a panic elsewhere spoils nothing.
        self.external_ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
