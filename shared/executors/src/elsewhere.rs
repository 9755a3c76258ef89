//! What is not done on one machine, and the way to run it.

use providers::Job;

/// Returns the sentence that says why the job is not done here, and where it would be.
pub(crate) fn sentence(job: &Job) -> String {
    let Job { category, owner, provider, .. } = job;
    if owner == "Custom" {
        return format!(
            "the custom action {category}/{provider} is done by a job worker that polls Towpath's \
             API; on one machine, say the same with a Commands action, or a Lambda invoke action \
             and `--function NAME=COMMAND`"
        );
    }
    if category == "Approval" {
        return format!("{provider} is an approval: a person answers it, and no process does it");
    }
    match need_of(category, provider) {
        Some(Need { what, instead }) => format!(
            "{provider} needs {what}, which one machine does not have; run this pipeline with \
             Towpath deployed in AWS, or point it at an AWS-compatible endpoint{instead}"
        ),
        None => format!(
            "no provider {owner}/{category}/{provider} is known on this machine; correct \
             actionTypeId, or say the same with a Commands action, or a Lambda invoke action and \
             `--function NAME=COMMAND`"
        ),
    }
}

/// What a provider stands on.
struct Need {
    what: &'static str,
    /// What does nearly the same here; begins with `; `.
    instead: &'static str,
}

fn need_of(category: &str, provider: &str) -> Option<Need> {
    let need = |what, instead| Some(Need { what, instead });
    match (category, provider) {
        ("Build", "ECRBuildAndPublish") => need(
            "a container registry",
            "; here, a Commands action that runs `docker build` and `docker push` does it",
        ),
        ("Test", "DeviceFarm") => need("the devices of AWS Device Farm", ""),
        (
            "Deploy",
            "CloudFormation" | "CloudFormationStackSet" | "CloudFormationStackInstances",
        ) => need(
            "CloudFormation",
            "; here, a Commands action that runs `aws cloudformation deploy` does it",
        ),
        ("Deploy", "ECS" | "CodeDeployToECS") => need("an Amazon ECS cluster", ""),
        ("Deploy", "EKS") => need(
            "a Kubernetes cluster",
            "; here, a Commands action that runs `kubectl` or `helm` does it",
        ),
        ("Deploy", "ElasticBeanstalk") => need("an AWS Elastic Beanstalk environment", ""),
        ("Deploy", "EC2") => need(
            "EC2 instances",
            "; here, a CodeDeploy action with `--host GROUP=DIR` deploys into a directory",
        ),
        ("Deploy", "Lambda") => need("an AWS Lambda function", ""),
        ("Deploy", "AppConfig") => need("AWS AppConfig", ""),
        ("Deploy", "ServiceCatalog") => need("AWS Service Catalog", ""),
        ("Deploy", "OpsWorks") => need("AWS OpsWorks, a service that was retired,", ""),
        ("Deploy", "AlexaSkillsKit") => need("the Alexa Skills Kit", ""),
        ("Invoke", "StepFunctions") => need("a Step Functions state machine", ""),
        ("Invoke", "CodePipeline") => need("a second pipeline that Towpath serves", ""),
        ("Invoke", "InspectorScan") => need("Amazon Inspector", ""),
        ("Invoke", "Snyk") => {
            need("Snyk", "; here, a Commands action that runs `snyk test` does it")
        }
        ("Test", "GhostInspector" | "StormRunnerLoad" | "Nouvola" | "Runscope" | "BlazeMeter") => {
            need("its vendor's service", "")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_of_the_catalog_is_done_here_or_says_where_it_would_be() {
        let done_here = [
            ("Source", "CodeCommit"),
            ("Source", "GitHub"),
            ("Source", "CodeStarSourceConnection"),
            ("Source", "S3"),
            ("Source", "ECR"),
            ("Build", "CodeBuild"),
            ("Test", "CodeBuild"),
            ("Build", "Commands"),
            ("Compute", "Commands"),
            ("Deploy", "CodeDeploy"),
            ("Deploy", "S3"),
            ("Invoke", "Lambda"),
            ("Approval", "Manual"),
        ];
        for action_type in model::catalog::action_types() {
            if action_type.owner.as_str() == "Custom" {
                continue;
            }
            for category in action_type.categories {
                let (category, provider) = (category.as_str(), action_type.provider);
                let is_known = done_here.contains(&(category, provider))
                    || need_of(category, provider).is_some();
                assert!(is_known, "{category}/{provider}");
            }
        }
    }
}
