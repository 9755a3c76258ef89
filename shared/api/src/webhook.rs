//! What the operations of webhooks share: how one is spelled, what it aims at, and how it goes.

use model::catalog::{self, DeclaredTypes};
use model::declaration::ActionTypeDeclaration;
use model::ids::{ActionName, PipelineName};
use model::pipeline::{Action, ActionTypeId};
use model::status::{ActionCategory, ActionOwner};
use protocol::Fault;
use runtime::jobs::known_types;
use serde::{Deserialize, Serialize};
use store::{Webhook, WebhookDefinition};
use webhooks::Filters;
use webhooks::filters::{Configuration, Invalid, Rule};

use crate::Api;
use crate::faults::failed;
use crate::moment::Moment;
use crate::secrets::MASK;
use crate::tagging::{Tag, tags_of};

/// A webhook's definition, as it is asked and shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) target_pipeline: String,
    pub(crate) target_action: String,
    pub(crate) filters: Vec<FilterRule>,
    pub(crate) authentication: String,
    pub(crate) authentication_configuration: AuthenticationConfiguration,
}

/// A filter, as it is asked and shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilterRule {
    json_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    match_equals: Option<String>,
}

/// What the way of authentication needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AuthenticationConfiguration {
    #[serde(rename = "AllowedIPRange", skip_serializing_if = "Option::is_none")]
    pub(crate) allowed_ip_range: Option<String>,
    #[serde(rename = "SecretToken", skip_serializing_if = "Option::is_none")]
    pub(crate) secret_token: Option<String>,
}

/// A webhook, as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    definition: Definition,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_triggered: Option<Moment>,
    arn: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl Definition {
    /// Returns the definition as it is kept.
    pub(crate) fn kept(self) -> WebhookDefinition {
        let Self {
            name: _,
            target_pipeline: pipeline,
            target_action: action,
            filters,
            authentication,
            authentication_configuration:
                AuthenticationConfiguration { allowed_ip_range, secret_token },
        } = self;
        let filter = |FilterRule { json_path, match_equals }| (json_path, match_equals);
        let filters = filters.into_iter().map(filter).collect();
        WebhookDefinition {
            pipeline,
            action,
            filters,
            authentication,
            secret_token,
            allowed_ip_range,
        }
    }

    /// Returns a definition as it may be shown.
    fn shown(webhook: &Webhook) -> Self {
        let WebhookDefinition {
            pipeline,
            action,
            filters,
            authentication,
            secret_token,
            allowed_ip_range,
        } = &webhook.definition;
        let filter = |(json_path, match_equals): &(String, Option<String>)| FilterRule {
            json_path: json_path.clone(),
            match_equals: match_equals.clone(),
        };
        Self {
            name: webhook.name.clone(),
            target_pipeline: pipeline.clone(),
            target_action: action.clone(),
            filters: filters.iter().map(filter).collect(),
            authentication: authentication.clone(),
            authentication_configuration: AuthenticationConfiguration {
                allowed_ip_range: allowed_ip_range.clone(),
                secret_token: secret_token.as_ref().map(|_| MASK.to_owned()),
            },
        }
    }
}

impl Api {
    /// Returns the ARN of a webhook (P6).
    pub(crate) fn webhook_arn(&self, name: &str) -> String {
        runtime::webhook::arn(&self.app.place, name)
    }

    /// Returns a webhook as it is shown, its secret masked.
    pub(crate) async fn webhook_item(&self, webhook: &Webhook) -> Result<Item, Fault> {
        let arn = self.webhook_arn(&webhook.name);
        let tags = self.app.store.tags(&arn).await.map_err(|error| failed(&error))?;
        let (error_code, error_message) = webhook.error.clone().unzip();
        Ok(Item {
            definition: Definition::shown(webhook),
            url: self.home.webhook_url(&webhook.id),
            error_message,
            error_code,
            last_triggered: webhook.triggered_at.map(Moment::from),
            arn,
            tags: tags_of(&tags),
        })
    }

    /// Returns the source action that a webhook aims at.
    pub(crate) async fn webhook_target(
        &self,
        definition: &WebhookDefinition,
    ) -> Result<Action, Fault> {
        let WebhookDefinition { pipeline, action, .. } = definition;
        let plan = self.plan(&PipelineName::from(pipeline.as_str())).await?;
        let name = ActionName::from(action.as_str());
        let first = plan.stages.first();
        let found = first.and_then(|stage| Some(&stage.actions[stage.action_index(&name)?]));
        let found = found.filter(|action| action.type_id.category == ActionCategory::Source);
        found.cloned().ok_or_else(|| {
            let sources: Vec<_> = first
                .iter()
                .flat_map(|stage| &stage.actions)
                .map(|action| action.name.as_str())
                .collect();
            Fault::validation(format!(
                "webhook.targetAction '{action}' is no source action of pipeline '{pipeline}'; it \
                 has {}",
                sources.join(", ")
            ))
        })
    }

    /// Returns a webhook that aims at a GitHub action of the first version: only those have a host that
    /// is told of them (W6).
    pub(crate) async fn webhook_of_github(&self, name: Option<&str>) -> Result<Webhook, Fault> {
        let name = name.unwrap_or_default();
        let known = self.app.store.webhook(name).await.map_err(|error| failed(&error))?;
        let webhook = known.ok_or_else(|| {
            let account = &self.app.place.account;
            Fault::new(
                "WebhookNotFoundException",
                format!("Account '{account}' does not have a webhook with name '{name}'"),
            )
        })?;
        // A pipeline that is gone is no error of this operation's own.
        let target = self.webhook_target(&webhook.definition).await.map_err(|fault| {
            if fault.status() == 500 { fault } else { Fault::validation(fault.message) }
        })?;
        let ActionTypeId { owner, provider, .. } = target.type_id;
        if (owner, provider.as_str()) != (ActionOwner::ThirdParty, "GitHub") {
            return Err(Fault::validation(format!(
                "webhook '{name}' aims at an action of provider {provider}, and only webhooks of \
                 ThirdParty/GitHub can be registered; give its URL to the host by hand"
            )));
        }
        Ok(webhook)
    }

    /// Deletes the webhooks of a pipeline that is gone (W8), with their tags.
    pub(crate) async fn forget_webhooks(&self, pipeline: &str) -> Result<(), store::Error> {
        let webhooks = self.app.store.list_webhooks().await?;
        for webhook in webhooks.iter().filter(|webhook| webhook.definition.pipeline == pipeline) {
            self.app.store.delete_webhook(webhook).await?;
            self.app.store.remove_tags(&self.webhook_arn(&webhook.name)).await?;
        }
        Ok(())
    }
}

impl Api {
    /// Returns the filters of a webhook over the action that it aims at.
    pub(crate) async fn webhook_filters(
        &self,
        definition: &WebhookDefinition,
        action: &Action,
    ) -> Result<Result<Filters, Invalid>, Fault> {
        let rule = |(json_path, match_equals): &(String, Option<String>)| Rule {
            json_path: json_path.clone(),
            match_equals: match_equals.clone(),
        };
        let rules: Vec<Rule> = definition.filters.iter().map(rule).collect();
        Ok(Filters::compile(&rules, &self.webhook_configuration(action).await?))
    }

    /// Returns what filters may refer to, and what they must not.
    async fn webhook_configuration(&self, action: &Action) -> Result<Configuration, Fault> {
        let type_id = declared(action);
        let types = match catalog::find(&type_id) {
            Some(_) => DeclaredTypes::default(),
            None => known_types(&self.app).await.map_err(|error| failed(&error))?,
        };
        // What nothing is known of might be a secret, whoever declared the type.
        let is_hidden = |key: &str| match (catalog::find(&type_id), types.find(&type_id)) {
            (Some(_), _) => types.is_secret(&type_id, key),
            (None, Some(known)) => known.listed.property(key).is_none_or(|known| known.secret),
            (None, None) => true,
        };
        let mut configuration = Configuration::default();
        for (key, value) in &action.configuration {
            if is_hidden(key) {
                configuration.secret_keys.insert(key.clone());
            } else {
                configuration.values.insert(key.clone(), value.clone());
            }
        }
        Ok(configuration)
    }
}

fn declared(action: &Action) -> ActionTypeDeclaration {
    let ActionTypeId { category, owner, provider, version } = &action.type_id;
    ActionTypeDeclaration {
        category: category.as_str().to_owned(),
        owner: owner.as_str().to_owned(),
        provider: provider.clone(),
        version: version.clone(),
    }
}
