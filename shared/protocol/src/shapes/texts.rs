//! Strings and numbers of requests and answers: lengths, patterns, words and bounds (contract §1.8).
//!
//! What a declaration has as well stands in [`model::shape::pipeline`].

use model::pattern;
use model::shape::{Range, Shape, Text, any_map, at_least, integer};

pattern!(ACCOUNT, r"[0-9]{12}", "an account id of twelve digits");
pattern!(QUERYABLE, r"[a-zA-Z0-9_-]+", "letters, digits and _ -");
pattern!(OWNER, r"AWS|ThirdParty", "AWS or ThirdParty");
pattern!(ACCOUNT_OR_ALL, r"[0-9]{12}|\*", "an account id of twelve digits, or *");
pattern!(
    ID,
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "an id such as 01234567-89ab-cdef-0123-456789abcdef"
);
pattern!(TOKEN, r"^[a-zA-Z0-9-]+$", "letters, digits and -");
pattern!(REASON, r"[a-zA-Z0-9!@ \(\)\.\*\?\-]+", "letters, digits, blanks and ! @ ( ) . * ? -");
pattern!(
    FUNCTION_ARN,
    r"arn:aws(-[\w]+)*:lambda:.+:[0-9]{12}:function:.+",
    "an ARN such as arn:aws:lambda:us-east-1:111122223333:function:release"
);
pattern!(WORD, r"[A-Za-z0-9@\-_]+", "letters, digits and @ - _");
pattern!(
    ARN,
    r"arn:aws(-[\w]+)*:codepipeline:.+:[0-9]{12}:.+",
    "an ARN such as arn:aws:codepipeline:us-east-1:111122223333:web"
);
pattern!(DOTTED, r"[a-zA-Z0-9\-\.]+", "letters, digits and - .");

pub(super) static JOB_TIMEOUT: Shape = integer(60, 43_200);
pub(super) static MAX_BATCH_SIZE: Shape = at_least(1);
pub(super) static MAX_PIPELINES: Shape = integer(1, 1000);
pub(super) static MAX_RESULTS: Shape = integer(1, 100);
pub(super) static MAXIMUM_ACTION_TYPE_ARTIFACT_COUNT: Shape = integer(0, 10);
pub(super) static MAXIMUM_ARTIFACT_COUNT: Shape = integer(0, 5);
pub(super) static MINIMUM_ACTION_TYPE_ARTIFACT_COUNT: Shape = integer(0, 10);
pub(super) static MINIMUM_ARTIFACT_COUNT: Shape = integer(0, 5);
pub(super) static PERCENTAGE: Shape = integer(0, 100);
pub(super) static RETRY_ATTEMPT: Shape = at_least(1);
pub(super) static ANY: Shape = Shape::Text(Text::ANY);
pub(super) static ACCESS_KEY_ID: Shape = Shape::Text(Text::ANY.secret());
pub(super) static ACCOUNT_ID: Shape = Shape::Text(Text::ANY.matching(&ACCOUNT));
pub(super) static ACTION_CONFIGURATION_KEY: Shape = Shape::Text(Text::new(1, 50));
pub(super) static ACTION_CONFIGURATION_PROPERTY_TYPE: Shape =
    Shape::Text(Text::one_of(&["String", "Number", "Boolean"]));
pub(super) static ACTION_CONFIGURATION_QUERYABLE_VALUE: Shape =
    Shape::Text(Text::new(1, 50).matching(&QUERYABLE));
pub(super) static ACTION_EXECUTION_STATUS: Shape =
    Shape::Text(Text::one_of(&["InProgress", "Abandoned", "Succeeded", "Failed"]));
pub(super) static ACTION_EXECUTION_TOKEN: Shape = Shape::Text(Text::ANY.secret());
pub(super) static ACTION_TYPE_DESCRIPTION: Shape = Shape::Text(Text::new(1, 1024));
pub(super) static ACTION_TYPE_OWNER: Shape = Shape::Text(Text::ANY.matching(&OWNER));
pub(super) static ALLOWED_ACCOUNT: Shape = Shape::Text(Text::ANY.matching(&ACCOUNT_OR_ALL));
pub(super) static APPROVAL_STATUS: Shape = Shape::Text(Text::one_of(&["Approved", "Rejected"]));
pub(super) static APPROVAL_SUMMARY: Shape = Shape::Text(Text::new(0, 512));
pub(super) static APPROVAL_TOKEN: Shape = Shape::Text(Text::ANY.matching(&ID).secret());
pub(super) static ARTIFACT_LOCATION_TYPE: Shape = Shape::Text(Text::one_of(&["S3"]));
pub(super) static CLIENT_ID: Shape = Shape::Text(Text::ANY.matching(&ID));
pub(super) static CLIENT_REQUEST_TOKEN: Shape = Shape::Text(Text::new(1, 128).matching(&TOKEN));
pub(super) static CLIENT_TOKEN: Shape = Shape::Text(Text::new(1, 256).secret());
pub(super) static CONDITION_EXECUTION_STATUS: Shape = Shape::Text(Text::one_of(&[
    "InProgress",
    "Failed",
    "Errored",
    "Succeeded",
    "Cancelled",
    "Abandoned",
    "Overridden",
]));
pub(super) static CONDITION_TYPE: Shape =
    Shape::Text(Text::one_of(&["BEFORE_ENTRY", "ON_SUCCESS"]));
pub(super) static CONTINUATION_TOKEN: Shape = Shape::Text(Text::new(1, 2048).secret());
pub(super) static DESCRIPTION: Shape = Shape::Text(Text::new(1, 160));
pub(super) static DISABLED_REASON: Shape = Shape::Text(Text::new(1, 300).matching(&REASON));
pub(super) static EXECUTION_ID: Shape = Shape::Text(Text::new(1, 1500));
pub(super) static EXECUTION_SUMMARY: Shape = Shape::Text(Text::new(1, 2048));
pub(super) static EXECUTION_TYPE: Shape = Shape::Text(Text::one_of(&["STANDARD", "ROLLBACK"]));
pub(super) static EXECUTOR_TYPE: Shape = Shape::Text(Text::one_of(&["JobWorker", "Lambda"]));
pub(super) static FAILURE_TYPE: Shape = Shape::Text(Text::one_of(&[
    "JobFailed",
    "ConfigurationError",
    "PermissionError",
    "RevisionOutOfSync",
    "RevisionUnavailable",
    "SystemUnavailable",
]));
pub(super) static JOB_ID: Shape = Shape::Text(Text::ANY.matching(&ID));
pub(super) static JOB_STATUS: Shape = Shape::Text(Text::one_of(&[
    "Created",
    "Queued",
    "Dispatched",
    "InProgress",
    "TimedOut",
    "Succeeded",
    "Failed",
]));
pub(super) static JSON_PATH: Shape = Shape::Text(Text::new(1, 150));
pub(super) static LAMBDA_FUNCTION_ARN: Shape =
    Shape::Text(Text::new(1, 140).matching(&FUNCTION_ARN));
pub(super) static LOG_STREAM_ARN: Shape = Shape::Text(Text::new(1, 250));
pub(super) static MATCH_EQUALS: Shape = Shape::Text(Text::new(1, 150));
pub(super) static MESSAGE: Shape = Shape::Text(Text::new(1, 5000));
pub(super) static NEXT_TOKEN: Shape = Shape::Text(Text::new(1, 2048).secret());
pub(super) static NONCE: Shape = Shape::Text(Text::new(1, 50).secret());
pub(super) static OUTPUT_VARIABLES_VALUE: Shape = Shape::Text(Text::ANY.secret());
pub(super) static PIPELINE_ARN: Shape = Shape::Text(Text::ANY.matching(&ARN));
pub(super) static PIPELINE_EXECUTION_ID: Shape = Shape::Text(Text::ANY.matching(&ID));
pub(super) static PIPELINE_EXECUTION_STATUS: Shape = Shape::Text(Text::one_of(&[
    "Cancelled",
    "InProgress",
    "Stopped",
    "Stopping",
    "Succeeded",
    "Superseded",
    "Failed",
]));
pub(super) static POLICY_STATEMENTS_TEMPLATE: Shape = Shape::Text(Text::new(1, 2048));
pub(super) static PROPERTY_DESCRIPTION: Shape = Shape::Text(Text::new(1, 250));
pub(super) static RESOURCE_ARN: Shape = Shape::Text(Text::ANY.matching(&ARN));
pub(super) static RETRY_TRIGGER: Shape =
    Shape::Text(Text::one_of(&["AutomatedStageRetry", "ManualStageRetry"]));
pub(super) static REVISION: Shape = Shape::Text(Text::new(1, 1500));
pub(super) static REVISION_CHANGE_IDENTIFIER: Shape = Shape::Text(Text::new(1, 100));
pub(super) static REVISION_SUMMARY: Shape = Shape::Text(Text::new(1, 2048));
pub(super) static RULE_CONFIGURATION_KEY: Shape = Shape::Text(Text::new(1, 50));
pub(super) static RULE_CONFIGURATION_PROPERTY_TYPE: Shape =
    Shape::Text(Text::one_of(&["String", "Number", "Boolean"]));
pub(super) static RULE_EXECUTION_ID: Shape = Shape::Text(Text::new(1, 200));
pub(super) static RULE_EXECUTION_STATUS: Shape =
    Shape::Text(Text::one_of(&["InProgress", "Abandoned", "Succeeded", "Failed"]));
pub(super) static RULE_EXECUTION_TOKEN: Shape = Shape::Text(Text::new(1, 200).matching(&DOTTED));
pub(super) static S3_BUCKET: Shape = Shape::Text(Text::new(3, 63));
pub(super) static S3_KEY: Shape = Shape::Text(Text::new(1, 100));
pub(super) static SECRET_ACCESS_KEY: Shape = Shape::Text(Text::ANY.secret());
pub(super) static SERVICE_PRINCIPAL: Shape = Shape::Text(Text::new(1, 128));
pub(super) static SESSION_TOKEN: Shape = Shape::Text(Text::ANY.secret());
pub(super) static SOURCE_REVISION_TYPE: Shape = Shape::Text(Text::one_of(&[
    "COMMIT_ID",
    "IMAGE_DIGEST",
    "S3_OBJECT_VERSION_ID",
    "S3_OBJECT_KEY",
]));
pub(super) static STAGE_EXECUTION_STATUS: Shape = Shape::Text(Text::one_of(&[
    "Cancelled",
    "InProgress",
    "Failed",
    "Stopped",
    "Stopping",
    "Succeeded",
    "Skipped",
]));
pub(super) static STAGE_TRANSITION_TYPE: Shape =
    Shape::Text(Text::one_of(&["Inbound", "Outbound"]));
pub(super) static START_TIME_RANGE: Shape = Shape::Text(Text::one_of(&["Latest", "All"]));
pub(super) static STOP_PIPELINE_EXECUTION_REASON: Shape = Shape::Text(Text::new(0, 200));
pub(super) static TAG_KEY: Shape = Shape::Text(Text::new(1, 128));
pub(super) static TAG_VALUE: Shape = Shape::Text(Text::new(0, 256));
pub(super) static TARGET_FILTER_NAME: Shape = Shape::Text(Text::one_of(&["TARGET_STATUS"]));
pub(super) static TARGET_FILTER_VALUE: Shape =
    Shape::Text(Text { length: Range { minimum: 1, maximum: None }, ..Text::ANY });
pub(super) static THIRD_PARTY_JOB_ID: Shape = Shape::Text(Text::new(1, 512));
pub(super) static TRIGGER_DETAIL: Shape = Shape::Text(Text::new(0, 1024));
pub(super) static TRIGGER_TYPE: Shape = Shape::Text(Text::one_of(&[
    "CreatePipeline",
    "StartPipelineExecution",
    "PollForSourceChanges",
    "Webhook",
    "CloudWatchEvent",
    "PutActionRevision",
    "WebhookV2",
    "ManualRollback",
    "AutomatedRollback",
]));
pub(super) static URL: Shape = Shape::Text(Text::new(1, 2048));
pub(super) static URL_TEMPLATE: Shape = Shape::Text(Text::new(1, 2048));
pub(super) static WEBHOOK_AUTH_CONFIGURATION_ALLOWED_IP_RANGE: Shape =
    Shape::Text(Text::new(1, 100));
pub(super) static WEBHOOK_AUTH_CONFIGURATION_SECRET_TOKEN: Shape =
    Shape::Text(Text::new(1, 100).secret());
pub(super) static WEBHOOK_AUTHENTICATION_TYPE: Shape =
    Shape::Text(Text::one_of(&["GITHUB_HMAC", "IP", "UNAUTHENTICATED"]));
pub(super) static WEBHOOK_URL: Shape = Shape::Text(Text::new(1, 1000));
pub(super) static OUTPUT_VARIABLES: Shape =
    any_map(Text::ANY.matching(&WORD), &OUTPUT_VARIABLES_VALUE);
