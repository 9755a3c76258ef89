//! A job's row as it lies in the table.

use engine::state::RunKey;
use model::outcome::Outcome;
use model::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{JobState, Progress, Queue, WorkerJob};
use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::ALONE;
use crate::rows::swap::REVISION;

/// How long a row is kept after its work has ended, where the table expires rows.
const KEPT_MINUTES: i64 = 30 * 24 * 60;

/// The members that the table itself does not need to understand. They change only by adding optional
/// ones.
#[derive(Debug, Serialize, Deserialize)]
struct Detail {
    pipeline: String,
    execution: String,
    stage: String,
    action: String,
    attempt: u32,
    action_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    number: u32,
    state: StateDetail,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<u8>,
    data: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<String>,
    created: i64,
    updated: i64,
}

#[derive(Debug, Serialize, Deserialize)]
enum StateDetail {
    Queued,
    Dispatched { nonce: String, worker: String, until: i64 },
    InProgress { nonce: String, worker: String },
    Done(Outcome),
    Closed,
}

pub(super) fn render(job: &WorkerJob) -> Item {
    let WorkerJob {
        pipeline,
        run: RunKey { execution, stage, action, attempt },
        queue: Queue { action_type, value },
        number: own_number,
        state,
        continuation_token,
        progress: Progress { external_id, external_url, summary, percent },
        data,
        secrets,
        created_at,
        updated_at,
        // Written by the swap.
        revision: _,
    } = job;
    let detail = Detail {
        pipeline: pipeline.to_string(),
        execution: execution.to_string(),
        stage: stage.to_string(),
        action: action.to_string(),
        attempt: *attempt,
        action_type: action_type.clone(),
        value: value.clone(),
        number: *own_number,
        state: state_detail(state.clone()),
        continuation_token: continuation_token.clone(),
        external_id: external_id.clone(),
        external_url: external_url.clone(),
        summary: summary.clone(),
        percent: *percent,
        data: data.clone(),
        secrets: secrets.clone(),
        created: created_at.millis(),
        updated: updated_at.millis(),
    };
    let detail = serde_json::to_string(&detail).expect("texts are always JSON");
    let mut item = row(job.id().partition(), ALONE);
    item.insert("detail".to_owned(), text(detail));
    if job.is_over() {
        // The table's own expiry counts in seconds.
        let expires = updated_at.plus_minutes(KEPT_MINUTES).millis().div_euclid(1000);
        item.insert("expires".to_owned(), number(expires));
    }
    item
}

pub(super) fn parse(item: &Item) -> Result<WorkerJob, Error> {
    let reader = Reader::new(item)?;
    let detail: Detail = serde_json::from_str(reader.text("detail")?)
        .map_err(|error| reader.unreadable(format!("`detail`: {error}")))?;
    let execution = detail.execution.parse();
    let execution = execution.map_err(|_| reader.unreadable("`execution` is not an id"))?;
    Ok(WorkerJob {
        pipeline: detail.pipeline.into(),
        run: RunKey {
            execution,
            stage: detail.stage.into(),
            action: detail.action.into(),
            attempt: detail.attempt,
        },
        queue: Queue { action_type: detail.action_type, value: detail.value },
        number: detail.number,
        state: state_of(detail.state),
        continuation_token: detail.continuation_token,
        progress: Progress {
            external_id: detail.external_id,
            external_url: detail.external_url,
            summary: detail.summary,
            percent: detail.percent,
        },
        data: detail.data,
        secrets: detail.secrets,
        created_at: Timestamp::from_millis(detail.created),
        updated_at: Timestamp::from_millis(detail.updated),
        revision: reader.number(REVISION)?,
    })
}

fn state_detail(state: JobState) -> StateDetail {
    match state {
        JobState::Queued => StateDetail::Queued,
        JobState::Dispatched { nonce, worker, until } => {
            StateDetail::Dispatched { nonce, worker, until: until.millis() }
        }
        JobState::InProgress { nonce, worker } => StateDetail::InProgress { nonce, worker },
        JobState::Done(outcome) => StateDetail::Done(outcome),
        JobState::Closed => StateDetail::Closed,
    }
}

fn state_of(detail: StateDetail) -> JobState {
    match detail {
        StateDetail::Queued => JobState::Queued,
        StateDetail::Dispatched { nonce, worker, until } => {
            JobState::Dispatched { nonce, worker, until: Timestamp::from_millis(until) }
        }
        StateDetail::InProgress { nonce, worker } => JobState::InProgress { nonce, worker },
        StateDetail::Done(outcome) => JobState::Done(outcome),
        StateDetail::Closed => JobState::Closed,
    }
}
