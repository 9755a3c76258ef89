//! Waiting for a system that has no room for the work.

use providers::{Job, Progress};

use crate::Ground;
use crate::fault::Fault;
use crate::halt::Halt;

/// For how long an attempt waits until the system has room for it.
const PATIENCE_MILLIS: i64 = 60 * 60 * 1000;

/// How soon the system is asked again.
const ASK_AGAIN_SECONDS: u32 = 60;

/// Answers for an attempt that the system did not take, because it does as much as it may: it is started
/// again in a minute, and fails with the system's own words when that went on for an hour.
///
/// This is no error: a queue that hands the start in again would give up after a few times, and somebody
/// would be called for work that only waits its turn.
pub(crate) fn for_room(ground: &Ground, job: &Job, fault: Fault) -> Result<Progress, Halt> {
    if (ground.now)().millis() - job.requested_at_millis >= PATIENCE_MILLIS {
        return Err(fault.into());
    }
    tracing::info!(run = %job.run_id, ?fault, "the work waits for room");
    Ok(Progress::Running {
        external_id: None,
        external_url: None,
        ask_again_seconds: Some(ASK_AGAIN_SECONDS),
    })
}
