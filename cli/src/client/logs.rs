//! What actions print, as the server passes it on: not an operation of the API, but signed like one.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_codepipeline::config::http::HttpResponse;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use crate::client::place::Place;
use crate::client::trouble;
use crate::ending::Ending;

/// The service that requests are signed for.
const SERVICE: &str = "codepipeline";

/// Where the next piece begins.
const NEXT_OFFSET: &str = "x-towpath-next-offset";

/// Whether nothing will follow.
const ENDED: &str = "x-towpath-ended";

/// What the server says of an attempt that has no log.
const NOT_FOUND: &str = "LogNotFoundException";

/// How many pieces are read for one failure; what is before the last lines is not kept.
const PIECES_MAX: usize = 1_000;

/// Reads logs.
#[derive(Debug)]
pub(crate) struct Logs<'a> {
    place: &'a Place,
    connector: Connector,
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
        Self { place, connector: Connector::builder().build_http() }
    }

    /// Reads what an attempt printed from an offset on.
    pub(crate) async fn read(&self, attempt: &str, offset: u64) -> Result<Piece, Ending> {
        let base = self.place.endpoint.trim_end_matches('/');
        let uri = format!("{base}/logs/{attempt}?offset={offset}");
        let request = self.signed(&uri).map_err(|error| {
            Ending::BadInput(format!("the request for {uri} could not be made: {error}"))
        })?;
        let answer = self.connector.call(request).await;
        let answer = answer.map_err(|_| Ending::BadInput(trouble::absent(self.place)))?;
        self.piece(answer, offset).await
    }

    fn signed(&self, uri: &str) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
        let identity: Identity = self.place.key.credentials.clone().into();
        let millis = u64::try_from(local::world::now().millis()).unwrap_or(0);
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.place.region)
            .name(SERVICE)
            .time(UNIX_EPOCH + Duration::from_millis(millis))
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable =
            SignableRequest::new("GET", uri, std::iter::empty(), SignableBody::Bytes(&[]))?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = HttpRequest::get(uri)?;
        for (name, value) in instructions.headers() {
            request.headers_mut().try_insert(name.to_owned(), value.to_owned())?;
        }
        Ok(request)
    }

    async fn piece(&self, mut answer: HttpResponse, offset: u64) -> Result<Piece, Ending> {
        let is_success = answer.status().is_success();
        let header = |name: &str| answer.headers().get(name).map(str::to_owned);
        let (next, ended) = (header(NEXT_OFFSET), header(ENDED));
        let body = ByteStream::new(answer.take_body()).collect().await;
        let body = body.map_err(|error| {
            Ending::Failed(Some(format!("the log broke off: {error}\n  try again")))
        })?;
        let bytes = body.into_bytes();
        if !is_success {
            return self.refused(&bytes, offset);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(0);
        Ok(Piece {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            next: next.and_then(|next| next.parse().ok()).unwrap_or(offset + length),
            has_ended: ended.is_none_or(|ended| ended == "true"),
        })
    }

    /// A refusal comes as the API's errors do. An attempt that has printed nothing yet has no log.
    fn refused(&self, bytes: &[u8], offset: u64) -> Result<Piece, Ending> {
        let body: Value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let code = text("__type").rsplit('#').next().unwrap_or_default();
        if code == NOT_FOUND {
            return Ok(Piece { text: String::new(), next: offset, has_ended: false });
        }
        if body.is_object() {
            return Err(trouble::refusal(self.place, code, text("message")));
        }
        Err(Ending::Failed(Some(format!(
            "what {} ({}) answers for logs is not what `towpath up` does",
            self.place.endpoint, self.place.said_by
        ))))
    }

    /// Returns the last lines that an attempt printed.
    pub(crate) async fn tail(&self, attempt: &str, count: usize) -> Result<Vec<String>, Ending> {
        let mut kept = String::new();
        let mut offset = 0;
        for _ in 0..PIECES_MAX {
            let piece = self.read(attempt, offset).await?;
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
