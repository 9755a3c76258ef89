//! `towpath credentials`: keys of a deployment in AWS, for whoever has an identity of IAM.
//!
//! AWS's own clients call this, as the `credential_process` of a profile, and sign with what it prints. What
//! leaves this machine is a question to STS that is signed for that deployment and for nobody else
//! (`access::bridge`); the secret of the identity does not.

mod cache;
mod exchange;
mod question;
mod source;

use std::io::Write;

use crate::arguments::client::Credentials;
use crate::client::place::variable;
use crate::credentials::exchange::Endpoint;
use crate::ending::Ending;

/// Prints keys.
pub(crate) fn credentials(options: &Credentials) -> Ending {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Ending::Failed(Some(format!("no thread could be started: {error}"))),
    };
    match runtime.block_on(keys(options)) {
        Ok(keys) => {
            // Whoever reads us may have gone; then there is nobody to tell.
            let _ = writeln!(std::io::stdout(), "{keys}");
            Ending::Succeeded
        }
        Err(ending) => ending,
    }
}

async fn keys(options: &Credentials) -> Result<String, Ending> {
    let endpoint = Endpoint::read(&options.endpoint).map_err(Ending::BadInput)?;
    let named = options.region.clone().or_else(|| endpoint.region());
    let region = named.or_else(|| variable("AWS_REGION")).unwrap_or_else(|| "us-east-1".to_owned());
    let source = source::find(options.profile.as_deref(), &variable).await;
    let source = source.map_err(Ending::BadInput)?;
    let now = local::world::now();
    let cache = cache::Cache::find(&variable, &endpoint.host, source.access_key_id());
    if let Some(keys) = cache.as_ref().and_then(|cache| cache.read(now)) {
        return Ok(keys);
    }
    let query = question::sign_query(&source, &region, &endpoint.host, now).map_err(|error| {
        Ending::BadInput(format!("the question to STS could not be signed: {error}"))
    })?;
    let keys = exchange::exchange(&endpoint, &region, &query).await?;
    if let Some(cache) = cache {
        cache.write(&keys);
    }
    Ok(keys)
}
