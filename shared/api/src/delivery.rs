//! What a webhook's URL answers (W4, W5).
//!
//! Whoever calls it may be anybody. So nothing is parsed before the sender has proved itself, an
//! unknown URL takes the same work as a wrong signature, and a refusal says nothing of why; that is
//! in the log. Once the sender is known, each message is answered with what became of it and the
//! reason, since hosts show that to the people who wonder why nothing started.

mod start;

use std::net::IpAddr;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode, header};
use model::pipeline::Action;
use model::time::Timestamp;
use serde_json::{Value, json};
use store::Webhook;
use webhooks::authentication::Proof;
use webhooks::payload::BODY_BYTES_MAX;
use webhooks::{Authentication, Filters, Request, Target, Verdict, authenticate, judge, payload};

use crate::Api;
use crate::faults::failed;

/// A URL's id has so many characters.
const ID_CHARACTERS: usize = 32;

/// What a sender is told that is not the one; the log says why.
const UNPROVEN: &str = "the sender did not prove who it is";

/// What became of a message: the execution that it started, or why it started none.
type Delivered = Result<Started, NotStarted>;

struct Started {
    execution: String,
    /// Whether an earlier delivery of the same message started it.
    is_repeated: bool,
}

struct NotStarted {
    status: StatusCode,
    reason: String,
}

/// A message whose sender proved itself.
struct Message<'a> {
    webhook: &'a Webhook,
    parts: &'a Parts,
    body: &'a Bytes,
    proof: Proof,
    now: Timestamp,
}

/// Answers a delivery to the URL with this id. `peer` is the address that the connection came from.
pub async fn deliver(
    api: &Api,
    id: &str,
    parts: &Parts,
    body: &Bytes,
    peer: IpAddr,
) -> Response<Bytes> {
    let delivered = receive(api, id, parts, body, peer).await;
    respond(&delivered)
}

async fn receive(api: &Api, id: &str, parts: &Parts, body: &Bytes, peer: IpAddr) -> Delivered {
    if parts.method != Method::POST {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "a webhook takes POST only");
    }
    if body.len() > BODY_BYTES_MAX {
        let reason = format!("the body is larger than {BODY_BYTES_MAX} bytes");
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, reason);
    }
    let now = api.app.world.now();
    let webhook = find(api, id).await?;
    let authentication = webhook.as_ref().and_then(authentication_of);
    let request = Request {
        headers: &parts.headers,
        body,
        peer,
        now_seconds: now.millis().div_euclid(1000),
        takes_sha1: false,
    };
    let asked = authentication.clone().unwrap_or_else(Authentication::decoy);
    let proof = authenticate(&asked, &request);
    let Some(webhook) = webhook else {
        return refuse(StatusCode::NOT_FOUND, "there is no such webhook");
    };
    let proof = match (authentication, proof) {
        (Some(_), Ok(proof)) => proof,
        (Some(_), Err(refusal)) => {
            tracing::warn!(webhook = %webhook.name, %peer, %refusal, "a delivery is not taken");
            return refuse(StatusCode::FORBIDDEN, UNPROVEN);
        }
        // What is stored was checked before it was, so somebody wrote into the table.
        (None, _) => {
            tracing::error!(webhook = %webhook.name, "what the webhook asks of callers is unreadable");
            return refuse(StatusCode::FORBIDDEN, UNPROVEN);
        }
    };
    // Counted only now: strangers must not use up what is the sender's.
    if !api.throttle.admit(&format!("webhook/{}", webhook.id), now) {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "too many deliveries; try again later");
    }
    let message = Message { webhook: &webhook, parts, body, proof, now };
    consider(api, &message).await
}

/// Asks whether a message is meant for the pipeline, and starts it then.
async fn consider(api: &Api, message: &Message<'_>) -> Delivered {
    let Message { webhook, parts, body, .. } = message;
    let payload = payload::read(&parts.headers, body)
        .map_err(|malformed| not_started(StatusCode::BAD_REQUEST, malformed.to_string()))?;
    let (action, filters) = aim(api, webhook).await?;
    match judge(&parts.headers, &payload, &target_of(&action), &filters) {
        Verdict::Start { event, commit } => {
            start::start(api, message, &event, &start::pinned(&action, commit)).await
        }
        Verdict::Pass(reason) => refuse(StatusCode::OK, reason.to_string()),
    }
}

async fn find(api: &Api, id: &str) -> Result<Option<Webhook>, NotStarted> {
    let is_id = id.len() == ID_CHARACTERS && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id {
        return Ok(None);
    }
    api.app.store.webhook_of_id(id).await.map_err(|error| unavailable(&error))
}

/// Returns what the webhook asks of its callers.
fn authentication_of(webhook: &Webhook) -> Option<Authentication> {
    let definition = &webhook.definition;
    let secret = definition.secret_token.as_deref();
    let range = definition.allowed_ip_range.as_deref();
    Authentication::new(&definition.authentication, secret, range).ok()
}

/// Returns the action that the webhook aims at, and the filters over its configuration of today.
async fn aim(api: &Api, webhook: &Webhook) -> Result<(Action, Filters), NotStarted> {
    let not_aimed = |fault: protocol::Fault| {
        if fault.status() == 500 {
            return not_started(StatusCode::SERVICE_UNAVAILABLE, fault.message);
        }
        tracing::warn!(webhook = %webhook.name, %fault, "a webhook aims at nothing");
        not_started(StatusCode::OK, "what the webhook starts is not there any more")
    };
    let action = api.webhook_target(&webhook.definition).await.map_err(not_aimed)?;
    let filters = api.webhook_filters(&webhook.definition, &action).await.map_err(not_aimed)?;
    match filters {
        Ok(filters) => Ok((action, filters)),
        Err(invalid) => {
            tracing::warn!(webhook = %webhook.name, %invalid, "a filter fits its action no longer");
            Err(not_started(StatusCode::OK, "a filter of the webhook fits its action no longer"))
        }
    }
}

/// Returns what a source action follows.
fn target_of(action: &Action) -> Target {
    let setting = |key: &str| action.configuration.get(key).cloned();
    let repository = match action.type_id.provider.as_str() {
        "GitHub" => {
            setting("Owner").zip(setting("Repo")).map(|(owner, name)| format!("{owner}/{name}"))
        }
        "CodeStarSourceConnection" => setting("FullRepositoryId"),
        _ => None,
    };
    Target { repository, branch: setting("Branch").or_else(|| setting("BranchName")) }
}

fn not_started(status: StatusCode, reason: impl Into<String>) -> NotStarted {
    NotStarted { status, reason: reason.into() }
}

fn refuse(status: StatusCode, reason: impl Into<String>) -> Delivered {
    Err(not_started(status, reason))
}

/// The world failed. Hosts that try again then do; others show the delivery as failed.
fn unavailable(error: &(dyn std::error::Error + 'static)) -> NotStarted {
    not_started(StatusCode::SERVICE_UNAVAILABLE, failed(error).message)
}

fn respond(delivered: &Delivered) -> Response<Bytes> {
    let (status, body) = match delivered {
        Ok(Started { execution, is_repeated }) => {
            let mut body = json!({"started": true, "pipelineExecutionId": execution});
            if *is_repeated {
                body["repeated"] = Value::Bool(true);
            }
            (StatusCode::OK, body)
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
