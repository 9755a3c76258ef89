//! A worker says that it does a custom action's job (J7).

use access::authorize::Resource;
use protocol::Fault;
use runtime::jobs::{Caller, acknowledge};
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::jobs::{job_id, refused};

/// The operation.
#[derive(Debug)]
pub(crate) struct AcknowledgeJob;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    job_id: String,
    nonce: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    status: &'static str,
}

impl Operation for AcknowledgeJob {
    const OPERATION: protocol::Operation = protocol::Operation::AcknowledgeJob;
    type Request = Request;
    type Response = Response;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let caller = Caller { worker: call.access_key, client_token: None };
        let id = job_id(&request.job_id)?;
        let status = acknowledge(&call.api.app, id, &request.nonce, caller).await;
        let status = status.map_err(|error| refused(&error))?;
        Ok(Response { status: status.as_str() })
    }
}
