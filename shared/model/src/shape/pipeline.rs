//! The shapes of a pipeline declaration: the tables of contract §1.7 (required members) and §1.8
//! (lengths, patterns, sizes, words).
//!
//! What requests and answers of the API share with a declaration is public.

use super::required;
use super::{Member, Shape, Text, any_list, any_map, at_least, integer, list, map, optional};
use crate::pattern;

pattern!(NAME, r"[A-Za-z0-9.@\-_]+", "letters, digits and . @ - _");
pattern!(WORD, r"[A-Za-z0-9@\-_]+", "letters, digits and @ - _");
pattern!(ARTIFACT, r"[a-zA-Z0-9_\-]+", "letters, digits and - _");
pattern!(PROVIDER, r"[0-9A-Za-z_-]+", "letters, digits and - _");
pattern!(IDENTIFIER, r"[A-Za-z0-9_]+", "letters, digits and _");
pattern!(BUCKET, r"[a-zA-Z0-9\-\.]+", "letters, digits and - .");
pattern!(ONE_LINE, r".*", "text without line breaks");
pattern!(
    ROLE_ARN,
    r"arn:aws(-[\w]+)*:iam::[0-9]{12}:role/.*",
    "a role's ARN, for example arn:aws:iam::111122223333:role/pipeline"
);

/// The name of a pipeline, a stage, an action, a rule or a webhook.
pub static NAME_TEXT: Shape = Shape::Text(Text::new(1, 100).matching(&NAME).path_part());
/// The name of an artifact.
pub static ARTIFACT_NAME: Shape = Shape::Text(Text::new(1, 100).matching(&ARTIFACT).path_part());
/// The namespace of an action's variables.
pub static NAMESPACE: Shape = Shape::Text(Text::new(1, 100).matching(&WORD));
/// A role's ARN.
pub static ROLE: Shape = Shape::Text(Text::new(0, 1024).matching(&ROLE_ARN));
static REGION: Text = Text::new(4, 30);
/// A Region's name.
pub static REGION_NAME: Shape = Shape::Text(REGION);
/// The provider of an action or a rule.
pub static PROVIDER_NAME: Shape = Shape::Text(Text::new(1, 35).matching(&PROVIDER));
/// The version of an action type or a rule type.
pub static VERSION: Shape = Shape::Text(Text::new(1, 9).matching(&PROVIDER));
/// The category of an action.
pub static CATEGORY: Shape = Shape::Text(Text::one_of(&[
    "Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute",
]));
/// Who offers an action type.
pub static OWNER: Shape = Shape::Text(Text::one_of(&["AWS", "ThirdParty", "Custom"]));
/// How executions of a pipeline take turns.
pub static EXECUTION_MODE: Shape = Shape::Text(Text::one_of(&["QUEUED", "SUPERSEDED", "PARALLEL"]));
/// The generation of a pipeline.
pub static PIPELINE_TYPE: Shape = Shape::Text(Text::one_of(&["V1", "V2"]));
/// What of a stage is tried again.
pub static RETRY_MODE: Shape = Shape::Text(Text::one_of(&["FAILED_ACTIONS", "ALL_ACTIONS"]));
/// How often a pipeline was declared.
pub static PIPELINE_VERSION: Shape = at_least(1);
/// The name of a pipeline's variable.
pub static VARIABLE_NAME: Shape = Shape::Text(Text::new(1, 128).matching(&WORD));
/// The value of a pipeline's variable.
pub static VARIABLE_VALUE: Shape = Shape::Text(Text::new(1, 1000).matching(&ONE_LINE));
static COMMANDS: Shape = list(&Shape::Text(Text::new(1, 1000)), 1, 50);

/// An action type.
pub static ACTION_TYPE_ID: Shape = Shape::Structure(&[
    required("category", &CATEGORY),
    required("owner", &OWNER),
    required("provider", &PROVIDER_NAME),
    required("version", &VERSION),
]);

/// A rule type.
pub static RULE_TYPE_ID: Shape = Shape::Structure(&[
    required("category", &Shape::Text(Text::one_of(&["Rule"]))),
    optional("owner", &RULE_OWNER),
    required("provider", &PROVIDER_NAME),
    optional("version", &VERSION),
]);

/// Who offers a rule type.
pub static RULE_OWNER: Shape = Shape::Text(Text::one_of(&["AWS"]));

/// An action's settings.
pub static CONFIGURATION: Shape =
    any_map(Text::new(1, 50), &Shape::Text(Text::new(1, 1000).secret()));

/// A rule's settings.
pub static RULE_CONFIGURATION: Shape =
    map(Text::new(1, 50), &Shape::Text(Text::new(1, 10_000).secret()), 0, 200);

/// What an artifact is encrypted with.
pub static ENCRYPTION_KEY: Shape = Shape::Structure(&[
    required("id", &Shape::Text(Text::new(1, 400))),
    required("type", &Shape::Text(Text::one_of(&["KMS"]))),
]);

/// A pipeline.
pub static PIPELINE: Shape = Shape::Structure(&[
    required("name", &NAME_TEXT),
    required("roleArn", &ROLE),
    optional("artifactStore", &ARTIFACT_STORE),
    optional("artifactStores", &any_map(REGION, &ARTIFACT_STORE)),
    required("stages", &any_list(&Shape::Structure(STAGE))),
    optional("version", &PIPELINE_VERSION),
    optional("executionMode", &EXECUTION_MODE),
    optional("pipelineType", &PIPELINE_TYPE),
    optional("variables", &list(&Shape::Structure(VARIABLE), 0, 50)),
    optional("triggers", &list(&Shape::Structure(TRIGGER), 0, 50)),
]);

static ARTIFACT_STORE: Shape = Shape::Structure(&[
    required("type", &Shape::Text(Text::one_of(&["S3"]))),
    required("location", &Shape::Text(Text::new(3, 63).matching(&BUCKET))),
    optional("encryptionKey", &ENCRYPTION_KEY),
]);

static VARIABLE: &[Member] = &[
    required("name", &VARIABLE_NAME),
    optional("defaultValue", &VARIABLE_VALUE),
    optional("description", &Shape::Text(Text::new(0, 200).matching(&ONE_LINE))),
];

static STAGE: &[Member] = &[
    required("name", &NAME_TEXT),
    optional(
        "blockers",
        &any_list(&Shape::Structure(&[
            required("name", &Shape::Text(Text::new(1, 100))),
            required("type", &Shape::Text(Text::one_of(&["Schedule"]))),
        ])),
    ),
    required("actions", &any_list(&Shape::Structure(ACTION))),
    optional(
        "onFailure",
        &Shape::Structure(&[
            optional("result", &RESULT),
            optional(
                "retryConfiguration",
                &Shape::Structure(&[optional("retryMode", &RETRY_MODE)]),
            ),
            optional("conditions", &CONDITIONS),
        ]),
    ),
    optional("onSuccess", &Shape::Structure(&[required("conditions", &CONDITIONS)])),
    optional("beforeEntry", &Shape::Structure(&[required("conditions", &CONDITIONS)])),
];

static ACTION: &[Member] = &[
    required("name", &NAME_TEXT),
    required("actionTypeId", &ACTION_TYPE_ID),
    optional("runOrder", &integer(1, 999)),
    optional("configuration", &CONFIGURATION),
    optional("commands", &COMMANDS),
    optional("outputVariables", &list(&Shape::Text(Text::new(1, 128)), 1, 15)),
    optional("inputArtifacts", &INPUT_ARTIFACTS),
    optional(
        "outputArtifacts",
        &any_list(&Shape::Structure(&[
            required("name", &ARTIFACT_NAME),
            optional("files", &list(&Shape::Text(Text::new(1, 128)), 1, 10)),
        ])),
    ),
    optional("roleArn", &ROLE),
    optional("region", &REGION_NAME),
    optional("namespace", &NAMESPACE),
    optional("timeoutInMinutes", &integer(5, 86_400)),
    optional(
        "environmentVariables",
        &list(
            &Shape::Structure(&[
                required("name", &Shape::Text(Text::new(1, 128).matching(&IDENTIFIER))),
                required("value", &Shape::Text(Text::new(1, 2000).matching(&ONE_LINE).secret())),
                optional("type", &Shape::Text(Text::one_of(&["PLAINTEXT", "SECRETS_MANAGER"]))),
            ]),
            1,
            10,
        ),
    ),
];

static INPUT_ARTIFACTS: Shape = any_list(&Shape::Structure(&[required("name", &ARTIFACT_NAME)]));

static RESULT: Shape = Shape::Text(Text::one_of(&["ROLLBACK", "FAIL", "RETRY", "SKIP"]));

static CONDITIONS: Shape = list(
    &Shape::Structure(&[
        optional("result", &RESULT),
        optional("rules", &list(&Shape::Structure(RULE), 1, 5)),
    ]),
    1,
    1,
);

static RULE: &[Member] = &[
    required("name", &NAME_TEXT),
    required("ruleTypeId", &RULE_TYPE_ID),
    optional("configuration", &RULE_CONFIGURATION),
    optional("commands", &COMMANDS),
    optional("inputArtifacts", &INPUT_ARTIFACTS),
    optional("roleArn", &ROLE),
    optional("region", &REGION_NAME),
    optional("timeoutInMinutes", &integer(5, 86_400)),
];

static TRIGGER: &[Member] = &[
    required("providerType", &Shape::Text(Text::one_of(&["CodeStarSourceConnection"]))),
    required(
        "gitConfiguration",
        &Shape::Structure(&[
            required("sourceActionName", &NAME_TEXT),
            optional("push", &list(&Shape::Structure(PUSH), 1, 3)),
            optional("pullRequest", &list(&Shape::Structure(PULL_REQUEST), 1, 3)),
        ]),
    ),
];

static PUSH: &[Member] = &[
    optional("tags", &TAG_PATTERNS),
    optional("branches", &PATTERNS),
    optional("filePaths", &PATTERNS),
];

static PULL_REQUEST: &[Member] = &[
    optional("events", &list(&Shape::Text(Text::one_of(&["OPEN", "UPDATED", "CLOSED"])), 1, 3)),
    optional("branches", &PATTERNS),
    optional("filePaths", &PATTERNS),
];

static TAG_PATTERNS: Shape = Shape::Structure(&[
    optional("includes", &list(&Shape::Text(Text::new(1, 255)), 1, 8)),
    optional("excludes", &list(&Shape::Text(Text::new(1, 255)), 1, 8)),
]);

static PATTERNS: Shape =
    Shape::Structure(&[optional("includes", &PATTERN_LIST), optional("excludes", &PATTERN_LIST)]);

static PATTERN_LIST: Shape = list(&Shape::Text(Text::new(1, 255).matching(&ONE_LINE)), 1, 8);
