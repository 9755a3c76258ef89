//! A pipeline is deleted, with its webhooks and tags (R90).

use access::authorize::Resource;
use model::ids::PipelineName;
use protocol::Fault;
use runtime::{Outcome, define};
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::faults::{contended, failed};

/// The operation.
#[derive(Debug)]
pub(crate) struct DeletePipeline;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    name: String,
}

impl Operation for DeletePipeline {
    const OPERATION: protocol::Operation = protocol::Operation::DeletePipeline;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Pipeline(request.name.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let name = PipelineName::from(request.name.as_str());
        let app = &call.api.app;
        let deleted = define::delete(app, &name, &call.by()).await;
        match deleted.map_err(|error| contended(&error))? {
            Outcome::Changed(_) | Outcome::Unchanged => {}
            Outcome::Refused(rejection) => return Err(call.api.refused(&request.name, &rejection)),
        }
        let forgotten = call.api.forget_webhooks(&request.name).await;
        forgotten.map_err(|error| failed(&error))?;
        let arn = call.pipeline_arn(&request.name);
        app.store.remove_tags(&arn).await.map_err(|error| failed(&error))?;
        call.api.home.declared(&name);
        Ok(Empty {})
    }
}
