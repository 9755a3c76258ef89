"""What is asked for and does not exist: for each operation, requests and the error that each must get."""

from patterns import SOME_UUID

NOWHERE = {"pipelineName": "never-there"}
ARN = "arn:aws:codepipeline:us-east-1:000000000000:never-there"
TYPE = {"category": "Test", "owner": "Custom", "provider": "Never", "version": "1"}
PARTNER_TYPE = {**TYPE, "owner": "ThirdParty"}
FAILURE = {"type": "JobFailed", "message": "No."}
REVISION = {"revisionId": "1", "revisionChangeId": "1", "created": 1700000000}
RESULT = {"summary": "", "status": "Approved"}
WEBHOOK = {
    "name": "w",
    "targetPipeline": "never-there",
    "targetAction": "Commit",
    "filters": [],
    "authentication": "UNAUTHENTICATED",
    "authenticationConfiguration": {},
}
EXECUTOR = {
    "configuration": {"jobWorkerExecutorConfiguration": {"pollingAccounts": ["000000000000"]}},
    "type": "JobWorker",
}
COUNTS = {"minimumCount": 0, "maximumCount": 1}


def requests(pipeline, token):
    """Returns the cases; `pipeline` is one that exists, with the stages Source and Approve, and `token` one of
    a third-party job's clients."""
    named = {"pipelineName": pipeline}
    stage = {"stageName": "Never"}
    action = {"stageName": "Approve", "actionName": "Never"}
    execution = {"pipelineExecutionId": SOME_UUID}
    transition = {"transitionType": "Inbound"}
    job = {"jobId": SOME_UUID}
    partner_job = {"jobId": SOME_UUID, "clientToken": token}
    retry = {"stageName": "Approve", "retryMode": "ALL_ACTIONS"}
    back = {"targetPipelineExecutionId": SOME_UUID}
    override = {**execution, "conditionType": "BEFORE_ENTRY"}
    no_pipeline, no_stage, no_action = (f"{what}NotFoundException" for what in ("Pipeline", "Stage", "Action"))
    no_job, no_hook, no_type = (f"{what}NotFoundException" for what in ("Job", "Webhook", "ActionType"))
    no_execution, no_resource = "PipelineExecutionNotFoundException", "ResourceNotFoundException"
    structure = {
        "name": "never-there",
        "roleArn": "arn:aws:iam::000000000000:role/r",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [],
    }
    return [
        ("AcknowledgeJob", {**job, "nonce": "1"}, no_job),
        ("AcknowledgeThirdPartyJob", {**partner_job, "nonce": "1"}, no_job),
        ("DeregisterWebhookWithThirdParty", {"webhookName": "never-there"}, no_hook),
        ("DisableStageTransition", {**NOWHERE, **stage, **transition, "reason": "x"}, no_pipeline),
        ("DisableStageTransition", {**named, **stage, **transition, "reason": "x"}, no_stage),
        ("EnableStageTransition", {**NOWHERE, **stage, **transition}, no_pipeline),
        ("EnableStageTransition", {**named, **stage, **transition}, no_stage),
        ("GetActionType", PARTNER_TYPE, no_type),
        ("GetJobDetails", job, no_job),
        ("GetPipeline", {"name": "never-there"}, no_pipeline),
        ("GetPipeline", {"name": pipeline, "version": 999}, "PipelineVersionNotFoundException"),
        ("GetPipelineExecution", {**NOWHERE, **execution}, no_pipeline),
        ("GetPipelineExecution", {**named, **execution}, no_execution),
        ("GetPipelineState", {"name": "never-there"}, no_pipeline),
        ("GetThirdPartyJobDetails", partner_job, no_job),
        ("ListActionExecutions", NOWHERE, no_pipeline),
        ("ListActionExecutions", {**named, "filter": execution}, no_execution),
        ("ListDeployActionExecutionTargets", {**NOWHERE, "actionExecutionId": SOME_UUID}, no_pipeline),
        (
            "ListDeployActionExecutionTargets",
            {**named, "actionExecutionId": SOME_UUID},
            "ActionExecutionNotFoundException",
        ),
        ("ListDeployActionExecutionTargets", {"actionExecutionId": SOME_UUID}, "ActionExecutionNotFoundException"),
        ("ListPipelineExecutions", NOWHERE, no_pipeline),
        ("ListRuleExecutions", NOWHERE, no_pipeline),
        ("ListRuleExecutions", {**named, "filter": execution}, no_execution),
        ("ListTagsForResource", {"resourceArn": ARN}, no_resource),
        ("OverrideStageCondition", {**NOWHERE, **stage, **override}, no_pipeline),
        ("OverrideStageCondition", {**named, **stage, **override}, no_stage),
        ("PollForJobs", {"actionTypeId": TYPE}, no_type),
        ("PollForThirdPartyJobs", {"actionTypeId": PARTNER_TYPE}, no_type),
        ("PutActionRevision", {**NOWHERE, **action, "actionRevision": REVISION}, no_pipeline),
        ("PutActionRevision", {**named, **action, **stage, "actionRevision": REVISION}, no_stage),
        ("PutActionRevision", {**named, **action, "stageName": "Source", "actionRevision": REVISION}, no_action),
        ("PutApprovalResult", {**NOWHERE, **action, "result": RESULT, "token": SOME_UUID}, no_pipeline),
        ("PutApprovalResult", {**named, **action, **stage, "result": RESULT, "token": SOME_UUID}, no_stage),
        ("PutApprovalResult", {**named, **action, "result": RESULT, "token": SOME_UUID}, no_action),
        ("PutJobFailureResult", {**job, "failureDetails": FAILURE}, no_job),
        ("PutJobSuccessResult", job, no_job),
        ("PutThirdPartyJobFailureResult", {**partner_job, "failureDetails": FAILURE}, no_job),
        ("PutThirdPartyJobSuccessResult", partner_job, no_job),
        ("PutWebhook", {"webhook": WEBHOOK}, no_pipeline),
        ("RegisterWebhookWithThirdParty", {"webhookName": "never-there"}, no_hook),
        ("RetryStageExecution", {**NOWHERE, **retry, **execution}, no_pipeline),
        ("RetryStageExecution", {**named, **retry, **stage, **execution}, no_stage),
        ("RetryStageExecution", {**named, **retry, **execution}, "NotLatestPipelineExecutionException"),
        ("RollbackStage", {**NOWHERE, **stage, **back}, no_pipeline),
        ("RollbackStage", {**named, **stage, **back}, no_stage),
        ("RollbackStage", {**named, "stageName": "Approve", **back}, no_execution),
        ("StartPipelineExecution", {"name": "never-there"}, no_pipeline),
        ("StopPipelineExecution", {**NOWHERE, **execution}, no_pipeline),
        ("StopPipelineExecution", {**named, **execution}, "PipelineExecutionNotStoppableException"),
        ("TagResource", {"resourceArn": ARN, "tags": []}, no_resource),
        ("UntagResource", {"resourceArn": ARN, "tagKeys": ["x"]}, no_resource),
        (
            "UpdateActionType",
            {
                "actionType": {
                    "id": PARTNER_TYPE,
                    "executor": EXECUTOR,
                    "inputArtifactDetails": COUNTS,
                    "outputArtifactDetails": COUNTS,
                }
            },
            no_type,
        ),
        (
            "UpdatePipeline",
            {
                "pipeline": {
                    **structure,
                    "stages": [
                        {
                            "name": "Source",
                            "actions": [
                                _action(
                                    "Commit",
                                    "Source",
                                    "CodeCommit",
                                    outputArtifacts=[{"name": "Code"}],
                                    configuration={"RepositoryName": "site", "BranchName": "main"},
                                )
                            ],
                        },
                        {"name": "Approve", "actions": [_action("Release", "Approval", "Manual")]},
                    ],
                }
            },
            no_pipeline,
        ),
    ]


def _action(name, category, provider, **more):
    return {
        "name": name,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
    } | more
