//! What calls something else (contract §5.2 and §5.4).

use super::{ActionType, optional, required};
use crate::status::{ActionCategory, ActionOwner};

const INVOKE: &[ActionCategory] = &[ActionCategory::Invoke];

pub(super) static TYPES: &[ActionType] = &[
    ActionType::new(
        INVOKE,
        ActionOwner::Aws,
        "Lambda",
        (0..=5, 0..=5),
        // The last is ours: whether what the function returns is its answer.
        &[required("FunctionName"), optional("UserParameters"), optional("InvocationType")],
    ),
    ActionType::new(
        INVOKE,
        ActionOwner::Aws,
        "StepFunctions",
        (0..=1, 0..=1),
        &[
            required("StateMachineArn"),
            optional("ExecutionNamePrefix"),
            optional("InputType"),
            optional("Input"),
        ],
    ),
    ActionType::new(
        INVOKE,
        ActionOwner::Aws,
        "CodePipeline",
        (0..=0, 0..=0),
        &[required("PipelineName"), optional("SourceRevisions"), optional("Variables")],
    )
    .v2(),
    // An image that is scanned in its registry needs no input: `validation` asks.
    ActionType::new(
        INVOKE,
        ActionOwner::Aws,
        "InspectorScan",
        (0..=1, 1..=1),
        &[
            required("InspectorRunMode"),
            optional("ECRRepositoryName"),
            optional("ImageTag"),
            optional("CriticalThreshold"),
            optional("HighThreshold"),
            optional("MediumThreshold"),
            optional("LowThreshold"),
        ],
    ),
    ActionType::new(INVOKE, ActionOwner::ThirdParty, "Snyk", (1..=1, 1..=1), &[]).unsettled(),
];
