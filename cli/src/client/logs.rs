//! What actions print, as the server passes it on: not an operation of the API, but signed like one.

use aws_sdk_codepipeline::config::http::HttpResponse;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use crate::client::door::Door;
use crate::client::place::Place;
use crate::client::{signing, trouble};
use crate::ending::Ending;

/// Where the next piece begins.
const NEXT_OFFSET: &str = "x-towpath-next-offset";

/// Whether nothing will follow.
const ENDED: &str = "x-towpath-ended";

/// What the server says of an attempt that has no log.
const NOT_FOUND: &str = "LogNotFoundException";

/// What a server says that keeps no logs.
const UNKNOWN: &str = "UnknownOperationException";

/// How many pieces are read for one failure; what is before the last lines is not kept.
const PIECES_MAX: usize = 1_000;

/// Reads logs.
#[derive(Debug)]
pub(crate) struct Logs<'a> {
    place: &'a Place,
}

/// A piece of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Where the next one begins.
    pub(crate) next: u64,
    /// Whether nothing will follow.
    pub(crate) has_ended: bool,
}

impl<'a> Logs<'a> {
    pub(crate) fn new(place: &'a Place) -> Self {
        Self { place }
    }

    /// Reads what an attempt printed from an offset on; nothing where the server keeps no logs.
    pub(crate) async fn read(&self, attempt: &str, offset: u64) -> Result<Option<Piece>, Ending> {
        match self.place.door {
            Door::Own => {}
            Door::Aws | Door::Bridge => return Ok(None),
        }
        let base = self.place.endpoint.trim_end_matches('/');
        let uri = format!("{base}/logs/{attempt}?offset={offset}");
        let request = signing::signed_get(self.place, &uri).await.map_err(|error| {
            Ending::BadInput(format!("the request for {uri} could not be made: {error}"))
        })?;
        let answer = self.place.connector.call(request).await;
        let answer = answer.map_err(|error| trouble::absent(self.place, &error))?;
        self.piece(answer, offset).await
    }

    async fn piece(&self, mut answer: HttpResponse, offset: u64) -> Result<Option<Piece>, Ending> {
        let is_success = answer.status().is_success();
        let header = |name: &str| answer.headers().get(name).map(str::to_owned);
        let (next, ended) = (header(NEXT_OFFSET), header(ENDED));
        let kind = header("x-amzn-errortype");
        let body = ByteStream::new(answer.take_body()).collect().await;
        let body = body.map_err(|error| {
            Ending::Failed(Some(format!("the log broke off: {error}\n  try again")))
        })?;
        let bytes = body.into_bytes();
        if !is_success {
            return self.refused(&bytes, kind.as_deref(), offset);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(0);
        Ok(Some(Piece {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            next: next.and_then(|next| next.parse().ok()).unwrap_or(offset + length),
            has_ended: ended.is_none_or(|ended| ended == "true"),
        }))
    }

    /// A refusal comes as the API's errors do. An attempt that has printed nothing yet has no log.
    /// Where AWS refuses before anybody behind it was asked, a header names the error.
    fn refused(
        &self,
        bytes: &[u8],
        kind: Option<&str>,
        offset: u64,
    ) -> Result<Option<Piece>, Ending> {
        let body: Value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let code = text("__type").or(kind).unwrap_or_default().rsplit('#').next();
        let code = code.unwrap_or_default();
        if code == NOT_FOUND {
            return Ok(Some(Piece { text: String::new(), next: offset, has_ended: false }));
        }
        // A deployment in AWS, asked with keys that it gave.
        if code == UNKNOWN {
            return Ok(None);
        }
        if body.is_object() {
            let message = text("message").or_else(|| text("Message")).unwrap_or_default();
            return Err(trouble::refusal(self.place, code, message));
        }
        Err(Ending::Failed(Some(format!(
            "what {} ({}) answers for logs is not what a server of Towpath does",
            self.place.endpoint, self.place.said_by
        ))))
    }

    /// Returns the last lines that an attempt printed.
    pub(crate) async fn tail(&self, attempt: &str, count: usize) -> Result<Vec<String>, Ending> {
        let mut kept = String::new();
        let mut offset = 0;
        for _ in 0..PIECES_MAX {
            let Some(piece) = self.read(attempt, offset).await? else { break };
            let is_over = piece.text.is_empty() || piece.next <= offset;
            kept.push_str(&piece.text);
            let start = kept.lines().count().saturating_sub(count);
            kept = kept.split_inclusive('\n').skip(start).collect();
            offset = piece.next;
            if is_over {
                break;
            }
        }
        Ok(kept.lines().map(str::to_owned).collect())
    }
}
