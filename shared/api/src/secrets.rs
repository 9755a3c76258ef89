//! What must not be shown: masked in answers, kept by updates that carry the mask.

use model::catalog::{self, DeclaredTypes};
use model::declaration::{ActionTypeDeclaration, Declaration};
use protocol::{Fault, Operation};
use runtime::jobs::known_types;
use serde_json::Value;

use crate::Api;
use crate::faults::failed;

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "****";

/// Members whose text is a secret wherever they stand.
const SECRET_MEMBERS: &[&str] = &[
    "OAuthToken",
    "SecretToken",
    "clientToken",
    "secretAccessKey",
    "sessionToken",
    "continuationToken",
];

/// Whether a text is a mask: at least four asterisks, spaces ignored (contract §1.4).
pub(crate) fn is_mask(text: &str) -> bool {
    let mut asterisks = 0;
    for letter in text.chars() {
        match letter {
            '*' => asterisks += 1,
            ' ' => {}
            _ => return false,
        }
    }
    asterisks >= 4
}

impl Api {
    /// Returns the types that users declared, as far as a declaration has actions of such types: only
    /// those types say which of their settings are secret, and asking costs a read.
    pub(crate) async fn types_in(&self, declaration: &Declaration) -> Result<DeclaredTypes, Fault> {
        let mut actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
        if actions.all(|action| catalog::find(&action.action_type_id).is_some()) {
            return Ok(DeclaredTypes::default());
        }
        known_types(&self.app).await.map_err(|error| failed(&error))
    }
}

/// Masks whatever is a secret by the name of its member.
/// What the settings of a type that users declared mean, nobody here knows without asking: they are
/// masked altogether.
pub(crate) fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if is_of_declared_type(members)
                && let Some(Value::Object(settings)) = members.get_mut("configuration")
            {
                settings.values_mut().for_each(|setting| *setting = Value::from(MASK));
            }
            for (name, member) in members {
                if SECRET_MEMBERS.contains(&name.as_str()) && member.is_string() {
                    *member = Value::from(MASK);
                } else {
                    mask(member);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_of_declared_type(action: &serde_json::Map<String, Value>) -> bool {
    let type_id = action.get("actionTypeId").cloned();
    let type_id = type_id.and_then(|id| serde_json::from_value::<ActionTypeDeclaration>(id).ok());
    type_id.is_some_and(|type_id| catalog::find(&type_id).is_none())
}

/// Whether the audit keeps an answer: not of what only reads, and not what is for a worker's eyes.
pub(crate) fn is_worth_recording(operation: Operation) -> bool {
    let is_for_workers =
        matches!(operation, Operation::PollForJobs | Operation::PollForThirdPartyJobs);
    !operation.is_read_only() && !is_for_workers
}
