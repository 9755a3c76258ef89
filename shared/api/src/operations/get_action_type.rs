//! An action type of AWS or a partner, with who executes it (J22).

use access::authorize::Resource;
use model::catalog::custom::{ExecutorForm, type_name};
use model::catalog::find;
use model::declaration::ActionTypeDeclaration;
use model::status::ActionCategory;
use protocol::Fault;
use runtime::jobs::action_types::executor_of;
use serde::Serialize;

use super::Operation;
use crate::action_types::{contended, no_type};
use crate::call::Call;
use crate::faults::failed;

/// The operation.
#[derive(Debug)]
pub(crate) struct GetActionType;

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    action_type: ExecutorForm,
}

impl Operation for GetActionType {
    const OPERATION: protocol::Operation = protocol::Operation::GetActionType;
    type Request = ActionTypeDeclaration;
    type Response = Response;

    fn resource(request: &ActionTypeDeclaration) -> Resource {
        Resource::ActionType(type_name(request))
    }

    async fn perform(call: Call<'_, Self>, id: ActionTypeDeclaration) -> Result<Response, Fault> {
        let registered = call.api.app.store.action_type(&type_name(&id)).await;
        let registered = registered.map_err(|error| failed(&error))?;
        if let Some(row) = registered.filter(|row| row.client.is_some()) {
            let action_type = executor_of(&row).map_err(|error| contended(&error))?;
            return Ok(Response { action_type });
        }
        let category = ActionCategory::parse(&id.category);
        match find(&id).zip(category) {
            Some((known, category)) => {
                Ok(Response { action_type: ExecutorForm::of_catalogue(known, category) })
            }
            None => Err(no_type(&id)),
        }
    }
}
