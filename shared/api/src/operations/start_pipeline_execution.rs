//! An execution starts (R2, R5–R9).

use std::collections::BTreeMap;

use access::authorize::Resource;
use engine::input::{Revision, Trigger};
use model::ids::{ActionName, PipelineName};
use model::status::TriggerType;
use protocol::Fault;
use runtime::start::{self, Answer};
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::faults::failed;

/// The operation.
#[derive(Debug)]
pub(crate) struct StartPipelineExecution;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    name: String,
    #[serde(default)]
    variables: Vec<Variable>,
    client_request_token: Option<String>,
    #[serde(default)]
    source_revisions: Vec<SourceRevision>,
}

#[derive(Debug, Deserialize)]
struct Variable {
    name: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SourceRevision {
    action_name: String,
    revision_type: String,
    revision_value: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pipeline_execution_id: String,
}

impl Operation for StartPipelineExecution {
    const OPERATION: protocol::Operation = protocol::Operation::StartPipelineExecution;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { name, variables, client_request_token, source_revisions } = request;
        let pipeline = PipelineName::from(name.as_str());
        call.api.plan(&pipeline).await?;
        let asked = start::Request {
            execution: None,
            trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: call.by() },
            variables: distinct(variables)?,
            revisions: source_revisions.into_iter().map(revision).collect(),
            client_request_token,
        };
        let answer = start::start(&call.api.app, &pipeline, &asked).await;
        match answer.map_err(|error| failed(&error))? {
            Answer::Started(id) => Ok(Response { pipeline_execution_id: id.to_string() }),
            Answer::TokenMismatch => Err(Fault::new(
                "ConflictException",
                "clientRequestToken was used in the last 24 hours to start this pipeline with other \
                 parameters; use a new token",
            )),
            Answer::Refused(rejection) => Err(call.api.refused(&name, &rejection)),
        }
    }
}

fn distinct(variables: Vec<Variable>) -> Result<BTreeMap<String, String>, Fault> {
    let mut given = BTreeMap::new();
    for Variable { name, value } in variables {
        if given.insert(name.clone(), value).is_some() {
            return Err(Fault::validation(format!(
                "variables: '{name}' is given twice; give each variable once"
            )));
        }
    }
    Ok(given)
}

fn revision(revision: SourceRevision) -> Revision {
    Revision {
        action: ActionName::from(revision.action_name),
        kind: revision.revision_type,
        value: revision.revision_value,
    }
}
