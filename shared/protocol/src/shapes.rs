//! Which shape each operation takes and answers.

mod action_types;
mod actions;
mod executions;
mod jobs;
mod pipelines;
mod rules;
mod stages;
mod state;
mod tags;
mod texts;
mod webhooks;

use model::shape::Shape;

use crate::Operation;

/// What an operation takes and answers.
struct Row {
    operation: Operation,
    input: &'static Shape,
    output: Option<&'static Shape>,
}

const fn row(operation: Operation, input: &'static Shape, output: Option<&'static Shape>) -> Row {
    Row { operation, input, output }
}

static ROWS: [Row; 44] = [
    row(
        Operation::AcknowledgeJob,
        &jobs::ACKNOWLEDGE_JOB_INPUT,
        Some(&jobs::ACKNOWLEDGE_JOB_OUTPUT),
    ),
    row(
        Operation::AcknowledgeThirdPartyJob,
        &jobs::ACKNOWLEDGE_THIRD_PARTY_JOB_INPUT,
        Some(&jobs::ACKNOWLEDGE_THIRD_PARTY_JOB_OUTPUT),
    ),
    row(
        Operation::CreateCustomActionType,
        &action_types::CREATE_CUSTOM_ACTION_TYPE_INPUT,
        Some(&action_types::CREATE_CUSTOM_ACTION_TYPE_OUTPUT),
    ),
    row(
        Operation::CreatePipeline,
        &pipelines::CREATE_PIPELINE_INPUT,
        Some(&pipelines::CREATE_PIPELINE_OUTPUT),
    ),
    row(Operation::DeleteCustomActionType, &action_types::DELETE_CUSTOM_ACTION_TYPE_INPUT, None),
    row(Operation::DeletePipeline, &pipelines::DELETE_PIPELINE_INPUT, None),
    row(
        Operation::DeleteWebhook,
        &webhooks::DELETE_WEBHOOK_INPUT,
        Some(&webhooks::DELETE_WEBHOOK_OUTPUT),
    ),
    row(
        Operation::DeregisterWebhookWithThirdParty,
        &webhooks::DEREGISTER_WEBHOOK_WITH_THIRD_PARTY_INPUT,
        Some(&webhooks::DEREGISTER_WEBHOOK_WITH_THIRD_PARTY_OUTPUT),
    ),
    row(Operation::DisableStageTransition, &stages::DISABLE_STAGE_TRANSITION_INPUT, None),
    row(Operation::EnableStageTransition, &stages::ENABLE_STAGE_TRANSITION_INPUT, None),
    row(
        Operation::GetActionType,
        &action_types::GET_ACTION_TYPE_INPUT,
        Some(&action_types::GET_ACTION_TYPE_OUTPUT),
    ),
    row(
        Operation::GetJobDetails,
        &jobs::GET_JOB_DETAILS_INPUT,
        Some(&jobs::GET_JOB_DETAILS_OUTPUT),
    ),
    row(
        Operation::GetPipeline,
        &pipelines::GET_PIPELINE_INPUT,
        Some(&pipelines::GET_PIPELINE_OUTPUT),
    ),
    row(
        Operation::GetPipelineExecution,
        &executions::GET_PIPELINE_EXECUTION_INPUT,
        Some(&executions::GET_PIPELINE_EXECUTION_OUTPUT),
    ),
    row(
        Operation::GetPipelineState,
        &state::GET_PIPELINE_STATE_INPUT,
        Some(&state::GET_PIPELINE_STATE_OUTPUT),
    ),
    row(
        Operation::GetThirdPartyJobDetails,
        &jobs::GET_THIRD_PARTY_JOB_DETAILS_INPUT,
        Some(&jobs::GET_THIRD_PARTY_JOB_DETAILS_OUTPUT),
    ),
    row(
        Operation::ListActionExecutions,
        &actions::LIST_ACTION_EXECUTIONS_INPUT,
        Some(&actions::LIST_ACTION_EXECUTIONS_OUTPUT),
    ),
    row(
        Operation::ListActionTypes,
        &action_types::LIST_ACTION_TYPES_INPUT,
        Some(&action_types::LIST_ACTION_TYPES_OUTPUT),
    ),
    row(
        Operation::ListDeployActionExecutionTargets,
        &actions::LIST_DEPLOY_ACTION_EXECUTION_TARGETS_INPUT,
        Some(&actions::LIST_DEPLOY_ACTION_EXECUTION_TARGETS_OUTPUT),
    ),
    row(
        Operation::ListPipelineExecutions,
        &executions::LIST_PIPELINE_EXECUTIONS_INPUT,
        Some(&executions::LIST_PIPELINE_EXECUTIONS_OUTPUT),
    ),
    row(
        Operation::ListPipelines,
        &pipelines::LIST_PIPELINES_INPUT,
        Some(&pipelines::LIST_PIPELINES_OUTPUT),
    ),
    row(
        Operation::ListRuleExecutions,
        &rules::LIST_RULE_EXECUTIONS_INPUT,
        Some(&rules::LIST_RULE_EXECUTIONS_OUTPUT),
    ),
    row(
        Operation::ListRuleTypes,
        &rules::LIST_RULE_TYPES_INPUT,
        Some(&rules::LIST_RULE_TYPES_OUTPUT),
    ),
    row(
        Operation::ListTagsForResource,
        &tags::LIST_TAGS_FOR_RESOURCE_INPUT,
        Some(&tags::LIST_TAGS_FOR_RESOURCE_OUTPUT),
    ),
    row(
        Operation::ListWebhooks,
        &webhooks::LIST_WEBHOOKS_INPUT,
        Some(&webhooks::LIST_WEBHOOKS_OUTPUT),
    ),
    row(Operation::OverrideStageCondition, &stages::OVERRIDE_STAGE_CONDITION_INPUT, None),
    row(Operation::PollForJobs, &jobs::POLL_FOR_JOBS_INPUT, Some(&jobs::POLL_FOR_JOBS_OUTPUT)),
    row(
        Operation::PollForThirdPartyJobs,
        &jobs::POLL_FOR_THIRD_PARTY_JOBS_INPUT,
        Some(&jobs::POLL_FOR_THIRD_PARTY_JOBS_OUTPUT),
    ),
    row(
        Operation::PutActionRevision,
        &stages::PUT_ACTION_REVISION_INPUT,
        Some(&stages::PUT_ACTION_REVISION_OUTPUT),
    ),
    row(
        Operation::PutApprovalResult,
        &stages::PUT_APPROVAL_RESULT_INPUT,
        Some(&stages::PUT_APPROVAL_RESULT_OUTPUT),
    ),
    row(Operation::PutJobFailureResult, &jobs::PUT_JOB_FAILURE_RESULT_INPUT, None),
    row(Operation::PutJobSuccessResult, &jobs::PUT_JOB_SUCCESS_RESULT_INPUT, None),
    row(
        Operation::PutThirdPartyJobFailureResult,
        &jobs::PUT_THIRD_PARTY_JOB_FAILURE_RESULT_INPUT,
        None,
    ),
    row(
        Operation::PutThirdPartyJobSuccessResult,
        &jobs::PUT_THIRD_PARTY_JOB_SUCCESS_RESULT_INPUT,
        None,
    ),
    row(Operation::PutWebhook, &webhooks::PUT_WEBHOOK_INPUT, Some(&webhooks::PUT_WEBHOOK_OUTPUT)),
    row(
        Operation::RegisterWebhookWithThirdParty,
        &webhooks::REGISTER_WEBHOOK_WITH_THIRD_PARTY_INPUT,
        Some(&webhooks::REGISTER_WEBHOOK_WITH_THIRD_PARTY_OUTPUT),
    ),
    row(
        Operation::RetryStageExecution,
        &executions::RETRY_STAGE_EXECUTION_INPUT,
        Some(&executions::RETRY_STAGE_EXECUTION_OUTPUT),
    ),
    row(
        Operation::RollbackStage,
        &executions::ROLLBACK_STAGE_INPUT,
        Some(&executions::ROLLBACK_STAGE_OUTPUT),
    ),
    row(
        Operation::StartPipelineExecution,
        &executions::START_PIPELINE_EXECUTION_INPUT,
        Some(&executions::START_PIPELINE_EXECUTION_OUTPUT),
    ),
    row(
        Operation::StopPipelineExecution,
        &executions::STOP_PIPELINE_EXECUTION_INPUT,
        Some(&executions::STOP_PIPELINE_EXECUTION_OUTPUT),
    ),
    row(Operation::TagResource, &tags::TAG_RESOURCE_INPUT, Some(&tags::TAG_RESOURCE_OUTPUT)),
    row(Operation::UntagResource, &tags::UNTAG_RESOURCE_INPUT, Some(&tags::UNTAG_RESOURCE_OUTPUT)),
    row(Operation::UpdateActionType, &action_types::UPDATE_ACTION_TYPE_INPUT, None),
    row(
        Operation::UpdatePipeline,
        &pipelines::UPDATE_PIPELINE_INPUT,
        Some(&pipelines::UPDATE_PIPELINE_OUTPUT),
    ),
];

fn find(operation: Operation) -> &'static Row {
    let row = &ROWS[operation as usize];
    // A test asks for each, so that a row that stands elsewhere is found.
    debug_assert_eq!(row.operation, operation, "rows stand in the order of the operations");
    row
}

/// Returns what the operation takes.
pub fn input(operation: Operation) -> &'static Shape {
    find(operation).input
}

/// Returns what the operation answers, if it answers anything.
pub fn output(operation: Operation) -> Option<&'static Shape> {
    find(operation).output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_finds_its_own_row() {
        for operation in Operation::ALL {
            assert_eq!(find(*operation).operation, *operation);
        }
    }
}
