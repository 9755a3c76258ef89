//! What appspecs for AWS Lambda and Amazon ECS say. They are read, not deployed here.

use crate::Note;

/// An appspec that shifts traffic to another version of a Lambda function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LambdaSpec {
    /// The resource's name in the appspec.
    pub resource: String,
    /// The function's name.
    pub name: String,
    /// The alias whose traffic is shifted.
    pub alias: String,
    /// The version that the alias points to now.
    pub current_version: String,
    /// The version to shift to.
    pub target_version: String,
    /// Functions to call on the way.
    pub hooks: Vec<FunctionHook>,
    /// Remarks for the author.
    pub notes: Vec<Note>,
}

/// An appspec that replaces the task set of an ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcsSpec {
    /// The resource's name in the appspec.
    pub resource: String,
    /// The task definition's ARN, or `<TASK_DEFINITION>`, which the pipeline's action fills in.
    pub task_definition: String,
    /// The container that the load balancer sends traffic to.
    pub container_name: String,
    /// The port of that container.
    pub container_port: u16,
    /// The Fargate platform version.
    pub platform_version: Option<String>,
    /// The network of the new tasks.
    pub network: Option<NetworkConfiguration>,
    /// Functions to call on the way.
    pub hooks: Vec<FunctionHook>,
    /// Remarks for the author.
    pub notes: Vec<Note>,
}

/// The `AwsvpcConfiguration` of an ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkConfiguration {
    /// The subnets of the tasks.
    pub subnets: Vec<String>,
    /// The security groups of the tasks.
    pub security_groups: Vec<String>,
    /// `ENABLED` or `DISABLED`.
    pub assign_public_ip: Option<String>,
}

/// A Lambda function that checks the deployment at one of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionHook {
    /// The lifecycle event.
    pub event: String,
    /// The function's name or ARN.
    pub function: String,
}
