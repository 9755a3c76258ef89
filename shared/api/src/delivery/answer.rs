//! What became of a message, and how that is answered.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use model::ids::ExecutionId;
use serde_json::{Value, json};

use crate::faults::failed;

/// What became of a message, or why it starts nothing.
pub(super) type Delivered = Result<Done, NotStarted>;

pub(super) enum Done {
    /// There is an execution for it.
    Started {
        execution: ExecutionId,
        /// Whether an earlier delivery of the same message started it.
        is_repeated: bool,
    },
    /// Somebody else starts one, and finds the message under this id.
    HandedOn { event: String },
}

pub(super) struct NotStarted {
    pub(super) status: StatusCode,
    pub(super) reason: String,
}

pub(super) fn not_started(status: StatusCode, reason: impl Into<String>) -> NotStarted {
    NotStarted { status, reason: reason.into() }
}

pub(super) fn refuse<T>(status: StatusCode, reason: impl Into<String>) -> Result<T, NotStarted> {
    Err(not_started(status, reason))
}

/// The world failed. Hosts that try again then do; others show the delivery as failed.
pub(super) fn unavailable(error: &(dyn std::error::Error + 'static)) -> NotStarted {
    not_started(StatusCode::SERVICE_UNAVAILABLE, failed(error).message)
}

pub(super) fn respond(delivered: &Delivered) -> Response<Bytes> {
    let (status, body) = match delivered {
        Ok(Done::Started { execution, is_repeated }) => {
            let mut body = json!({"started": true, "pipelineExecutionId": execution.to_string()});
            if *is_repeated {
                body["repeated"] = Value::Bool(true);
            }
            (StatusCode::OK, body)
        }
        Ok(Done::HandedOn { event }) => {
            (StatusCode::ACCEPTED, json!({"accepted": true, "eventId": event}))
        }
        Err(NotStarted { status, reason }) => {
            (*status, json!({"started": false, "reason": reason}))
        }
    };
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response = response.header(header::ALLOW, "POST");
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        response = response.header(header::RETRY_AFTER, "1");
    }
    response.body(Bytes::from(body.to_string())).expect("statuses and headers are ours, and legal")
}
