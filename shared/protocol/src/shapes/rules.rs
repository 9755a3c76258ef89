//! The shapes of rule types and their executions.

use model::shape::pipeline::{
    NAME_TEXT, PIPELINE_VERSION, REGION_NAME, ROLE, RULE_CONFIGURATION, RULE_OWNER, RULE_TYPE_ID,
};
use model::shape::{Shape, Text, any_list, any_map, list, optional, required};

use super::action_types::ARTIFACT_DETAILS;
use super::actions::{ARTIFACT_DETAIL, LATEST_IN_PIPELINE_EXECUTION_FILTER};
use super::state::ERROR_DETAILS;
use super::texts::{
    ANY, DESCRIPTION, MAX_RESULTS, NEXT_TOKEN, PIPELINE_EXECUTION_ID, RULE_CONFIGURATION_KEY,
    RULE_CONFIGURATION_PROPERTY_TYPE, RULE_EXECUTION_ID, RULE_EXECUTION_STATUS, URL, URL_TEMPLATE,
};

/// Asked of `ListRuleExecutions`.
pub(super) static LIST_RULE_EXECUTIONS_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    optional("filter", &RULE_EXECUTION_FILTER),
    optional("maxResults", &MAX_RESULTS),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Answered by `ListRuleExecutions`.
pub(super) static LIST_RULE_EXECUTIONS_OUTPUT: Shape = Shape::Structure(&[
    optional("ruleExecutionDetails", &any_list(&RULE_EXECUTION_DETAIL)),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Asked of `ListRuleTypes`.
pub(super) static LIST_RULE_TYPES_INPUT: Shape = Shape::Structure(&[
    optional("ruleOwnerFilter", &RULE_OWNER),
    optional("regionFilter", &REGION_NAME),
]);

/// Answered by `ListRuleTypes`.
pub(super) static LIST_RULE_TYPES_OUTPUT: Shape =
    Shape::Structure(&[required("ruleTypes", &any_list(&RULE_TYPE))]);

static RULE_EXECUTION_FILTER: Shape = Shape::Structure(&[
    optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    optional("latestInPipelineExecution", &LATEST_IN_PIPELINE_EXECUTION_FILTER),
]);

static RULE_EXECUTION_DETAIL: Shape = Shape::Structure(&[
    optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    optional("ruleExecutionId", &RULE_EXECUTION_ID),
    optional("pipelineVersion", &PIPELINE_VERSION),
    optional("stageName", &NAME_TEXT),
    optional("ruleName", &NAME_TEXT),
    optional("startTime", &Shape::Moment),
    optional("lastUpdateTime", &Shape::Moment),
    optional("updatedBy", &ANY),
    optional("status", &RULE_EXECUTION_STATUS),
    optional("input", &RULE_EXECUTION_INPUT),
    optional("output", &RULE_EXECUTION_OUTPUT),
]);

static RULE_EXECUTION_INPUT: Shape = Shape::Structure(&[
    optional("ruleTypeId", &RULE_TYPE_ID),
    optional("configuration", &RULE_CONFIGURATION),
    optional("resolvedConfiguration", &any_map(Text::ANY, &ANY)),
    optional("roleArn", &ROLE),
    optional("region", &REGION_NAME),
    optional("inputArtifacts", &any_list(&ARTIFACT_DETAIL)),
]);

static RULE_EXECUTION_OUTPUT: Shape =
    Shape::Structure(&[optional("executionResult", &RULE_EXECUTION_RESULT)]);

static RULE_EXECUTION_RESULT: Shape = Shape::Structure(&[
    optional("externalExecutionId", &ANY),
    optional("externalExecutionSummary", &ANY),
    optional("externalExecutionUrl", &URL),
    optional("errorDetails", &ERROR_DETAILS),
]);

static RULE_TYPE: Shape = Shape::Structure(&[
    required("id", &RULE_TYPE_ID),
    optional("settings", &RULE_TYPE_SETTINGS),
    optional("ruleConfigurationProperties", &list(&RULE_CONFIGURATION_PROPERTY, 0, 10)),
    required("inputArtifactDetails", &ARTIFACT_DETAILS),
]);

static RULE_TYPE_SETTINGS: Shape = Shape::Structure(&[
    optional("thirdPartyConfigurationUrl", &URL),
    optional("entityUrlTemplate", &URL_TEMPLATE),
    optional("executionUrlTemplate", &URL_TEMPLATE),
    optional("revisionUrlTemplate", &URL_TEMPLATE),
]);

static RULE_CONFIGURATION_PROPERTY: Shape = Shape::Structure(&[
    required("name", &RULE_CONFIGURATION_KEY),
    required("required", &Shape::Boolean),
    required("key", &Shape::Boolean),
    required("secret", &Shape::Boolean),
    optional("queryable", &Shape::Boolean),
    optional("description", &DESCRIPTION),
    optional("type", &RULE_CONFIGURATION_PROPERTY_TYPE),
]);
