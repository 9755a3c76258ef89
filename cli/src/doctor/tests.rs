//! A small deployment at the other end of the wire, healthy first, then with one thing wrong at a time.

use super::deployment::Deployment;
use super::finding::{Look, Severity};
use super::look_at_all;
use super::wire::{Answers, Wire};

const OUTPUTS: &[(&str, &str)] = &[
    ("DeploymentId", "deployment-0123456789"),
    ("TableName", "t-Table"),
    ("TopicArn", "arn:aws:sns:eu-west-1:111122223333:t-Topic"),
    ("BusName", "towpath-t"),
    ("StartActionRoleArn", "arn:aws:iam::111122223333:role/t-StartActionRole"),
    ("ActionCompletionRoleArn", "arn:aws:iam::111122223333:role/t-ActionCompletionRole"),
];

const RESOURCES: &[(&str, &str, &str)] = &[
    (
        "Data",
        "AWS::CloudFormation::Stack",
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/t-Data/1",
    ),
    ("Sweep", "AWS::Lambda::Function", "t-sweep"),
    ("ApiUrl", "AWS::Lambda::Url", "arn:aws:lambda:eu-west-1:111122223333:function:t-api"),
    ("BuildEnded", "AWS::Events::Rule", "t-BuildEnded"),
    ("ApprovalChanged", "AWS::Events::Rule", "towpath-t|t-ApprovalChanged"),
    ("PublishRecords", "AWS::Lambda::EventSourceMapping", "0a1b2c3d"),
    ("Hints", "AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/111122223333/t-Hints"),
    (
        "HintsDead",
        "AWS::SQS::Queue",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/t-HintsDead",
    ),
    ("SweepLog", "AWS::Logs::LogGroup", "/aws/lambda/t-sweep"),
    ("EveryMinute", "AWS::Scheduler::Schedule", "t-EveryMinute"),
];

fn members(of: &[(&str, &str)], key: &str, value: &str) -> String {
    let member = |(name, text): &(&str, &str)| {
        format!("<member><{key}>{name}</{key}><{value}>{text}</{value}></member>")
    };
    of.iter().map(member).collect()
}

fn stack(name: &str, status: &str, outputs: &str, parameters: &str) -> String {
    format!(
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>{name}</StackName>\
         <StackStatus>{status}</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime>\
         <Outputs>{outputs}</Outputs><Parameters>{parameters}</Parameters></member></Stacks>\
         </DescribeStacksResult></DescribeStacksResponse>"
    )
}

fn resources(of: &[(&str, &str, &str)]) -> String {
    let member = |(logical, kind, physical): &(&str, &str, &str)| {
        format!(
            "<member><LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>{physical}\
             </PhysicalResourceId><ResourceType>{kind}</ResourceType>\
             <ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
             <LastUpdatedTimestamp>2026-11-01T00:00:00Z</LastUpdatedTimestamp></member>"
        )
    };
    let members: String = of.iter().map(member).collect();
    format!(
        "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>{members}\
         </StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>"
    )
}

fn target() -> String {
    r#"{"Targets":[{"Id":"hints","Arn":"arn:aws:sqs:eu-west-1:111122223333:t-Hints",
        "DeadLetterConfig":{"Arn":"arn:aws:sqs:eu-west-1:111122223333:t-HintsDead"}}]}"#
        .to_owned()
}

fn queue(count: u32, redrive: &str) -> String {
    format!(
        r#"{{"Attributes":{{"ApproximateNumberOfMessages":"{count}",{redrive}
        "QueueArn":"arn:aws:sqs:eu-west-1:111122223333:t-HintsDead"}}}}"#
    )
}

fn topic(confirmed: u32) -> String {
    format!(
        "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry>\
         <key>SubscriptionsConfirmed</key><value>{confirmed}</value></entry></Attributes>\
         </GetTopicAttributesResult></GetTopicAttributesResponse>"
    )
}

fn drifts(differences: &str) -> String {
    format!(
        "<DescribeStackResourceDriftsResponse><DescribeStackResourceDriftsResult><StackResourceDrifts>\
         {differences}</StackResourceDrifts></DescribeStackResourceDriftsResult>\
         </DescribeStackResourceDriftsResponse>"
    )
}

/// The answer about a function's policy, in which the policy is a text of its own.
fn policy(actions: &[&str]) -> String {
    let policy = serde_json::json!({"Statement": [{"Effect": "Allow", "Action": actions}]});
    serde_json::json!({"Policy": policy.to_string()}).to_string()
}

/// What a healthy account answers.
fn healthy() -> Answers {
    let outputs = members(OUTPUTS, "OutputKey", "OutputValue");
    let parameters = [
        ("Principals", "Admin=x"),
        ("PublicConcurrencyMax", "20"),
        ("PipelineRolePattern", "towpath-*"),
    ];
    let parameters = members(&parameters, "ParameterKey", "ParameterValue");
    let begun = "<DetectStackDriftResponse><DetectStackDriftResult><StackDriftDetectionId>1\
                 </StackDriftDetectionId></DetectStackDriftResult></DetectStackDriftResponse>";
    let done = "<DescribeStackDriftDetectionStatusResponse><DescribeStackDriftDetectionStatusResult>\
                <DetectionStatus>DETECTION_COMPLETE</DetectionStatus>\
                <StackDriftDetectionId>1</StackDriftDetectionId><StackId>1</StackId>\
                <Timestamp>2026-11-01T00:00:00Z</Timestamp></DescribeStackDriftDetectionStatusResult>\
                </DescribeStackDriftDetectionStatusResponse>";
    let both = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"];
    let policy = policy(&both);
    let answers: Vec<(&'static str, String)> = vec![
        ("Action=DescribeStacks StackName=t", stack("t", "UPDATE_COMPLETE", &outputs, &parameters)),
        ("Action=DescribeStacks StackName=arn", stack("t-Data", "CREATE_COMPLETE", "", "")),
        ("Action=ListStackResources StackName=t", resources(RESOURCES)),
        (
            "Action=ListStackResources StackName=t-Data",
            resources(&[("Table", "AWS::DynamoDB::Table", "t-Table")]),
        ),
        (
            "functions/t-sweep/configuration",
            r#"{"State":"Active","LastUpdateStatus":"Successful"}"#.into(),
        ),
        ("t-api/policy", policy),
        ("AWSEvents.DescribeRule", r#"{"State":"ENABLED"}"#.into()),
        ("AWSEvents.ListTargetsByRule", target()),
        (
            "event-source-mappings/0a1b2c3d",
            r#"{"State":"Enabled","LastProcessingResult":"OK",
            "EventSourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/t-Table/stream/2026"}"#
                .into(),
        ),
        ("AmazonSQS.GetQueueAttributes", queue(0, r#""RedrivePolicy":"{}","#)),
        ("Logs_20140328.FilterLogEvents", r#"{"events":[{"message":"swept"}]}"#.into()),
        (
            "DynamoDB_20120810.DescribeTable",
            r#"{"Table":{"TableStatus":"ACTIVE",
            "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}}"#
                .into(),
        ),
        (
            "DynamoDB_20120810.DescribeContinuousBackups",
            r#"{"ContinuousBackupsDescription":{
            "ContinuousBackupsStatus":"ENABLED",
            "PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED"}}}"#
                .into(),
        ),
        (
            "DynamoDB_20120810.DescribeTimeToLive",
            r#"{"TimeToLiveDescription":{
            "TimeToLiveStatus":"ENABLED","AttributeName":"expires"}}"#
                .into(),
        ),
        ("DynamoDB_20120810.Query", r#"{"Items":[],"Count":0}"#.into()),
        ("Action=GetTopicAttributes", topic(1)),
        ("Action=DetectStackDrift", begun.into()),
        ("Action=DescribeStackDriftDetectionStatus", done.into()),
        ("Action=DescribeStackResourceDrifts", drifts("")),
    ];
    answers.into_iter().map(|(asked, said)| (asked, (200, said))).collect()
}

/// Returns what is found where the account answers one question otherwise.
fn found(instead: Option<(&'static str, u16, String)>) -> Vec<Look> {
    let mut answers = healthy();
    if let Some((asked, status, said)) = instead {
        answers.insert(asked, (status, said));
    }
    let aws = Wire::to(answers);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut looks = Vec::new();
    runtime.block_on(async {
        let deployment = Deployment::find(&aws, "t").await.unwrap();
        look_at_all(&aws, &deployment, false, &mut |look| looks.push(look)).await;
    });
    looks
}

/// Returns the one thing that is wrong, as `CHECK SUBJECT: WRONG` and how to mend it.
fn wrong(asked: &'static str, status: u16, said: impl Into<String>) -> (String, String) {
    let looks = found(Some((asked, status, said.into())));
    let all = looks.iter().flat_map(|look| {
        let wrong = look.findings.iter().filter(|found| found.severity == Severity::Wrong);
        wrong.map(|found| {
            (format!("{} {}: {}", look.check, found.subject, found.wrong), found.mend.clone())
        })
    });
    let all: Vec<_> = all.collect();
    assert!(!all.is_empty(), "{asked}: nothing is found");
    assert_eq!(all.len(), 1, "{asked}: {all:#?}");
    all.into_iter().next().unwrap()
}

#[test]
fn a_healthy_deployment_has_nothing_to_mend() {
    let looks = found(None);
    assert_eq!(looks.len(), 10);
    for look in looks {
        assert!(look.findings.is_empty(), "{look:#?}");
    }
}

#[test]
fn each_thing_that_is_wrong_is_named_with_its_remedy() {
    let failed = stack("t-Data", "UPDATE_ROLLBACK_FAILED", "", "");
    let (said, mend) = wrong("Action=DescribeStacks StackName=arn", 200, failed);
    assert!(said.starts_with("stacks t-Data: is UPDATE_ROLLBACK_FAILED"), "{said}");
    assert!(mend.contains("describe-stack-events --stack-name t-Data"), "{mend}");

    let (said, mend) = wrong("AWSEvents.DescribeRule BuildEnded", 200, r#"{"State":"DISABLED"}"#);
    assert!(said.starts_with("rules BuildEnded: is switched off"), "{said}");
    assert_eq!(mend, "aws events enable-rule --name t-BuildEnded --event-bus-name default");

    let (said, _) = wrong("AWSEvents.ListTargetsByRule ApprovalChanged", 200, r#"{"Targets":[]}"#);
    assert_eq!(said, "rules ApprovalChanged: hands over to nobody of ours");
    let without = target().replace("DeadLetterConfig", "Other");
    let (said, _) = wrong("AWSEvents.ListTargetsByRule ApprovalChanged", 200, without);
    assert_eq!(said, "rules ApprovalChanged: drops what it cannot hand over to t-Hints");

    let off = r#"{"State":"Disabled","EventSourceArn":"arn:aws:sqs:eu-west-1:1:t-Hints"}"#;
    let (said, mend) = wrong("event-source-mappings/0a1b2c3d", 200, off);
    assert_eq!(said, "mappings PublishRecords: is Disabled: nothing is read");
    assert!(mend.contains("--uuid 0a1b2c3d --enabled"), "{mend}");
    let other =
        r#"{"State":"Enabled","EventSourceArn":"arn:aws:dynamodb:eu-west-1:1:table/old/stream/1"}"#;
    let (said, _) = wrong("event-source-mappings/0a1b2c3d", 200, other);
    assert!(said.contains("which is not the stream of t-Table"), "{said}");

    let (said, mend) = wrong("AmazonSQS.GetQueueAttributes HintsDead", 200, queue(3, ""));
    assert_eq!(
        said,
        "queues HintsDead: holds 3 messages: an action could not be started or asked after"
    );
    assert!(
        mend.contains("--destination-arn arn:aws:sqs:eu-west-1:111122223333:t-Hints"),
        "{mend}"
    );
    let (said, _) = wrong("AmazonSQS.GetQueueAttributes t-Hints\"", 200, queue(0, ""));
    assert!(said.starts_with("queues Hints: has no queue for what fails"), "{said}");

    let (said, mend) = wrong("Logs_20140328.FilterLogEvents", 200, r#"{"events":[]}"#);
    assert!(said.starts_with("heartbeat sweep: did not come to its end for 5 minutes"), "{said}");
    assert!(mend.contains("get-schedule --name t-EveryMinute"), "{mend}");

    let (said, _) =
        wrong("DynamoDB_20120810.DescribeTable", 200, r#"{"Table":{"TableStatus":"ACTIVE"}}"#);
    assert!(said.starts_with("table t-Table: has no stream"), "{said}");

    let half = policy(&["lambda:InvokeFunctionUrl"]);
    let (said, _) = wrong("t-api/policy", 200, half);
    assert!(said.contains("does not allow lambda:InvokeFunction"), "{said}");

    let changed = "<member><LogicalResourceId>Hints</LogicalResourceId><ResourceType>AWS::SQS::Queue</ResourceType>\
        <StackId>1</StackId><StackResourceDriftStatus>MODIFIED</StackResourceDriftStatus>\
        <Timestamp>2026-11-01T00:00:00Z</Timestamp><PropertyDifferences><member>\
        <PropertyPath>/VisibilityTimeout</PropertyPath><ExpectedValue>1800</ExpectedValue>\
        <ActualValue>30</ActualValue><DifferenceType>NOT_EQUAL</DifferenceType></member></PropertyDifferences></member>";
    let (said, _) =
        wrong("Action=DescribeStackResourceDrifts StackName=t-Data", 200, drifts(changed));
    assert_eq!(said, "drift Hints: /VisibilityTimeout is 30; the template says 1800");
}

#[test]
fn what_may_not_be_asked_is_no_health() {
    let refusal = r#"{"__type":"AccessDeniedException","message":"you may not"}"#;
    let (said, mend) = wrong("Logs_20140328.FilterLogEvents", 400, refusal);
    assert_eq!(
        said,
        "heartbeat logs:FilterLogEvents: was not answered: AccessDeniedException: you may not"
    );
    assert!(mend.contains("allowed logs:FilterLogEvents"), "{mend}");
}

#[test]
fn a_topic_without_subscribers_is_advice() {
    let looks = found(Some(("Action=GetTopicAttributes", 200, topic(0))));
    let advice = looks.iter().flat_map(|look| &look.findings).collect::<Vec<_>>();
    assert_eq!(advice.len(), 1);
    assert_eq!(advice[0].severity, Severity::Advice);
    assert!(advice[0].mend.contains("aws sns subscribe"), "{}", advice[0].mend);
}

#[test]
fn a_stack_that_is_not_there_or_not_ours_is_bad_input() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let find =
        |answers: Answers| runtime.block_on(Deployment::find(&Wire::to(answers), "t")).unwrap_err();
    let other = [("Action=DescribeStacks", (200, stack("t", "CREATE_COMPLETE", "", "")))];
    assert!(find(other.into()).contains("is not one of Towpath"));
    let gone = "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id t does not exist\
                </Message></Error></ErrorResponse>";
    let message = find([("Action=DescribeStacks", (400, gone.to_owned()))].into());
    assert!(message.contains("does not exist") && message.contains("--region"), "{message}");
}
