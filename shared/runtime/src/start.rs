//! Starts an execution for whoever asks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use engine::change::{Change, ExecutionChange, PipelineChange};
use engine::input::{Revision, Start, Trigger};
use engine::{Input, Rejection};
use model::ids::{ExecutionId, PipelineName};
use model::time::Timestamp;
use store::{Claim, Head, Live, LogKey};

use crate::turn::{self, Sight, turn_on};
use crate::{App, Outcome, sweep};

/// How far the clocks of two machines may be apart before a repeated start could be missed.
const CLOCKS_APART_MINUTES_MAX: i64 = 5;

/// How often a start looks into the log again because others wrote meanwhile.
const LOOKS_MAX: usize = 16;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The execution's id when the asking event determines it; drawn otherwise.
    pub execution: Option<ExecutionId>,
    /// What causes it.
    pub trigger: Trigger,
    /// Values for declared variables (R6).
    pub variables: BTreeMap<String, String>,
    /// Revisions for source actions (R7, R8).
    pub revisions: Vec<Revision>,
    /// The caller's token: the same one with the same parameters asks for the same execution (R5).
    pub client_request_token: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The execution exists, now or since an earlier request.
    Started(ExecutionId),
    /// The token was used with other parameters (R5).
    TokenMismatch,
    /// The pipeline refuses.
    Refused(Rejection),
}

/// The start could not be made. Asking again asks for the same.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be used.
    #[error("failed to start an execution of {pipeline}")]
    Store {
        /// Of which pipeline.
        pipeline: PipelineName,
        /// Why.
        #[source]
        source: store::Error,
    },
    /// The turn failed.
    #[error("failed to start an execution")]
    Turn(#[from] turn::Error),
    /// Others kept writing while we looked for an earlier start.
    #[error("failed to start an execution of {0}: the pipeline is too busy; ask again")]
    Busy(PipelineName),
}

/// Starts an execution, once for each id and token.
pub async fn start(app: &App, pipeline: &PipelineName, request: &Request) -> Result<Answer, Error> {
    start_on(app, pipeline, request, Sight::Newest).await
}

/// The same, of a pipeline whose log was perhaps looked at just now.
pub(crate) async fn start_on(
    app: &App,
    pipeline: &PipelineName,
    request: &Request,
    sight: Sight,
) -> Result<Answer, Error> {
    let failed = |source| Error::Store { pipeline: pipeline.clone(), source };
    let drawn = request.execution.unwrap_or_else(|| app.draw_execution_id());
    let execution = match &request.client_request_token {
        None => drawn,
        Some(token) => {
            let digest = digest(request);
            let now = app.world.now();
            let claimed = app.store.claim_token(pipeline, token, &digest, drawn, now).await;
            match claimed.map_err(failed)? {
                Claim::New => drawn,
                Claim::Same(execution) => execution,
                Claim::Other => return Ok(Answer::TokenMismatch),
            }
        }
    };
    // Watched before it is started: a crash in between leaves a watch without an execution, which the
    // sweep throws away, and never an execution that nobody watches.
    app.store.put_live(&Live::new(pipeline, execution, 1)).await.map_err(failed)?;
    // Nobody else can know an id that was drawn just now, so nobody can have started it. A token's
    // id is known to whoever holds the token.
    let is_new = request.execution.is_none() && request.client_request_token.is_none();
    let log = LogKey::Pipeline(pipeline.clone());
    let mut looked_until = 0;
    for _ in 0..LOOKS_MAX {
        let input_on = |head: &Head| {
            Cow::Owned(Input::Start(Start {
                execution,
                trigger: request.trigger.clone(),
                variables: request.variables.clone(),
                revisions: request.revisions.clone(),
                absent_until: if is_new { head.state.sequence } else { looked_until },
            }))
        };
        match turn_on(app, &log, input_on, sight).await? {
            Outcome::Changed(_) => {
                if sweep::may_be_forgotten(app, execution) {
                    app.store.put_live(&Live::new(pipeline, execution, 1)).await.map_err(failed)?;
                }
                return Ok(Answer::Started(execution));
            }
            Outcome::Unchanged => return Ok(Answer::Started(execution)),
            Outcome::Refused(Rejection::PerhapsStarted(_)) => {}
            Outcome::Refused(rejection) => return Ok(Answer::Refused(rejection)),
        }
        match look_back(app, &log, execution).await.map_err(failed)? {
            Look::WasStarted => return Ok(Answer::Started(execution)),
            Look::AbsentUntil(sequence) => looked_until = sequence,
        }
    }
    Err(Error::Busy(pipeline.clone()))
}

/// What the log knows of a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The execution was started.
    Started,
    /// It was not granted, which was written down because nobody waited for the answer (R3, R9).
    NotGranted {
        /// Why.
        reason: String,
    },
}

/// Returns what became of a start under this id, if there was one.
pub async fn known(
    app: &App,
    pipeline: &PipelineName,
    id: ExecutionId,
) -> Result<Option<Known>, store::Error> {
    let log = LogKey::Pipeline(pipeline.clone());
    let mut records = app.store.records_back(&log, Timestamp::from_millis(millis_of_id(id)));
    while let Some(record) = records.next().await? {
        let Some(start) = record.changes.iter().find(|change| is_start_of(change, id)) else {
            continue;
        };
        return Ok(Some(match start {
            Change::Pipeline(PipelineChange::Refused { reason, .. }) => {
                Known::NotGranted { reason: reason.clone() }
            }
            Change::Pipeline(_) | Change::Execution { .. } => Known::Started,
        }));
    }
    Ok(None)
}

/// Whether a log, be it the pipeline's or the execution's own, knows of a start under this id.
pub(crate) async fn known_in(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
) -> Result<bool, store::Error> {
    match log {
        // It begins with it.
        LogKey::Execution(..) => Ok(true),
        LogKey::Pipeline(pipeline) => Ok(known(app, pipeline, id).await? == Some(Known::Started)),
    }
}

enum Look {
    WasStarted,
    AbsentUntil(u64),
}

/// Looks for an earlier start under this id, back to before the id was drawn.
async fn look_back(app: &App, log: &LogKey, id: ExecutionId) -> Result<Look, store::Error> {
    let newest = app.store.load(log).await?.state.sequence;
    let mut records = app.store.records_back(log, Timestamp::from_millis(millis_of_id(id)));
    while let Some(record) = records.next().await? {
        if record.changes.iter().any(|change| is_start_of(change, id)) {
            return Ok(Look::WasStarted);
        }
    }
    // What was appended since the head was loaded is looked at again: the turn refuses otherwise.
    Ok(Look::AbsentUntil(newest))
}

fn is_start_of(change: &Change, id: ExecutionId) -> bool {
    match change {
        Change::Execution { id: started, change: ExecutionChange::Started(_), .. }
        | Change::Pipeline(
            PipelineChange::Admitted { execution: started, .. }
            | PipelineChange::Refused { execution: started, .. },
        ) => *started == id,
        Change::Execution { .. } | Change::Pipeline(_) => false,
    }
}

/// Returns the moment that an id carries.
pub(crate) fn moment_of(id: ExecutionId) -> Timestamp {
    Timestamp::from_millis(i64::try_from(id.uuid().as_u128() >> 80).unwrap_or(i64::MAX))
}

/// Returns the moment that an id carries, less what clocks may be apart.
pub(crate) fn millis_of_id(id: ExecutionId) -> i64 {
    moment_of(id).plus_minutes(-CLOCKS_APART_MINUTES_MAX).millis()
}

/// Digests the parameters that a token stands for (R5).
fn digest(request: &Request) -> String {
    let revisions: Vec<_> = request
        .revisions
        .iter()
        .map(|revision| (revision.action.as_str(), &revision.kind, &revision.value))
        .collect();
    // Both are plain data with text keys, which always has a JSON form.
    let text = serde_json::to_string(&(&request.variables, revisions)).unwrap_or_default();
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
}
