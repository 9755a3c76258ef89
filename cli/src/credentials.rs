//! `towpath credentials`: keys of a deployment in AWS, for whoever has an identity of IAM.
//!
//! AWS's own clients call this, as the `credential_process` of a profile, and sign with what it prints; our
//! own verbs do the same where they are pointed at that address. What leaves this machine is a question to
//! STS that is signed for that deployment and for nobody else (`access::bridge`); the secret of the identity
//! does not.

pub(crate) mod cache;
mod exchange;
mod question;
pub(crate) mod source;

use std::io::Write;
use std::time::SystemTime;

use aws_sdk_codepipeline::config::Credentials as Keys;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::Value;

use crate::arguments::client::Credentials;
use crate::client::address::Address;
use crate::client::place::{Environment, variable};
use crate::client::wire;
use crate::ending::Ending;

/// How keys begin that are Towpath's and not AWS's.
pub(crate) const OWN_KEYS: &str = "TOWP";

/// A deployment that gives keys.
#[derive(Clone, Debug)]
pub(crate) struct Bridge {
    pub(crate) address: Address,
    /// The Region whose STS is asked.
    pub(crate) region: String,
    pub(crate) connector: SharedHttpConnector,
}

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
    let address = Address::read(&options.endpoint, "--endpoint").map_err(Ending::BadInput)?;
    let named = options.region.clone().or_else(|| address.region());
    let region = named.or_else(|| variable("AWS_REGION")).unwrap_or_else(|| "us-east-1".to_owned());
    let source = source::find(options.profile.as_deref(), &variable).await;
    let source = source.map_err(Ending::BadInput)?;
    if source.credentials.access_key_id().starts_with(OWN_KEYS) {
        return Err(Ending::BadInput(format!(
            "the key of {} is one of Towpath's, which proves no identity in AWS\n  say with --profile whose \
             identity it is",
            source.origin
        )));
    }
    let connector = wire::connector(&address.url());
    Bridge { address, region, connector }.keys(&source.credentials, &variable).await
}

impl Bridge {
    /// Returns keys for an identity: those that were kept, if they are good for a while yet.
    pub(crate) async fn keys(
        &self,
        source: &Keys,
        variable: Environment<'_>,
    ) -> Result<String, Ending> {
        let Self { address, region, connector } = self;
        let now = local::world::now();
        let kept = cache::find(variable, &address.host, source.access_key_id());
        if let Some(keys) = kept.as_ref().and_then(|kept| cache::read(kept, now)) {
            return Ok(keys);
        }
        let nonce = format!("{:032x}", local::world::draw());
        let query = question::sign_query(source, region, &address.host, &nonce, now);
        let query = query.map_err(|error| {
            Ending::BadInput(format!("the question to STS could not be signed: {error}"))
        })?;
        let keys = exchange::exchange(address, connector, region, &query, &nonce).await?;
        if let Some(kept) = kept {
            kept.write(&keys);
        }
        Ok(keys)
    }
}

/// Reads keys in the form in which AWS's clients take them from a program.
pub(crate) fn read(text: &str) -> Option<Keys> {
    let told: Value = serde_json::from_str(text).ok()?;
    let member = |name: &str| told[name].as_str().map(str::to_owned);
    let until = member("Expiration").map(|until| moment(&until));
    let until = match until {
        Some(until) => Some(until?),
        None => None,
    };
    let (id, secret) = (member("AccessKeyId")?, member("SecretAccessKey")?);
    Some(Keys::new(id, secret, member("SessionToken"), until, "towpath"))
}

fn moment(text: &str) -> Option<SystemTime> {
    let moment = DateTime::from_str(text, Format::DateTimeWithOffset).ok()?;
    SystemTime::try_from(moment).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn keys_are_read_with_the_moment_of_their_end() {
        let text = r#"{"AccessKeyId":"A","SecretAccessKey":"b","SessionToken":"c","Expiration":"2026-11-26T10:00:01Z"}"#;
        let keys = read(text).unwrap();
        assert_eq!((keys.access_key_id(), keys.session_token()), ("A", Some("c")));
        assert_eq!(keys.expiry(), Some(UNIX_EPOCH + Duration::from_secs(1_795_687_201)));
        let zone = read(&text.replace("10:00:00Z", "11:00:00+01:00")).unwrap();
        assert_eq!(zone.expiry(), keys.expiry());
        assert_eq!(read(r#"{"AccessKeyId":"A","SecretAccessKey":"b"}"#).unwrap().expiry(), None);
        assert!(read(r#"{"AccessKeyId":"A"}"#).is_none());
        assert!(read(&text.replace("2026", "soon")).is_none());
    }
}
