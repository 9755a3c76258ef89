//! What was given up, and whether it would be noticed.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;

use crate::doctor::aws::Aws;
use crate::doctor::deployment::{Deployment, Resource};
use crate::doctor::finding::{Looked, Unasked, unasked};

/// The kind of queues.
const QUEUE: &str = "AWS::SQS::Queue";

/// How the names of queues end that hold what was given up.
const DEAD: &str = "Dead";

/// How many messages may wait before somebody should look.
const WAITING_MAX: u64 = 1_000;

/// What it means that something lies in a queue for what was given up.
const MEANINGS: &[(&str, &str)] = &[
    ("ChangesDead", "a source changed and no pipeline was started for it"),
    (
        "CompletionsDead",
        "a completion was not understood; the sweep asks after the work all the same",
    ),
    ("HintsDead", "an action could not be started or asked after"),
    ("NoticesDead", "people were not told of a state change"),
    ("DeliveriesDead", "a subscriber of yours did not take messages for hours"),
    ("PublishDead", "state changes are missing on the bus"),
    ("SweepDead", "sweeps failed"),
];

/// Looks at every queue.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let mut looked = Looked::at(format!("{} queues", deployment.of(QUEUE).count()));
    for queue in deployment.of(QUEUE) {
        let attributes = attributes(aws, queue).await?;
        let waiting = attributes.get(&QueueAttributeName::ApproximateNumberOfMessages);
        let waiting = waiting.and_then(|count| count.parse().ok()).unwrap_or(0);
        match queue.logical.strip_suffix(DEAD) {
            Some(living) => dead(deployment, queue, living, waiting, &attributes, &mut looked),
            None => alive(deployment, queue, waiting, &attributes, &mut looked),
        }
    }
    Ok(looked)
}

type Attributes = HashMap<QueueAttributeName, String>;

async fn attributes(aws: &Aws, queue: &Resource) -> Result<Attributes, Unasked> {
    let asked = aws.queues.get_queue_attributes().queue_url(&queue.physical);
    let asked = asked
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .attribute_names(QueueAttributeName::RedrivePolicy)
        .attribute_names(QueueAttributeName::QueueArn);
    let answer = asked.send().await.map_err(unasked("sqs:GetQueueAttributes"))?;
    Ok(answer.attributes.unwrap_or_default())
}

fn alive(
    deployment: &Deployment,
    queue: &Resource,
    waiting: u64,
    attributes: &Attributes,
    looked: &mut Looked,
) {
    if !attributes.contains_key(&QueueAttributeName::RedrivePolicy) {
        looked.wrong(
            &queue.logical,
            "has no queue for what fails again and again: it is tried for days and then dropped",
            deployment.deploy_again(),
        );
    }
    if waiting > WAITING_MAX {
        looked.wrong(
            &queue.logical,
            format!("has {waiting} messages waiting"),
            "See in the dashboard whether the function that reads it fails or is throttled.",
        );
    }
}

fn dead(
    deployment: &Deployment,
    queue: &Resource,
    living: &str,
    waiting: u64,
    attributes: &Attributes,
    looked: &mut Looked,
) {
    if waiting == 0 {
        return;
    }
    let name = &queue.logical;
    let meaning = MEANINGS.iter().find(|(dead, _)| dead == name).map_or("", |(_, meaning)| meaning);
    let url = &queue.physical;
    let mut mend = format!(
        "Read them: aws sqs receive-message --queue-url {url} --attribute-names All \
         --message-attribute-names All --visibility-timeout 10"
    );
    let arn = attributes.get(&QueueAttributeName::QueueArn).map_or("", String::as_str);
    if deployment.named(QUEUE, living).is_some() {
        // The queues of a deployment differ in their names only.
        let target = deployment.named(QUEUE, living).map_or("", |queue| queue.physical.as_str());
        let target = target.rsplit('/').next().unwrap_or(target);
        let before = arn.rsplit_once(':').map_or("", |(before, _)| before);
        mend += "\nMend the cause, then send them back, as often as you like: aws sqs \
                 start-message-move-task --source-arn ";
        mend += &[arn, " --destination-arn ", before, ":", target].concat();
    } else {
        mend += "\nMend the cause; docs/operating.md says what else is to be done. Then: aws sqs \
                 purge-queue --queue-url ";
        mend += url;
    }
    let messages =
        if waiting == 1 { "a message".to_owned() } else { format!("{waiting} messages") };
    looked.wrong(name, format!("holds {messages}: {meaning}"), mend);
}
