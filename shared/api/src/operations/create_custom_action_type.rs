//! A custom action type is declared (J1 to J3).

use access::authorize::Resource;
use model::catalog::custom::{CUSTOM_TYPES_MAX, Counts, Links, ListedType, Property, type_name};
use model::declaration::ActionTypeDeclaration;
use protocol::Fault;
use runtime::jobs::action_types::{Declared, declare};
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::action_types::{contended, type_arn};
use crate::call::Call;
use crate::tagging::{Tag, check_tags, first_tags};

/// The operation.
#[derive(Debug)]
pub(crate) struct CreateCustomActionType;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    category: String,
    provider: String,
    version: String,
    #[serde(default)]
    settings: Links,
    #[serde(default)]
    configuration_properties: Vec<Property>,
    input_artifact_details: Counts,
    output_artifact_details: Counts,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    action_type: ListedType,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl Operation for CreateCustomActionType {
    const OPERATION: protocol::Operation = protocol::Operation::CreateCustomActionType;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        let Request { category, provider, version, .. } = request;
        Resource::ActionType(format!("Custom/{category}/{provider}/{version}"))
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        let Request {
            category,
            provider,
            version,
            settings,
            configuration_properties,
            input_artifact_details,
            output_artifact_details,
            tags,
        } = request;
        let owner = "Custom".to_owned();
        let action_type = ListedType {
            id: ActionTypeDeclaration { category, owner, provider, version },
            settings,
            action_configuration_properties: configuration_properties,
            input_artifact_details,
            output_artifact_details,
        };
        action_type.check().map_err(Fault::validation)?;
        check_tags(&tags)?;
        let name = type_name(&action_type.id);
        let declared = declare(&call.api.app, &action_type).await;
        match declared.map_err(|error| contended(&error))? {
            Declared::Live { is_new: _ } => {}
            Declared::Exists => {
                return Err(Fault::new(
                    "ActionTypeAlreadyExistsException",
                    format!("{name} exists with another definition; use a new version"),
                ));
            }
            Declared::Spent => {
                return Err(Fault::validation(format!(
                    "version: {name} was deleted, and its version can come back only with the \
                     definition that it had; use a version that was never used"
                )));
            }
            Declared::Full => {
                return Err(Fault::new(
                    "LimitExceededException",
                    format!("there are {CUSTOM_TYPES_MAX} custom action types; delete one first"),
                ));
            }
        }
        first_tags(&call, &type_arn(&call, &name), &tags).await?;
        Ok(Response { action_type, tags })
    }
}
