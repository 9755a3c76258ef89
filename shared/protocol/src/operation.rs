//! The 44 operations of CodePipeline's API, by name.

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are AWS's, and docs/api.md says what each does")]
pub enum Operation {
    AcknowledgeJob,
    AcknowledgeThirdPartyJob,
    CreateCustomActionType,
    CreatePipeline,
    DeleteCustomActionType,
    DeletePipeline,
    DeleteWebhook,
    DeregisterWebhookWithThirdParty,
    DisableStageTransition,
    EnableStageTransition,
    GetActionType,
    GetJobDetails,
    GetPipeline,
    GetPipelineExecution,
    GetPipelineState,
    GetThirdPartyJobDetails,
    ListActionExecutions,
    ListActionTypes,
    ListDeployActionExecutionTargets,
    ListPipelineExecutions,
    ListPipelines,
    ListRuleExecutions,
    ListRuleTypes,
    ListTagsForResource,
    ListWebhooks,
    OverrideStageCondition,
    PollForJobs,
    PollForThirdPartyJobs,
    PutActionRevision,
    PutApprovalResult,
    PutJobFailureResult,
    PutJobSuccessResult,
    PutThirdPartyJobFailureResult,
    PutThirdPartyJobSuccessResult,
    PutWebhook,
    RegisterWebhookWithThirdParty,
    RetryStageExecution,
    RollbackStage,
    StartPipelineExecution,
    StopPipelineExecution,
    TagResource,
    UntagResource,
    UpdateActionType,
    UpdatePipeline,
}

impl Operation {
    /// Every operation, by name.
    pub const ALL: &'static [Self] = &[
        Self::AcknowledgeJob,
        Self::AcknowledgeThirdPartyJob,
        Self::CreateCustomActionType,
        Self::CreatePipeline,
        Self::DeleteCustomActionType,
        Self::DeletePipeline,
        Self::DeleteWebhook,
        Self::DeregisterWebhookWithThirdParty,
        Self::DisableStageTransition,
        Self::EnableStageTransition,
        Self::GetActionType,
        Self::GetJobDetails,
        Self::GetPipeline,
        Self::GetPipelineExecution,
        Self::GetPipelineState,
        Self::GetThirdPartyJobDetails,
        Self::ListActionExecutions,
        Self::ListActionTypes,
        Self::ListDeployActionExecutionTargets,
        Self::ListPipelineExecutions,
        Self::ListPipelines,
        Self::ListRuleExecutions,
        Self::ListRuleTypes,
        Self::ListTagsForResource,
        Self::ListWebhooks,
        Self::OverrideStageCondition,
        Self::PollForJobs,
        Self::PollForThirdPartyJobs,
        Self::PutActionRevision,
        Self::PutApprovalResult,
        Self::PutJobFailureResult,
        Self::PutJobSuccessResult,
        Self::PutThirdPartyJobFailureResult,
        Self::PutThirdPartyJobSuccessResult,
        Self::PutWebhook,
        Self::RegisterWebhookWithThirdParty,
        Self::RetryStageExecution,
        Self::RollbackStage,
        Self::StartPipelineExecution,
        Self::StopPipelineExecution,
        Self::TagResource,
        Self::UntagResource,
        Self::UpdateActionType,
        Self::UpdatePipeline,
    ];

    /// Returns the name as clients write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AcknowledgeJob => "AcknowledgeJob",
            Self::AcknowledgeThirdPartyJob => "AcknowledgeThirdPartyJob",
            Self::CreateCustomActionType => "CreateCustomActionType",
            Self::CreatePipeline => "CreatePipeline",
            Self::DeleteCustomActionType => "DeleteCustomActionType",
            Self::DeletePipeline => "DeletePipeline",
            Self::DeleteWebhook => "DeleteWebhook",
            Self::DeregisterWebhookWithThirdParty => "DeregisterWebhookWithThirdParty",
            Self::DisableStageTransition => "DisableStageTransition",
            Self::EnableStageTransition => "EnableStageTransition",
            Self::GetActionType => "GetActionType",
            Self::GetJobDetails => "GetJobDetails",
            Self::GetPipeline => "GetPipeline",
            Self::GetPipelineExecution => "GetPipelineExecution",
            Self::GetPipelineState => "GetPipelineState",
            Self::GetThirdPartyJobDetails => "GetThirdPartyJobDetails",
            Self::ListActionExecutions => "ListActionExecutions",
            Self::ListActionTypes => "ListActionTypes",
            Self::ListDeployActionExecutionTargets => "ListDeployActionExecutionTargets",
            Self::ListPipelineExecutions => "ListPipelineExecutions",
            Self::ListPipelines => "ListPipelines",
            Self::ListRuleExecutions => "ListRuleExecutions",
            Self::ListRuleTypes => "ListRuleTypes",
            Self::ListTagsForResource => "ListTagsForResource",
            Self::ListWebhooks => "ListWebhooks",
            Self::OverrideStageCondition => "OverrideStageCondition",
            Self::PollForJobs => "PollForJobs",
            Self::PollForThirdPartyJobs => "PollForThirdPartyJobs",
            Self::PutActionRevision => "PutActionRevision",
            Self::PutApprovalResult => "PutApprovalResult",
            Self::PutJobFailureResult => "PutJobFailureResult",
            Self::PutJobSuccessResult => "PutJobSuccessResult",
            Self::PutThirdPartyJobFailureResult => "PutThirdPartyJobFailureResult",
            Self::PutThirdPartyJobSuccessResult => "PutThirdPartyJobSuccessResult",
            Self::PutWebhook => "PutWebhook",
            Self::RegisterWebhookWithThirdParty => "RegisterWebhookWithThirdParty",
            Self::RetryStageExecution => "RetryStageExecution",
            Self::RollbackStage => "RollbackStage",
            Self::StartPipelineExecution => "StartPipelineExecution",
            Self::StopPipelineExecution => "StopPipelineExecution",
            Self::TagResource => "TagResource",
            Self::UntagResource => "UntagResource",
            Self::UpdateActionType => "UpdateActionType",
            Self::UpdatePipeline => "UpdatePipeline",
        }
    }

    /// Returns the operation that a client means, if there is one of exactly this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.as_str() == name)
    }

    /// Whether it changes nothing.
    pub fn is_read_only(self) -> bool {
        self.as_str().starts_with("Get") || self.as_str().starts_with("List")
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
