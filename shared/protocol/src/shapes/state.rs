//! The shapes of the state of a pipeline.

use model::shape::pipeline::{NAME_TEXT, PIPELINE_VERSION};
use model::shape::{Shape, any_list, optional, required};

use super::texts::{
    ACTION_EXECUTION_STATUS, ACTION_EXECUTION_TOKEN, ANY, APPROVAL_STATUS, APPROVAL_SUMMARY,
    CONDITION_EXECUTION_STATUS, DISABLED_REASON, EXECUTION_ID, EXECUTION_SUMMARY, EXECUTION_TYPE,
    LOG_STREAM_ARN, MESSAGE, PERCENTAGE, PIPELINE_EXECUTION_ID, RETRY_ATTEMPT, RETRY_TRIGGER,
    REVISION, REVISION_CHANGE_IDENTIFIER, RULE_EXECUTION_ID, RULE_EXECUTION_STATUS,
    RULE_EXECUTION_TOKEN, STAGE_EXECUTION_STATUS, URL,
};

/// Asked of `GetPipelineState`.
pub(super) static GET_PIPELINE_STATE_INPUT: Shape =
    Shape::Structure(&[required("name", &NAME_TEXT)]);

/// Answered by `GetPipelineState`.
pub(super) static GET_PIPELINE_STATE_OUTPUT: Shape = Shape::Structure(&[
    optional("pipelineName", &NAME_TEXT),
    optional("pipelineVersion", &PIPELINE_VERSION),
    optional("stageStates", &any_list(&STAGE_STATE)),
    optional("created", &Shape::Moment),
    optional("updated", &Shape::Moment),
]);

static STAGE_STATE: Shape = Shape::Structure(&[
    optional("stageName", &NAME_TEXT),
    optional("inboundExecution", &STAGE_EXECUTION),
    optional("inboundExecutions", &any_list(&STAGE_EXECUTION)),
    optional("inboundTransitionState", &TRANSITION_STATE),
    optional("actionStates", &any_list(&ACTION_STATE)),
    optional("latestExecution", &STAGE_EXECUTION),
    optional("beforeEntryConditionState", &STAGE_CONDITION_STATE),
    optional("onSuccessConditionState", &STAGE_CONDITION_STATE),
    optional("onFailureConditionState", &STAGE_CONDITION_STATE),
    optional("retryStageMetadata", &RETRY_STAGE_METADATA),
]);

static STAGE_EXECUTION: Shape = Shape::Structure(&[
    required("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    required("status", &STAGE_EXECUTION_STATUS),
    optional("type", &EXECUTION_TYPE),
]);

static TRANSITION_STATE: Shape = Shape::Structure(&[
    optional("enabled", &Shape::Boolean),
    optional("lastChangedBy", &ANY),
    optional("lastChangedAt", &Shape::Moment),
    optional("disabledReason", &DISABLED_REASON),
]);

static ACTION_STATE: Shape = Shape::Structure(&[
    optional("actionName", &NAME_TEXT),
    optional("currentRevision", &ACTION_REVISION),
    optional("latestExecution", &ACTION_EXECUTION),
    optional("entityUrl", &URL),
    optional("revisionUrl", &URL),
]);

pub(super) static ACTION_REVISION: Shape = Shape::Structure(&[
    required("revisionId", &REVISION),
    required("revisionChangeId", &REVISION_CHANGE_IDENTIFIER),
    required("created", &Shape::Moment),
]);

static ACTION_EXECUTION: Shape = Shape::Structure(&[
    optional("actionExecutionId", &ANY),
    optional("status", &ACTION_EXECUTION_STATUS),
    optional("summary", &EXECUTION_SUMMARY),
    optional("lastStatusChange", &Shape::Moment),
    optional("token", &ACTION_EXECUTION_TOKEN),
    optional("lastUpdatedBy", &ANY),
    optional("externalExecutionId", &EXECUTION_ID),
    optional("externalExecutionUrl", &URL),
    optional("percentComplete", &PERCENTAGE),
    optional("errorDetails", &ERROR_DETAILS),
    optional("logStreamARN", &LOG_STREAM_ARN),
]);

pub(super) static ERROR_DETAILS: Shape =
    Shape::Structure(&[optional("code", &ANY), optional("message", &MESSAGE)]);

static STAGE_CONDITION_STATE: Shape = Shape::Structure(&[
    optional("latestExecution", &STAGE_CONDITIONS_EXECUTION),
    optional("conditionStates", &any_list(&CONDITION_STATE)),
]);

static STAGE_CONDITIONS_EXECUTION: Shape = Shape::Structure(&[
    optional("status", &CONDITION_EXECUTION_STATUS),
    optional("summary", &EXECUTION_SUMMARY),
]);

static CONDITION_STATE: Shape = Shape::Structure(&[
    optional("latestExecution", &CONDITION_EXECUTION),
    optional("ruleStates", &any_list(&RULE_STATE)),
]);

static CONDITION_EXECUTION: Shape = Shape::Structure(&[
    optional("status", &CONDITION_EXECUTION_STATUS),
    optional("summary", &EXECUTION_SUMMARY),
    optional("lastStatusChange", &Shape::Moment),
]);

static RULE_STATE: Shape = Shape::Structure(&[
    optional("ruleName", &NAME_TEXT),
    optional("currentRevision", &RULE_REVISION),
    optional("latestExecution", &RULE_EXECUTION),
    optional("entityUrl", &URL),
    optional("revisionUrl", &URL),
]);

static RULE_REVISION: Shape = Shape::Structure(&[
    required("revisionId", &REVISION),
    required("revisionChangeId", &REVISION_CHANGE_IDENTIFIER),
    required("created", &Shape::Moment),
]);

static RULE_EXECUTION: Shape = Shape::Structure(&[
    optional("ruleExecutionId", &RULE_EXECUTION_ID),
    optional("status", &RULE_EXECUTION_STATUS),
    optional("summary", &EXECUTION_SUMMARY),
    optional("lastStatusChange", &Shape::Moment),
    optional("token", &RULE_EXECUTION_TOKEN),
    optional("lastUpdatedBy", &ANY),
    optional("externalExecutionId", &EXECUTION_ID),
    optional("externalExecutionUrl", &URL),
    optional("errorDetails", &ERROR_DETAILS),
]);

static RETRY_STAGE_METADATA: Shape = Shape::Structure(&[
    optional("autoStageRetryAttempt", &RETRY_ATTEMPT),
    optional("manualStageRetryAttempt", &RETRY_ATTEMPT),
    optional("latestRetryTrigger", &RETRY_TRIGGER),
]);

pub(super) static APPROVAL_RESULT: Shape = Shape::Structure(&[
    required("summary", &APPROVAL_SUMMARY),
    required("status", &APPROVAL_STATUS),
]);
