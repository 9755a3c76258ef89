//! Start an execution.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};

use model::pipeline::{Action, Pipeline};
use model::status::{ActionCategory, ExecutionMode, TriggerType};

use crate::change::{ExecutionChange, PipelineChange, Started};
use crate::input::{Revision, Start};
use crate::limits::UNFINISHED_MAX;
use crate::protection::Protection;
use crate::rejection::Rejection;
use crate::state::Scope;
use crate::working::Working;

/// Starts an execution, unless it is there already. A start that nobody waits for, and that cannot
/// be granted, is written down with the reason (R3, R9).
pub(super) fn take(working: &mut Working, start: &Start) -> Result<(), Rejection> {
    if working.state.scope != Scope::Pipeline {
        return Err(Rejection::WrongLog);
    }
    let (definition, pipeline) = working.current()?;
    let id = start.execution;
    if working.state.executions.contains_key(&id) || working.state.admitted.contains_key(&id) {
        return Ok(());
    }
    let is_greatest = working.state.last_execution.is_none_or(|last| id > last);
    // Whoever looked must have seen every record before this one: an execution that was started and
    // ended in between would otherwise run twice.
    let was_looked_for = start.absent_until.saturating_add(1) == working.state.sequence;
    if !Protection::StartedOnce.requires(is_greatest || was_looked_for) {
        return Err(Rejection::PerhapsStarted(id));
    }
    let granted = grant(working, &pipeline, start);
    let variables = match granted {
        Ok(variables) => variables,
        Err(rejection) if is_answered(start.trigger.kind) => return Err(rejection),
        Err(rejection) => {
            let (trigger, reason) = (start.trigger.clone(), rejection.to_string());
            working.change(PipelineChange::Refused { execution: id, trigger, reason });
            return Ok(());
        }
    };
    let (trigger, revisions) = (start.trigger.clone(), start.revisions.clone());
    let started = Box::new(Started { definition, trigger, variables, revisions });
    let number = working.state.last_number + 1;
    match definition.mode {
        ExecutionMode::Superseded | ExecutionMode::Queued => {
            working.begin(id, number, ExecutionChange::Started(started));
        }
        ExecutionMode::Parallel => {
            working.change(PipelineChange::Admitted { execution: id, number, started });
        }
    }
    Ok(())
}

/// Whether somebody waits for the answer and learns of a refusal.
fn is_answered(trigger: TriggerType) -> bool {
    match trigger {
        TriggerType::StartPipelineExecution
        | TriggerType::PutActionRevision
        | TriggerType::ManualRollback => true,
        TriggerType::CreatePipeline
        | TriggerType::PollForSourceChanges
        | TriggerType::Webhook
        | TriggerType::CloudWatchEvent
        | TriggerType::WebhookV2
        | TriggerType::AutomatedRollback => false,
    }
}

/// Returns the resolved variables of a start that can be granted.
fn grant(
    working: &Working,
    pipeline: &Pipeline,
    start: &Start,
) -> Result<BTreeMap<String, String>, Rejection> {
    let is_bounded = match pipeline.execution_mode {
        ExecutionMode::Superseded => false,
        ExecutionMode::Queued | ExecutionMode::Parallel => true,
    };
    let has_room = working.state.unfinished() < UNFINISHED_MAX;
    if is_bounded && !Protection::Quota.requires(has_room) {
        return Err(Rejection::ConcurrentExecutionsLimit);
    }
    check_revisions(pipeline, &start.revisions)?;
    resolve_variables(pipeline, &start.variables)
}

/// Fills defaults in; every override must name a declared variable and be non-empty (R6).
fn resolve_variables(
    pipeline: &Pipeline,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Rejection> {
    for (name, value) in overrides {
        if !pipeline.variables.iter().any(|variable| variable.name == *name) {
            return Err(Rejection::UndeclaredVariable(name.clone()));
        }
        if value.is_empty() {
            return Err(Rejection::EmptyVariable(name.clone()));
        }
    }
    let resolved = pipeline.variables.iter().map(|variable| {
        let value = overrides.get(&variable.name).or(variable.default.as_ref());
        let value = value.ok_or_else(|| Rejection::MissingVariable(variable.name.clone()))?;
        Ok((variable.name.clone(), value.clone()))
    });
    resolved.collect()
}

/// Every revision must be one that its source action can bring, at most one of each kind (R7).
fn check_revisions(pipeline: &Pipeline, revisions: &[Revision]) -> Result<(), Rejection> {
    let mut seen = BTreeSet::new();
    for revision in revisions {
        let invalid =
            |reason: String| Rejection::InvalidRevision { action: revision.action.clone(), reason };
        let sources = pipeline.stages.first().map_or(&[][..], |stage| &stage.actions);
        let action = sources.iter().find(|action| action.name == revision.action);
        let Some(action) =
            action.filter(|action| action.type_id.category == ActionCategory::Source)
        else {
            return Err(invalid("the pipeline has no such source action".to_string()));
        };
        check_kind(action, &revision.kind).map_err(invalid)?;
        if revision.value.is_empty() {
            return Err(invalid("the value is empty".to_string()));
        }
        if !seen.insert((&revision.action, &revision.kind)) {
            return Err(invalid(format!("{} is given twice", revision.kind)));
        }
    }
    Ok(())
}

fn check_kind(action: &Action, kind: &str) -> Result<(), String> {
    let provider = action.type_id.provider.as_str();
    let allowed: &[&str] = match provider {
        "ECR" => &["IMAGE_DIGEST"],
        "S3" => &["S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"],
        _ => &["COMMIT_ID"],
    };
    if !allowed.contains(&kind) {
        return Err(format!("{provider} takes {}, not {kind}", allowed.join(" or ")));
    }
    let override_key = action.configuration.get("AllowOverrideForS3ObjectKey");
    if kind == "S3_OBJECT_KEY" && override_key.is_none_or(|allowed| allowed != "true") {
        return Err("set AllowOverrideForS3ObjectKey to true to choose another key".to_string());
    }
    Ok(())
}
