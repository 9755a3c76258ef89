//! Whether anything was changed by hand since it was deployed. CloudFormation knows.

use std::time::Duration;

use aws_sdk_cloudformation::types::{
    StackDriftDetectionStatus, StackResourceDrift, StackResourceDriftStatus,
};

use crate::doctor::aws::Aws;
use crate::doctor::deployment::{Deployment, Stack};
use crate::doctor::finding::{Looked, Unasked, unasked};

/// How often CloudFormation is asked whether it is done.
const ASKED_EVERY: Duration = Duration::from_secs(2);

/// How often it is asked at most for one stack.
const ASKED_MAX: u32 = 90;

/// Has every stack compared with its template.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let mut looked = Looked::at("settings, compared with the template");
    for stack in &deployment.stacks {
        if compare(aws, stack, &mut looked).await? {
            for changed in changed(aws, stack).await? {
                tell(deployment, &changed, &mut looked);
            }
        }
    }
    Ok(looked)
}

/// Says whether the comparison came to its end.
async fn compare(aws: &Aws, stack: &Stack, looked: &mut Looked) -> Result<bool, Unasked> {
    let begun = aws.stacks.detect_stack_drift().stack_name(&stack.name).send().await;
    let begun = begun.map_err(unasked("cloudformation:DetectStackDrift"))?;
    let id = begun.stack_drift_detection_id().unwrap_or_default();
    for _ in 0..ASKED_MAX {
        let asked = aws.stacks.describe_stack_drift_detection_status();
        let asked = asked.stack_drift_detection_id(id).send().await;
        let found = asked.map_err(unasked("cloudformation:DescribeStackDriftDetectionStatus"))?;
        match found.detection_status() {
            Some(StackDriftDetectionStatus::DetectionComplete) => return Ok(true),
            Some(StackDriftDetectionStatus::DetectionFailed) => {
                let reason = found.detection_status_reason().unwrap_or_default();
                looked.advise(
                    &stack.name,
                    format!("was compared in part only: {reason}"),
                    "Ask with a key that may read what is named there.",
                );
                // What could be compared was.
                return Ok(true);
            }
            Some(_) | None => tokio::time::sleep(ASKED_EVERY).await,
        }
    }
    looked.advise(&stack.name, "was not compared in time", "Ask again, or with --quick.");
    Ok(false)
}

async fn changed(aws: &Aws, stack: &Stack) -> Result<Vec<StackResourceDrift>, Unasked> {
    let asked = aws.stacks.describe_stack_resource_drifts().stack_name(&stack.name);
    let asked = asked
        .stack_resource_drift_status_filters(StackResourceDriftStatus::Modified)
        .stack_resource_drift_status_filters(StackResourceDriftStatus::Deleted);
    let mut pages = asked.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(unasked("cloudformation:DescribeStackResourceDrifts"))?;
        found.extend(page.stack_resource_drifts.unwrap_or_default());
    }
    Ok(found)
}

fn tell(deployment: &Deployment, changed: &StackResourceDrift, looked: &mut Looked) {
    let name = changed.logical_resource_id().unwrap_or_default();
    if changed.stack_resource_drift_status() == Some(&StackResourceDriftStatus::Deleted) {
        looked.wrong(name, "was deleted by hand", deployment.deploy_again());
        return;
    }
    for difference in changed.property_differences() {
        let path = difference.property_path().unwrap_or_default();
        let expected = difference.expected_value().unwrap_or_default();
        let actual = difference.actual_value().unwrap_or_default();
        looked.wrong(
            name,
            format!("{path} is {actual}; the template says {expected}"),
            "Put it back, or write it into the template, so that the next deployment keeps it.",
        );
    }
}
