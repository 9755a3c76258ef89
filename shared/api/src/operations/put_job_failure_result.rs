//! A custom action's worker says that its job failed (J10).

use access::authorize::Resource;
use protocol::Fault;
use runtime::jobs::Caller;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::jobs::{FailureDetails, fail, job_id};

/// The operation.
#[derive(Debug)]
pub(crate) struct PutJobFailureResult;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    job_id: String,
    failure_details: FailureDetails,
}

impl Operation for PutJobFailureResult {
    const OPERATION: protocol::Operation = protocol::Operation::PutJobFailureResult;
    type Request = Request;
    type Response = Empty;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let caller = Caller { worker: call.access_key, client_token: None };
        fail(&call, job_id(&request.job_id)?, caller, request.failure_details).await
    }
}
