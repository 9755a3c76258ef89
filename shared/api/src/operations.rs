//! The operations: one file each, with its request, its answer and what it does.

use std::future::Future;
use std::pin::Pin;

use access::authorize::{Action, Resource};
use access::sigv4::Signed;
use model::time::Timestamp;
use protocol::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Api;
use crate::answer::{Answered, answer};
use crate::call::Call;

/// An operation of the API.
pub(crate) trait Operation: Action + Sized + Send + 'static {
    /// Which one.
    const OPERATION: protocol::Operation;

    /// What is asked; it fits its shape.
    type Request: DeserializeOwned + Send;

    /// What is answered.
    type Response: Serialize + Send;

    /// Returns what the policies are asked about.
    fn resource(request: &Self::Request) -> Resource;

    /// Does it.
    fn perform(
        call: Call<'_, Self>,
        request: Self::Request,
    ) -> impl Future<Output = Result<Self::Response, Fault>> + Send;
}

/// An answer without members.
#[derive(Debug, Serialize)]
pub(crate) struct Empty {}

macro_rules! operations {
    ($($module:ident: $name:ident,)*) => {
        $(mod $module;)*

        $(impl Action for $module::$name {
            const NAME: &'static str = stringify!($name);
        })*

        /// Performs the operation that was asked for.
        pub(crate) async fn dispatch(
            api: &Api,
            signed: &Signed,
            operation: protocol::Operation,
            request: Value,
            now: Timestamp,
        ) -> Answered {
            // One kind of future for all, so that waiting for one is written once and not for each.
            let performed: Pin<Box<dyn Future<Output = Answered> + Send + '_>> = match operation {
                $(protocol::Operation::$name => {
                    Box::pin(answer::<$module::$name>(api, signed, request, now))
                })*
            };
            performed.await
        }
    };
}

operations! {
    acknowledge_job: AcknowledgeJob,
    acknowledge_third_party_job: AcknowledgeThirdPartyJob,
    create_custom_action_type: CreateCustomActionType,
    create_pipeline: CreatePipeline,
    delete_custom_action_type: DeleteCustomActionType,
    delete_pipeline: DeletePipeline,
    delete_webhook: DeleteWebhook,
    deregister_webhook_with_third_party: DeregisterWebhookWithThirdParty,
    disable_stage_transition: DisableStageTransition,
    enable_stage_transition: EnableStageTransition,
    get_action_type: GetActionType,
    get_job_details: GetJobDetails,
    get_pipeline: GetPipeline,
    get_pipeline_execution: GetPipelineExecution,
    get_pipeline_state: GetPipelineState,
    get_third_party_job_details: GetThirdPartyJobDetails,
    list_action_executions: ListActionExecutions,
    list_action_types: ListActionTypes,
    list_deploy_action_execution_targets: ListDeployActionExecutionTargets,
    list_pipeline_executions: ListPipelineExecutions,
    list_pipelines: ListPipelines,
    list_rule_executions: ListRuleExecutions,
    list_rule_types: ListRuleTypes,
    list_tags_for_resource: ListTagsForResource,
    list_webhooks: ListWebhooks,
    override_stage_condition: OverrideStageCondition,
    poll_for_jobs: PollForJobs,
    poll_for_third_party_jobs: PollForThirdPartyJobs,
    put_action_revision: PutActionRevision,
    put_approval_result: PutApprovalResult,
    put_job_failure_result: PutJobFailureResult,
    put_job_success_result: PutJobSuccessResult,
    put_third_party_job_failure_result: PutThirdPartyJobFailureResult,
    put_third_party_job_success_result: PutThirdPartyJobSuccessResult,
    put_webhook: PutWebhook,
    register_webhook_with_third_party: RegisterWebhookWithThirdParty,
    retry_stage_execution: RetryStageExecution,
    rollback_stage: RollbackStage,
    start_pipeline_execution: StartPipelineExecution,
    stop_pipeline_execution: StopPipelineExecution,
    tag_resource: TagResource,
    untag_resource: UntagResource,
    update_action_type: UpdateActionType,
    update_pipeline: UpdatePipeline,
}
