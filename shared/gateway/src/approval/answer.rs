//! An answer is taken: one turn, by whoever holds the link.

use access::audit::Call as Audited;
use api::Api;
use engine::Input;
use engine::input::Approve;
use http::{StatusCode, header};
use model::time::Timestamp;
use runtime::approval_link::Target;
use runtime::{Outcome, turn};
use serde_json::{Value, json};

use super::shown::{opened, over};
use super::{Answer, SUMMARY_CHARACTERS_MAX, unavailable, unfit};
use crate::event::Request;
use crate::reply::Refusal;

/// Who answered, as records and events say it: a link has no name.
const BY: &str = "link";

/// How answers are written down.
const OPERATION: &str = "AnswerApprovalByLink";

/// Takes an answer, and writes it down whatever became of it.
pub(super) async fn take(
    api: &Api,
    target: &Target,
    token: &str,
    answer: &Answer,
    request: &Request,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let done = decide(api, target, token, answer).await;
    write_down(api, target, answer, request, done.as_ref().err(), now);
    done
}

async fn decide(
    api: &Api,
    target: &Target,
    token: &str,
    answer: &Answer,
) -> Result<Value, Refusal> {
    let is_approved = match answer.status.as_str() {
        "Approved" => true,
        "Rejected" => false,
        _ => return Err(unfit("`status` is Approved or Rejected")),
    };
    if answer.summary.chars().count() > SUMMARY_CHARACTERS_MAX {
        return Err(unfit(format!("a comment has at most {SUMMARY_CHARACTERS_MAX} characters")));
    }
    let open = opened(api, target, token).await?;
    let head = api.app.store.load(&open.log).await.map_err(|error| unavailable(&error))?;
    let execution = head.state.executions.get(&open.run.execution);
    let Some(execution) = execution else { return Err(over(None)) };
    let typed = answer.number.trim().trim_start_matches('#');
    if typed != execution.number.to_string() {
        return Err(unfit("that is not the number of this execution; type the one that is shown"));
    }
    let input = Input::Approve(Approve {
        stage: open.run.stage.clone(),
        action: open.run.action.clone(),
        token: open.token,
        is_approved,
        summary: answer.summary.clone(),
        by: BY.to_owned(),
    });
    match turn(&api.app, &open.log, &input, None).await.map_err(|error| unavailable(&error))? {
        Outcome::Changed(_) | Outcome::Unchanged => Ok(json!({ "status": answer.status })),
        Outcome::Refused(rejection) => {
            // Somebody answered between our look and our turn.
            tracing::info!(%rejection, "an answer by link came too late");
            Err(over(None))
        }
    }
}

fn write_down(
    api: &Api,
    target: &Target,
    answer: &Answer,
    request: &Request,
    refusal: Option<&Refusal>,
    now: Timestamp,
) {
    let request_id = api.draw_request_id();
    let agent = request.parts.headers.get(header::USER_AGENT);
    let run = &target.run;
    let asked = json!({
        "pipelineName": target.pipeline.as_str(),
        "pipelineExecutionId": run.execution.to_string(),
        "stageName": run.stage.as_str(),
        "actionName": run.action.as_str(),
        "attempt": run.attempt,
        "result": { "status": answer.status, "summary": answer.summary },
        "by": BY,
    });
    let call = Audited {
        at: now,
        who: None,
        access_key: None,
        operation: OPERATION,
        is_read_only: false,
        region: &api.app.place.region,
        account: &api.app.place.account,
        source_ip: &request.peer.to_string(),
        user_agent: agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default(),
        request: &asked,
        response: &Value::Null,
        error: refusal.map(|refusal| (&*refusal.code, &*refusal.message)),
        request_id: &request_id,
        policies: &[],
    };
    if let Err(error) = api.audit.append(&call) {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        tracing::error!(%error, %status, request_id, "a call could not be written down");
    }
}
