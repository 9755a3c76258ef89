//! Tokens of listings: opaque, bound to who asks for what, and good for a day (P3).

use model::time::Timestamp;
use protocol::Fault;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::operations::Operation;

/// How long a token can be used.
const KEPT_MINUTES: i64 = 24 * 60;

#[derive(Debug, Serialize, Deserialize)]
struct Content<P> {
    /// Until when, in milliseconds since the epoch.
    until: i64,
    /// Where the next page begins.
    position: P,
}

impl<O: Operation> Call<'_, O> {
    /// Makes the token with which the same caller asks the same question about what follows.
    /// `question` is the resource with the filter.
    pub(crate) fn next_token<P: Serialize>(&self, question: &str, position: P) -> String {
        let until = self.now.plus_minutes(KEPT_MINUTES).millis();
        let content = Content { until, position };
        let content = serde_json::to_vec(&content).expect("positions are plain values");
        let nonce = self.api.app.world.draw();
        self.api.sealer.seal(&self.purpose(question), &content, nonce)
    }

    /// Returns where the page begins that a token asks for; nothing for the first.
    pub(crate) fn position<P: DeserializeOwned>(
        &self,
        question: &str,
        token: Option<&str>,
    ) -> Result<Option<P>, Fault> {
        let Some(token) = token else { return Ok(None) };
        let content = self.api.sealer.open(&self.purpose(question), token);
        let content: Option<Content<P>> =
            content.and_then(|content| serde_json::from_slice(&content).ok());
        match content {
            Some(Content { until, position }) if self.now <= Timestamp::from_millis(until) => {
                Ok(Some(position))
            }
            Some(_) | None => Err(Fault::new(
                "InvalidNextTokenException",
                "nextToken is not one that this listing returned in the last 24 hours; start again \
                 without it",
            )),
        }
    }

    fn purpose(&self, question: &str) -> String {
        format!("{} {} {question}", O::OPERATION, self.proof.identity().arn)
    }
}
