//! What a custom action's job is about, with new keys for its artifacts (J5, J6).
//!
//! Secrets are shown to the access key that the job was dispatched to, or that acknowledged it.

use access::authorize::Resource;
use protocol::Fault;
use runtime::jobs::{Caller, details};
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::jobs::{JobData, job_data, job_id, refused};

/// The operation.
#[derive(Debug)]
pub(crate) struct GetJobDetails;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    job_id: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    job_details: JobDetails,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobDetails {
    id: String,
    data: JobData,
    account_id: String,
}

impl Operation for GetJobDetails {
    const OPERATION: protocol::Operation = protocol::Operation::GetJobDetails;
    type Request = Request;
    type Response = Response;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let app = &call.api.app;
        let caller = Caller { worker: call.access_key, client_token: None };
        let id = job_id(&request.job_id)?;
        let found = details(app, id, caller).await.map_err(|error| refused(&error))?;
        let data = job_data(&call, found).await?;
        let account_id = app.place.account.clone();
        Ok(Response { job_details: JobDetails { id: id.to_string(), data, account_id } })
    }
}
