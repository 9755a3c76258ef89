//! Whether queues and the table's stream are read.

use crate::doctor::aws::Aws;
use crate::doctor::deployment::Deployment;
use crate::doctor::finding::{Looked, Unasked, unasked};
use aws_sdk_lambda::operation::get_event_source_mapping::GetEventSourceMappingError;

/// The kind of mappings.
const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

/// Looks at every mapping.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let mut looked =
        Looked::at(format!("{} event source mappings", deployment.of(MAPPING).count()));
    for mapping in deployment.of(MAPPING) {
        let name = &mapping.logical;
        let asked = aws.functions.get_event_source_mapping().uuid(&mapping.physical).send().await;
        let found = match asked {
            Ok(found) => found,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetEventSourceMappingError::is_resource_not_found_exception) =>
            {
                looked.wrong(name, "is gone: nothing is read", deployment.deploy_again());
                continue;
            }
            Err(error) => return Err(unasked("lambda:GetEventSourceMapping")(error)),
        };
        let state = found.state().unwrap_or_default();
        if !["Enabled", "Enabling", "Creating", "Updating"].contains(&state) {
            looked.wrong(
                name,
                format!("is {state}: nothing is read"),
                format!(
                    "aws lambda update-event-source-mapping --uuid {} --enabled",
                    mapping.physical
                ),
            );
        }
        let result = found.last_processing_result().unwrap_or_default();
        if result.starts_with("PROBLEM") {
            looked.wrong(
                name,
                format!("could not hand over what it read: {result}"),
                "Read the function's log; a permission that was taken away is the usual cause.",
            );
        }
        stream(deployment, found.event_source_arn().unwrap_or_default(), name, &mut looked);
    }
    Ok(looked)
}

/// A table that was restored under the same name has another stream, and nobody reads it.
fn stream(deployment: &Deployment, source: &str, name: &str, looked: &mut Looked) {
    let table = deployment.output("TableName");
    if source.contains(":dynamodb:") && !source.contains(&format!("table/{table}/stream/")) {
        looked.wrong(
            name,
            format!("reads {source}, which is not the stream of {table}"),
            deployment.deploy_again(),
        );
    }
}
