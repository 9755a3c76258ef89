//! The shapes of jobs and what job workers are told.

use model::shape::pipeline::{
    ACTION_TYPE_ID, ARTIFACT_NAME, CONFIGURATION, ENCRYPTION_KEY, NAME_TEXT,
};
use model::shape::{Shape, Text, any_list, map, optional, required};

use super::texts::{
    ACCESS_KEY_ID, ACCOUNT_ID, ACTION_CONFIGURATION_QUERYABLE_VALUE, ANY, ARTIFACT_LOCATION_TYPE,
    CLIENT_ID, CLIENT_TOKEN, CONTINUATION_TOKEN, EXECUTION_ID, EXECUTION_SUMMARY, FAILURE_TYPE,
    JOB_ID, JOB_STATUS, MAX_BATCH_SIZE, MESSAGE, NONCE, OUTPUT_VARIABLES, PERCENTAGE, PIPELINE_ARN,
    PIPELINE_EXECUTION_ID, REVISION, REVISION_CHANGE_IDENTIFIER, REVISION_SUMMARY,
    SECRET_ACCESS_KEY, SESSION_TOKEN, THIRD_PARTY_JOB_ID,
};

/// Asked of `AcknowledgeJob`.
pub(super) static ACKNOWLEDGE_JOB_INPUT: Shape =
    Shape::Structure(&[required("jobId", &JOB_ID), required("nonce", &NONCE)]);

/// Answered by `AcknowledgeJob`.
pub(super) static ACKNOWLEDGE_JOB_OUTPUT: Shape =
    Shape::Structure(&[optional("status", &JOB_STATUS)]);

/// Asked of `AcknowledgeThirdPartyJob`.
pub(super) static ACKNOWLEDGE_THIRD_PARTY_JOB_INPUT: Shape = Shape::Structure(&[
    required("jobId", &THIRD_PARTY_JOB_ID),
    required("nonce", &NONCE),
    required("clientToken", &CLIENT_TOKEN),
]);

/// Answered by `AcknowledgeThirdPartyJob`.
pub(super) static ACKNOWLEDGE_THIRD_PARTY_JOB_OUTPUT: Shape =
    Shape::Structure(&[optional("status", &JOB_STATUS)]);

/// Asked of `GetJobDetails`.
pub(super) static GET_JOB_DETAILS_INPUT: Shape = Shape::Structure(&[required("jobId", &JOB_ID)]);

/// Answered by `GetJobDetails`.
pub(super) static GET_JOB_DETAILS_OUTPUT: Shape =
    Shape::Structure(&[optional("jobDetails", &JOB_DETAILS)]);

/// Asked of `GetThirdPartyJobDetails`.
pub(super) static GET_THIRD_PARTY_JOB_DETAILS_INPUT: Shape = Shape::Structure(&[
    required("jobId", &THIRD_PARTY_JOB_ID),
    required("clientToken", &CLIENT_TOKEN),
]);

/// Answered by `GetThirdPartyJobDetails`.
pub(super) static GET_THIRD_PARTY_JOB_DETAILS_OUTPUT: Shape =
    Shape::Structure(&[optional("jobDetails", &THIRD_PARTY_JOB_DETAILS)]);

/// Asked of `PollForJobs`.
pub(super) static POLL_FOR_JOBS_INPUT: Shape = Shape::Structure(&[
    required("actionTypeId", &ACTION_TYPE_ID),
    optional("maxBatchSize", &MAX_BATCH_SIZE),
    optional("queryParam", &map(Text::new(1, 50), &ACTION_CONFIGURATION_QUERYABLE_VALUE, 0, 1)),
]);

/// Answered by `PollForJobs`.
pub(super) static POLL_FOR_JOBS_OUTPUT: Shape =
    Shape::Structure(&[optional("jobs", &any_list(&JOB))]);

/// Asked of `PollForThirdPartyJobs`.
pub(super) static POLL_FOR_THIRD_PARTY_JOBS_INPUT: Shape = Shape::Structure(&[
    required("actionTypeId", &ACTION_TYPE_ID),
    optional("maxBatchSize", &MAX_BATCH_SIZE),
]);

/// Answered by `PollForThirdPartyJobs`.
pub(super) static POLL_FOR_THIRD_PARTY_JOBS_OUTPUT: Shape =
    Shape::Structure(&[optional("jobs", &any_list(&THIRD_PARTY_JOB))]);

/// Asked of `PutJobFailureResult`.
pub(super) static PUT_JOB_FAILURE_RESULT_INPUT: Shape =
    Shape::Structure(&[required("jobId", &JOB_ID), required("failureDetails", &FAILURE_DETAILS)]);

/// Asked of `PutJobSuccessResult`.
pub(super) static PUT_JOB_SUCCESS_RESULT_INPUT: Shape = Shape::Structure(&[
    required("jobId", &JOB_ID),
    optional("currentRevision", &CURRENT_REVISION),
    optional("continuationToken", &CONTINUATION_TOKEN),
    optional("executionDetails", &EXECUTION_DETAILS),
    optional("outputVariables", &OUTPUT_VARIABLES),
]);

/// Asked of `PutThirdPartyJobFailureResult`.
pub(super) static PUT_THIRD_PARTY_JOB_FAILURE_RESULT_INPUT: Shape = Shape::Structure(&[
    required("jobId", &THIRD_PARTY_JOB_ID),
    required("clientToken", &CLIENT_TOKEN),
    required("failureDetails", &FAILURE_DETAILS),
]);

/// Asked of `PutThirdPartyJobSuccessResult`.
pub(super) static PUT_THIRD_PARTY_JOB_SUCCESS_RESULT_INPUT: Shape = Shape::Structure(&[
    required("jobId", &THIRD_PARTY_JOB_ID),
    required("clientToken", &CLIENT_TOKEN),
    optional("currentRevision", &CURRENT_REVISION),
    optional("continuationToken", &CONTINUATION_TOKEN),
    optional("executionDetails", &EXECUTION_DETAILS),
]);

static JOB_DETAILS: Shape = Shape::Structure(&[
    optional("id", &JOB_ID),
    optional("data", &JOB_DATA),
    optional("accountId", &ACCOUNT_ID),
]);

static JOB_DATA: Shape = Shape::Structure(&[
    optional("actionTypeId", &ACTION_TYPE_ID),
    optional("actionConfiguration", &ACTION_CONFIGURATION),
    optional("pipelineContext", &PIPELINE_CONTEXT),
    optional("inputArtifacts", &any_list(&ARTIFACT)),
    optional("outputArtifacts", &any_list(&ARTIFACT)),
    optional("artifactCredentials", &AWS_SESSION_CREDENTIALS),
    optional("continuationToken", &CONTINUATION_TOKEN),
    optional("encryptionKey", &ENCRYPTION_KEY),
]);

static ACTION_CONFIGURATION: Shape = Shape::Structure(&[optional("configuration", &CONFIGURATION)]);

static PIPELINE_CONTEXT: Shape = Shape::Structure(&[
    optional("pipelineName", &NAME_TEXT),
    optional("stage", &STAGE_CONTEXT),
    optional("action", &ACTION_CONTEXT),
    optional("pipelineArn", &PIPELINE_ARN),
    optional("pipelineExecutionId", &PIPELINE_EXECUTION_ID),
]);

static STAGE_CONTEXT: Shape = Shape::Structure(&[optional("name", &NAME_TEXT)]);

static ACTION_CONTEXT: Shape =
    Shape::Structure(&[optional("name", &NAME_TEXT), optional("actionExecutionId", &ANY)]);

static ARTIFACT: Shape = Shape::Structure(&[
    optional("name", &ARTIFACT_NAME),
    optional("revision", &REVISION),
    optional("location", &ARTIFACT_LOCATION),
]);

static ARTIFACT_LOCATION: Shape = Shape::Structure(&[
    optional("type", &ARTIFACT_LOCATION_TYPE),
    optional("s3Location", &S3_ARTIFACT_LOCATION),
]);

static S3_ARTIFACT_LOCATION: Shape =
    Shape::Structure(&[required("bucketName", &ANY), required("objectKey", &ANY)]);

static AWS_SESSION_CREDENTIALS: Shape = Shape::Structure(&[
    required("accessKeyId", &ACCESS_KEY_ID),
    required("secretAccessKey", &SECRET_ACCESS_KEY),
    required("sessionToken", &SESSION_TOKEN),
]);

static THIRD_PARTY_JOB_DETAILS: Shape = Shape::Structure(&[
    optional("id", &THIRD_PARTY_JOB_ID),
    optional("data", &THIRD_PARTY_JOB_DATA),
    optional("nonce", &NONCE),
]);

static THIRD_PARTY_JOB_DATA: Shape = Shape::Structure(&[
    optional("actionTypeId", &ACTION_TYPE_ID),
    optional("actionConfiguration", &ACTION_CONFIGURATION),
    optional("pipelineContext", &PIPELINE_CONTEXT),
    optional("inputArtifacts", &any_list(&ARTIFACT)),
    optional("outputArtifacts", &any_list(&ARTIFACT)),
    optional("artifactCredentials", &AWS_SESSION_CREDENTIALS),
    optional("continuationToken", &CONTINUATION_TOKEN),
    optional("encryptionKey", &ENCRYPTION_KEY),
]);

static JOB: Shape = Shape::Structure(&[
    optional("id", &JOB_ID),
    optional("data", &JOB_DATA),
    optional("nonce", &NONCE),
    optional("accountId", &ACCOUNT_ID),
]);

static THIRD_PARTY_JOB: Shape =
    Shape::Structure(&[optional("clientId", &CLIENT_ID), optional("jobId", &JOB_ID)]);

static FAILURE_DETAILS: Shape = Shape::Structure(&[
    required("type", &FAILURE_TYPE),
    required("message", &MESSAGE),
    optional("externalExecutionId", &EXECUTION_ID),
]);

static CURRENT_REVISION: Shape = Shape::Structure(&[
    required("revision", &REVISION),
    required("changeIdentifier", &REVISION_CHANGE_IDENTIFIER),
    optional("created", &Shape::Moment),
    optional("revisionSummary", &REVISION_SUMMARY),
]);

static EXECUTION_DETAILS: Shape = Shape::Structure(&[
    optional("summary", &EXECUTION_SUMMARY),
    optional("externalExecutionId", &EXECUTION_ID),
    optional("percentComplete", &PERCENTAGE),
]);
