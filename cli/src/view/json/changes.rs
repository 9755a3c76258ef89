//! The names of changes, as programs read them.

use engine::change::{Change, ExecutionChange, PipelineChange};
use model::ids::{ActionName, StageName};

/// A change's name, and where it happened.
pub(super) struct Named<'a> {
    pub(super) change: &'static str,
    pub(super) stage: Option<&'a str>,
    pub(super) action: Option<&'a str>,
    pub(super) attempt: Option<u32>,
}

impl<'a> Named<'a> {
    pub(super) fn new(change: &'a Change) -> Self {
        match change {
            Change::Pipeline(change) => of_pipeline(change),
            Change::Execution { change, .. } => of_execution(change),
        }
    }

    fn plain(change: &'static str) -> Self {
        Self { change, stage: None, action: None, attempt: None }
    }

    fn stage(change: &'static str, stage: &'a StageName) -> Self {
        Self { stage: Some(stage.as_str()), ..Self::plain(change) }
    }

    fn action(
        change: &'static str,
        stage: &'a StageName,
        action: &'a ActionName,
        attempt: u32,
    ) -> Self {
        let action = Some(action.as_str());
        Self { action, attempt: Some(attempt), ..Self::stage(change, stage) }
    }
}

fn of_pipeline(change: &PipelineChange) -> Named<'_> {
    match change {
        PipelineChange::Defined { .. } => Named::plain("defined"),
        PipelineChange::Deleted { .. } => Named::plain("deleted"),
        PipelineChange::Disabled { stage, .. } => Named::stage("disabled", stage),
        PipelineChange::Enabled { stage, .. } => Named::stage("enabled", stage),
        PipelineChange::Refused { .. } => Named::plain("refused"),
        PipelineChange::Admitted { .. } => Named::plain("admitted"),
        PipelineChange::Closed { .. } => Named::plain("closed"),
        PipelineChange::Reopened { .. } => Named::plain("reopened"),
    }
}

fn of_execution(change: &ExecutionChange) -> Named<'_> {
    match change {
        ExecutionChange::Started(_) => Named::plain("started"),
        ExecutionChange::Waited { stage } => Named::stage("waits", stage),
        ExecutionChange::Entered { stage } => Named::stage("entered", stage),
        ExecutionChange::Superseded { stage, .. } => Named::stage("superseded", stage),
        ExecutionChange::ActionRequested { stage, action, attempt } => {
            Named::action("action-requested", stage, action, *attempt)
        }
        ExecutionChange::ActionSucceeded { stage, action, attempt, .. } => {
            Named::action("action-succeeded", stage, action, *attempt)
        }
        ExecutionChange::ActionFailed { stage, action, attempt, .. } => {
            Named::action("action-failed", stage, action, *attempt)
        }
        ExecutionChange::ActionAbandoned { stage, action, attempt } => {
            Named::action("action-abandoned", stage, action, *attempt)
        }
        ExecutionChange::StageSucceeded { stage } => Named::stage("stage-succeeded", stage),
        ExecutionChange::StageFailed { stage } => Named::stage("stage-failed", stage),
        ExecutionChange::StageStopping { stage } => Named::stage("stage-stopping", stage),
        ExecutionChange::StageStopped { stage } => Named::stage("stage-stopped", stage),
        ExecutionChange::StageCancelled { stage } => Named::stage("stage-cancelled", stage),
        ExecutionChange::StageResumed { stage, .. } => Named::stage("stage-resumed", stage),
        ExecutionChange::Succeeded => Named::plain("succeeded"),
        ExecutionChange::Failed => Named::plain("failed"),
        ExecutionChange::Stopping { .. } => Named::plain("stopping"),
        ExecutionChange::StopEscalated => Named::plain("stop-escalated"),
        ExecutionChange::Stopped => Named::plain("stopped"),
        ExecutionChange::CancelRequested => Named::plain("cancelling"),
        ExecutionChange::Cancelled { .. } => Named::plain("cancelled"),
        ExecutionChange::Resumed { .. } => Named::plain("resumed"),
    }
}
