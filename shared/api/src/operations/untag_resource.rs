//! Tags are taken off a resource.

use access::authorize::Resource;
use protocol::Fault;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::tagging::{change_tags, find_resource};

/// The operation.
#[derive(Debug)]
pub(crate) struct UntagResource;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const OPERATION: protocol::Operation = protocol::Operation::UntagResource;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Arn(request.resource_arn.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        find_resource(&call, &request.resource_arn).await?;
        change_tags(&call, &request.resource_arn, |tags| {
            // A key that is not there is taken off already.
            tags.retain(|key, _| !request.tag_keys.contains(key));
            Ok(())
        })
        .await?;
        Ok(Empty {})
    }
}
