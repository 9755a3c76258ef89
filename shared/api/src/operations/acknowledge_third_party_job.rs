//! A partner's worker says that it does a job (J21).

use access::authorize::Resource;
use protocol::Fault;
use runtime::jobs::{Caller, acknowledge};
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::jobs::{job_id, refused};

/// The operation.
#[derive(Debug)]
pub(crate) struct AcknowledgeThirdPartyJob;

/// What is asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    job_id: String,
    nonce: String,
    client_token: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    status: &'static str,
}

impl Operation for AcknowledgeThirdPartyJob {
    const OPERATION: protocol::Operation = protocol::Operation::AcknowledgeThirdPartyJob;
    type Request = Request;
    type Response = Response;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { job_id: id, nonce, client_token } = request;
        let caller = Caller { worker: call.access_key, client_token: Some(&client_token) };
        let status = acknowledge(&call.api.app, job_id(&id)?, &nonce, caller).await;
        let status = status.map_err(|error| refused(&error))?;
        Ok(Response { status: status.as_str() })
    }
}
