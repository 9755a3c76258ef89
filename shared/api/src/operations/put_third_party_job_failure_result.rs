//! A partner's worker says that its job failed (J21).

use access::authorize::Resource;
use protocol::Fault;
use runtime::jobs::Caller;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::jobs::{FailureDetails, fail, job_id};

/// The operation.
#[derive(Debug)]
pub(crate) struct PutThirdPartyJobFailureResult;

/// What is asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    job_id: String,
    client_token: String,
    failure_details: FailureDetails,
}

impl Operation for PutThirdPartyJobFailureResult {
    const OPERATION: protocol::Operation = protocol::Operation::PutThirdPartyJobFailureResult;
    type Request = Request;
    type Response = Empty;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let Request { job_id: id, client_token, failure_details } = request;
        let caller = Caller { worker: call.access_key, client_token: Some(&client_token) };
        fail(&call, job_id(&id)?, caller, failure_details).await
    }
}
