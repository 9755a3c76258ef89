//! The shapes of webhooks.

use model::shape::pipeline::NAME_TEXT;
use model::shape::{Shape, any_list, list, optional, required};

use super::tags::TAG;
use super::texts::{
    ANY, JSON_PATH, MATCH_EQUALS, MAX_RESULTS, NEXT_TOKEN,
    WEBHOOK_AUTH_CONFIGURATION_ALLOWED_IP_RANGE, WEBHOOK_AUTH_CONFIGURATION_SECRET_TOKEN,
    WEBHOOK_AUTHENTICATION_TYPE, WEBHOOK_URL,
};

/// Asked of `DeleteWebhook`.
pub(super) static DELETE_WEBHOOK_INPUT: Shape = Shape::Structure(&[required("name", &NAME_TEXT)]);

/// Answered by `DeleteWebhook`.
pub(super) static DELETE_WEBHOOK_OUTPUT: Shape = Shape::Structure(&[]);

/// Asked of `DeregisterWebhookWithThirdParty`.
pub(super) static DEREGISTER_WEBHOOK_WITH_THIRD_PARTY_INPUT: Shape =
    Shape::Structure(&[optional("webhookName", &NAME_TEXT)]);

/// Answered by `DeregisterWebhookWithThirdParty`.
pub(super) static DEREGISTER_WEBHOOK_WITH_THIRD_PARTY_OUTPUT: Shape = Shape::Structure(&[]);

/// Asked of `ListWebhooks`.
pub(super) static LIST_WEBHOOKS_INPUT: Shape =
    Shape::Structure(&[optional("NextToken", &NEXT_TOKEN), optional("MaxResults", &MAX_RESULTS)]);

/// Answered by `ListWebhooks`.
pub(super) static LIST_WEBHOOKS_OUTPUT: Shape = Shape::Structure(&[
    optional("webhooks", &any_list(&LIST_WEBHOOK_ITEM)),
    optional("NextToken", &NEXT_TOKEN),
]);

/// Asked of `PutWebhook`.
pub(super) static PUT_WEBHOOK_INPUT: Shape = Shape::Structure(&[
    required("webhook", &WEBHOOK_DEFINITION),
    optional("tags", &any_list(&TAG)),
]);

/// Answered by `PutWebhook`.
pub(super) static PUT_WEBHOOK_OUTPUT: Shape =
    Shape::Structure(&[optional("webhook", &LIST_WEBHOOK_ITEM)]);

/// Asked of `RegisterWebhookWithThirdParty`.
pub(super) static REGISTER_WEBHOOK_WITH_THIRD_PARTY_INPUT: Shape =
    Shape::Structure(&[optional("webhookName", &NAME_TEXT)]);

/// Answered by `RegisterWebhookWithThirdParty`.
pub(super) static REGISTER_WEBHOOK_WITH_THIRD_PARTY_OUTPUT: Shape = Shape::Structure(&[]);

static LIST_WEBHOOK_ITEM: Shape = Shape::Structure(&[
    required("definition", &WEBHOOK_DEFINITION),
    required("url", &WEBHOOK_URL),
    optional("errorMessage", &ANY),
    optional("errorCode", &ANY),
    optional("lastTriggered", &Shape::Moment),
    optional("arn", &ANY),
    optional("tags", &any_list(&TAG)),
]);

static WEBHOOK_DEFINITION: Shape = Shape::Structure(&[
    required("name", &NAME_TEXT),
    required("targetPipeline", &NAME_TEXT),
    required("targetAction", &NAME_TEXT),
    required("filters", &list(&WEBHOOK_FILTER_RULE, 0, 5)),
    required("authentication", &WEBHOOK_AUTHENTICATION_TYPE),
    required("authenticationConfiguration", &WEBHOOK_AUTH_CONFIGURATION),
]);

static WEBHOOK_FILTER_RULE: Shape =
    Shape::Structure(&[required("jsonPath", &JSON_PATH), optional("matchEquals", &MATCH_EQUALS)]);

static WEBHOOK_AUTH_CONFIGURATION: Shape = Shape::Structure(&[
    optional("AllowedIPRange", &WEBHOOK_AUTH_CONFIGURATION_ALLOWED_IP_RANGE),
    optional("SecretToken", &WEBHOOK_AUTH_CONFIGURATION_SECRET_TOKEN),
]);
