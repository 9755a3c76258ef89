//! Somebody says that a source has a new revision: an execution starts at it.

use std::collections::BTreeMap;

use access::authorize::Resource;
use engine::input::{Revision, Trigger};
use model::ids::{ActionName, PipelineName, StageName};
use model::pipeline::Action;
use model::status::{ActionCategory, ActionOwner, TriggerType};
use protocol::Fault;
use runtime::start::{self, Answer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Operation;
use crate::call::Call;
use crate::faults::failed;

/// The operation.
#[derive(Debug)]
pub(crate) struct PutActionRevision;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pipeline_name: String,
    stage_name: String,
    action_name: String,
    action_revision: ActionRevision,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActionRevision {
    revision_id: String,
    revision_change_id: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    /// Whether the revision was not seen before.
    new_revision: bool,
    pipeline_execution_id: String,
}

impl Operation for PutActionRevision {
    const OPERATION: protocol::Operation = protocol::Operation::PutActionRevision;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        let Request { pipeline_name, stage_name, action_name, .. } = request;
        Resource::Action(pipeline_name.clone(), stage_name.clone(), action_name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request { pipeline_name, stage_name, action_name, action_revision } = request;
        let pipeline = PipelineName::from(pipeline_name.as_str());
        let stage = StageName::from(stage_name.as_str());
        let name = ActionName::from(action_name.as_str());
        let action = call.api.declared_action(&pipeline, &stage, &name).await?;
        if action.type_id.category != ActionCategory::Source {
            return Err(Fault::new(
                "ActionNotFoundException",
                format!("action '{action_name}' is no source action; only those have revisions"),
            ));
        }
        let drawn = call.api.app.draw_execution_id();
        let asked = start::Request {
            execution: Some(drawn),
            trigger: Trigger { kind: TriggerType::PutActionRevision, detail: call.by() },
            variables: BTreeMap::new(),
            revisions: pinned(&action, &action_revision),
            client_request_token: Some(token(&stage_name, &action_name, &action_revision)),
        };
        let answer = start::start(&call.api.app, &pipeline, &asked).await;
        match answer.map_err(|error| failed(&error))? {
            Answer::Started(id) => {
                Ok(Response { new_revision: id == drawn, pipeline_execution_id: id.to_string() })
            }
            // The token stands for the revision, and another source may have changed its provider since.
            Answer::TokenMismatch => Err(Fault::new(
                "ConcurrentPipelineExecutionsLimitExceededException",
                "the revision is being processed under other settings; ask again later",
            )),
            Answer::Refused(rejection) => Err(call.api.refused(&pipeline_name, &rejection)),
        }
    }
}

/// A revision seen before asks for the execution that processed it.
fn token(stage: &str, action: &str, revision: &ActionRevision) -> String {
    let ActionRevision { revision_id, revision_change_id } = revision;
    let text = format!("{stage}/{action}/{revision_id}/{revision_change_id}");
    format!("revision-{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()))
}

/// What a job worker brings is its own affair; everything else is pinned (R8).
fn pinned(action: &Action, revision: &ActionRevision) -> Vec<Revision> {
    if action.type_id.owner == ActionOwner::Custom {
        return Vec::new();
    }
    let kind = match action.type_id.provider.as_str() {
        "S3" => "S3_OBJECT_VERSION_ID",
        "ECR" => "IMAGE_DIGEST",
        _ => "COMMIT_ID",
    };
    vec![Revision {
        action: action.name.clone(),
        kind: kind.to_owned(),
        value: revision.revision_id.clone(),
    }]
}
