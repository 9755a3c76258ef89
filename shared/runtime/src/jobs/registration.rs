//! What `towpath up --third-party-type FILE` reads (J23).
//!
//! The file is one JSON object: the members of the API's `ActionTypeDeclaration`, as `GetActionType`
//! returns them, and beside them `clientId` and `clientToken`:
//!
//! ```json
//! {
//!   "id": {"category": "Test", "owner": "ThirdParty", "provider": "LoadLab", "version": "1"},
//!   "executor": {"type": "JobWorker", "configuration": {"jobWorkerExecutorConfiguration": {}}},
//!   "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 1},
//!   "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 1},
//!   "properties": [{"name": "Plan", "optional": false, "key": true, "noEcho": false}],
//!   "clientId": "7d0e1a3c-5a1f-4d0b-9a57-2f6c7b1e9d10",
//!   "clientToken": "the secret that the partner's worker presents"
//! }
//! ```

use std::fmt;

use model::catalog::custom::{Counts, ExecutorForm, type_name};
use model::catalog::find;
use model::status::ActionCategory;
use serde_json::Value;
use uuid::Uuid;

/// How many artifacts a partner's type may take, and make.
const ARTIFACTS_MAX: usize = 10;
/// How many settings it may have.
const PROPERTIES_MAX: usize = 10;
/// How long a setting's name may be.
const NAME_CHARACTERS_MAX: usize = 50;
/// How long the provider's name may be.
const PROVIDER_CHARACTERS_MAX: usize = 35;
/// How long the version may be.
const VERSION_CHARACTERS_MAX: usize = 9;
/// How long the token may be.
const TOKEN_CHARACTERS_MAX: usize = 256;

/// A partner's action type, and whose jobs it brings.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    /// The type.
    pub form: ExecutorForm,
    /// The id under which the partner knows the customer: a UUID.
    pub client_id: String,
    /// What the partner's worker presents for that id.
    pub client_token: String,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { form, client_id, client_token: _ } = self;
        f.debug_struct("Registration")
            .field("form", form)
            .field("client_id", client_id)
            .finish_non_exhaustive()
    }
}

impl Registration {
    /// Reads a file's text. What is wrong with it is said in a sentence that names the member.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut document: Value =
            serde_json::from_str(text).map_err(|error| format!("the file is not JSON: {error}"))?;
        let Some(members) = document.as_object_mut() else {
            return Err("the file must hold one JSON object".to_owned());
        };
        let client_id = take_text(members, "clientId", "a lower-case UUID")?;
        let is_id =
            Uuid::try_parse(&client_id).is_ok_and(|id| id.hyphenated().to_string() == client_id);
        if !is_id {
            return Err(format!("clientId: {client_id} is not a lower-case UUID with hyphens"));
        }
        let client_token = take_text(members, "clientToken", "the secret of the partner's worker")?;
        if client_token.is_empty() || client_token.chars().count() > TOKEN_CHARACTERS_MAX {
            return Err(format!("clientToken must have 1 to {TOKEN_CHARACTERS_MAX} characters"));
        }
        let form: ExecutorForm = serde_json::from_value(document).map_err(|error| {
            format!(
                "{error}; the members are those that GetActionType returns, with clientId and \
                 clientToken beside them"
            )
        })?;
        check(&form)?;
        Ok(Self { form, client_id, client_token })
    }
}

fn take_text(
    members: &mut serde_json::Map<String, Value>,
    name: &str,
    what: &str,
) -> Result<String, String> {
    match members.remove(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(format!("{name} must be a text: {what}")),
        None => Err(format!("{name} is missing: add {what}")),
    }
}

fn check(form: &ExecutorForm) -> Result<(), String> {
    if form.id.owner != "ThirdParty" {
        return Err(format!(
            "id.owner: {} cannot be registered; make it ThirdParty",
            form.id.owner
        ));
    }
    if find(&form.id).is_some() {
        return Err(format!(
            "id: {} is a type that Towpath knows already; register another version of it",
            type_name(&form.id)
        ));
    }
    if ActionCategory::parse(&form.id.category).is_none() {
        let words = ActionCategory::ALL.iter().map(|category| category.as_str());
        let words = words.collect::<Vec<_>>().join(", ");
        return Err(format!("id.category: {} is none of {words}", form.id.category));
    }
    for (member, text, characters_max) in [
        ("id.provider", &form.id.provider, PROVIDER_CHARACTERS_MAX),
        ("id.version", &form.id.version, VERSION_CHARACTERS_MAX),
    ] {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if !(1..=characters_max).contains(&text.len()) || !text.bytes().all(is_legal) {
            return Err(format!(
                "{member} must be 1 to {characters_max} letters, digits, hyphens and underscores"
            ));
        }
    }
    for (member, Counts { maximum_count, .. }) in [
        ("inputArtifactDetails", form.input_artifact_details),
        ("outputArtifactDetails", form.output_artifact_details),
    ] {
        if maximum_count > ARTIFACTS_MAX {
            return Err(format!("{member}.maximumCount can be at most {ARTIFACTS_MAX}"));
        }
    }
    if form.properties.len() > PROPERTIES_MAX {
        return Err(format!("properties: there can be at most {PROPERTIES_MAX}"));
    }
    let is_name = |name: &str| (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count());
    if let Some(property) = form.properties.iter().find(|property| !is_name(&property.name)) {
        return Err(format!(
            "properties: the name {:?} must have 1 to {NAME_CHARACTERS_MAX} characters",
            property.name
        ));
    }
    form.check()
}
