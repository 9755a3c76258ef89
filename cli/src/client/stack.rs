//! Where the API of a stack is, as CloudFormation tells it.

use aws_sdk_cloudformation::config::{BehaviorVersion, Region};
use aws_sdk_cloudformation::types::Stack;

use crate::client::keys::Key;
use crate::client::place::Environment;
use crate::client::wire;

/// Sends every service of AWS somewhere else, for tests and AWS-compatible installations.
const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL";

/// What the stack calls the address for whom IAM lets in.
const OUTPUT: &str = "ApiIamEndpoint";

/// Returns the address of a stack's API.
pub(super) async fn api_of(
    stack: &str,
    region: Option<&str>,
    key: &Key,
    variable: Environment<'_>,
) -> Result<String, String> {
    let said = || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = region.map(str::to_owned).or_else(said);
    let region = region.ok_or_else(|| {
        format!("which Region is the stack {stack} in? say --region REGION, or set AWS_REGION")
    })?;
    let endpoint = variable(ENDPOINT_VARIABLE);
    let connector = wire::connector(endpoint.as_deref().unwrap_or("https://"));
    let mut config = aws_sdk_cloudformation::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.clone()))
        .credentials_provider(key.credentials.clone())
        .http_client(wire::client(&connector));
    config.set_endpoint_url(endpoint);
    let client = aws_sdk_cloudformation::Client::from_conf(config.build());
    let answer = client.describe_stacks().stack_name(stack).send().await.map_err(|error| {
        let said = error.as_service_error().and_then(|error| error.meta().message());
        let (said, fix) = match said {
            Some(said) => (said.to_owned(), "allow cloudformation:DescribeStacks, name another"),
            None => (wire::innermost(&error), "name another"),
        };
        format!(
            "the stack {stack} in {region} cannot be looked at with the key of {}: {said}\n  {fix} stack or \
             Region, or give the address itself with --endpoint",
            key.origin
        )
    })?;
    let outputs = answer.stacks().first().map(Stack::outputs).unwrap_or_default();
    let found = outputs.iter().find(|output| output.output_key() == Some(OUTPUT));
    let url = found.and_then(|output| output.output_value()).map(str::to_owned);
    url.ok_or_else(|| {
        format!(
            "the stack {stack} in {region} is not one of Towpath: it puts out no {OUTPUT}\n  say with \
             --stack which one `sam deploy` made"
        )
    })
}
