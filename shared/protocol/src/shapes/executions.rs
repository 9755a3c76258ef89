//! The shapes of executions of pipelines.

use model::shape::pipeline::{
    ARTIFACT_NAME, EXECUTION_MODE, NAME_TEXT, PIPELINE_VERSION, RETRY_MODE, VARIABLE_NAME,
    VARIABLE_VALUE,
};
use model::shape::{Shape, any_list, list, optional, required};

use super::texts::{
    ANY, CLIENT_REQUEST_TOKEN, EXECUTION_TYPE, MAX_RESULTS, NEXT_TOKEN, PIPELINE_EXECUTION_ID,
    PIPELINE_EXECUTION_STATUS, REVISION, REVISION_CHANGE_IDENTIFIER, REVISION_SUMMARY,
    SOURCE_REVISION_TYPE, STOP_PIPELINE_EXECUTION_REASON, TRIGGER_DETAIL, TRIGGER_TYPE, URL,
};

/// Asked of `GetPipelineExecution`.
pub(super) static GET_PIPELINE_EXECUTION_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
]);

/// Answered by `GetPipelineExecution`.
pub(super) static GET_PIPELINE_EXECUTION_OUTPUT: Shape =
    Shape::Structure(&[optional("pipelineExecution", &PIPELINE_EXECUTION)]);

/// Asked of `ListPipelineExecutions`.
pub(super) static LIST_PIPELINE_EXECUTIONS_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    optional("maxResults", &MAX_RESULTS),
    optional("filter", &PIPELINE_EXECUTION_FILTER),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Answered by `ListPipelineExecutions`.
pub(super) static LIST_PIPELINE_EXECUTIONS_OUTPUT: Shape = Shape::Structure(&[
    optional("pipelineExecutionSummaries", &any_list(&PIPELINE_EXECUTION_SUMMARY)),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Asked of `RetryStageExecution`.
pub(super) static RETRY_STAGE_EXECUTION_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("stageName", &NAME_TEXT),
    required("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    required("retryMode", &RETRY_MODE),
]);

/// Answered by `RetryStageExecution`.
pub(super) static RETRY_STAGE_EXECUTION_OUTPUT: Shape =
    Shape::Structure(&[optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID)]);

/// Asked of `RollbackStage`.
pub(super) static ROLLBACK_STAGE_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("stageName", &NAME_TEXT),
    required("targetPipelineExecutionId", &PIPELINE_EXECUTION_ID),
]);

/// Answered by `RollbackStage`.
pub(super) static ROLLBACK_STAGE_OUTPUT: Shape =
    Shape::Structure(&[required("pipelineExecutionId", &PIPELINE_EXECUTION_ID)]);

/// Asked of `StartPipelineExecution`.
pub(super) static START_PIPELINE_EXECUTION_INPUT: Shape = Shape::Structure(&[
    required("name", &NAME_TEXT),
    optional("variables", &list(&PIPELINE_VARIABLE, 1, 50)),
    optional("clientRequestToken", &CLIENT_REQUEST_TOKEN),
    optional("sourceRevisions", &list(&SOURCE_REVISION_OVERRIDE, 0, 50)),
]);

/// Answered by `StartPipelineExecution`.
pub(super) static START_PIPELINE_EXECUTION_OUTPUT: Shape =
    Shape::Structure(&[optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID)]);

/// Asked of `StopPipelineExecution`.
pub(super) static STOP_PIPELINE_EXECUTION_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    optional("abandon", &Shape::Boolean),
    optional("reason", &STOP_PIPELINE_EXECUTION_REASON),
]);

/// Answered by `StopPipelineExecution`.
pub(super) static STOP_PIPELINE_EXECUTION_OUTPUT: Shape =
    Shape::Structure(&[optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID)]);

static PIPELINE_EXECUTION: Shape = Shape::Structure(&[
    optional("pipelineName", &NAME_TEXT),
    optional("pipelineVersion", &PIPELINE_VERSION),
    optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    optional("status", &PIPELINE_EXECUTION_STATUS),
    optional("statusSummary", &ANY),
    optional("artifactRevisions", &any_list(&ARTIFACT_REVISION)),
    optional("variables", &any_list(&RESOLVED_PIPELINE_VARIABLE)),
    optional("trigger", &EXECUTION_TRIGGER),
    optional("executionMode", &EXECUTION_MODE),
    optional("executionType", &EXECUTION_TYPE),
    optional("rollbackMetadata", &PIPELINE_ROLLBACK_METADATA),
]);

static ARTIFACT_REVISION: Shape = Shape::Structure(&[
    optional("name", &ARTIFACT_NAME),
    optional("revisionId", &REVISION),
    optional("revisionChangeIdentifier", &REVISION_CHANGE_IDENTIFIER),
    optional("revisionSummary", &REVISION_SUMMARY),
    optional("created", &Shape::Moment),
    optional("revisionUrl", &URL),
]);

static RESOLVED_PIPELINE_VARIABLE: Shape =
    Shape::Structure(&[optional("name", &ANY), optional("resolvedValue", &ANY)]);

static EXECUTION_TRIGGER: Shape = Shape::Structure(&[
    optional("triggerType", &TRIGGER_TYPE),
    optional("triggerDetail", &TRIGGER_DETAIL),
]);

static PIPELINE_ROLLBACK_METADATA: Shape =
    Shape::Structure(&[optional("rollbackTargetPipelineExecutionId", &PIPELINE_EXECUTION_ID)]);

static PIPELINE_EXECUTION_FILTER: Shape =
    Shape::Structure(&[optional("succeededInStage", &SUCCEEDED_IN_STAGE_FILTER)]);

static SUCCEEDED_IN_STAGE_FILTER: Shape = Shape::Structure(&[optional("stageName", &NAME_TEXT)]);

static PIPELINE_EXECUTION_SUMMARY: Shape = Shape::Structure(&[
    optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    optional("status", &PIPELINE_EXECUTION_STATUS),
    optional("statusSummary", &ANY),
    optional("startTime", &Shape::Moment),
    optional("lastUpdateTime", &Shape::Moment),
    optional("sourceRevisions", &any_list(&SOURCE_REVISION)),
    optional("trigger", &EXECUTION_TRIGGER),
    optional("stopTrigger", &STOP_EXECUTION_TRIGGER),
    optional("executionMode", &EXECUTION_MODE),
    optional("executionType", &EXECUTION_TYPE),
    optional("rollbackMetadata", &PIPELINE_ROLLBACK_METADATA),
]);

static SOURCE_REVISION: Shape = Shape::Structure(&[
    required("actionName", &NAME_TEXT),
    optional("revisionId", &REVISION),
    optional("revisionSummary", &REVISION_SUMMARY),
    optional("revisionUrl", &URL),
]);

static STOP_EXECUTION_TRIGGER: Shape =
    Shape::Structure(&[optional("reason", &STOP_PIPELINE_EXECUTION_REASON)]);

static PIPELINE_VARIABLE: Shape =
    Shape::Structure(&[required("name", &VARIABLE_NAME), required("value", &VARIABLE_VALUE)]);

static SOURCE_REVISION_OVERRIDE: Shape = Shape::Structure(&[
    required("actionName", &NAME_TEXT),
    required("revisionType", &SOURCE_REVISION_TYPE),
    required("revisionValue", &REVISION),
]);
