//! What `Ref` and `Fn::GetAtt` answer for each type of resource.

/// What `Ref` answers for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reference {
    /// Its name.
    Name,
    /// Its ARN.
    Arn,
}

/// What is known of a type of resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Whether the type is in the table at all.
    pub(crate) is_known: bool,
    /// The property that states the resource's name, where the author may choose one.
    pub(crate) name: Option<&'static str>,
    /// What `Ref` answers.
    pub(crate) reference: Reference,
    /// The shape of its ARN; see [`KINDS`].
    arn: &'static str,
}

/// Type, property with the name, what `Ref` answers, and the shape of the ARN as
/// `service:resource`.
///
/// `*` stands for the name; `%` in front of the service means that such ARNs state neither Region
/// nor account, `@` that they state no Region.
const KINDS: [(&str, &str, Reference, &str); 34] = [
    ("AWS::CloudFormation::Stack", "", Reference::Arn, "cloudformation:stack/*"),
    ("AWS::CloudFront::Distribution", "", Reference::Name, "@cloudfront:distribution/*"),
    ("AWS::CodeBuild::Project", "Name", Reference::Name, "codebuild:project/*"),
    ("AWS::CodeCommit::Repository", "RepositoryName", Reference::Name, "codecommit:*"),
    (
        "AWS::CodeConnections::Connection",
        "ConnectionName",
        Reference::Arn,
        "codeconnections:connection/*",
    ),
    (
        "AWS::CodeDeploy::Application",
        "ApplicationName",
        Reference::Name,
        "codedeploy:application:*",
    ),
    (
        "AWS::CodeDeploy::DeploymentConfig",
        "DeploymentConfigName",
        Reference::Name,
        "codedeploy:deploymentconfig:*",
    ),
    (
        "AWS::CodeDeploy::DeploymentGroup",
        "DeploymentGroupName",
        Reference::Name,
        "codedeploy:deploymentgroup:*",
    ),
    ("AWS::CodePipeline::Pipeline", "Name", Reference::Name, "codepipeline:*"),
    (
        "AWS::CodeStarConnections::Connection",
        "ConnectionName",
        Reference::Arn,
        "codestar-connections:connection/*",
    ),
    ("AWS::CloudWatch::Alarm", "AlarmName", Reference::Name, "cloudwatch:alarm:*"),
    ("AWS::DynamoDB::Table", "TableName", Reference::Name, "dynamodb:table/*"),
    ("AWS::ECR::Repository", "RepositoryName", Reference::Name, "ecr:repository/*"),
    ("AWS::ECS::Cluster", "ClusterName", Reference::Name, "ecs:cluster/*"),
    ("AWS::ECS::Service", "ServiceName", Reference::Arn, "ecs:service/*"),
    ("AWS::ECS::TaskDefinition", "Family", Reference::Arn, "ecs:task-definition/*:1"),
    ("AWS::EKS::Cluster", "Name", Reference::Name, "eks:cluster/*"),
    (
        "AWS::ElasticBeanstalk::Application",
        "ApplicationName",
        Reference::Name,
        "elasticbeanstalk:application/*",
    ),
    (
        "AWS::ElasticBeanstalk::Environment",
        "EnvironmentName",
        Reference::Name,
        "elasticbeanstalk:environment/*",
    ),
    (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Name",
        Reference::Arn,
        "elasticloadbalancing:targetgroup/*/0000000000000000",
    ),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName", Reference::Arn, "@iam:policy/*"),
    ("AWS::IAM::Role", "RoleName", Reference::Name, "@iam:role/*"),
    ("AWS::IAM::User", "UserName", Reference::Name, "@iam:user/*"),
    ("AWS::KMS::Alias", "AliasName", Reference::Name, "kms:*"),
    ("AWS::KMS::Key", "", Reference::Name, "kms:key/*"),
    ("AWS::Lambda::Function", "FunctionName", Reference::Name, "lambda:function:*"),
    ("AWS::Logs::LogGroup", "LogGroupName", Reference::Name, "logs:log-group:*"),
    ("AWS::S3::Bucket", "BucketName", Reference::Name, "%s3:*"),
    ("AWS::SNS::Topic", "TopicName", Reference::Arn, "sns:*"),
    ("AWS::SSM::Parameter", "Name", Reference::Name, "ssm:parameter/*"),
    ("AWS::SecretsManager::Secret", "Name", Reference::Arn, "secretsmanager:secret:*"),
    ("AWS::Serverless::Function", "FunctionName", Reference::Name, "lambda:function:*"),
    ("AWS::ServiceCatalog::CloudFormationProduct", "", Reference::Name, "catalog:product/*"),
    (
        "AWS::StepFunctions::StateMachine",
        "StateMachineName",
        Reference::Arn,
        "states:stateMachine:*",
    ),
];

/// Returns what is known of a type; of an unknown one, that `Ref` most likely answers a name.
pub(crate) fn kind(resource_type: &str) -> Kind {
    KINDS.iter().find(|(known, ..)| *known == resource_type).map_or(
        Kind { is_known: false, name: None, reference: Reference::Name, arn: "" },
        |(_, name, reference, arn)| Kind {
            is_known: true,
            name: (!name.is_empty()).then_some(*name),
            reference: *reference,
            arn,
        },
    )
}

/// The parts of an ARN that do not come from the resource.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub(crate) partition: String,
    /// The Region's code.
    pub(crate) region: String,
    /// The account's twelve digits.
    pub(crate) account: String,
}

impl Home {
    /// Writes the ARN of a resource that has this name.
    pub(crate) fn arn(&self, resource_type: &str, name: &str) -> String {
        let Home { partition, region, account } = self;
        let shape = kind(resource_type).arn;
        // Of an unknown type, the second word is its service: `AWS::Kinesis::Stream`.
        let shape = if shape.is_empty() {
            let service = resource_type.split("::").nth(1).unwrap_or("service");
            format!("{}:*", service.to_ascii_lowercase())
        } else {
            shape.to_owned()
        };
        let (service, resource) = shape.split_once(':').unwrap_or((&shape, "*"));
        let resource = resource.replace('*', name);
        match (service.strip_prefix('%'), service.strip_prefix('@')) {
            (Some(service), _) => format!("arn:{partition}:{service}:::{resource}"),
            (None, Some(service)) => format!("arn:{partition}:{service}::{account}:{resource}"),
            (None, None) => format!("arn:{partition}:{service}:{region}:{account}:{resource}"),
        }
    }

    /// Says whether such an ARN states the account.
    pub(crate) fn states_account(resource_type: &str) -> bool {
        !kind(resource_type).arn.starts_with('%')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_the_shape_of_its_service() {
        let home = Home {
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
        };
        for (resource_type, arn) in [
            ("AWS::IAM::Role", "arn:aws:iam::000000000000:role/X"),
            ("AWS::S3::Bucket", "arn:aws:s3:::X"),
            ("AWS::Lambda::Function", "arn:aws:lambda:us-east-1:000000000000:function:X"),
            ("AWS::Kinesis::Stream", "arn:aws:kinesis:us-east-1:000000000000:X"),
            ("Custom::Thing", "arn:aws:thing:us-east-1:000000000000:X"),
            ("nonsense", "arn:aws:service:us-east-1:000000000000:X"),
        ] {
            assert_eq!(home.arn(resource_type, "X"), arn);
        }
    }
}
