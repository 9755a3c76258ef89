//! One announced change, in AWS's words.

use engine::change::{Change, Started};
use engine::state::{Execution, Run, RunKey};
use engine::{ExecutionChange, Plans, State};
use model::ids::{ActionName, ExecutionId, StageName};
use model::outcome::{Failure, StoredArtifact, Success};
use model::pipeline::{Action, Pipeline};
use model::time::Timestamp;

use super::Announced;
use super::inputs::input_artifacts;
use crate::detail::{
    ActionDetail, Artifact, Detail, ExecutionResult, ExecutionTrigger, Location, PipelineDetail,
    StageDetail, StartTrigger,
};
use crate::event::Event;
use crate::origin::Origin;

/// Returns the event of a change, or `None` when the change is not announced.
pub(super) fn describe(
    state: &State,
    plans: &Plans,
    record: &Announced<'_>,
    origin: &Origin,
    change: &Change,
) -> Option<Event> {
    let Change::Execution { id, number, announced, change } = change else { return None };
    if *announced == 0 {
        return None;
    }
    let Some(execution) = state.executions.get(id) else {
        panic!("execution {id} changed after it ended")
    };
    let pipeline = plans.get(execution.definition.record);
    let subject = Subject { plans, record, origin, id: *id, execution, pipeline };
    Some(Event {
        execution: *id,
        number: *number,
        sequence: *announced,
        at: record.at,
        source: origin.source.clone(),
        account: origin.account.clone(),
        region: origin.region.clone(),
        resources: vec![origin.pipeline_arn(&pipeline.name)],
        detail: subject.detail(change)?,
    })
}

/// Whom an event is about, and what is known of it at the event's moment.
struct Subject<'a> {
    plans: &'a Plans,
    record: &'a Announced<'a>,
    origin: &'a Origin,
    id: ExecutionId,
    execution: &'a Execution,
    pipeline: &'a Pipeline,
}

impl Subject<'_> {
    fn detail(&self, change: &ExecutionChange) -> Option<Detail> {
        Some(match change {
            ExecutionChange::Started(started) => self.started(started),
            ExecutionChange::Resumed { .. } => self.of_pipeline("RESUMED"),
            ExecutionChange::Succeeded => self.ended("SUCCEEDED"),
            ExecutionChange::Failed => self.ended("FAILED"),
            ExecutionChange::Stopping { reason, .. } => self.stopping(reason.as_deref()),
            ExecutionChange::Stopped => self.of_pipeline("STOPPED"),
            ExecutionChange::Superseded { .. } => self.of_pipeline("SUPERSEDED"),
            ExecutionChange::Cancelled { .. } => self.of_pipeline("CANCELED"),
            ExecutionChange::Entered { stage } => self.of_stage(stage, "STARTED"),
            ExecutionChange::StageSucceeded { stage } => self.of_stage(stage, "SUCCEEDED"),
            ExecutionChange::StageFailed { stage } => self.of_stage(stage, "FAILED"),
            ExecutionChange::StageStopping { stage } => self.of_stage(stage, "STOPPING"),
            ExecutionChange::StageStopped { stage } => self.of_stage(stage, "STOPPED"),
            ExecutionChange::StageCancelled { stage } => self.of_stage(stage, "CANCELED"),
            ExecutionChange::StageResumed { stage, .. } => self.of_stage(stage, "RESUMED"),
            ExecutionChange::ActionRequested { stage, action, attempt } => {
                self.of_action(stage, action, *attempt, ActionEnd::None)
            }
            ExecutionChange::ActionSucceeded { stage, action, attempt, success, by: _ } => {
                self.of_action(stage, action, *attempt, ActionEnd::Succeeded(success))
            }
            ExecutionChange::ActionFailed { stage, action, attempt, failure, .. } => {
                self.of_action(stage, action, *attempt, ActionEnd::Failed(failure))
            }
            ExecutionChange::ActionAbandoned { stage, action, attempt } => {
                self.of_action(stage, action, *attempt, ActionEnd::Abandoned)
            }
            ExecutionChange::Waited { .. }
            | ExecutionChange::StopEscalated
            | ExecutionChange::CancelRequested => return None,
        })
    }

    fn pipeline_detail(&self, state: &'static str) -> PipelineDetail {
        PipelineDetail {
            pipeline: self.pipeline.name.as_str().to_owned(),
            execution_id: self.id.to_string(),
            start_time: self.execution.started_at,
            execution_trigger: None,
            state,
            version: f64::from(self.execution.definition.version),
            pipeline_execution_attempt: f64::from(self.execution.attempt),
            stop_execution_comments: None,
        }
    }

    fn of_pipeline(&self, state: &'static str) -> Detail {
        Detail::Pipeline(self.pipeline_detail(state))
    }

    fn started(&self, started: &Started) -> Detail {
        let execution_trigger = Some(ExecutionTrigger::Start(StartTrigger {
            trigger_type: started.trigger.kind.as_str(),
            trigger_detail: started.trigger.detail.clone(),
        }));
        Detail::Pipeline(PipelineDetail { execution_trigger, ..self.pipeline_detail("STARTED") })
    }

    fn stopping(&self, reason: Option<&str>) -> Detail {
        let stop_execution_comments =
            reason.filter(|reason| !reason.is_empty()).map(ToOwned::to_owned);
        let detail = self.pipeline_detail("STOPPING");
        Detail::Pipeline(PipelineDetail { stop_execution_comments, ..detail })
    }

    /// The end tells the commit that a Git trigger brought, unless the sources failed, so that nobody
    /// knows it.
    fn ended(&self, state: &'static str) -> Detail {
        let commit = self.record.commits.get(&self.id).filter(|_| self.execution.stage > 0);
        let execution_trigger = commit.cloned().map(Box::new).map(ExecutionTrigger::Git);
        Detail::Pipeline(PipelineDetail { execution_trigger, ..self.pipeline_detail(state) })
    }

    fn of_stage(&self, stage: &StageName, state: &'static str) -> Detail {
        Detail::Stage(StageDetail {
            pipeline: self.pipeline.name.as_str().to_owned(),
            execution_id: self.id.to_string(),
            start_time: self.execution.started_at,
            stage_last_retry_attempt_time: self.execution.retried_at,
            stage: stage.as_str().to_owned(),
            state,
            version: f64::from(self.execution.definition.version),
            pipeline_execution_attempt: f64::from(self.execution.attempt),
        })
    }

    fn of_action(
        &self,
        stage: &StageName,
        name: &ActionName,
        attempt: u32,
        end: ActionEnd<'_>,
    ) -> Detail {
        let declared = self.plans.stage_of(self.execution);
        let Some(index) = declared.action_index(name).filter(|_| declared.name == *stage) else {
            panic!("execution {} is not at an action {stage}/{name}", self.id)
        };
        let action = &declared.actions[index];
        let region = action.region.as_deref().unwrap_or(&self.origin.region);
        let run =
            RunKey { execution: self.id, stage: stage.clone(), action: name.clone(), attempt };
        Detail::Action(Box::new(ActionDetail {
            pipeline: self.pipeline.name.as_str().to_owned(),
            execution_id: self.id.to_string(),
            start_time: self.begun_at(index),
            stage: stage.as_str().to_owned(),
            execution_result: end.result(),
            output_artifacts: end.output_artifacts(),
            action_execution_id: run.id().to_string(),
            action: name.as_str().to_owned(),
            input_artifacts: self.input_artifacts(action, region, end),
            state: end.state(),
            region: region.to_owned(),
            type_id: (&action.type_id).into(),
            version: f64::from(self.execution.definition.version),
            pipeline_execution_attempt: f64::from(self.execution.attempt),
        }))
    }

    /// Returns when the newest attempt of an action began: now, unless it is in progress.
    fn begun_at(&self, action_index: usize) -> Timestamp {
        match self.execution.runs.get(action_index) {
            Some(Run::InProgress { since, .. }) => *since,
            Some(Run::Pending | Run::Succeeded(_) | Run::Failed { .. } | Run::Abandoned { .. })
            | None => self.record.at,
        }
    }

    fn input_artifacts(&self, action: &Action, region: &str, end: ActionEnd<'_>) -> Vec<Artifact> {
        match end {
            ActionEnd::None | ActionEnd::Succeeded(_) | ActionEnd::Failed(_) => {
                input_artifacts(self.plans, self.id, self.execution, action, region)
            }
            // AWS does not tell what an abandoned attempt read.
            ActionEnd::Abandoned => vec![],
        }
    }
}

/// How an attempt ended, if it has. AWS's action state CANCELED is not among them: an update lets
/// running actions finish, and what was not asked for yet was never announced (E8, R84).
#[derive(Clone, Copy)]
enum ActionEnd<'a> {
    None,
    Succeeded(&'a Success),
    Failed(&'a Failure),
    Abandoned,
}

impl ActionEnd<'_> {
    fn state(self) -> &'static str {
        match self {
            Self::None => "STARTED",
            Self::Succeeded(_) => "SUCCEEDED",
            Self::Failed(_) => "FAILED",
            Self::Abandoned => "ABANDONED",
        }
    }

    fn result(self) -> Option<ExecutionResult> {
        match self {
            Self::Succeeded(success) => Some(result_of_success(success)),
            Self::Failed(failure) => Some(ExecutionResult {
                external_execution_url: failure.external_url.clone(),
                external_execution_summary: Some(failure.message.clone()),
                external_execution_id: failure.external_id.clone(),
                error_code: Some(failure.code.clone()),
            }),
            Self::None | Self::Abandoned => None,
        }
    }

    /// Returns what the attempt made, where the provider says it put it.
    fn output_artifacts(self) -> Vec<Artifact> {
        let artifact = |stored: &StoredArtifact| Artifact {
            name: stored.name.clone(),
            location: Some(Location { bucket: stored.bucket.clone(), key: stored.key.clone() }),
        };
        match self {
            Self::Succeeded(success) => success.artifacts.iter().map(artifact).collect(),
            Self::None | Self::Failed(_) | Self::Abandoned => vec![],
        }
    }
}

/// What a source brought in stands where other providers name their work.
fn result_of_success(success: &Success) -> ExecutionResult {
    let revision = success.revision.as_ref();
    ExecutionResult {
        external_execution_url: success
            .external_url
            .clone()
            .or_else(|| revision.and_then(|revision| revision.url.clone())),
        external_execution_summary: success
            .summary
            .clone()
            .or_else(|| revision.and_then(|revision| revision.summary.clone())),
        external_execution_id: success
            .external_id
            .clone()
            .or_else(|| revision.map(|revision| revision.id.clone())),
        error_code: None,
    }
}
