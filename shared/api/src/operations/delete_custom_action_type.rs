//! A custom action type is deleted: no new work is asked of it, and declarations that name it stay.

use access::authorize::Resource;
use protocol::Fault;
use runtime::jobs::action_types::delete;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::action_types::{contended, type_arn};
use crate::call::Call;
use crate::faults::failed;

/// The operation.
#[derive(Debug)]
pub(crate) struct DeleteCustomActionType;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    category: String,
    provider: String,
    version: String,
}

impl Request {
    fn name(&self) -> String {
        let Self { category, provider, version } = self;
        format!("Custom/{category}/{provider}/{version}")
    }
}

impl Operation for DeleteCustomActionType {
    const OPERATION: protocol::Operation = protocol::Operation::DeleteCustomActionType;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::ActionType(request.name())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let (app, name) = (&call.api.app, request.name());
        delete(app, &name).await.map_err(|error| contended(&error))?;
        let forgotten = app.store.remove_tags(&type_arn(&call, &name)).await;
        forgotten.map_err(|error| failed(&error))?;
        Ok(Empty {})
    }
}
