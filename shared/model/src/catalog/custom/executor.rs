//! An action type as partners describe theirs: with who executes it (J22).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Counts, Links, ListedType, Property};
use crate::catalog::{ActionType, VERSION};
use crate::declaration::ActionTypeDeclaration;
use crate::status::ActionCategory;

/// An action type with its executor (AWS's `ActionTypeDeclaration`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutorForm {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who does the work; only its `type` means something to us.
    pub executor: Value,
    /// Which one.
    pub id: ActionTypeDeclaration,
    /// How many artifacts it takes.
    pub input_artifact_details: Counts,
    /// How many artifacts it makes.
    pub output_artifact_details: Counts,
    /// Whose pipelines may use it; nothing to us, who serve one account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Value>,
    /// The settings that it understands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<ExecutorProperty>,
    /// Where people find what it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urls: Option<ExecutorLinks>,
}

/// A setting, in the words of this form.
#[expect(clippy::struct_excessive_bools, reason = "the API's shape has these four")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutorProperty {
    /// Its key in `configuration`.
    pub name: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it says, with others, which outside thing is meant.
    pub key: bool,
    /// Whether its value must never be shown.
    pub no_echo: bool,
    /// Whether workers may ask for jobs by its value.
    #[serde(default)]
    pub queryable: bool,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Where people find what an action works on, in the words of this form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutorLinks {
    /// Where a partner's customers sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_url: Option<String>,
    /// The outside thing, such as a project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_url_template: Option<String>,
    /// One run of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_url_template: Option<String>,
    /// How the thing is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_url_template: Option<String>,
}

impl ExecutorForm {
    /// Returns it in the form in which types are listed.
    pub fn listed(&self) -> ListedType {
        let ExecutorLinks {
            configuration_url,
            entity_url_template,
            execution_url_template,
            revision_url_template,
        } = self.urls.clone().unwrap_or_default();
        let property = |property: &ExecutorProperty| {
            let ExecutorProperty { name, optional, key, no_echo, queryable, description } =
                property;
            Property {
                name: name.clone(),
                required: !optional,
                key: *key,
                secret: *no_echo,
                queryable: *queryable,
                description: description.clone(),
                kind: None,
            }
        };
        ListedType {
            id: self.id.clone(),
            settings: Links {
                third_party_configuration_url: configuration_url,
                entity_url_template,
                execution_url_template,
                revision_url_template,
            },
            action_configuration_properties: self.properties.iter().map(property).collect(),
            input_artifact_details: self.input_artifact_details,
            output_artifact_details: self.output_artifact_details,
        }
    }

    /// Says what is wrong with it, member by member, if anything is.
    pub fn check(&self) -> Result<(), String> {
        match self.executor.get("type").and_then(Value::as_str) {
            Some("JobWorker") => {}
            Some("Lambda") => {
                return Err("executor.type: nothing calls Lambda functions here; make it \
                     JobWorker and let a job worker poll"
                    .to_owned());
            }
            Some(_) | None => return Err("executor.type must be JobWorker".to_owned()),
        }
        self.listed().check()
    }

    /// Says why it cannot take the place of a published form, if it cannot: declarations that were
    /// legal must stay so.
    pub fn check_update_of(&self, published: &Self) -> Result<(), String> {
        for property in self.properties.iter().filter(|property| !property.optional) {
            let former = published.properties.iter().find(|former| former.name == property.name);
            if former.is_none_or(|former| former.optional) {
                return Err(format!(
                    "properties: {} cannot become required, for pipelines may use the type without \
                     it; make it optional, or declare a new version",
                    property.name
                ));
            }
        }
        Ok(())
    }

    /// Returns the form of a type of the catalogue. Nobody but AWS knows who executes those, so the
    /// executor says no more than it must.
    pub fn of_catalogue(known: &ActionType, category: ActionCategory) -> Self {
        let listed = ListedType::of_catalogue(known, category);
        let property = |property: Property| ExecutorProperty {
            name: property.name,
            optional: !property.required,
            key: property.key,
            no_echo: property.secret,
            queryable: property.queryable,
            description: None,
        };
        Self {
            description: None,
            executor: json!({
                "type": "JobWorker",
                "configuration": { "jobWorkerExecutorConfiguration": {} },
            }),
            id: listed.id,
            input_artifact_details: listed.input_artifact_details,
            output_artifact_details: listed.output_artifact_details,
            permissions: None,
            properties: listed.action_configuration_properties.into_iter().map(property).collect(),
            urls: None,
        }
    }
}

impl ListedType {
    /// Returns a type of the catalogue in the form in which types are listed.
    pub fn of_catalogue(known: &ActionType, category: ActionCategory) -> Self {
        let property = |setting: &crate::catalog::Setting| Property {
            name: setting.key.to_owned(),
            required: setting.is_required,
            // What must be given and may be shown is what says which outside thing is meant.
            key: setting.is_required && !setting.is_secret,
            secret: setting.is_secret,
            queryable: false,
            description: None,
            kind: None,
        };
        let counts = |range: &std::ops::RangeInclusive<usize>| Counts {
            minimum_count: *range.start(),
            maximum_count: *range.end(),
        };
        Self {
            id: ActionTypeDeclaration {
                category: category.to_string(),
                owner: known.owner.to_string(),
                provider: known.provider.to_owned(),
                version: VERSION.to_owned(),
            },
            settings: Links::default(),
            action_configuration_properties: known.settings.iter().map(property).collect(),
            input_artifact_details: counts(&known.inputs),
            output_artifact_details: counts(&known.outputs),
        }
    }
}
