//! Starts what follows a source that changed, and what somebody asks for by an event.
//!
//! An event names a source; the table says who might follow it, and the declaration in force says who
//! does (D1). A declaration that is there when the event is read is the one that counts.
//!
//! `PollForSourceChanges` says who notices a change: `true`, the default, that somebody looks once in a
//! while, and `false` that only events do (contract §5.1). An event that arrives is therefore followed
//! under either. Looking and being told meet in one execution where the revision can come into being
//! only once, as a version of an object does; a branch or a tag may return to where it was, which is
//! a change again. So:
//!
//! - The same event starts one execution of a pipeline, however often it is delivered (S21).
//! - Two events with the same version of an object start one: a bucket that tells EventBridge, and a
//!   trail that tells of the same call, are one change and no two (contract §10, complaint 10).
//! - Two events with the same commit or digest start two: somebody moved the branch away and back.

use std::collections::BTreeMap;

use engine::input::{Revision, Trigger};
use events::SourceKey;
use events::arrival::{Envelope, ExplicitStart, SourceChange};
use model::ids::{ActionName, ExecutionId, PipelineName};
use model::pipeline::{Action, Pipeline};
use model::status::TriggerType;
use store::{Claim, LogKey};
use uuid::Uuid;

use crate::App;
use crate::conclude::newest;
use crate::start::{self, Answer, Known, Request};
use crate::turn::Sight;

/// What every mark stands for: the same whatever is started, since the mark names what asks for it.
const PARAMETERS: &str = "event";

/// How many characters the cause of an execution may have (R2).
const TRIGGER_CHARACTERS_MAX: usize = 1_024;

/// What became of a change, or of a start, for one pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It started an execution.
    Started(PipelineName, ExecutionId),
    /// It was delivered before and started this one then.
    Repeated(PipelineName, ExecutionId),
    /// It starts none, and would not if it came again.
    NotStarted(PipelineName, String),
}

/// The world failed. Whatever asked may ask again, and starts nothing twice by it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be used.
    #[error("failed to look up what an event starts")]
    Store(#[from] store::Error),
    /// The start could not be made.
    #[error("failed to start what an event asks for")]
    Start(#[from] start::Error),
}

/// Starts every pipeline that follows a source. All are tried; if one fails, that is the answer, and
/// asking again starts only what is missing.
pub async fn follow(app: &App, change: &SourceChange) -> Result<Vec<Became>, Error> {
    let followers = app.store.followers(change.key.as_str()).await?;
    let mut names: Vec<_> = followers.into_iter().map(|follower| follower.pipeline).collect();
    // An action more is no execution more.
    names.dedup();
    let (mut became, mut failed) = (Vec::new(), None);
    for name in names {
        match start_follower(app, change, &name).await {
            Ok(one) => became.push(one),
            Err(error) => {
                tracing::warn!(pipeline = %name, source = %change.key, %error, "tried again later");
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(became), Err)
}

/// Starts the pipeline that somebody asks for. `delivery` tells a message that is delivered again from
/// another one that says the same.
pub async fn start(app: &App, asked: &ExplicitStart, delivery: &str) -> Result<Became, Error> {
    let event = asked.event_id.as_deref();
    let id = event.unwrap_or(delivery);
    let revisions = asked.revisions.iter().map(|pinned| Revision {
        action: pinned.action.clone(),
        kind: pinned.kind.clone(),
        value: pinned.value.clone(),
    });
    let request = Request {
        execution: None,
        trigger: trigger(&format!("{} {id}", if event.is_some() { "event" } else { "message" })),
        variables: asked.variables.clone(),
        revisions: revisions.collect(),
        client_request_token: asked.token.clone(),
    };
    if asked.token.is_some() {
        // A token of the caller's own makes it happen once by itself (R5).
        return granted(app, &asked.pipeline, &request, false, Sight::Newest).await;
    }
    once(app, &asked.pipeline, &mark(&["start", id]), request, Sight::Newest).await
}

async fn start_follower(
    app: &App,
    change: &SourceChange,
    name: &PipelineName,
) -> Result<Became, Error> {
    let not_started = |reason: String| Ok(Became::NotStarted(name.clone(), reason));
    let head = newest(app, &LogKey::Pipeline(name.clone())).await?;
    let Some(definition) = head.state.definition else {
        return not_started("the pipeline is gone".to_owned());
    };
    let plan = app.store.plan(name, definition.record).await?;
    let following = following(&plan, &change.key);
    if following.is_empty() {
        return not_started(format!("it follows {} no longer", change.key));
    }
    let near: Vec<&Action> =
        following.into_iter().filter(|action| is_near(app, &plan, action, change)).collect();
    if near.is_empty() {
        let Envelope { account, region, .. } = &change.envelope;
        return not_started(format!("it follows another one than that of {account} in {region}"));
    }
    let once_only = change.revision.as_ref().filter(|revision| revision.is_once);
    let mark = match once_only {
        Some(revision) => mark(&["revision", change.key.as_str(), &revision.value]),
        None => mark(&["event", change.key.as_str(), &change.envelope.id]),
    };
    let names = near.iter().map(|action| &action.name);
    let request = Request {
        execution: None,
        trigger: trigger(&cause(&change.envelope)),
        variables: BTreeMap::new(),
        revisions: names.filter_map(|action| pinned(change, action)).collect(),
        client_request_token: None,
    };
    once(app, name, &mark, request, Sight::Recent).await
}

/// Returns the source actions that follow a source.
fn following<'a>(plan: &'a Pipeline, key: &SourceKey) -> Vec<&'a Action> {
    let follows = |action: &&Action| {
        SourceKey::of_action(&action.type_id, &action.configuration).as_ref() == Some(key)
    };
    plan.stages.first().map_or(&[][..], |stage| &stage.actions).iter().filter(follows).collect()
}

/// Whether a change may be one of the very source that an action follows, and not of one that has the same
/// name in another account or Region. Names of buckets are the same everywhere; those of repositories
/// belong to an account and a Region, which is where the action works.
fn is_near(app: &App, plan: &Pipeline, action: &Action, change: &SourceChange) -> bool {
    if action.type_id.provider == "S3" {
        return true;
    }
    let Envelope { account, region, .. } = &change.envelope;
    let own_region = action.region.as_deref().unwrap_or(&app.place.region);
    let is_region = region.is_empty() || region == own_region;
    let roles = [action.role_arn.as_deref(), Some(plan.role_arn.as_str())];
    let is_account = account.is_empty()
        || *account == app.place.account
        || roles.into_iter().flatten().any(|arn| arn.split(':').nth(4) == Some(account));
    is_region && is_account
}

fn pinned(change: &SourceChange, action: &ActionName) -> Option<Revision> {
    let revision = change.revision.as_ref()?;
    let (kind, value) = (revision.kind.to_owned(), revision.value.clone());
    Some(Revision { action: action.clone(), kind, value })
}

/// Starts an execution, once for each mark.
async fn once(
    app: &App,
    pipeline: &PipelineName,
    mark: &str,
    request: Request,
    sight: Sight,
) -> Result<Became, Error> {
    let drawn = app.draw_execution_id();
    let now = app.world.now();
    let claimed = app.store.claim_token(pipeline, mark, PARAMETERS, drawn, now).await?;
    let execution = match claimed {
        Claim::New => drawn,
        Claim::Same(earlier) => earlier,
        Claim::Other => {
            let reason = "the event's mark stands for something else".to_owned();
            return Ok(Became::NotStarted(pipeline.clone(), reason));
        }
    };
    let is_repeated = execution != drawn;
    if is_repeated && let Some(known) = start::known(app, pipeline, execution).await? {
        return Ok(became(pipeline, execution, known, true));
    }
    let request = Request { execution: Some(execution), ..request };
    granted(app, pipeline, &request, is_repeated, sight).await
}

/// Starts an execution, and says whether it was granted: nobody waits for the answer to an event, so a
/// refusal is written down as well (R3, R9).
async fn granted(
    app: &App,
    pipeline: &PipelineName,
    request: &Request,
    is_repeated: bool,
    sight: Sight,
) -> Result<Became, Error> {
    let not_started = |reason: String| Ok(Became::NotStarted(pipeline.clone(), reason));
    let execution = match start::start_on(app, pipeline, request, sight).await? {
        Answer::Started(execution) => execution,
        Answer::TokenMismatch => {
            return not_started(
                "clientRequestToken was used with other revisions or variables".to_owned(),
            );
        }
        Answer::Refused(rejection) => return not_started(rejection.to_string()),
    };
    // What the turn left behind is at hand; only what is not in it needs a look into the log.
    let head = app.store.glance(&LogKey::Pipeline(pipeline.clone()));
    let is_there = head.is_some_and(|head| {
        let state = &head.state;
        state.executions.contains_key(&execution) || state.admitted.contains_key(&execution)
    });
    let known = if is_there { None } else { start::known(app, pipeline, execution).await? };
    Ok(became(pipeline, execution, known.unwrap_or(Known::Started), is_repeated))
}

fn became(
    pipeline: &PipelineName,
    execution: ExecutionId,
    known: Known,
    is_repeated: bool,
) -> Became {
    let pipeline = pipeline.clone();
    match known {
        Known::Started if is_repeated => Became::Repeated(pipeline, execution),
        Known::Started => Became::Started(pipeline, execution),
        Known::NotGranted { reason } => Became::NotStarted(pipeline, reason),
    }
}

/// Names what asks for a start, under which it is remembered for a day. The slash keeps it apart from tokens
/// of people, which cannot have one.
fn mark(parts: &[&str]) -> String {
    // Written so that no two lists of parts give the same text.
    let text = format!("{parts:?}");
    format!("event/{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()))
}

/// The event does not say which rule let it through, so it stands for itself.
fn cause(envelope: &Envelope) -> String {
    let Envelope { source, detail_type, id, .. } = envelope;
    format!("{source} {detail_type} {id}")
}

fn trigger(cause: &str) -> Trigger {
    let detail = cause.chars().take(TRIGGER_CHARACTERS_MAX).collect();
    Trigger { kind: TriggerType::CloudWatchEvent, detail }
}
