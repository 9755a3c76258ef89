//! Signatures for AWS's own door: a function URL takes requests that are signed for `lambda`, whatever the
//! API behind it is.

use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_codepipeline::config::ProvideCredentials;
use aws_sdk_codepipeline::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::Document;

use crate::client::door::Door;
use crate::client::place::Place;

/// Tells the SDK where requests go, and that they are signed for `lambda`.
#[derive(Debug)]
pub(super) struct ForLambda {
    endpoint: Endpoint,
}

impl ForLambda {
    /// Takes an address, and the Region that is in it.
    pub(super) fn at(url: &str, region: &str) -> Self {
        let scheme =
            [("name", "sigv4"), ("signingName", Door::Aws.service()), ("signingRegion", region)];
        let scheme =
            scheme.map(|(name, value)| (name.to_owned(), Document::from(value.to_owned())));
        let scheme = Document::from(HashMap::from(scheme));
        let endpoint =
            Endpoint::builder().url(url.to_owned()).property("authSchemes", vec![scheme]).build();
        Self { endpoint }
    }
}

impl ResolveEndpoint for ForLambda {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.endpoint.clone()))
    }
}

/// Signs a question that is no operation of the API, as one would be.
pub(super) async fn signed_get(
    place: &Place,
    uri: &str,
) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
    let identity: Identity = place.keys.provide_credentials().await?.into();
    let millis = u64::try_from(local::world::now().millis()).unwrap_or(0);
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&place.region)
        .name(place.door.service())
        .time(UNIX_EPOCH + Duration::from_millis(millis))
        .settings(SigningSettings::default())
        .build()?
        .into();
    let signable = SignableRequest::new("GET", uri, std::iter::empty(), SignableBody::Bytes(&[]))?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    let mut request = HttpRequest::get(uri)?;
    for (name, value) in instructions.headers() {
        request.headers_mut().try_insert(name.to_owned(), value.to_owned())?;
    }
    Ok(request)
}
