//! The shapes of executions of actions, and the targets of deployments.

use model::shape::pipeline::{
    ACTION_TYPE_ID, ARTIFACT_NAME, CONFIGURATION, NAME_TEXT, NAMESPACE, PIPELINE_VERSION,
    REGION_NAME, ROLE,
};
use model::shape::{Shape, Text, any_list, any_map, optional, required};

use super::state::ERROR_DETAILS;
use super::texts::{
    ACTION_EXECUTION_STATUS, ANY, LOG_STREAM_ARN, MAX_RESULTS, NEXT_TOKEN, OUTPUT_VARIABLES,
    PIPELINE_EXECUTION_ID, S3_BUCKET, S3_KEY, START_TIME_RANGE, TARGET_FILTER_NAME,
    TARGET_FILTER_VALUE, URL,
};

/// Asked of `ListActionExecutions`.
pub(super) static LIST_ACTION_EXECUTIONS_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    optional("filter", &ACTION_EXECUTION_FILTER),
    optional("maxResults", &MAX_RESULTS),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Answered by `ListActionExecutions`.
pub(super) static LIST_ACTION_EXECUTIONS_OUTPUT: Shape = Shape::Structure(&[
    optional("actionExecutionDetails", &any_list(&ACTION_EXECUTION_DETAIL)),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Asked of `ListDeployActionExecutionTargets`.
pub(super) static LIST_DEPLOY_ACTION_EXECUTION_TARGETS_INPUT: Shape = Shape::Structure(&[
    optional("pipelineName", &NAME_TEXT),
    required("actionExecutionId", &ANY),
    optional("filters", &any_list(&TARGET_FILTER)),
    optional("maxResults", &MAX_RESULTS),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Answered by `ListDeployActionExecutionTargets`.
pub(super) static LIST_DEPLOY_ACTION_EXECUTION_TARGETS_OUTPUT: Shape = Shape::Structure(&[
    optional("targets", &any_list(&DEPLOY_ACTION_EXECUTION_TARGET)),
    optional("nextToken", &NEXT_TOKEN),
]);

static ACTION_EXECUTION_FILTER: Shape = Shape::Structure(&[
    optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    optional("latestInPipelineExecution", &LATEST_IN_PIPELINE_EXECUTION_FILTER),
]);

pub(super) static LATEST_IN_PIPELINE_EXECUTION_FILTER: Shape = Shape::Structure(&[
    required("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    required("startTimeRange", &START_TIME_RANGE),
]);

static ACTION_EXECUTION_DETAIL: Shape = Shape::Structure(&[
    optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    optional("actionExecutionId", &ANY),
    optional("pipelineVersion", &PIPELINE_VERSION),
    optional("stageName", &NAME_TEXT),
    optional("actionName", &NAME_TEXT),
    optional("startTime", &Shape::Moment),
    optional("lastUpdateTime", &Shape::Moment),
    optional("updatedBy", &ANY),
    optional("status", &ACTION_EXECUTION_STATUS),
    optional("input", &ACTION_EXECUTION_INPUT),
    optional("output", &ACTION_EXECUTION_OUTPUT),
]);

static ACTION_EXECUTION_INPUT: Shape = Shape::Structure(&[
    optional("actionTypeId", &ACTION_TYPE_ID),
    optional("configuration", &CONFIGURATION),
    optional("resolvedConfiguration", &any_map(Text::ANY, &ANY)),
    optional("roleArn", &ROLE),
    optional("region", &REGION_NAME),
    optional("inputArtifacts", &any_list(&ARTIFACT_DETAIL)),
    optional("namespace", &NAMESPACE),
]);

pub(super) static ARTIFACT_DETAIL: Shape =
    Shape::Structure(&[optional("name", &ARTIFACT_NAME), optional("s3location", &S3_LOCATION)]);

static S3_LOCATION: Shape =
    Shape::Structure(&[optional("bucket", &S3_BUCKET), optional("key", &S3_KEY)]);

static ACTION_EXECUTION_OUTPUT: Shape = Shape::Structure(&[
    optional("outputArtifacts", &any_list(&ARTIFACT_DETAIL)),
    optional("executionResult", &ACTION_EXECUTION_RESULT),
    optional("outputVariables", &OUTPUT_VARIABLES),
]);

static ACTION_EXECUTION_RESULT: Shape = Shape::Structure(&[
    optional("externalExecutionId", &ANY),
    optional("externalExecutionSummary", &ANY),
    optional("externalExecutionUrl", &URL),
    optional("errorDetails", &ERROR_DETAILS),
    optional("logStreamARN", &LOG_STREAM_ARN),
]);

static TARGET_FILTER: Shape = Shape::Structure(&[
    optional("name", &TARGET_FILTER_NAME),
    optional("values", &any_list(&TARGET_FILTER_VALUE)),
]);

static DEPLOY_ACTION_EXECUTION_TARGET: Shape = Shape::Structure(&[
    optional("targetId", &ANY),
    optional("targetType", &ANY),
    optional("status", &ANY),
    optional("startTime", &Shape::Moment),
    optional("endTime", &Shape::Moment),
    optional("events", &any_list(&DEPLOY_TARGET_EVENT)),
]);

static DEPLOY_TARGET_EVENT: Shape = Shape::Structure(&[
    optional("name", &ANY),
    optional("status", &ANY),
    optional("startTime", &Shape::Moment),
    optional("endTime", &Shape::Moment),
    optional("context", &DEPLOY_TARGET_EVENT_CONTEXT),
]);

static DEPLOY_TARGET_EVENT_CONTEXT: Shape =
    Shape::Structure(&[optional("ssmCommandId", &ANY), optional("message", &ANY)]);
