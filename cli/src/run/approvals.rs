//! Approvals that wait for an answer, and the answers.

use engine::Input;
use engine::input::Approve;
use engine::state::{Place, Run, RunKey, State};
use local::controller::Controller;
use model::ids::ApprovalToken;
use model::pipeline::Pipeline;
use runtime::Outcome;
use runtime::turn::turn;
use store::LogKey;

/// An approval that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) log: LogKey,
    pub(crate) run: RunKey,
    pub(crate) number: u64,
    token: ApprovalToken,
}

/// Returns the approvals of a log that wait for an answer.
pub(crate) fn open(log: &LogKey, state: &State, pipeline: &Pipeline) -> Vec<Open> {
    let mut found = Vec::new();
    for (id, execution) in &state.executions {
        let Some(stage) = pipeline.stages.get(execution.stage) else { continue };
        if execution.place != Place::Inside {
            continue;
        }
        for (action, run) in stage.actions.iter().zip(&execution.runs) {
            if let (true, Run::InProgress { attempt, .. }) = (action.is_approval(), run) {
                let run = RunKey {
                    execution: *id,
                    stage: stage.name.clone(),
                    action: action.name.clone(),
                    attempt: *attempt,
                };
                let token = ApprovalToken::derive(state.secret, run.id());
                let (log, number) = (log.clone(), execution.number);
                found.push(Open { log, run, number, token });
            }
        }
    }
    found
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// It counts.
    Taken,
    /// It does not, for example because somebody else was faster.
    Refused(String),
}

/// Gives an answer; an error means that it may be given again.
pub(crate) async fn answer(
    controller: &Controller,
    open: &Open,
    is_approved: bool,
    by: &str,
) -> Result<Given, String> {
    let input = Input::Approve(Approve {
        stage: open.run.stage.clone(),
        action: open.run.action.clone(),
        token: open.token,
        is_approved,
        summary: String::new(),
        by: by.to_owned(),
    });
    let outcome = turn(&controller.app, &open.log, &input, None).await;
    match outcome.map_err(|error| local::bus::chain(&error))? {
        Outcome::Changed(_) | Outcome::Unchanged => Ok(Given::Taken),
        Outcome::Refused(rejection) => Ok(Given::Refused(rejection.to_string())),
    }
}
