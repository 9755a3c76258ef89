//! From a message that matches to the one execution that it stands for.

use http::StatusCode;
use runtime::webhook::{self, Answer};

use super::answer::{Delivered, Done, refuse, unavailable};
use super::receive::Meant;
use crate::Api;

/// Starts an execution, once for each message, however often it is delivered (W5).
pub(super) async fn start(api: &Api, meant: &Meant) -> Delivered {
    let Meant { webhook, marks, revisions, .. } = meant;
    let answer = webhook::start(&api.app, webhook, marks, revisions).await;
    match answer.map_err(|error| unavailable(&error))? {
        Answer::Started { execution, is_repeated } => Ok(Done::Started { execution, is_repeated }),
        Answer::NotStarted(reason) => refuse(StatusCode::OK, reason),
        Answer::Contradicted => {
            refuse(StatusCode::CONFLICT, "the message's mark stands for something else")
        }
    }
}
