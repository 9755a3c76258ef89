//! Whether anybody hears.

use crate::doctor::aws::Aws;
use crate::doctor::deployment::Deployment;
use crate::doctor::finding::{Looked, Unasked, unasked};

/// Looks at the topic's subscribers.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let arn = deployment.output("TopicArn");
    let asked = aws.topics.get_topic_attributes().topic_arn(arn).send().await;
    let attributes = asked.map_err(unasked("sns:GetTopicAttributes"))?.attributes;
    let attributes = attributes.unwrap_or_default();
    let count = |name: &str| -> u64 {
        attributes.get(name).and_then(|count| count.parse().ok()).unwrap_or(0)
    };
    let (confirmed, pending) = (count("SubscriptionsConfirmed"), count("SubscriptionsPending"));
    let mut looked = Looked::at(format!("{confirmed} subscribers"));
    if confirmed == 0 {
        looked.advise(
            "topic",
            "has no subscriber: nobody is told of failures, approvals and alarms",
            format!(
                "aws sns subscribe --topic-arn {arn} --protocol email --notification-endpoint ADDRESS"
            ),
        );
    }
    if pending > 0 {
        looked.advise(
            "topic",
            format!("waits for {pending} to confirm"),
            "AWS wrote to them; it forgets them after three days.",
        );
    }
    Ok(looked)
}
