//! Tags are added to a resource, or replaced.

use access::authorize::Resource;
use protocol::Fault;
use serde::Deserialize;

use super::{Empty, Operation};
use crate::call::Call;
use crate::tagging::{Tag, change_tags, check_count, check_tags, find_resource};

/// The operation.
#[derive(Debug)]
pub(crate) struct TagResource;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    resource_arn: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const OPERATION: protocol::Operation = protocol::Operation::TagResource;
    type Request = Request;
    type Response = Empty;

    fn resource(request: &Request) -> Resource {
        Resource::Arn(request.resource_arn.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Empty, Fault> {
        check_tags(&request.tags)?;
        find_resource(&call, &request.resource_arn).await?;
        change_tags(&call, &request.resource_arn, |tags| {
            for Tag { key, value } in &request.tags {
                tags.insert(key.clone(), value.clone());
            }
            check_count(tags.len())
        })
        .await?;
        Ok(Empty {})
    }
}
