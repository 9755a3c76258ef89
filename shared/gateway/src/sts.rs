//! Asks STS who signed a question (security §3.4, step 5): no redirects, no proxy, little time, little room.

use std::time::Duration;

use access::bridge::{ANSWER_BYTES_MAX, AUDIENCE_HEADER, NONCE_HEADER, Question};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};

use crate::connector::connector;

/// How long the answer may take, from the first byte to the last.
const TIME_MAX: Duration = Duration::from_secs(5);

/// STS of one Region after another.
#[derive(Debug)]
pub struct Sts {
    connector: SharedHttpConnector,
    /// Where STS is instead, in an emulated account.
    elsewhere: Option<String>,
}

/// What was answered.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
}

impl Sts {
    /// Asks AWS, or an address that stands for it.
    pub fn new(elsewhere: Option<String>) -> Self {
        Self { connector: connector(elsewhere.as_deref()), elsewhere }
    }

    /// Puts a question, and returns the answer or why there is none.
    pub(crate) async fn ask(&self, question: &Question) -> Result<Answered, String> {
        let asked = tokio::time::timeout(TIME_MAX, self.exchange(question)).await;
        asked.map_err(|_| format!("no answer within {} seconds", TIME_MAX.as_secs()))?
    }

    async fn exchange(&self, question: &Question) -> Result<Answered, String> {
        let Question { host, query, audience, nonce, mark: _ } = question;
        let base = match &self.elsewhere {
            Some(base) => base.trim_end_matches('/').to_owned(),
            None => format!("https://{host}"),
        };
        let request = HttpRequest::get(format!("{base}/?{query}"));
        let mut request = request.map_err(|error| error.to_string())?;
        let headers = [
            ("host", host.as_str()),
            ("accept", "application/json"),
            (AUDIENCE_HEADER, audience),
            (NONCE_HEADER, nonce),
        ];
        for (name, value) in headers {
            let set = request.headers_mut().try_insert(name, value.to_owned());
            set.map_err(|error| error.to_string())?;
        }
        let answer = self.connector.call(request).await.map_err(|error| format!("{error:?}"))?;
        let status = answer.status().as_u16();
        let content_type = answer.headers().get("content-type").unwrap_or_default().to_owned();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| format!("the answer broke off: {error}"))?.to_bytes();
        Ok(Answered { status, content_type, body })
    }
}
