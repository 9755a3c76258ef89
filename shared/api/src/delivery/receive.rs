//! Who sent a message, whether it is meant for the pipeline, and at which commit.

use std::net::IpAddr;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use model::pipeline::Action;
use model::status::ActionOwner;
use model::time::Timestamp;
use runtime::webhook::Pinned;
use store::Webhook;
use webhooks::authentication::Proof;
use webhooks::payload::BODY_BYTES_MAX;
use webhooks::{Authentication, Filters, Request, Target, Verdict};
use webhooks::{authenticate, identity, judge, payload};

use super::answer::{NotStarted, not_started, refuse, unavailable};
use crate::Api;

/// A URL's id has so many characters.
const ID_CHARACTERS: usize = 32;

/// What a sender is told that is not the one; the log says why.
const UNPROVEN: &str = "the sender did not prove who it is";

/// A message that is meant for a pipeline.
pub(super) struct Meant {
    pub(super) webhook: Webhook,
    /// What it is known by when it comes again.
    pub(super) marks: Vec<String>,
    /// What the execution is pinned to (R8).
    pub(super) revisions: Vec<Pinned>,
    pub(super) now: Timestamp,
}

/// Takes a message, if its sender proves itself and the pipeline is to be started by it.
pub(super) async fn receive(
    api: &Api,
    id: &str,
    parts: &Parts,
    body: &Bytes,
    peer: IpAddr,
) -> Result<Meant, NotStarted> {
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
    consider(api, webhook, parts, body, proof, now).await
}

/// Asks whether a message is meant for the pipeline.
async fn consider(
    api: &Api,
    webhook: Webhook,
    parts: &Parts,
    body: &Bytes,
    proof: Proof,
    now: Timestamp,
) -> Result<Meant, NotStarted> {
    let payload = payload::read(&parts.headers, body)
        .map_err(|malformed| not_started(StatusCode::BAD_REQUEST, malformed.to_string()))?;
    let (action, filters) = aim(api, &webhook).await?;
    match judge(&parts.headers, &payload, &target_of(&action), &filters) {
        Verdict::Start { event, commit } => {
            let marks = identity::marks(&webhook.id, &parts.headers, body, proof, &event);
            Ok(Meant { webhook, marks, revisions: pinned(&action, commit), now })
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

/// Returns what the execution is pinned to (R8): the commit, where the action takes commits.
fn pinned(action: &Action, commit: Option<String>) -> Vec<Pinned> {
    let takes_commits = match action.type_id.owner {
        // What a job worker brings is its own affair.
        ActionOwner::Custom => false,
        ActionOwner::Aws | ActionOwner::ThirdParty => {
            !["S3", "ECR"].contains(&action.type_id.provider.as_str())
        }
    };
    let revision =
        |value| Pinned { action: action.name.clone(), kind: "COMMIT_ID".to_owned(), value };
    commit.filter(|_| takes_commits).map(revision).into_iter().collect()
}
