//! A worker asks for jobs of a custom action type (J4).

use std::collections::BTreeMap;

use access::authorize::Resource;
use model::catalog::custom::{Property, type_name};
use model::declaration::ActionTypeDeclaration;
use protocol::Fault;
use runtime::jobs::{BATCH_MAX, Content, Details, dispatch};
use serde::{Deserialize, Serialize};
use store::{JobState, Queue};

use super::Operation;
use crate::action_types::usable;
use crate::call::Call;
use crate::jobs::{JobData, job_data, refused};

/// The operation.
#[derive(Debug)]
pub(crate) struct PollForJobs;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    action_type_id: ActionTypeDeclaration,
    max_batch_size: Option<usize>,
    #[serde(default)]
    query_param: BTreeMap<String, String>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    jobs: Vec<Job>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Job {
    id: String,
    data: JobData,
    nonce: String,
    account_id: String,
}

impl Operation for PollForJobs {
    const OPERATION: protocol::Operation = protocol::Operation::PollForJobs;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::ActionType(type_name(&request.action_type_id))
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { action_type_id, max_batch_size, query_param } = request;
        if action_type_id.owner != "Custom" {
            return Err(Fault::validation(format!(
                "actionTypeId.owner is {}, and jobs of owner Custom are polled for here; use \
                 PollForThirdPartyJobs for partners' types",
                action_type_id.owner
            )));
        }
        let known = usable(&call, &action_type_id).await?;
        let value = asked_value(known.listed.queryable(), query_param)?;
        let queue = Queue { action_type: type_name(&action_type_id), value };
        let limit = max_batch_size.unwrap_or(1).min(BATCH_MAX);
        let app = &call.api.app;
        let taken = dispatch(app, &queue, limit, call.access_key).await;
        let mut jobs = Vec::new();
        for job in taken.map_err(|error| refused(&error))? {
            let JobState::Dispatched { nonce, .. } = &job.state else { continue };
            let (id, nonce) = (job.id().to_string(), nonce.clone());
            let content = Content::of(&job).map_err(|error| refused(&error))?;
            let data = job_data(&call, Details { job, content, is_its_worker: true }).await?;
            jobs.push(Job { id, data, nonce, account_id: app.place.account.clone() });
        }
        Ok(Response { jobs })
    }
}

/// Returns the value that the jobs must have: given if, and only if, the type has a queryable setting.
fn asked_value(
    queryable: Option<&Property>,
    query: BTreeMap<String, String>,
) -> Result<Option<String>, Fault> {
    match (queryable, query.into_iter().next()) {
        (None, None) => Ok(None),
        (Some(property), Some((key, value))) if key == property.name => Ok(Some(value)),
        (Some(property), _) => Err(Fault::validation(format!(
            "queryParam must have one entry, {}: that is the queryable property of this action type",
            property.name
        ))),
        (None, Some(_)) => Err(Fault::validation(
            "queryParam must be left out: this action type has no queryable property",
        )),
    }
}
