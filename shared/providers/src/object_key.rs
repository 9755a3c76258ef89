//! Keys of deployed objects, with what a deployment fills in (contract §5.3).

use uuid::Uuid;

use crate::Job;

/// Fills the placeholders of a key. Both come from the attempt and not from the moment, so that a start
/// that comes twice names the same object: `{datetime}` is when the attempt was asked for, in UTC, and
/// `{uuid}` is derived from its id.
pub fn fill(key: &str, job: &Job) -> String {
    let asked = jiff::Timestamp::from_millisecond(job.requested_at_millis).unwrap_or_default();
    let datetime = asked.strftime("%Y-%m-%d_%H-%M-%S").to_string();
    let uuid = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{} {key}", job.run_id).as_bytes());
    key.replace("{datetime}", &datetime).replace("{uuid}", &uuid.to_string())
}
