//! A partner's worker asks for jobs (J20).

use access::authorize::Resource;
use model::catalog::custom::type_name;
use model::declaration::ActionTypeDeclaration;
use protocol::Fault;
use runtime::jobs::{BATCH_MAX, dispatch};
use serde::{Deserialize, Serialize};
use store::Queue;

use super::Operation;
use crate::action_types::usable;
use crate::call::Call;
use crate::jobs::refused;

/// The operation.
#[derive(Debug)]
pub(crate) struct PollForThirdPartyJobs;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    action_type_id: ActionTypeDeclaration,
    max_batch_size: Option<usize>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    jobs: Vec<Job>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Job {
    client_id: String,
    job_id: String,
}

impl Operation for PollForThirdPartyJobs {
    const OPERATION: protocol::Operation = protocol::Operation::PollForThirdPartyJobs;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::ActionType(type_name(&request.action_type_id))
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { action_type_id, max_batch_size } = request;
        if action_type_id.owner != "ThirdParty" {
            return Err(Fault::validation(format!(
                "actionTypeId.owner is {}, and jobs of owner ThirdParty are polled for here; use \
                 PollForJobs for custom types",
                action_type_id.owner
            )));
        }
        let known = usable(&call, &action_type_id).await?;
        // A partner's worker cannot ask by value, so a value never divides its queue.
        let queue = Queue { action_type: type_name(&action_type_id), value: None };
        let limit = max_batch_size.unwrap_or(1).min(BATCH_MAX);
        let taken = dispatch(&call.api.app, &queue, limit, call.access_key).await;
        let taken = taken.map_err(|error| refused(&error))?;
        let job = |job: &store::WorkerJob| Job {
            client_id: known.client_id.clone().unwrap_or_default(),
            job_id: job.id().to_string(),
        };
        Ok(Response { jobs: taken.iter().map(job).collect() })
    }
}
