//! A custom action's worker says that its job went well, or goes on (J8, J9).

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
pub(crate) struct PutJobSuccessResult;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    job_id: String,
    current_revision: Option<CurrentRevision>,
    continuation_token: Option<String>,
    execution_details: Option<ExecutionDetails>,
    #[serde(default)]
    output_variables: BTreeMap<String, String>,
}

impl Operation for PutJobSuccessResult {
    const OPERATION: protocol::Operation = protocol::Operation::PutJobSuccessResult;
    type Request = Request;
    type Response = Empty;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let Request {
            job_id: id,
            current_revision,
            continuation_token,
            execution_details,
            output_variables,
        } = request;
        let caller = Caller { worker: call.access_key, client_token: None };
        let said =
            Said { current_revision, continuation_token, execution_details, output_variables };
        succeed(&call, job_id(&id)?, caller, said).await
    }
}
