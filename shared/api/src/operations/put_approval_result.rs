//! An approval is answered (R80, R81).

use access::Principal;
use access::authorize::{Approve as MayApprove, Resource};
use engine::Input;
use engine::change::{Change, ExecutionChange};
use engine::input::Approve;
use model::ids::{ActionName, ApprovalToken, PipelineName, StageName};
use protocol::Fault;
use runtime::address::{OpenApproval, open_approvals};
use runtime::{Outcome, turn};
use serde::{Deserialize, Serialize};
use store::LogKey;

use super::Operation;
use crate::call::Call;
use crate::faults::{contended, failed};
use crate::moment::Moment;

/// The operation.
#[derive(Debug)]
pub(crate) struct PutApprovalResult;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    stage_name: String,
    action_name: String,
    result: Answer,
    token: String,
}

#[derive(Debug, Deserialize)]
struct Answer {
    summary: String,
    status: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    approved_at: Moment,
}

impl Operation for PutApprovalResult {
    const OPERATION: protocol::Operation = protocol::Operation::PutApprovalResult;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        action(request)
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let pipeline = PipelineName::from(request.pipeline_name.as_str());
        let stage = StageName::from(request.stage_name.as_str());
        let name = ActionName::from(request.action_name.as_str());
        call.api.declared_action(&pipeline, &stage, &name).await?;
        let Ok(token) = request.token.parse::<ApprovalToken>() else {
            return Err(call
                .api
                .refused(&request.pipeline_name, &engine::Rejection::InvalidApprovalToken));
        };
        let app = &call.api.app;
        let open = open_approvals(app, &pipeline, &stage, &name).await;
        let open = open.map_err(|error| failed(&error))?;
        let meant = open.into_iter().find(|open| open.token == token);
        // Whoever may call the operation may still not be one of the four eyes that this takes.
        let starters = match &meant {
            Some(open) => starters(&call, open).await?,
            None => Vec::new(),
        };
        let circumstances = [("starters".to_owned(), starters)];
        call.also_under::<MayApprove>(action(&request), circumstances)?;
        let log = meant.map_or_else(|| LogKey::Pipeline(pipeline.clone()), |open| open.log);
        let input = Input::Approve(Approve {
            stage,
            action: name,
            token,
            is_approved: request.result.status == "Approved",
            summary: request.result.summary,
            by: call.by(),
        });
        match turn(app, &log, &input, None).await.map_err(|error| contended(&error))? {
            Outcome::Changed(decision) => Ok(Response { approved_at: decision.at.into() }),
            Outcome::Unchanged => Ok(Response { approved_at: call.now.into() }),
            Outcome::Refused(rejection) => {
                Err(call.api.refused(&request.pipeline_name, &rejection))
            }
        }
    }
}

fn action(request: &Request) -> Resource {
    Resource::Action(
        request.pipeline_name.clone(),
        request.stage_name.clone(),
        request.action_name.clone(),
    )
}

/// Returns who started the execution that waits. Policies know sessions by their role.
async fn starters<O>(call: &Call<'_, O>, open: &OpenApproval) -> Result<Vec<String>, Fault> {
    let store = &call.api.app.store;
    let head = store.load(&open.log).await.map_err(|error| failed(&error))?;
    let Some(execution) = head.state.executions.get(&open.run.execution) else {
        return Ok(Vec::new());
    };
    let record = store.record(&open.log, execution.started_record).await;
    let record = record.map_err(|error| failed(&error))?;
    let changes = record.iter().flat_map(|record| &record.changes);
    let started = changes.filter_map(|change| match change {
        Change::Execution { id, change: ExecutionChange::Started(started), .. }
            if *id == open.run.execution =>
        {
            let by = &started.trigger.detail;
            Some(Principal::read(by).map_or_else(|| by.clone(), |principal| principal.arn))
        }
        Change::Execution { .. } | Change::Pipeline(_) => None,
    });
    Ok(started.collect())
}
