//! What a partner's job is about, with its nonce and new keys for its artifacts (J21).

use access::authorize::Resource;
use protocol::Fault;
use runtime::jobs::{Caller, details};
use serde::{Deserialize, Serialize};
use store::{JobId, JobState};

use super::Operation;
use crate::call::Call;
use crate::jobs::{JobData, job_data, job_id, refused};

/// The operation.
#[derive(Debug)]
pub(crate) struct GetThirdPartyJobDetails;

/// What is asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    job_id: String,
    client_token: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    job_details: JobDetails,
}

#[derive(Debug, Serialize)]
pub(crate) struct JobDetails {
    id: String,
    data: JobData,
    nonce: String,
}

impl Operation for GetThirdPartyJobDetails {
    const OPERATION: protocol::Operation = protocol::Operation::GetThirdPartyJobDetails;
    type Request = Request;
    type Response = Response;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let caller = Caller { worker: call.access_key, client_token: Some(&request.client_token) };
        let id = job_id(&request.job_id)?;
        let found = details(&call.api.app, id, caller).await.map_err(|error| refused(&error))?;
        if id.number() < found.job.number {
            return Err(invalid(id, "was continued by another job"));
        }
        let nonce = match &found.job.state {
            JobState::Dispatched { nonce, .. } | JobState::InProgress { nonce, .. } => {
                nonce.clone()
            }
            JobState::Queued => return Err(invalid(id, "was not handed to anybody; poll for it")),
            JobState::Done(_) => return Err(invalid(id, "has ended")),
            JobState::Closed => {
                return Err(invalid(id, "is closed: nobody waits for it any more"));
            }
        };
        let data = job_data(&call, found).await?;
        Ok(Response { job_details: JobDetails { id: id.to_string(), data, nonce } })
    }
}

fn invalid(id: JobId, reason: &str) -> Fault {
    Fault::new("InvalidJobException", format!("job {id} {reason}"))
}
