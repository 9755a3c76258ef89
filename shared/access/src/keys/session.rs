//! Keys that live in the token that comes with them.

use std::sync::Arc;

use model::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::letters::{draw_access_key, draw_secret};
use super::{Draw, Identity, Key, Keys, NoKey};
use crate::seal::Sealer;

/// What session tokens are sealed for, so that no other token of ours opens as one.
const PURPOSE: &str = "session-key";

/// A longer token is not looked into.
const TOKEN_LENGTH_MAX: usize = 4096;

/// Issues session keys and finds them again, without remembering any.
#[derive(Clone, Debug)]
pub struct SessionKeys {
    sealer: Sealer,
}

/// A session's credentials, as they are handed out once.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// Names the key.
    pub access_key: String,
    /// Signs requests.
    pub secret: String,
    /// Must be sent along, and signed.
    pub session_token: String,
    /// From then on the key is refused.
    pub expires: Timestamp,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("access_key", &self.access_key)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// What is sealed in a token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    v: u32,
    access_key: String,
    secret: String,
    arn: String,
    account: String,
    name: String,
    roles: Vec<String>,
    scope: Option<String>,
    expires_millis: i64,
}

impl SessionKeys {
    /// Takes what seals the tokens.
    pub fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// Issues a key to somebody, until `ttl_seconds` from now. With a `scope` it is good for nothing
    /// but what the door that checks this scope allows.
    pub fn issue(
        &self,
        identity: &Identity,
        scope: Option<&str>,
        now: Timestamp,
        ttl_seconds: u32,
        draw: Draw<'_>,
    ) -> Issued {
        let access_key = draw_access_key(draw);
        let secret = draw_secret(draw);
        let mut nonce = [0; 16];
        draw(&mut nonce);
        let expires = now.plus_millis(i64::from(ttl_seconds) * 1000);
        let content = serde_json::json!(Content {
            v: 1,
            access_key: access_key.clone(),
            secret: secret.clone(),
            arn: identity.arn.clone(),
            account: identity.account.clone(),
            name: identity.name.clone(),
            roles: identity.roles.clone(),
            scope: scope.map(str::to_owned),
            expires_millis: expires.millis(),
        });
        let session_token =
            self.sealer.seal(PURPOSE, content.to_string().as_bytes(), u128::from_be_bytes(nonce));
        Issued { access_key, secret, session_token, expires }
    }
}

impl Keys for SessionKeys {
    fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Key>, NoKey> {
        let token = session_token.ok_or(NoKey::Unknown)?;
        if token.len() > TOKEN_LENGTH_MAX {
            return Err(NoKey::BadToken);
        }
        let content = self.sealer.open(PURPOSE, token).ok_or(NoKey::BadToken)?;
        let content: Content = serde_json::from_slice(&content).map_err(|_| NoKey::BadToken)?;
        // A token goes with its own key only.
        if content.v != 1 || content.access_key != access_key {
            return Err(NoKey::BadToken);
        }
        if now.millis() >= content.expires_millis {
            return Err(NoKey::Expired);
        }
        let Content { arn, account, name, roles, .. } = content;
        let identity = Identity { arn, account, name, roles };
        Ok(Arc::new(Key::new(content.secret, identity, content.scope)))
    }
}
