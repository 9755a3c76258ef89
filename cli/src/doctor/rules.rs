//! Whether the rules are on, and hand over to our queues.

use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleError;
use aws_sdk_eventbridge::types::RuleState;

use crate::doctor::aws::Aws;
use crate::doctor::deployment::{Deployment, Resource};
use crate::doctor::finding::{Looked, Unasked, unasked};

/// The kind of rules.
const RULE: &str = "AWS::Events::Rule";

/// Looks at every rule and its targets.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let mut looked = Looked::at(format!("{} rules", deployment.of(RULE).count()));
    for rule in deployment.of(RULE) {
        of_rule(aws, deployment, rule, &mut looked).await?;
    }
    Ok(looked)
}

async fn of_rule(
    aws: &Aws,
    deployment: &Deployment,
    rule: &Resource,
    looked: &mut Looked,
) -> Result<(), Unasked> {
    let Some((bus, name, state)) = find(aws, deployment, &rule.physical).await? else {
        looked.wrong(
            &rule.logical,
            "is gone: what it should hear goes unheard",
            deployment.deploy_again(),
        );
        return Ok(());
    };
    if state != Some(RuleState::Enabled) {
        looked.wrong(
            &rule.logical,
            "is switched off: what it should hear goes unheard",
            format!("aws events enable-rule --name {name} --event-bus-name {bus}"),
        );
    }
    let asked = aws.rules.list_targets_by_rule().rule(&name).event_bus_name(&bus).send().await;
    let targets = asked.map_err(unasked("events:ListTargetsByRule"))?.targets.unwrap_or_default();
    let queues: Vec<_> =
        deployment.of("AWS::SQS::Queue").map(|queue| name_of(&queue.physical)).collect();
    let ours: Vec<_> =
        targets.iter().filter(|target| queues.contains(&name_of(target.arn()))).collect();
    if ours.is_empty() {
        looked.wrong(&rule.logical, "hands over to nobody of ours", deployment.deploy_again());
    }
    for target in ours.iter().filter(|target| target.dead_letter_config().is_none()) {
        looked.wrong(
            &rule.logical,
            format!("drops what it cannot hand over to {}", name_of(target.arn())),
            deployment.deploy_again(),
        );
    }
    Ok(())
}

/// Finds a rule: CloudFormation names one of another bus than the account's own `BUS|RULE`.
async fn find(
    aws: &Aws,
    deployment: &Deployment,
    physical: &str,
) -> Result<Option<(String, String, Option<RuleState>)>, Unasked> {
    let named = physical.split_once('|').map(|(bus, name)| (bus.to_owned(), name.to_owned()));
    let places = match named {
        Some(place) => vec![place],
        None => ["default", deployment.output("BusName")]
            .iter()
            .filter(|bus| !bus.is_empty())
            .map(|bus| ((*bus).to_owned(), physical.to_owned()))
            .collect(),
    };
    for (bus, name) in places {
        let asked = aws.rules.describe_rule().name(&name).event_bus_name(&bus).send().await;
        match asked {
            Ok(rule) => return Ok(Some((bus, name, rule.state))),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DescribeRuleError::is_resource_not_found_exception) => {}
            Err(error) => return Err(unasked("events:DescribeRule")(error)),
        }
    }
    Ok(None)
}

/// Returns the last part of an ARN or a URL, which is a queue's name.
fn name_of(place: &str) -> &str {
    place.rsplit([':', '/']).next().unwrap_or(place)
}
