//! The shapes of what is said to stages and their actions.

use model::shape::pipeline::NAME_TEXT;
use model::shape::{Shape, optional, required};

use super::state::{ACTION_REVISION, APPROVAL_RESULT};
use super::texts::{
    APPROVAL_TOKEN, CONDITION_TYPE, DISABLED_REASON, PIPELINE_EXECUTION_ID, STAGE_TRANSITION_TYPE,
};

/// Asked of `DisableStageTransition`.
pub(super) static DISABLE_STAGE_TRANSITION_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("stageName", &NAME_TEXT),
    required("transitionType", &STAGE_TRANSITION_TYPE),
    required("reason", &DISABLED_REASON),
]);

/// Asked of `EnableStageTransition`.
pub(super) static ENABLE_STAGE_TRANSITION_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("stageName", &NAME_TEXT),
    required("transitionType", &STAGE_TRANSITION_TYPE),
]);

/// Asked of `OverrideStageCondition`.
pub(super) static OVERRIDE_STAGE_CONDITION_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("stageName", &NAME_TEXT),
    required("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
    required("conditionType", &CONDITION_TYPE),
]);

/// Asked of `PutActionRevision`.
pub(super) static PUT_ACTION_REVISION_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("stageName", &NAME_TEXT),
    required("actionName", &NAME_TEXT),
    required("actionRevision", &ACTION_REVISION),
]);

/// Answered by `PutActionRevision`.
pub(super) static PUT_ACTION_REVISION_OUTPUT: Shape = Shape::Structure(&[
    optional("newRevision", &Shape::Boolean),
    optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
]);

/// Asked of `PutApprovalResult`.
pub(super) static PUT_APPROVAL_RESULT_INPUT: Shape = Shape::Structure(&[
    required("pipelineName", &NAME_TEXT),
    required("stageName", &NAME_TEXT),
    required("actionName", &NAME_TEXT),
    required("result", &APPROVAL_RESULT),
    required("token", &APPROVAL_TOKEN),
]);

/// Answered by `PutApprovalResult`.
pub(super) static PUT_APPROVAL_RESULT_OUTPUT: Shape =
    Shape::Structure(&[optional("approvedAt", &Shape::Moment)]);
