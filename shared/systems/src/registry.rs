//! Which system does which job: one line for each.

use providers::{Job, Provider};

use crate::{
    Ground, cloudformation, code_host, codebuild, codecommit_source, codedeploy, ecr_source,
    manual_approval, s3_deploy, s3_source, step_functions,
};

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
