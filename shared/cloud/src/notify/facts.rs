//! What is known around an event, looked up in the table.
//!
//! Nothing is taken from the event but where to look (D1): a state that the log does not say was reached is not told,
//! whoever put the event onto the bus. What is read is little: the log's end, the record of the start, one page of
//! summaries, and for an approval what its question is made of.

use engine::ExecutionChange;
use engine::state::{Execution as Standing, Place, RunKey};
use model::ids::ExecutionId;
use model::pipeline::{Action, Pipeline};
use notifications::facts::{Approval, Execution, Failure, Stop, Waiting};
use notifications::{Event, Facts};
use runtime::approval_link::{LinkToken, Target};
use runtime::conclude::end_in;
use runtime::summary::changes_of;
use runtime::{App, job, summary};
use store::{Error, Head, LogKey, Record, Summary};

use super::before::{Past, past};
use super::found::{Found, find};

/// How many records before an end are looked through for what failed. The actions of a stage that fail after its
/// first failure do so in as many records at most, as a stage has actions.
const RECORDS_BEFORE_END_MAX: u32 = 50;

/// Returns what is known around an event; nothing where the log does not say what it tells.
pub(super) async fn facts(app: &App, event: &Event) -> Result<Option<Facts>, Error> {
    if event.execution.is_none() {
        return Ok(Some(Facts::default()));
    }
    let Some(found) = find(app, event).await? else { return Ok(None) };
    let Found { id, log, head, record } = &found;
    let before = state_before(app, log, record, *id).await?;
    let Some(own) = summary_at(app, &found).await? else { return Ok(None) };
    let plan = plan(app, log, record, before.as_ref(), *id).await?;
    let stage = event
        .stage
        .as_deref()
        .and_then(|stage| Some((plan.as_ref()?.stage_index(&stage.into())?, stage)));
    let Past { before: past_before, changes } = past(app, log.pipeline(), &own, stage).await?;
    let mut facts = Facts {
        execution: Some(execution(&own, plan.as_deref())),
        changes,
        before: past_before,
        waiting: waiting(head, plan.as_deref(), own.number),
        ..Facts::default()
    };
    if event.state == "FAILED" {
        let around = around(app, &found, &own).await?;
        facts.failures = failures(&around, *id, event.attempt, plan.as_deref());
    }
    if event.stage.is_some() {
        facts.approval = approval(app, &found, plan.as_deref(), event).await?;
    } else if let Some(failure) = facts.failures.last().filter(|it| it.is_approval) {
        facts.approval = Some(Approval {
            by: failure.by.clone(),
            comment: comment_in(&failure.message),
            ..Approval::default()
        });
    }
    if event.state == "STOPPED" {
        let around = around(app, &found, &own).await?;
        facts.stop = Some(stop(&around, &own, before.as_ref(), plan.as_deref()));
    }
    for change in changes_of(record, *id) {
        tell_of(change, &mut facts);
    }
    Ok(Some(facts))
}

/// Adds what a change says by itself.
fn tell_of(change: &ExecutionChange, facts: &mut Facts) {
    if let ExecutionChange::Superseded { stage, by } = change {
        facts.superseded = Some(Waiting { number: *by, stage: stage.to_string() });
    }
    if let ExecutionChange::Cancelled { reason } = change {
        facts.cancelled = Some(reason.clone());
    }
    if let ExecutionChange::Resumed { by } = change {
        facts.resumed_by = Some(by.clone());
    }
}

/// Returns what was true of the execution before the record.
async fn state_before(
    app: &App,
    log: &LogKey,
    record: &Record,
    id: ExecutionId,
) -> Result<Option<Standing>, Error> {
    if record.sequence <= 1 {
        return Ok(None);
    }
    let before = app.store.record(log, record.sequence - 1).await?;
    Ok(before.and_then(|before| before.state.executions.get(&id).cloned()))
}

/// Returns what there was to say of the execution when the record was written.
async fn summary_at(app: &App, found: &Found) -> Result<Option<Summary>, Error> {
    let Found { id, log, record, .. } = found;
    if let Some(end) = end_in(record, *id) {
        let (summary, _) = summary::of_ended(app, log, *id, record, end).await?;
        return Ok(Some(summary));
    }
    let then = Head { log: log.clone(), state: record.state.clone() };
    summary::of_unfinished(app, &then, *id).await
}

/// Returns the declaration that the execution runs under.
async fn plan(
    app: &App,
    log: &LogKey,
    record: &Record,
    before: Option<&Standing>,
    id: ExecutionId,
) -> Result<Option<std::sync::Arc<Pipeline>>, Error> {
    let Some(standing) = record.state.executions.get(&id).or(before) else { return Ok(None) };
    let plan = app.store.plan(log.pipeline(), standing.definition.record).await?;
    Ok(Some(plan))
}

/// Returns the records up to the event's, newest first, as far as they may be about the execution's attempt.
async fn around(
    app: &App,
    found: &Found,
    own: &Summary,
) -> Result<Vec<std::sync::Arc<Record>>, Error> {
    let last = found.record.sequence;
    let limit = u32::try_from(last - own.first_record.min(last) + 1).unwrap_or(u32::MAX);
    app.store.records_until(&found.log, last, limit.min(RECORDS_BEFORE_END_MAX)).await
}

fn execution(own: &Summary, plan: Option<&Pipeline>) -> Execution {
    Execution {
        number: own.number,
        trigger: own.trigger.kind,
        trigger_detail: own.trigger.detail.clone(),
        started_at: own.started_at,
        branch: plan.and_then(branch),
    }
}

/// Returns the branch that a pipeline builds, if its sources name one and the same.
fn branch(plan: &Pipeline) -> Option<String> {
    let sources = plan.stages.first()?.actions.iter();
    let name = |action: &Action| {
        let mut keys = ["BranchName", "Branch"].into_iter();
        keys.find_map(|key| action.configuration.get(key)).cloned()
    };
    let mut names: Vec<_> = sources.filter_map(name).collect();
    names.dedup();
    // What a variable holds is not known here.
    names.into_iter().next().filter(|name| !name.contains("#{"))
}

/// Returns the newer executions that wait. The last stage comes first: who waits there is nearest to the end. In
/// PARALLEL mode nobody waits.
fn waiting(head: &Head, plan: Option<&Pipeline>, number: u64) -> Vec<Waiting> {
    let mut waiting = Vec::new();
    for stage in plan.iter().flat_map(|plan| plan.stages.iter().rev()) {
        let Some(slot) = head.state.stages.get(&stage.name) else { continue };
        let others = slot.waiting.iter().filter_map(|id| head.state.executions.get(id));
        let newer = others.filter(|other| other.number > number);
        let newer =
            newer.map(|other| Waiting { number: other.number, stage: stage.name.to_string() });
        waiting.extend(newer);
    }
    waiting
}

/// Returns what failed in an attempt, the oldest first.
fn failures(
    records: &[std::sync::Arc<Record>],
    id: ExecutionId,
    attempt: u32,
    plan: Option<&Pipeline>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for record in records.iter().rev() {
        for change in changes_of(record, id) {
            let ExecutionChange::ActionFailed {
                stage,
                action,
                attempt: own,
                failure,
                is_overdue,
                by,
            } = change
            else {
                continue;
            };
            if *own != attempt {
                continue;
            }
            let declared = plan.and_then(|plan| {
                let stage = &plan.stages[plan.stage_index(stage)?];
                Some(&stage.actions[stage.action_index(action)?])
            });
            failures.push(Failure {
                stage: stage.to_string(),
                action: action.to_string(),
                provider: declared.map_or_else(String::new, |it| it.type_id.provider.clone()),
                code: failure.code.clone(),
                message: failure.message.clone(),
                url: failure.external_url.clone(),
                is_overdue: *is_overdue,
                is_approval: declared.is_some_and(Action::is_approval),
                attempt: *own,
                by: by.clone(),
            });
        }
    }
    failures
}

/// Returns what there is to know about an approval: the question, or the answer.
async fn approval(
    app: &App,
    found: &Found,
    plan: Option<&Pipeline>,
    event: &Event,
) -> Result<Option<Approval>, Error> {
    let Found { id, log, record, .. } = found;
    let mut approval = Approval::default();
    for change in changes_of(record, *id) {
        let is_it = |stage: &str, action: &str| {
            event.stage.as_deref() == Some(stage) && event.action.as_deref() == Some(action)
        };
        if let ExecutionChange::ActionSucceeded { stage, action, success, by, .. } = change
            && is_it(stage.as_str(), action.as_str())
        {
            approval.by.clone_from(by);
            approval.comment.clone_from(&success.summary);
        }
        if let ExecutionChange::ActionFailed { stage, action, failure, by, .. } = change
            && is_it(stage.as_str(), action.as_str())
        {
            approval.by.clone_from(by);
            approval.comment = comment_in(&failure.message);
        }
        if let ExecutionChange::ActionRequested { stage, action, attempt } = change
            && is_it(stage.as_str(), action.as_str())
            && let Some(plan) = plan
        {
            let (stage, action, attempt) = (stage.clone(), action.clone(), *attempt);
            let run = RunKey { execution: *id, stage, action, attempt };
            let then = Head { log: log.clone(), state: record.state.clone() };
            approval = question(app, &then, plan, run, record.at).await?;
        }
    }
    Ok(Some(approval))
}

/// Returns what is asked, until when, and where it is answered.
async fn question(
    app: &App,
    then: &Head,
    plan: &Pipeline,
    run: RunKey,
    at: model::time::Timestamp,
) -> Result<Approval, Error> {
    let mut approval = Approval::default();
    if let Some(Ok(asked)) = job::recall(app, then, plan, &run).await? {
        approval.question = asked.configuration.get("CustomData").cloned();
        approval.review_url = asked.configuration.get("ExternalEntityLink").cloned();
    }
    let declared = plan.stage_index(&run.stage).and_then(|index| {
        let stage = &plan.stages[index];
        Some(&stage.actions[stage.action_index(&run.action)?])
    });
    let minutes = declared.map(|action| i64::from(action.timeout_minutes()));
    approval.expires_at = minutes.map(|minutes| at.plus_minutes(minutes));
    if let Some(base) = app.world.public_url() {
        let token = LinkToken::derive(then.state.secret, run.id());
        let target = Target { pipeline: then.log.pipeline().clone(), run };
        approval.link = Some(target.link(base, &token));
    }
    Ok(approval)
}

/// Returns what somebody said with their no. The log keeps it behind who said it.
fn comment_in(message: &str) -> Option<String> {
    let (_, comment) = message.strip_prefix("rejected by ")?.split_once(": ")?;
    Some(comment.to_owned())
}

/// Returns how an execution was stopped.
fn stop(
    records: &[std::sync::Arc<Record>],
    own: &Summary,
    before: Option<&Standing>,
    plan: Option<&Pipeline>,
) -> Stop {
    let stage = plan.zip(before).and_then(|(plan, before)| plan.stages.get(before.stage));
    let attempt = before.map_or(1, |before| before.attempt);
    let mut stop = Stop {
        reason: own.particulars.stop_reason.clone(),
        stage: stage.map(|stage| stage.name.to_string()),
        ..Stop::default()
    };
    // Who waited before a stage was not in it.
    if before.is_some_and(|before| before.place != Place::Inside) {
        stop.stage = None;
    }
    for change in records.iter().rev().flat_map(|record| changes_of(record, own.execution)) {
        let ExecutionChange::ActionAbandoned { action, attempt: own, .. } = change else {
            continue;
        };
        let declared = stage.and_then(|stage| Some(&stage.actions[stage.action_index(action)?]));
        if *own != attempt {
            continue;
        }
        if declared.is_some_and(Action::is_approval) {
            stop.was_asking = true;
        } else {
            stop.abandoned.push(action.to_string());
        }
    }
    stop
}
