//! The tags of a resource, all in one page.

use access::authorize::Resource;
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;
use crate::faults::failed;
use crate::tagging::{Tag, find_resource, tags_of};

/// The operation.
#[derive(Debug)]
pub(crate) struct ListTagsForResource;

/// What is asked. `maxResults` is accepted and not needed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    resource_arn: String,
    next_token: Option<String>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const OPERATION: protocol::Operation = protocol::Operation::ListTagsForResource;
    type Request = Request;
    type Response = Response;

    fn resource(request: &Request) -> Resource {
        Resource::Arn(request.resource_arn.clone())
    }

    async fn perform(call: Call<'_, Self>, request: Request) -> Result<Response, Fault> {
        find_resource(&call, &request.resource_arn).await?;
        if request.next_token.is_some() {
            return Err(Fault::new(
                "InvalidNextTokenException",
                "all tags come in one page, so no nextToken was ever returned; leave it out",
            ));
        }
        let tags = call.api.app.store.tags(&request.resource_arn).await;
        Ok(Response { tags: tags_of(&tags.map_err(|error| failed(&error))?) })
    }
}
