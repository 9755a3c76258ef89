//! What builds, tests and computes (contract §5.2).

use super::{ActionType, Setting, optional, required};
use crate::status::{ActionCategory, ActionOwner};

pub(super) static TYPES: &[ActionType] = &[
    ActionType::new(
        &[ActionCategory::Build, ActionCategory::Test],
        ActionOwner::Aws,
        "CodeBuild",
        (1..=5, 0..=5),
        &[
            required("ProjectName"),
            optional("PrimarySource"),
            optional("BatchEnabled"),
            optional("CombineArtifacts"),
            optional("EnvironmentVariables"),
        ],
    ),
    // The guide's table says Compute; its examples say Build.
    ActionType::new(
        &[ActionCategory::Compute, ActionCategory::Build],
        ActionOwner::Aws,
        "Commands",
        (1..=10, 0..=1),
        &[
            optional("EnvironmentType"),
            optional("ComputeType"),
            optional("VpcId"),
            optional("Subnets"),
            optional("SecurityGroupIds"),
        ],
    )
    .v2(),
    ActionType::new(
        &[ActionCategory::Build],
        ActionOwner::Aws,
        "ECRBuildAndPublish",
        (1..=1, 0..=0),
        &[
            required("ECRRepositoryName"),
            optional("DockerFilePath"),
            optional("ImageTags"),
            optional("RegistryType"),
        ],
    )
    .v2(),
    ActionType::new(
        &[ActionCategory::Test],
        ActionOwner::Aws,
        "DeviceFarm",
        (1..=1, 0..=0),
        DEVICE_FARM,
    )
    .unsettled(),
];

const DEVICE_FARM: &[Setting] = &[
    required("ProjectId"),
    required("AppType"),
    required("App"),
    required("DevicePoolArn"),
    required("TestType"),
    // The guide calls it required and says in the same place that the value is ignored.
    optional("AppiumVersion"),
    optional("Test"),
    optional("FuzzEventCount"),
    optional("FuzzEventThrottle"),
    optional("FuzzRandomizerSeed"),
    optional("CustomHostMachineArtifacts"),
    optional("CustomDeviceArtifacts"),
    optional("UnmeteredDevicesOnly"),
    optional("JobTimeoutMinutes"),
    optional("Latitude"),
    optional("Longitude"),
    optional("RadioBluetoothEnabled"),
    optional("RecordAppPerformanceData"),
    optional("RecordVideo"),
    optional("RadioWifiEnabled"),
    optional("RadioNfcEnabled"),
    optional("RadioGpsEnabled"),
];
