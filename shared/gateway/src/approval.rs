//! An approval, answered by whoever has the link to it (security §5.2).
//!
//! A link is a path, which names one attempt of one action, and behind the hash a token, which proves that
//! the link came in a message ([`runtime::approval_link`]). Whoever asks for the path gets a page: the same
//! for everybody, made of nothing but the path, so that any number of scanners may look at it and change
//! nothing. The page's script sends the token back, twice:
//!
//! 1. at once, to be told what is to be approved; nothing is changed by that either;
//! 2. when somebody has typed the number of the execution and pressed a button, with the answer.
//!
//! A program that opens links and runs their scripts gets as far as the first and presses nothing.
//!
//! The answer is one turn of the pipeline's log, so the first one wins and every later one is told so. What
//! is not here: who it was. Whoever holds the link may answer, also whoever it was passed on to, so four
//! eyes cannot be held by links; records of calls and the history say `link`.

mod answer;
mod page;
mod shown;

use access::throttle::Throttle;
use api::Api;
use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use runtime::approval_link::Target;
use serde::Deserialize;

use crate::event::Request;
use crate::reply::{self, Refusal};
use crate::token::address_key;

/// How often one address may send a token: once a second in the long run.
const ADDRESS: (u32, u32) = (1, 30);

/// A longer body is no answer.
const BODY_BYTES_MAX: usize = 8 * 1024;

/// What may be said with an answer has so many characters, as with the API's (R80).
const SUMMARY_CHARACTERS_MAX: usize = 512;

/// The pages of approvals.
#[derive(Debug)]
pub struct Approvals {
    addresses: Throttle,
}

impl Default for Approvals {
    fn default() -> Self {
        Self { addresses: Throttle::new(ADDRESS.0, ADDRESS.1) }
    }
}

/// What the page sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    token: String,
    /// None to be shown what it is about.
    #[serde(default)]
    answer: Option<Answer>,
}

/// What somebody decided.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// `Approved` or `Rejected`.
    status: String,
    /// The number of the execution, as it was typed.
    number: String,
    /// What they have to say about it.
    #[serde(default)]
    summary: String,
}

impl Approvals {
    /// Answers a request whose path names an approval; nothing for any other.
    pub(crate) async fn answer(&self, api: &Api, request: &Request) -> Option<Response<Bytes>> {
        let target = Target::read(request.parts.uri.path()).filter(is_spelled)?;
        let method = &request.parts.method;
        if method == Method::GET || method == Method::HEAD {
            return Some(page::page(&target, method == Method::HEAD));
        }
        let done = self.receive(api, &target, request).await;
        Some(done.unwrap_or_else(|refusal| refusal.as_json()))
    }

    async fn receive(
        &self,
        api: &Api,
        target: &Target,
        request: &Request,
    ) -> Result<Response<Bytes>, Refusal> {
        check_sender(request)?;
        let now = api.app.world.now();
        if !self.addresses.admit(&address_key(request.peer), now) {
            let message = "you ask too often; wait a little and try again";
            let code = "ThrottlingException";
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, code, message));
        }
        let sent: Sent = serde_json::from_slice(&request.body)
            .map_err(|_| unfit("the request is not what this page sends; load the page again"))?;
        let body = match &sent.answer {
            None => shown::shown(api, target, &sent.token).await?,
            Some(answer) => answer::take(api, target, &sent.token, answer, request, now).await?,
        };
        Ok(reply::json(StatusCode::OK, &body))
    }
}

/// Takes what the page itself sends, and nothing that another site's page or form could send.
fn check_sender(request: &Request) -> Result<(), Refusal> {
    let headers = &request.parts.headers;
    if request.parts.method != Method::POST {
        let code = "MethodNotAllowedException";
        let message = "a page is loaded with GET, and answered with POST";
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, code, message));
    }
    let own = format!("https://{}", request.host);
    let is_own = headers.get(header::ORIGIN).is_none_or(|origin| origin == own.as_str());
    let site = headers.get("sec-fetch-site");
    let is_direct = site.is_none_or(|site| site == "same-origin" || site == "none");
    if !is_own || !is_direct {
        let message = "a page of another site sent this request, and it is not taken";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDeniedException", message));
    }
    let kind = headers.get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/json") {
        let code = "UnsupportedMediaTypeException";
        let message = "the request's Content-Type must be application/json";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message));
    }
    if request.body.len() > BODY_BYTES_MAX {
        let code = "RequestEntityTooLargeException";
        let message = format!("an answer is at most {BODY_BYTES_MAX} bytes long");
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, code, message));
    }
    Ok(())
}

/// Whether the names are as names are: a page is made of them.
fn is_spelled(target: &Target) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte);
    let is_name = |name: &str| name.len() <= 100 && name.bytes().all(is_letter);
    let run = &target.run;
    [target.pipeline.as_str(), run.stage.as_str(), run.action.as_str()].into_iter().all(is_name)
}

fn unfit(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "ValidationException", message)
}

/// A wrong token and an approval that there never was are told apart by nobody.
fn unknown() -> Refusal {
    let message = "this link opens no approval; use the newest message, or ask on the command line";
    Refusal::new(StatusCode::NOT_FOUND, "InvalidApprovalTokenException", message)
}

fn unavailable(error: &dyn std::error::Error) -> Refusal {
    tracing::error!(%error, "an approval could not be looked at");
    let message = "the pipeline cannot be read right now; try again";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)
}
