//! Finds the log that something is to be asked of. In PARALLEL mode each execution has its own (R26).

use engine::Plans;
use engine::state::{Place, Run, RunKey};
use model::ids::{ActionName, ActionRunId, ApprovalToken, ExecutionId, PipelineName, StageName};
use store::{Head, LogKey};

use crate::App;
use crate::approval_link::LinkToken;
use crate::conclude::newest;

/// Returns the log that an execution lives in: its own if it has one, else the pipeline's.
pub async fn log_of(
    app: &App,
    pipeline: &PipelineName,
    execution: ExecutionId,
) -> Result<LogKey, store::Error> {
    let own = LogKey::Execution(pipeline.clone(), execution);
    let has_own = newest(app, &own).await?.state.sequence > 0;
    Ok(if has_own { own } else { LogKey::Pipeline(pipeline.clone()) })
}

/// An approval that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenApproval {
    /// The log that it is to be answered in.
    pub log: LogKey,
    /// The attempt that waits.
    pub run: RunKey,
    /// What the answer must present (R81).
    pub token: ApprovalToken,
    /// What the link in a message must present.
    pub link_token: LinkToken,
}

/// Returns every approval of an action that is open, of all executions.
pub async fn open_approvals(
    app: &App,
    pipeline: &PipelineName,
    stage: &StageName,
    action: &ActionName,
) -> Result<Vec<OpenApproval>, store::Error> {
    let log = LogKey::Pipeline(pipeline.clone());
    let head = newest(app, &log).await?;
    let mut open = Vec::new();
    open.extend(open_in(&head, &app.store.plans(&head).await?, stage, action));
    for id in head.state.admitted.keys() {
        let own = newest(app, &LogKey::Execution(pipeline.clone(), *id)).await?;
        let plans = app.store.plans(&own).await?;
        open.extend(open_in(&own, &plans, stage, action));
    }
    Ok(open)
}

fn open_in(
    head: &Head,
    plans: &Plans,
    stage: &StageName,
    action: &ActionName,
) -> Option<OpenApproval> {
    let occupant = head.state.stages.get(stage)?.occupant?;
    let execution = head.state.executions.get(&occupant)?;
    if execution.place != Place::Inside {
        return None;
    }
    let declared = plans.stage_of(execution);
    let index = declared.action_index(action)?;
    let Run::InProgress { attempt, .. } = execution.runs[index] else { return None };
    if !declared.actions[index].is_approval() {
        return None;
    }
    let run = RunKey { execution: occupant, stage: stage.clone(), action: action.clone(), attempt };
    let id: ActionRunId = run.id();
    Some(OpenApproval {
        log: head.log.clone(),
        run,
        token: ApprovalToken::derive(head.state.secret, id),
        link_token: LinkToken::derive(head.state.secret, id),
    })
}
