//! A home that has nothing: for the public door, whose requests ask for no artifact and no keys.
//!
//! It also keeps the function small: the clients of S3 and STS are not linked where nothing calls them.

use api::{ArtifactScope, Credentials, Home, Stored};
use async_trait::async_trait;
use model::time::Timestamp;

/// What is said to whoever asks nevertheless.
const SENTENCE: &str = "this door has no artifacts, keys or hooks; ask the API";

/// A home without anything in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

#[async_trait]
impl Home for Nowhere {
    async fn artifact_credentials(
        &self,
        _scope: &ArtifactScope,
        _now: Timestamp,
    ) -> Result<Credentials, String> {
        Err(SENTENCE.to_owned())
    }

    async fn stored(&self, _bucket: &str, _key: &str) -> Result<Option<Stored>, String> {
        Err(SENTENCE.to_owned())
    }

    fn webhook_url(&self, id: &str) -> String {
        format!("{}{id}", crate::public_door::WEBHOOKS)
    }

    async fn register_webhook(
        &self,
        _webhook: &str,
        _url: &str,
        _is_wanted: bool,
    ) -> Result<(), (String, String)> {
        Err(("UnsupportedOperation".to_owned(), SENTENCE.to_owned()))
    }
}
