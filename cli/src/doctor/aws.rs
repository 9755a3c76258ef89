//! The account that is looked at.

use std::path::Path;

use aws_sdk_cloudformation::config::{BehaviorVersion, Region, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};
use aws_types::SdkConfig;

use crate::client::keys::{self, Key};
use crate::client::place::variable;
use crate::client::wire;
use crate::doctor::signed::Signed;

/// Sends every service of AWS somewhere else, for tests and AWS-compatible installations.
const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL";

/// What to do with a login that only AWS's own tools understand.
const SINGLE_SIGN_ON: &str = "with single sign-on or an assumed role: eval \"$(aws configure \
                              export-credentials --format env)\"";

/// The account that is looked at, and the means to ask it.
pub(crate) struct Aws {
    /// Where the deployment is.
    pub(crate) region: String,
    pub(crate) stacks: aws_sdk_cloudformation::Client,
    pub(crate) functions: aws_sdk_lambda::Client,
    pub(crate) rules: aws_sdk_eventbridge::Client,
    pub(crate) queues: aws_sdk_sqs::Client,
    pub(crate) topics: aws_sdk_sns::Client,
    pub(crate) tables: aws_sdk_dynamodb::Client,
    /// Services of which one answer each is wanted.
    pub(crate) signed: Signed,
}

impl Aws {
    /// Finds key and Region where AWS's own tools look.
    pub(crate) async fn find(region: Option<&str>) -> Result<Self, String> {
        let said = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        let region = region
            .map(str::to_owned)
            .or(said)
            .ok_or("which Region is the deployment in? say --region REGION, or set AWS_REGION")?;
        let key = keys::find(None, Path::new("."), &of_default_profile).await;
        let key = key.map_err(|message| format!("{message}\n  {SINGLE_SIGN_ON}"))?;
        Ok(Self::over(region, &key, variable(ENDPOINT_VARIABLE)))
    }

    /// Asks AWS, or what is at the endpoint.
    pub(crate) fn over(region: String, key: &Key, endpoint: Option<String>) -> Self {
        let connector = wire::connector(endpoint.as_deref().unwrap_or("https://"));
        Self::through(region, key, endpoint, wire::client(&connector), connector)
    }

    /// Asks whoever is at the other end of a wire.
    pub(crate) fn through(
        region: String,
        key: &Key,
        endpoint: Option<String>,
        http: SharedHttpClient,
        connector: SharedHttpConnector,
    ) -> Self {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(key.credentials.clone()))
            .http_client(http);
        config.set_endpoint_url(endpoint.clone());
        let config = config.build();
        Self {
            stacks: aws_sdk_cloudformation::Client::new(&config),
            functions: aws_sdk_lambda::Client::new(&config),
            rules: aws_sdk_eventbridge::Client::new(&config),
            queues: aws_sdk_sqs::Client::new(&config),
            topics: aws_sdk_sns::Client::new(&config),
            tables: aws_sdk_dynamodb::Client::new(&config),
            signed: Signed::new(key.credentials.clone(), region.clone(), endpoint, connector),
            region,
        }
    }
}

/// Looks up a variable; who names neither a key nor a profile means the profile `default`.
fn of_default_profile(name: &str) -> Option<String> {
    let is_said = || variable("AWS_SHARED_CREDENTIALS_FILE").is_some();
    variable(name).or_else(|| (name == "AWS_PROFILE" && !is_said()).then(|| "default".to_owned()))
}
