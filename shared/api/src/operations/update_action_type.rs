//! A partner's action type that was registered here is changed.

use access::authorize::Resource;
use model::catalog::custom::{ExecutorForm, type_name};
use model::catalog::find;
use protocol::Fault;
use runtime::jobs::action_types::{Updated, update};
use serde::Deserialize;

use super::{Empty, Operation};
use crate::action_types::{contended, no_type};
use crate::call::Call;

/// The operation.
#[derive(Debug)]
pub(crate) struct UpdateActionType;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    action_type: ExecutorForm,
}

impl Operation for UpdateActionType {
    const OPERATION: protocol::Operation = protocol::Operation::UpdateActionType;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::ActionType(type_name(&request.action_type.id))
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        let form = request.action_type;
        match update(&call.api.app, &form).await.map_err(|error| contended(&error))? {
            Updated::Applied => Ok(Empty {}),
            Updated::Refused(reason) => Err(Fault::new("RequestFailedException", reason)),
            Updated::NotFound if find(&form.id).is_some() => Err(Fault::new(
                "RequestFailedException",
                format!(
                    "{} was not registered here, so it cannot be changed here; only types that were \
                     registered with Towpath can",
                    type_name(&form.id)
                ),
            )),
            Updated::NotFound => Err(no_type(&form.id)),
        }
    }
}
