//! The shapes of action types.

use model::shape::pipeline::{
    ACTION_TYPE_ID, CATEGORY, OWNER, PROVIDER_NAME, REGION_NAME, VERSION,
};
use model::shape::{Shape, any_list, list, optional, required};

use super::tags::TAG;
use super::texts::{
    ACCOUNT_ID, ACTION_CONFIGURATION_KEY, ACTION_CONFIGURATION_PROPERTY_TYPE,
    ACTION_TYPE_DESCRIPTION, ACTION_TYPE_OWNER, ALLOWED_ACCOUNT, DESCRIPTION, EXECUTOR_TYPE,
    JOB_TIMEOUT, LAMBDA_FUNCTION_ARN, MAXIMUM_ACTION_TYPE_ARTIFACT_COUNT, MAXIMUM_ARTIFACT_COUNT,
    MINIMUM_ACTION_TYPE_ARTIFACT_COUNT, MINIMUM_ARTIFACT_COUNT, NEXT_TOKEN,
    POLICY_STATEMENTS_TEMPLATE, PROPERTY_DESCRIPTION, SERVICE_PRINCIPAL, URL, URL_TEMPLATE,
};

/// Asked of `CreateCustomActionType`.
pub(super) static CREATE_CUSTOM_ACTION_TYPE_INPUT: Shape = Shape::Structure(&[
    required("category", &CATEGORY),
    required("provider", &PROVIDER_NAME),
    required("version", &VERSION),
    optional("settings", &ACTION_TYPE_SETTINGS),
    optional("configurationProperties", &list(&ACTION_CONFIGURATION_PROPERTY, 0, 10)),
    required("inputArtifactDetails", &ARTIFACT_DETAILS),
    required("outputArtifactDetails", &ARTIFACT_DETAILS),
    optional("tags", &any_list(&TAG)),
]);

/// Answered by `CreateCustomActionType`.
pub(super) static CREATE_CUSTOM_ACTION_TYPE_OUTPUT: Shape =
    Shape::Structure(&[required("actionType", &ACTION_TYPE), optional("tags", &any_list(&TAG))]);

/// Asked of `DeleteCustomActionType`.
pub(super) static DELETE_CUSTOM_ACTION_TYPE_INPUT: Shape = Shape::Structure(&[
    required("category", &CATEGORY),
    required("provider", &PROVIDER_NAME),
    required("version", &VERSION),
]);

/// Asked of `GetActionType`.
pub(super) static GET_ACTION_TYPE_INPUT: Shape = Shape::Structure(&[
    required("category", &CATEGORY),
    required("owner", &ACTION_TYPE_OWNER),
    required("provider", &PROVIDER_NAME),
    required("version", &VERSION),
]);

/// Answered by `GetActionType`.
pub(super) static GET_ACTION_TYPE_OUTPUT: Shape =
    Shape::Structure(&[optional("actionType", &ACTION_TYPE_DECLARATION)]);

/// Asked of `ListActionTypes`.
pub(super) static LIST_ACTION_TYPES_INPUT: Shape = Shape::Structure(&[
    optional("actionOwnerFilter", &OWNER),
    optional("nextToken", &NEXT_TOKEN),
    optional("regionFilter", &REGION_NAME),
]);

/// Answered by `ListActionTypes`.
pub(super) static LIST_ACTION_TYPES_OUTPUT: Shape = Shape::Structure(&[
    required("actionTypes", &any_list(&ACTION_TYPE)),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Asked of `UpdateActionType`.
pub(super) static UPDATE_ACTION_TYPE_INPUT: Shape =
    Shape::Structure(&[required("actionType", &ACTION_TYPE_DECLARATION)]);

static ACTION_TYPE_SETTINGS: Shape = Shape::Structure(&[
    optional("thirdPartyConfigurationUrl", &URL),
    optional("entityUrlTemplate", &URL_TEMPLATE),
    optional("executionUrlTemplate", &URL_TEMPLATE),
    optional("revisionUrlTemplate", &URL_TEMPLATE),
]);

static ACTION_CONFIGURATION_PROPERTY: Shape = Shape::Structure(&[
    required("name", &ACTION_CONFIGURATION_KEY),
    required("required", &Shape::Boolean),
    required("key", &Shape::Boolean),
    required("secret", &Shape::Boolean),
    optional("queryable", &Shape::Boolean),
    optional("description", &DESCRIPTION),
    optional("type", &ACTION_CONFIGURATION_PROPERTY_TYPE),
]);

pub(super) static ARTIFACT_DETAILS: Shape = Shape::Structure(&[
    required("minimumCount", &MINIMUM_ARTIFACT_COUNT),
    required("maximumCount", &MAXIMUM_ARTIFACT_COUNT),
]);

static ACTION_TYPE: Shape = Shape::Structure(&[
    required("id", &ACTION_TYPE_ID),
    optional("settings", &ACTION_TYPE_SETTINGS),
    optional("actionConfigurationProperties", &list(&ACTION_CONFIGURATION_PROPERTY, 0, 10)),
    required("inputArtifactDetails", &ARTIFACT_DETAILS),
    required("outputArtifactDetails", &ARTIFACT_DETAILS),
]);

static ACTION_TYPE_DECLARATION: Shape = Shape::Structure(&[
    optional("description", &ACTION_TYPE_DESCRIPTION),
    required("executor", &ACTION_TYPE_EXECUTOR),
    required("id", &ACTION_TYPE_IDENTIFIER),
    required("inputArtifactDetails", &ACTION_TYPE_ARTIFACT_DETAILS),
    required("outputArtifactDetails", &ACTION_TYPE_ARTIFACT_DETAILS),
    optional("permissions", &ACTION_TYPE_PERMISSIONS),
    optional("properties", &list(&ACTION_TYPE_PROPERTY, 0, 10)),
    optional("urls", &ACTION_TYPE_URLS),
]);

static ACTION_TYPE_EXECUTOR: Shape = Shape::Structure(&[
    required("configuration", &EXECUTOR_CONFIGURATION),
    required("type", &EXECUTOR_TYPE),
    optional("policyStatementsTemplate", &POLICY_STATEMENTS_TEMPLATE),
    optional("jobTimeout", &JOB_TIMEOUT),
]);

static EXECUTOR_CONFIGURATION: Shape = Shape::Structure(&[
    optional("lambdaExecutorConfiguration", &LAMBDA_EXECUTOR_CONFIGURATION),
    optional("jobWorkerExecutorConfiguration", &JOB_WORKER_EXECUTOR_CONFIGURATION),
]);

static LAMBDA_EXECUTOR_CONFIGURATION: Shape =
    Shape::Structure(&[required("lambdaFunctionArn", &LAMBDA_FUNCTION_ARN)]);

static JOB_WORKER_EXECUTOR_CONFIGURATION: Shape = Shape::Structure(&[
    optional("pollingAccounts", &list(&ACCOUNT_ID, 1, 1000)),
    optional("pollingServicePrincipals", &list(&SERVICE_PRINCIPAL, 1, 10)),
]);

static ACTION_TYPE_IDENTIFIER: Shape = Shape::Structure(&[
    required("category", &CATEGORY),
    required("owner", &ACTION_TYPE_OWNER),
    required("provider", &PROVIDER_NAME),
    required("version", &VERSION),
]);

static ACTION_TYPE_ARTIFACT_DETAILS: Shape = Shape::Structure(&[
    required("minimumCount", &MINIMUM_ACTION_TYPE_ARTIFACT_COUNT),
    required("maximumCount", &MAXIMUM_ACTION_TYPE_ARTIFACT_COUNT),
]);

static ACTION_TYPE_PERMISSIONS: Shape =
    Shape::Structure(&[required("allowedAccounts", &list(&ALLOWED_ACCOUNT, 1, 1000))]);

static ACTION_TYPE_PROPERTY: Shape = Shape::Structure(&[
    required("name", &ACTION_CONFIGURATION_KEY),
    required("optional", &Shape::Boolean),
    required("key", &Shape::Boolean),
    required("noEcho", &Shape::Boolean),
    optional("queryable", &Shape::Boolean),
    optional("description", &PROPERTY_DESCRIPTION),
]);

static ACTION_TYPE_URLS: Shape = Shape::Structure(&[
    optional("configurationUrl", &URL),
    optional("entityUrlTemplate", &URL_TEMPLATE),
    optional("executionUrlTemplate", &URL_TEMPLATE),
    optional("revisionUrlTemplate", &URL_TEMPLATE),
]);
