//! A partner's worker says that its job went well, or goes on (J21).

use std::collections::BTreeMap;

use access::authorize::Resource;
use protocol::Fault;
use runtime::jobs::Caller;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::jobs::{CurrentRevision, ExecutionDetails, Said, job_id, succeed};

/// The operation.
#[derive(Debug)]
pub(crate) struct PutThirdPartyJobSuccessResult;

/// What is asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    job_id: String,
    client_token: String,
    current_revision: Option<CurrentRevision>,
    continuation_token: Option<String>,
    execution_details: Option<ExecutionDetails>,
}

impl Operation for PutThirdPartyJobSuccessResult {
    const OPERATION: protocol::Operation = protocol::Operation::PutThirdPartyJobSuccessResult;
    type Request = Request;
    type Response = Empty;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let Request {
            job_id: id,
            client_token,
            current_revision,
            continuation_token,
            execution_details,
        } = request;
        let caller = Caller { worker: call.access_key, client_token: Some(&client_token) };
        // A partner's worker has no way to give variables.
        let output_variables = BTreeMap::new();
        let said =
            Said { current_revision, continuation_token, execution_details, output_variables };
        succeed(&call, job_id(&id)?, caller, said).await
    }
}
