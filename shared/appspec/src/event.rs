//! The lifecycle events of a deployment to a server, in their order.

use std::fmt;

/// A step of a deployment to a server, under `CodeDeploy`'s name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LifecycleEvent {
    /// Before a load balancer stops sending traffic.
    BeforeBlockTraffic,
    /// After a load balancer has stopped sending traffic.
    AfterBlockTraffic,
    /// Stops the application, with the scripts of the revision that is installed.
    ApplicationStop,
    /// Brings the revision to the host. No scripts.
    DownloadBundle,
    /// Before the files are put in place.
    BeforeInstall,
    /// Puts the files in place. No scripts.
    Install,
    /// After the files are in place.
    AfterInstall,
    /// Starts what `ApplicationStop` stopped.
    ApplicationStart,
    /// Checks that the application works.
    ValidateService,
    /// Before a load balancer sends traffic again.
    BeforeAllowTraffic,
    /// After a load balancer sends traffic again.
    AfterAllowTraffic,
}

impl LifecycleEvent {
    /// Every event, in order.
    pub const ALL: [Self; 11] = [
        Self::BeforeBlockTraffic,
        Self::AfterBlockTraffic,
        Self::ApplicationStop,
        Self::DownloadBundle,
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::ApplicationStart,
        Self::ValidateService,
        Self::BeforeAllowTraffic,
        Self::AfterAllowTraffic,
    ];

    /// What an in-place deployment without a load balancer goes through, in order.
    pub const IN_PLACE: [Self; 7] = [
        Self::ApplicationStop,
        Self::DownloadBundle,
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::ApplicationStart,
        Self::ValidateService,
    ];

    /// Returns the name that appspecs and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeBlockTraffic => "BeforeBlockTraffic",
            Self::AfterBlockTraffic => "AfterBlockTraffic",
            Self::ApplicationStop => "ApplicationStop",
            Self::DownloadBundle => "DownloadBundle",
            Self::BeforeInstall => "BeforeInstall",
            Self::Install => "Install",
            Self::AfterInstall => "AfterInstall",
            Self::ApplicationStart => "ApplicationStart",
            Self::ValidateService => "ValidateService",
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }

    /// Whether an appspec may attach scripts to it.
    pub fn takes_scripts(self) -> bool {
        match self {
            Self::DownloadBundle | Self::Install => false,
            Self::BeforeBlockTraffic
            | Self::AfterBlockTraffic
            | Self::ApplicationStop
            | Self::BeforeInstall
            | Self::AfterInstall
            | Self::ApplicationStart
            | Self::ValidateService
            | Self::BeforeAllowTraffic
            | Self::AfterAllowTraffic => true,
        }
    }

    /// Finds the event of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

impl fmt::Display for LifecycleEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
