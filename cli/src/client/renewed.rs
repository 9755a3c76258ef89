//! Keys that are asked for anew shortly before they end: whoever follows an execution may do so for hours.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use aws_sdk_codepipeline::config::Credentials;
use tokio::sync::Mutex;

use crate::client::place::variable;
use crate::credentials::{self, Bridge, source};
use crate::ending::Ending;

/// So long before their end, keys are no longer used.
const LEFT: Duration = Duration::from_mins(2);

/// Who gives keys.
#[derive(Debug)]
pub(super) struct Issuer {
    /// Whose identity it is; that of the environment where none is named.
    pub(super) profile: Option<String>,
    /// The deployment that gives keys to that identity, where it does.
    pub(super) bridge: Option<Bridge>,
}

/// Keys, and who gives the next ones.
#[derive(Debug)]
pub(super) struct Renewed {
    held: Mutex<Credentials>,
    issuer: Issuer,
}

impl Renewed {
    /// Begins with keys that were just given.
    pub(super) fn new(held: Credentials, issuer: Issuer) -> Self {
        Self { held: Mutex::new(held), issuer }
    }

    async fn keys(&self) -> Result {
        let mut held = self.held.lock().await;
        if ends_soon(&held) {
            *held = self.issuer.give().await?;
        }
        Ok(held.clone())
    }
}

impl ProvideCredentials for Renewed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.keys())
    }
}

impl Issuer {
    async fn give(&self) -> Result {
        let source = source::find(self.profile.as_deref(), &variable).await;
        let source = source.map_err(CredentialsError::not_loaded)?.credentials;
        let Some(bridge) = &self.bridge else { return Ok(source) };
        let given = bridge.keys(&source, &variable).await.map_err(|ending| match ending {
            Ending::Failed(Some(said)) | Ending::BadInput(said) => {
                CredentialsError::not_loaded(said)
            }
            Ending::Failed(None)
            | Ending::Succeeded
            | Ending::Stopped
            | Ending::AwaitsApproval(_) => CredentialsError::not_loaded("no keys were given"),
        })?;
        let unfit = || CredentialsError::invalid_configuration("what was given are no keys");
        credentials::read(&given).ok_or_else(unfit)
    }
}

/// Says whether keys that have an end are near it.
fn ends_soon(keys: &Credentials) -> bool {
    let millis = u64::try_from(local::world::now().millis()).unwrap_or(0);
    let needed = UNIX_EPOCH + Duration::from_millis(millis) + LEFT;
    keys.expiry().is_some_and(|until| until < needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending_in(seconds: i64) -> Credentials {
        let millis = local::world::now().millis() + seconds * 1000;
        let until = UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap());
        Credentials::new("A", "b", None, Some(until), "test")
    }

    #[test]
    fn keys_without_an_end_or_far_from_it_are_used_and_others_are_not() {
        assert!(!ends_soon(&Credentials::new("A", "b", None, None, "test")));
        assert!(!ends_soon(&ending_in(600)));
        assert!(ends_soon(&ending_in(60)));
        assert!(ends_soon(&ending_in(-60)));
    }

    #[test]
    fn keys_that_are_good_for_a_while_are_not_asked_for_again() {
        // Whoever asked for new ones would find no such profile.
        let issuer = Issuer { profile: Some("nobody's".to_owned()), bridge: None };
        let renewed = Renewed::new(ending_in(600), issuer);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let keys = runtime.block_on(renewed.provide_credentials()).unwrap();
        assert_eq!(keys.access_key_id(), "A");
    }
}
