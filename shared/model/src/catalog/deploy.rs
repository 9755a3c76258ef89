//! What puts a revision where it runs (contract §5.3).

use std::ops::RangeInclusive;

use super::{ActionType, Setting, optional, required, secret};
use crate::status::{ActionCategory, ActionOwner};

const DEPLOY: &[ActionCategory] = &[ActionCategory::Deploy];

pub(super) static TYPES: &[ActionType] = &[
    one_input("CodeDeploy", &[required("ApplicationName"), required("DeploymentGroupName")]),
    counted("CodeDeployToECS", 1..=5, 0..=0, CODE_DEPLOY_TO_ECS),
    one_input("ElasticBeanstalk", &[required("ApplicationName"), required("EnvironmentName")]),
    counted("CloudFormation", 0..=10, 0..=1, CLOUD_FORMATION),
    counted("CloudFormationStackSet", 1..=3, 0..=0, STACK_SET).unsettled(),
    counted("CloudFormationStackInstances", 0..=2, 0..=0, STACK_INSTANCES).unsettled(),
    one_input(
        "ECS",
        &[
            required("ClusterName"),
            required("ServiceName"),
            optional("FileName"),
            optional("DeploymentTimeout"),
        ],
    ),
    one_input(
        "S3",
        &[
            required("BucketName"),
            required("Extract"),
            optional("ObjectKey"),
            optional("KMSEncryptionKeyARN"),
            optional("CannedACL"),
            optional("CacheControl"),
        ],
    ),
    counted("OpsWorks", 1..=1, 0..=1, &[required("Stack"), required("App"), optional("Layer")])
        .unsettled(),
    one_input(
        "AppConfig",
        &[
            required("Application"),
            required("Environment"),
            required("ConfigurationProfile"),
            required("InputArtifactConfigurationPath"),
            optional("DeploymentStrategy"),
        ],
    )
    .unsettled(),
    // Either the template's or the configuration file's path is required too: `validation` asks.
    one_input(
        "ServiceCatalog",
        &[
            required("ProductId"),
            optional("TemplateFilePath"),
            optional("ProductVersionName"),
            optional("ProductType"),
            optional("ProductVersionDescription"),
            optional("ConfigurationFilePath"),
        ],
    )
    .unsettled(),
    one_input("EKS", EKS).unsettled().v2(),
    one_input("EC2", EC2).unsettled().v2(),
    // Without an input it publishes what `PublishedTargetVersion` names: `validation` asks.
    counted("Lambda", 0..=1, 0..=0, LAMBDA).unsettled().v2(),
    ActionType::new(
        DEPLOY,
        ActionOwner::ThirdParty,
        "AlexaSkillsKit",
        (1..=2, 0..=0),
        &[
            required("ClientId"),
            secret("ClientSecret"),
            secret("RefreshToken"),
            required("SkillId"),
        ],
    )
    .unsettled(),
];

const CODE_DEPLOY_TO_ECS: &[Setting] = &[
    required("ApplicationName"),
    required("DeploymentGroupName"),
    required("TaskDefinitionTemplateArtifact"),
    required("AppSpecTemplateArtifact"),
    optional("AppSpecTemplatePath"),
    optional("TaskDefinitionTemplatePath"),
    optional("Image1ArtifactName"),
    optional("Image1ContainerName"),
    optional("Image2ArtifactName"),
    optional("Image2ContainerName"),
    optional("Image3ArtifactName"),
    optional("Image3ContainerName"),
    optional("Image4ArtifactName"),
    optional("Image4ContainerName"),
];

const CLOUD_FORMATION: &[Setting] = &[
    required("ActionMode"),
    required("StackName"),
    optional("ChangeSetName"),
    optional("RoleArn"),
    optional("TemplatePath"),
    optional("TemplateConfiguration"),
    optional("ParameterOverrides"),
    optional("Capabilities"),
    optional("OutputFileName"),
];

const STACK_SET: &[Setting] = &[
    required("StackSetName"),
    required("TemplatePath"),
    optional("Description"),
    optional("Parameters"),
    optional("Capabilities"),
    optional("PermissionModel"),
    optional("AdministrationRoleArn"),
    optional("ExecutionRoleName"),
    optional("OrganizationsAutoDeployment"),
    optional("DeploymentTargets"),
    optional("Regions"),
    optional("FailureTolerancePercentage"),
    optional("MaxConcurrentPercentage"),
];

const STACK_INSTANCES: &[Setting] = &[
    required("StackSetName"),
    required("Regions"),
    optional("DeploymentTargets"),
    optional("ParameterOverrides"),
    optional("FailureTolerancePercentage"),
    optional("MaxConcurrentPercentage"),
];

// Helm and kubectl need different settings, so none but the cluster is required of both.
const EKS: &[Setting] = &[
    required("ClusterName"),
    optional("HelmReleaseName"),
    optional("HelmChartLocation"),
    optional("HelmValuesFiles"),
    optional("ManifestFiles"),
    optional("Namespace"),
    optional("Subnets"),
    optional("SecurityGroupIds"),
];

// `DeploySpec` stands in for the scripts, so `PostScript` is required only without it.
const EC2: &[Setting] = &[
    required("InstanceTagKey"),
    required("InstanceType"),
    optional("InstanceTagValue"),
    optional("TargetDirectory"),
    optional("DeploySpec"),
    optional("PreScript"),
    optional("PostScript"),
    optional("MaxBatch"),
    optional("MaxError"),
    optional("TargetGroupNameList"),
];

const LAMBDA: &[Setting] = &[
    required("FunctionName"),
    optional("FunctionAlias"),
    optional("PublishedTargetVersion"),
    optional("DeployStrategy"),
    optional("Alarms"),
];

const fn one_input(provider: &'static str, settings: &'static [Setting]) -> ActionType {
    counted(provider, 1..=1, 0..=0, settings)
}

const fn counted(
    provider: &'static str,
    inputs: RangeInclusive<usize>,
    outputs: RangeInclusive<usize>,
    settings: &'static [Setting],
) -> ActionType {
    ActionType::new(DEPLOY, ActionOwner::Aws, provider, (inputs, outputs), settings)
}
