//! What judges a condition (contract §5.7).

use super::{Setting, optional, required};

/// What is known of a condition rule.
#[derive(Clone, Debug)]
pub struct RuleType {
    /// For example `CloudWatchAlarm`.
    pub provider: &'static str,
    /// The settings that it understands.
    pub settings: &'static [Setting],
    /// Whether it may decide that a stage is skipped (contract §1.3).
    pub may_skip: bool,
}

/// Every known rule.
pub static RULES: &[RuleType] = &[
    RuleType {
        provider: "CloudWatchAlarm",
        settings: &[required("AlarmName"), optional("AlarmStates"), optional("WaitTime")],
        may_skip: false,
    },
    RuleType {
        provider: "CodeBuild",
        settings: &[
            required("ProjectName"),
            optional("PrimarySource"),
            optional("BatchEnabled"),
            optional("CombineArtifacts"),
            optional("EnvironmentVariables"),
        ],
        may_skip: false,
    },
    RuleType { provider: "Commands", settings: &[], may_skip: false },
    RuleType {
        provider: "DeploymentWindow",
        settings: &[required("Cron"), optional("TimeZone")],
        may_skip: false,
    },
    RuleType {
        provider: "LambdaInvoke",
        settings: &[required("FunctionName"), optional("UserParameters")],
        may_skip: true,
    },
    RuleType {
        provider: "VariableCheck",
        settings: &[required("Variable"), required("Value"), required("Operator")],
        may_skip: true,
    },
];

/// Returns what is known of a rule.
pub fn find_rule(provider: &str) -> Option<&'static RuleType> {
    RULES.iter().find(|rule| rule.provider == provider)
}
