//! What brings a revision in (contract §5.1), and the approval (contract §5.5).

use super::{ActionType, Setting, optional, required, secret};
use crate::status::{ActionCategory, ActionOwner};

const SOURCE: &[ActionCategory] = &[ActionCategory::Source];

pub(super) static TYPES: &[ActionType] = &[
    source(
        "CodeCommit",
        &[
            required("RepositoryName"),
            required("BranchName"),
            optional("PollForSourceChanges"),
            optional("OutputArtifactFormat"),
        ],
    ),
    // ECR does not poll, but AWS accepts the setting and ignores it.
    source(
        "ECR",
        &[required("RepositoryName"), optional("ImageTag"), optional("PollForSourceChanges")],
    ),
    source(
        "S3",
        &[
            required("S3Bucket"),
            required("S3ObjectKey"),
            optional("AllowOverrideForS3ObjectKey"),
            optional("PollForSourceChanges"),
        ],
    ),
    source(
        "CodeStarSourceConnection",
        &[
            required("ConnectionArn"),
            required("FullRepositoryId"),
            required("BranchName"),
            optional("OutputArtifactFormat"),
            optional("DetectChanges"),
        ],
    ),
    ActionType::new(
        SOURCE,
        ActionOwner::ThirdParty,
        "GitHub",
        (0..=0, 1..=1),
        &[
            required("Owner"),
            required("Repo"),
            required("Branch"),
            secret("OAuthToken"),
            optional("PollForSourceChanges"),
        ],
    )
    .unsettled(),
    ActionType::new(
        &[ActionCategory::Approval],
        ActionOwner::Aws,
        "Manual",
        (0..=0, 0..=0),
        &[optional("NotificationArn"), optional("ExternalEntityLink"), optional("CustomData")],
    ),
];

const fn source(provider: &'static str, settings: &'static [Setting]) -> ActionType {
    ActionType::new(SOURCE, ActionOwner::Aws, provider, (0..=0, 1..=1), settings)
}
