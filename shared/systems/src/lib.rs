//! The systems that do actions in AWS: one system, one file.
//!
//! Each file holds one [`Provider`]: it starts the work of a [`Job`], asks how far it is, and stops it,
//! with AWS's own SDK and under the job's own role. [`Systems::find`] is the registration: one line for
//! each. What they share is small: [`Ground`] gives the SDK's settings for a job (the role assumed, the
//! Region chosen), [`artifact`] reads and writes what lies between actions, and [`fault`] turns the SDK's
//! errors into sentences.
//!
//! A provider may be killed between any two lines, and may be called again with the same job, also at
//! once from two places. What makes a start repeatable is said at the head of each file: a token that
//! the system honours, a name that it refuses to take twice, or a search before the call
//! ([`providers::Memory`]).
//!
//! Deliberately absent: the store, the queue, Lambda. A provider learns nothing of logs and locks.
//! Job workers' actions are not here either: their provider is `runtime::jobs`, which also keeps the jobs of
//! the functions that [`LambdaInvoke`] invokes.
//!
//! Start with [`ground`], then read any provider.

pub mod artifact;
mod cloudformation;
mod code_host;
mod codebuild;
mod codecommit_source;
mod codedeploy;
mod console;
mod ecr_source;
pub mod fault;
pub mod ground;
mod halt;
pub mod lambda_invoke;
mod manual_approval;
mod roles;
mod s3_deploy;
mod s3_source;
mod step_functions;
mod waiting;
#[cfg(test)]
mod wire;

use providers::{Job, Provider};

pub use ground::Ground;
pub use lambda_invoke::LambdaInvoke;
pub use roles::Roles;

/// Every system, over one ground.
pub struct Systems {
    s3_source: s3_source::S3Source,
    codecommit_source: codecommit_source::CodeCommitSource,
    ecr_source: ecr_source::EcrSource,
    code_host: code_host::CodeHost,
    codebuild: codebuild::CodeBuild,
    codedeploy: codedeploy::CodeDeploy,
    cloudformation: cloudformation::CloudFormation,
    s3_deploy: s3_deploy::S3Deploy,
    step_functions: step_functions::StepFunctions,
    manual_approval: manual_approval::ManualApproval,
}

impl Systems {
    /// Makes all of them. Nothing is asked of anybody before there is a job.
    pub fn new(ground: &Ground) -> Self {
        Self {
            s3_source: s3_source::S3Source::new(ground.clone()),
            codecommit_source: codecommit_source::CodeCommitSource::new(ground.clone()),
            ecr_source: ecr_source::EcrSource::new(ground.clone()),
            code_host: code_host::CodeHost::new(ground.clone()),
            codebuild: codebuild::CodeBuild::new(ground.clone()),
            codedeploy: codedeploy::CodeDeploy::new(ground.clone()),
            cloudformation: cloudformation::CloudFormation::new(ground.clone()),
            s3_deploy: s3_deploy::S3Deploy::new(ground.clone()),
            step_functions: step_functions::StepFunctions::new(ground.clone()),
            manual_approval: manual_approval::ManualApproval::new(ground.clone()),
        }
    }

    /// Returns who does the job, if anybody here does.
    pub fn find(&self, job: &Job) -> Option<&dyn Provider> {
        let provider: &dyn Provider = match (job.category.as_str(), job.provider.as_str()) {
            ("Source", "S3") => &self.s3_source,
            ("Source", "CodeCommit") => &self.codecommit_source,
            ("Source", "ECR") => &self.ecr_source,
            ("Source", "GitHub" | "CodeStarSourceConnection") => &self.code_host,
            ("Build" | "Test", "CodeBuild") => &self.codebuild,
            ("Deploy", "CodeDeploy") => &self.codedeploy,
            ("Deploy", "CloudFormation") => &self.cloudformation,
            ("Deploy", "S3") => &self.s3_deploy,
            ("Invoke", "StepFunctions") => &self.step_functions,
            ("Approval", "Manual") => &self.manual_approval,
            _ => return None,
        };
        (job.owner != "Custom").then_some(provider)
    }
}
