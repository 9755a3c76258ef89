//! Whether the table is what the store needs.

use aws_sdk_dynamodb::types::{
    PointInTimeRecoveryStatus, StreamViewType, TableStatus, TimeToLiveStatus,
};

use crate::doctor::aws::Aws;
use crate::doctor::deployment::Deployment;
use crate::doctor::finding::{Looked, Unasked, unasked};

/// Where garbage says when it may go.
const EXPIRY: &str = "expires";

/// Looks at the table, its stream, its backups and its expiry.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let name = deployment.output("TableName");
    let mut looked = Looked::at(name);
    let asked = aws.tables.describe_table().table_name(name).send().await;
    let table = asked.map_err(unasked("dynamodb:DescribeTable"))?.table;
    let status = table.as_ref().and_then(|table| table.table_status());
    if !matches!(status, Some(TableStatus::Active | TableStatus::Updating)) {
        let status = status.map_or("not there", TableStatus::as_str);
        looked.wrong(name, format!("is {status}"), "docs/operating.md says how to restore it.");
        return Ok(looked);
    }
    let stream = table.as_ref().and_then(|table| table.stream_specification());
    let is_complete = stream.is_some_and(|stream| {
        stream.stream_enabled()
            && matches!(
                stream.stream_view_type(),
                Some(StreamViewType::NewImage | StreamViewType::NewAndOldImages)
            )
    });
    if !is_complete {
        looked.wrong(
            name,
            "has no stream of new images: nobody is told of anything",
            deployment.deploy_again(),
        );
    }
    backups(aws, deployment, name, &mut looked).await?;
    expiry(aws, deployment, name, &mut looked).await?;
    Ok(looked)
}

async fn backups(
    aws: &Aws,
    deployment: &Deployment,
    name: &str,
    looked: &mut Looked,
) -> Result<(), Unasked> {
    let asked = aws.tables.describe_continuous_backups().table_name(name).send().await;
    let backups = asked.map_err(unasked("dynamodb:DescribeContinuousBackups"))?;
    let recovery = backups
        .continuous_backups_description()
        .and_then(|backups| backups.point_in_time_recovery_description())
        .and_then(|recovery| recovery.point_in_time_recovery_status());
    if recovery != Some(&PointInTimeRecoveryStatus::Enabled) {
        looked.wrong(
            name,
            "cannot be brought back to an earlier moment",
            deployment.deploy_again(),
        );
    }
    Ok(())
}

async fn expiry(
    aws: &Aws,
    deployment: &Deployment,
    name: &str,
    looked: &mut Looked,
) -> Result<(), Unasked> {
    let asked = aws.tables.describe_time_to_live().table_name(name).send().await;
    let found = asked.map_err(unasked("dynamodb:DescribeTimeToLive"))?;
    let found = found.time_to_live_description();
    let is_on = found.is_some_and(|found| {
        found.attribute_name() == Some(EXPIRY)
            && matches!(
                found.time_to_live_status(),
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            )
    });
    if !is_on {
        looked.advise(name, "never forgets what is over", deployment.deploy_again());
    }
    Ok(())
}
