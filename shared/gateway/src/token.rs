//! `POST /token`: session keys for whoever proves an identity of IAM (security §3.4).
//!
//! The order is that of the essay of `access::bridge`. The address that asks is counted first, since asking
//! costs us a request to STS; the account last, when it is known.

use std::net::IpAddr;

use access::audit::Call as Audited;
use access::bridge::{QUESTION_MINUTES_MAX, Question, Refusal as Refused, Terms, caller_of, check};
use access::keys::{Draw, SessionKeys};
use access::throttle::Throttle;
use access::{Identity, Principals};
use api::Api;
use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use jiff::Timestamp as Calendar;
use model::time::Timestamp;
use serde_json::{Value, json};

use crate::event::Request;
use crate::reply::{self, Refusal};
use crate::sts::Sts;

/// How long a session lasts.
const SESSION_SECONDS: u32 = 3600;

/// How often one address may ask: once a second in the long run.
const ADDRESS: (u32, u32) = (1, 20);

/// How often the identities of one account may.
const ACCOUNT: (u32, u32) = (10, 100);

/// How calls of it are written down.
const OPERATION: &str = "IssueSessionKey";

/// Gives session keys to identities of IAM.
#[derive(Debug)]
pub struct Bridge {
    sts: Sts,
    sessions: SessionKeys,
    principals: Principals,
    /// Names this deployment, beside the host that a request was sent to.
    deployment: String,
    addresses: Throttle,
    accounts: Throttle,
}

/// What is told of a question that was answered.
struct Proved {
    identity: Identity,
    credentials: Value,
}

impl Bridge {
    /// Takes STS, what seals the keys, who has which role, and the deployment's id.
    pub fn new(
        sts: Sts,
        sessions: SessionKeys,
        principals: Principals,
        deployment: impl Into<String>,
    ) -> Self {
        Self {
            sts,
            sessions,
            principals,
            deployment: deployment.into(),
            addresses: Throttle::new(ADDRESS.0, ADDRESS.1),
            accounts: Throttle::new(ACCOUNT.0, ACCOUNT.1),
        }
    }

    /// Answers a request for a key, and writes it down.
    pub(crate) async fn answer(&self, api: &Api, request: &Request) -> Response<Bytes> {
        let now = api.app.world.now();
        let given = self.give(api, request, now).await;
        write_down(api, request, &given, now);
        match given {
            Ok(proved) => reply::json(StatusCode::OK, &proved.credentials),
            Err(refusal) => refusal.as_json(),
        }
    }

    async fn give(&self, api: &Api, request: &Request, now: Timestamp) -> Result<Proved, Refusal> {
        check_form(request)?;
        if !self.addresses.admit(&address_key(request.peer), now) {
            return Err(too_often());
        }
        let names = [request.host.as_str(), self.deployment.as_str()];
        let region = &api.app.place.region;
        let terms = Terms { audiences: &names, region, now };
        let question = check(&request.body, &terms).map_err(refused)?;
        let answered = self.sts.ask(&question).await.map_err(|reason| {
            tracing::warn!(host = question.host, reason, "STS did not answer");
            let message = "STS could not be asked who signed the question; try again";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)
        })?;
        let crate::sts::Answered { status, content_type, body } = answered;
        let caller = caller_of(status, &content_type, &body, region, &self.principals);
        let (principal, roles) = caller.map_err(refused)?;
        if !self.accounts.admit(&principal.account, now) {
            return Err(too_often());
        }
        take(api, &question, now).await?;
        let identity = principal.identity(roles);
        let credentials = self.issue(&identity, now, &mut drawing(api));
        Ok(Proved { identity, credentials })
    }

    /// Issues a key, in the shape that AWS's clients take from a program.
    fn issue(&self, identity: &Identity, now: Timestamp, draw: Draw<'_>) -> Value {
        let issued = self.sessions.issue(identity, None, now, SESSION_SECONDS, draw);
        let expires = Calendar::from_millisecond(issued.expires.millis()).unwrap_or(Calendar::MAX);
        json!({
            "Version": 1,
            "AccessKeyId": issued.access_key,
            "SecretAccessKey": issued.secret,
            "SessionToken": issued.session_token,
            "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        })
    }
}

/// A form of a web page can send none of this.
fn check_form(request: &Request) -> Result<(), Refusal> {
    if request.parts.method != Method::POST {
        let message = "keys are given for POST only";
        let code = "MethodNotAllowedException";
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, code, message));
    }
    let kind = request.parts.headers.get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/json") {
        let message = "the request's Content-Type must be application/json";
        let code = "UnsupportedMediaTypeException";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message));
    }
    Ok(())
}

/// Lets one question be good for one key. Only what STS confirmed is noted, so nobody fills the table.
async fn take(api: &Api, question: &Question, now: Timestamp) -> Result<(), Refusal> {
    let mark = format!("question#{}", question.mark);
    let until = now.plus_minutes(2 * QUESTION_MINUTES_MAX);
    let taken = api.app.store.take_once(&mark, until, now).await.map_err(|error| {
        tracing::error!(%error, "a question could not be noted");
        let message = "the key could not be given right now; sign a new question and ask again";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)
    })?;
    if taken {
        return Ok(());
    }
    Err(refused(Refused::denied("this question was answered already; sign a new one")))
}

fn refused(refused: Refused) -> Refusal {
    let status = match refused.code {
        "ValidationException" => StatusCode::BAD_REQUEST,
        _ => StatusCode::FORBIDDEN,
    };
    Refusal::new(status, refused.code, refused.message)
}

fn too_often() -> Refusal {
    let message = "keys are asked for too often; try again a little later";
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "ThrottlingException", message)
}

/// Whoever has an IPv6 address has a whole network of them.
pub(crate) fn address_key(peer: IpAddr) -> String {
    match peer {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => format!("{:x}", address.to_bits() >> 64),
        },
    }
}

/// Draws from the world of the API.
fn drawing(api: &Api) -> impl FnMut(&mut [u8]) + '_ {
    |buffer| {
        for piece in buffer.chunks_mut(16) {
            let drawn = api.app.world.draw().to_be_bytes();
            piece.copy_from_slice(&drawn[..piece.len()]);
        }
    }
}

fn write_down(api: &Api, request: &Request, given: &Result<Proved, Refusal>, now: Timestamp) {
    let request_id = api.draw_request_id();
    let agent = request.parts.headers.get(header::USER_AGENT);
    let issued = given.as_ref().ok().map(|proved| &proved.credentials);
    let call = Audited {
        at: now,
        who: given.as_ref().ok().map(|proved| &proved.identity),
        access_key: issued.and_then(|credentials| credentials["AccessKeyId"].as_str()),
        operation: OPERATION,
        is_read_only: false,
        region: &api.app.place.region,
        account: &api.app.place.account,
        source_ip: &request.peer.to_string(),
        user_agent: agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default(),
        // The question is as good as a password while it is new.
        request: &Value::Null,
        response: &Value::Null,
        error: given.as_ref().err().map(|refusal| (&*refusal.code, &*refusal.message)),
        request_id: &request_id,
        policies: &[],
    };
    if let Err(error) = api.audit.append(&call) {
        tracing::error!(%error, request_id, "a call could not be written down");
    }
}
