//! What this process knows of pipelines, and how it keeps up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::ids::{ActionRunId, PipelineName};
use model::pipeline::Pipeline;
use runtime::App;
use runtime::conclude::newest;
use store::{Error, Head, LogKey};

use crate::back::PAGE_RECORDS;
use crate::board::Board;
use crate::cold;
use crate::life::Life;

/// How many pipelines' boards are remembered. Beyond that all are forgotten, and made again when asked
/// for.
const BOARDS_MAX: usize = 4_096;

/// How many records are folded to keep up. Who missed more begins anew from the log's end.
const FOLDED_MAX: u64 = 1_000;

/// What this process remembers of the pipelines that were looked at.
#[derive(Debug, Default)]
pub struct History {
    boards: Mutex<HashMap<PipelineName, Arc<Board>>>,
    pub(crate) external_ids: Mutex<HashMap<ActionRunId, Option<String>>>,
}

/// A pipeline at one moment: everything here is as of the same record.
#[derive(Clone, Debug)]
pub struct Look {
    /// The newest state.
    pub head: Arc<Head>,
    /// The declaration in force.
    pub plan: Arc<Pipeline>,
    /// What the state does not say.
    pub board: Arc<Board>,
    /// The pipeline's life.
    pub life: Life,
}

impl History {
    /// Looks at a pipeline; nothing if it does not exist.
    ///
    /// Where this process is the only writer, and has looked before, no request is made.
    pub async fn look(&self, app: &App, pipeline: &PipelineName) -> Result<Option<Look>, Error> {
        let log = LogKey::Pipeline(pipeline.clone());
        let head = newest(app, &log).await?;
        let (head, board) = self.keep_up(app, head).await?;
        let (Some(definition), Some(life)) = (head.state.definition, board.life) else {
            return Ok(None);
        };
        let plan = app.store.plan(pipeline, definition.record).await?;
        Ok(Some(Look { head, plan, board, life }))
    }

    /// Returns the board as of a head. Where somebody looked at a newer one meanwhile, it is that.
    async fn keep_up(&self, app: &App, head: Arc<Head>) -> Result<(Arc<Head>, Arc<Board>), Error> {
        let known = self.lock().get(head.log.pipeline()).cloned();
        let newest = head.state.sequence;
        let board = match known {
            Some(board) if board.sequence == newest => return Ok((head, board)),
            Some(board) if board.sequence > newest => {
                let record = app.store.record(&head.log, board.sequence).await?;
                let head = match record {
                    Some(record) => Head { log: head.log.clone(), state: record.state.clone() },
                    None => return Ok((head, board)),
                };
                return Ok((Arc::new(head), board));
            }
            Some(board) if newest - board.sequence <= FOLDED_MAX => {
                fold_on(app, &head, Board::clone(&board)).await?
            }
            Some(_) | None => cold::rebuild(app, &head).await?,
        };
        let board = Arc::new(board);
        self.remember(head.log.pipeline(), &board);
        Ok((head, board))
    }

    fn remember(&self, pipeline: &PipelineName, board: &Arc<Board>) {
        let mut boards = self.lock();
        if boards.len() >= BOARDS_MAX && !boards.contains_key(pipeline) {
            boards.clear();
        }
        let is_newer = boards.get(pipeline).is_none_or(|known| known.sequence < board.sequence);
        if is_newer {
            boards.insert(pipeline.clone(), board.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PipelineName, Arc<Board>>> {
        // Every change leaves the map whole, so a panic elsewhere spoils nothing.
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Folds the records that came since.
async fn fold_on(app: &App, head: &Head, mut board: Board) -> Result<Board, Error> {
    while board.sequence < head.state.sequence {
        let next = board.sequence + 1;
        if let Some(record) = app.store.record_seen(&head.log, next) {
            board.fold(&record);
            continue;
        }
        let page = app.store.records(&head.log, next, PAGE_RECORDS).await?;
        let wanted = page.iter().filter(|record| record.sequence <= head.state.sequence);
        let mut is_done = true;
        for record in wanted {
            board.fold(record);
            is_done = false;
        }
        if is_done {
            // What we missed was taken away: the log's end is all there is.
            return cold::rebuild(app, head).await;
        }
    }
    Ok(board)
}
