//! The shapes of a pipeline declaration: the tables of contract §1.7 (required members) and §1.8
//! (lengths, patterns, sizes, words).

use super::shape::{
    Member, Pattern, Range, Shape, Text, any_list, full_match, list, optional, required,
};

macro_rules! pattern {
    ($name:ident, $text:literal, $words:literal) => {
        static $name: Pattern = Pattern::new($text, $words, || full_match($text));
    };
}

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

static NAME_TEXT: Shape = Shape::Text(Text::new(1, 100).matching(&NAME).path_part());
static ARTIFACT_NAME: Shape = Shape::Text(Text::new(1, 100).matching(&ARTIFACT).path_part());
static NAMESPACE: Shape = Shape::Text(Text::new(1, 100).matching(&WORD));
static ROLE: Shape = Shape::Text(Text::new(0, 1024).matching(&ROLE_ARN));
static REGION: Text = Text::new(4, 30);
static REGION_NAME: Shape = Shape::Text(Text::new(4, 30));
static PROVIDER_NAME: Shape = Shape::Text(Text::new(1, 35).matching(&PROVIDER));
static VERSION: Shape = Shape::Text(Text::new(1, 9).matching(&PROVIDER));
static COMMANDS: Shape = list(&Shape::Text(Text::new(1, 1000)), 1, 50);

/// A pipeline.
pub(super) static PIPELINE: &[Member] = &[
    required("name", &NAME_TEXT),
    required("roleArn", &ROLE),
    optional("artifactStore", &ARTIFACT_STORE),
    optional(
        "artifactStores",
        &Shape::Map { key: REGION, value: &ARTIFACT_STORE, size: Range::ANY },
    ),
    required("stages", &any_list(&Shape::Structure(STAGE))),
    optional("version", &Shape::Integer { minimum: 1, maximum: None }),
    optional("executionMode", &Shape::Text(Text::one_of(&["QUEUED", "SUPERSEDED", "PARALLEL"]))),
    optional("pipelineType", &Shape::Text(Text::one_of(&["V1", "V2"]))),
    optional("variables", &list(&Shape::Structure(VARIABLE), 0, 50)),
    optional("triggers", &list(&Shape::Structure(TRIGGER), 0, 50)),
];

static ARTIFACT_STORE: Shape = Shape::Structure(&[
    required("type", &Shape::Text(Text::one_of(&["S3"]))),
    required("location", &Shape::Text(Text::new(3, 63).matching(&BUCKET))),
    optional(
        "encryptionKey",
        &Shape::Structure(&[
            required("id", &Shape::Text(Text::new(1, 400))),
            required("type", &Shape::Text(Text::one_of(&["KMS"]))),
        ]),
    ),
]);

static VARIABLE: &[Member] = &[
    required("name", &Shape::Text(Text::new(1, 128).matching(&WORD))),
    optional("defaultValue", &Shape::Text(Text::new(1, 1000).matching(&ONE_LINE))),
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
                &Shape::Structure(&[optional(
                    "retryMode",
                    &Shape::Text(Text::one_of(&["FAILED_ACTIONS", "ALL_ACTIONS"])),
                )]),
            ),
            optional("conditions", &CONDITIONS),
        ]),
    ),
    optional("onSuccess", &Shape::Structure(&[required("conditions", &CONDITIONS)])),
    optional("beforeEntry", &Shape::Structure(&[required("conditions", &CONDITIONS)])),
];

static ACTION: &[Member] = &[
    required("name", &NAME_TEXT),
    required(
        "actionTypeId",
        &Shape::Structure(&[
            required(
                "category",
                &Shape::Text(Text::one_of(&[
                    "Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute",
                ])),
            ),
            required("owner", &Shape::Text(Text::one_of(&["AWS", "ThirdParty", "Custom"]))),
            required("provider", &PROVIDER_NAME),
            required("version", &VERSION),
        ]),
    ),
    optional("runOrder", &Shape::Integer { minimum: 1, maximum: Some(999) }),
    optional(
        "configuration",
        &Shape::Map {
            key: Text::new(1, 50),
            value: &Shape::Text(Text::new(1, 1000).secret()),
            size: Range::ANY,
        },
    ),
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
    optional("timeoutInMinutes", &Shape::Integer { minimum: 5, maximum: Some(86_400) }),
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
    required(
        "ruleTypeId",
        &Shape::Structure(&[
            required("category", &Shape::Text(Text::one_of(&["Rule"]))),
            optional("owner", &Shape::Text(Text::one_of(&["AWS"]))),
            required("provider", &PROVIDER_NAME),
            optional("version", &VERSION),
        ]),
    ),
    optional(
        "configuration",
        &Shape::Map {
            key: Text::new(1, 50),
            value: &Shape::Text(Text::new(1, 10_000).secret()),
            size: Range::new(0, 200),
        },
    ),
    optional("commands", &COMMANDS),
    optional("inputArtifacts", &INPUT_ARTIFACTS),
    optional("roleArn", &ROLE),
    optional("region", &REGION_NAME),
    optional("timeoutInMinutes", &Shape::Integer { minimum: 5, maximum: Some(86_400) }),
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
