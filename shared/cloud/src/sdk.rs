//! One configuration of the SDK, which all of a function's clients share.
//!
//! Lambda hands credentials and Region over in the environment, and they stay as long as the process
//! does. So nothing is looked for in files or asked of other services, as the SDK's own loader would.
//! Roots of trust are read once and only when the first request needs TLS.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use transport::Trust;

use crate::settings::{Missing, optional, required};

/// Returns the function's own identity and Region, with `AWS_ENDPOINT_URL` where it is set.
pub fn own() -> Result<SdkConfig, Missing> {
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        optional("AWS_SESSION_TOKEN"),
        None,
        "lambda",
    );
    let endpoint = optional("AWS_ENDPOINT_URL");
    let is_plain = endpoint.as_deref().is_some_and(|url| url.starts_with("http://"));
    let trust = if is_plain { Trust::Nobody } else { Trust::System };
    let mut builder = SdkConfig::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(transport::client(trust));
    builder.set_endpoint_url(endpoint);
    Ok(builder.build())
}
